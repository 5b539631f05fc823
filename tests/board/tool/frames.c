/* SPDX-License-Identifier: MIT */
/* frames: prints the bytes of secure memory that are free, or `-` where there is no /dev/ringmaster. */
#include <fcntl.h>
#include <stdio.h>

#include "ioctl.h"
#include "smc.h"

int main(void)
{
	struct rm_ioc_hello hello = { .abi_version = RM_ABI_VERSION };
	int fd = open("/dev/ringmaster", O_RDWR);

	if (fd < 0 || ioctl(fd, RM_IOC_HELLO, &hello)) {
		puts("-");
		return 0;
	}
	printf("%llu\n", (unsigned long long)hello.memory_free);
	return 0;
}
