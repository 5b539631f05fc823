/* SPDX-License-Identifier: MIT */
/* as UID GID COMMAND...: runs a command as that user, in that one group. */
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc < 4)
		return 125;
	gid_t gid = (gid_t)atoi(argv[2]);

	if (setgroups(1, &gid) || setgid(gid) || setuid((uid_t)atoi(argv[1]))) {
		perror("as");
		return 125;
	}
	execvp(argv[3], argv + 3);
	perror(argv[3]);
	return 127;
}
