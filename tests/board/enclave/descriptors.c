/* SPDX-License-Identifier: MIT */
/* descriptors: which are open, how, and the first line of those above 2 that can be read; on the first of 1 and 2. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
	FILE *out = fcntl(1, F_GETFD) < 0 ? stderr : stdout;

	for (int fd = 0; fd < 1024; fd++) {
		int flags = fcntl(fd, F_GETFL), close_on_exec = fcntl(fd, F_GETFD);
		char line[32] = "";
		ssize_t n;

		if (flags < 0)
			continue;
		if (fd > 2 && (flags & O_ACCMODE) == O_RDONLY && (n = read(fd, line, sizeof(line) - 1)) > 0)
			line[strcspn(line, "\n")] = 0;
		fprintf(out, "%d: access %d append %d close-on-exec %d %s\n", fd, flags & O_ACCMODE, !!(flags & O_APPEND),
			close_on_exec, line);
	}
	return 0;
}
