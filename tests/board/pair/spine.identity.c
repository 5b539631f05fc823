/* SPDX-License-Identifier: MIT */
/* Who and where the program is. */
#include <sys/utsname.h>
#include <unistd.h>

#include "t.h"

int main(void)
{
	char path[512];
	struct utsname name;

	CHECK(getpid() > 1);
	CHECK(getppid() >= 1 && getppid() != getpid());
	printf("%u %u %u %u\n", getuid(), geteuid(), getgid(), getegid());
	printf("%s\n", getcwd(path, sizeof(path)));
	CHECK(uname(&name) == 0);
	printf("%s %s\n", name.sysname, name.machine);
	return t_done();
}
