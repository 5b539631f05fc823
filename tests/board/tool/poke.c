/* SPDX-License-Identifier: MIT */
/* poke PID: plays the hostile host on a launcher that runs: moves the head of its first ring's submission queue where it cannot be. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../../abi/hostcall.h"
#include "../../../abi/svc.h"

int main(int argc, char **argv)
{
	struct rm_boot boot;
	uint32_t head;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/mem", argc > 1 ? argv[1] : "");
	fd = open(path, O_RDWR);
	if (fd < 0 || pread(fd, &boot, sizeof(boot), RM_SHARE_BASE) != sizeof(boot) || boot.magic != RM_BOOT_MAGIC ||
	    pread(fd, &head, 4, (off_t)(RM_SHARE_BASE + boot.ring.sq_head)) != 4) {
		perror(path);
		return 1;
	}
	head += 1u << 24;
	return pwrite(fd, &head, 4, (off_t)(RM_SHARE_BASE + boot.ring.sq_head)) != 4;
}
