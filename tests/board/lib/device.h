/* SPDX-License-Identifier: MIT */
/* /dev/ringmaster without the launcher: what a hostile proxy can say to it. */
#ifndef T_DEVICE_H
#define T_DEVICE_H

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../../abi/hostcall.h"
#include "../../../abi/ioctl.h"
#include "../../../abi/smc.h"
#include "../../../abi/svc.h"
#include "t.h"

#define DEVICE_REGION (2ul << 20)

T_UNUSED static int device_open(void)
{
	int fd = open("/dev/ringmaster", O_RDWR | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		t_skip("there is no /dev/ringmaster");
	MUST(fd >= 0);
	return fd;
}

T_UNUSED static int device_greet(void)
{
	struct rm_ioc_hello hello = { .abi_version = RM_ABI_VERSION };
	int fd = device_open();

	MUST(ioctl(fd, RM_IOC_HELLO, &hello) == 0);
	return fd;
}

/* A session with an enclave of 4 MiB. */
T_UNUSED static int device_create(void)
{
	struct rm_ioc_create create = { .memory_limit = 4 << 20, .name = "test" };
	int fd = device_greet();

	MUST(ioctl(fd, RM_IOC_CREATE, &create) == 0);
	return fd;
}

T_UNUSED static void *device_region(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(p != MAP_FAILED);
	return p;
}

/* A thread descriptor, or -1 with errno. */
T_UNUSED static int device_thread(int fd, const void *region, uint64_t size, uint32_t thread)
{
	struct rm_ioc_thread arguments = { .address = (uint64_t)region, .size = size, .limit = size, .thread = thread };

	return ioctl(fd, RM_IOC_THREAD, &arguments);
}

#endif
