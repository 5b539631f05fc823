/* SPDX-License-Identifier: MIT */
/* Opens the module's device and shakes hands. Does not return if that fails: nothing works without it. */
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "cli.h"
#include "message.h"
#include "smc.h"

_Noreturn static void open_failed(int error)
{
	switch (error) {
	case ENOENT:
	case ENXIO:
	case ENODEV:
		die(STATUS_ERROR, "there is no " DEVICE_PATH "; load the module with 'modprobe ringmaster' (if it does not load, "
				  "'dmesg' says why)");
	case EACCES:
	case EPERM:
		die(STATUS_ERROR, "no permission to open " DEVICE_PATH "; join its group with 'usermod -aG ringmaster USER' and "
				  "log in again");
	default:
		die(STATUS_ERROR, "cannot open " DEVICE_PATH ": %s", strerror(error));
	}
}

/* A new session: its descriptor, close-on-exec. */
int device_open(struct rm_ioc_hello *hello)
{
	int fd = open(DEVICE_PATH, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		open_failed(errno);
	memset(hello, 0, sizeof(*hello));
	hello->abi_version = RM_ABI_VERSION;
	if (ioctl(fd, RM_IOC_HELLO, hello) == 0)
		return fd;
	if (errno == EPROTO)
		die(STATUS_ERROR, "this program speaks version %u of the interface and the loaded module version %u; install both "
				  "from one release", RM_ABI_VERSION, hello->abi_version);
	die(STATUS_ERROR, DEVICE_PATH " does not answer as Ringmaster's: %s", strerror(errno));
}
