/* SPDX-License-Identifier: MIT */
/* freeze FOLDER [thaw]: nothing writes to its file system any more (or again): who tries waits, and cannot be ended. */
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

int main(int argc, char **argv)
{
	const int thaw = argc == 3 && strcmp(argv[2], "thaw") == 0;
	const int fd = argc > 1 ? open(argv[1], O_RDONLY | O_DIRECTORY) : -1;

	if (fd < 0 || ioctl(fd, thaw ? FITHAW : FIFREEZE, 0) != 0) {
		perror("freeze");
		return 1;
	}
	return 0;
}
