/* SPDX-License-Identifier: MIT */
/*
 * /dev/secure: devices in the Secure world that the manifest grants (abi/resident.h). Linux has no part in them: their descriptions have no
 * descriptor of the proxy's (host_fd is -1), and no name below /dev/secure ever goes to Linux, which could put something of its own there.
 */
#ifndef RUNTIME_POSIX_DEVICE_H
#define RUNTIME_POSIX_DEVICE_H

#include "posix/iter.h"
#include "posix/wait.h"

#define RM_DEVICE_PIECE	256u	/* bytes that a driver gets or gives at most */

/* What drives a kind of device: any thread, at any time. */
struct rm_driver {
	const char *name;
	bool terminal;			/* has what tcgetattr() asks for */
	/* Makes the device ready for use: once, before anything else. */
	void (*start)(volatile uint32_t *registers);
	/* What is there, at most `size` bytes: how many, 0: none yet, or -errno. */
	long (*read)(volatile uint32_t *registers, char *to, size_t size);
	/* As much as goes: how many bytes, 0: none yet, or -errno. */
	long (*write)(volatile uint32_t *registers, const char *from, size_t size);
	/* Which of POLLIN, POLLOUT hold. Where one does not, the device is such that it would interrupt when it does. */
	int16_t (*ready)(volatile uint32_t *registers);
	/* Interrupts for these events, from now on. Called under a lock. */
	void (*listen)(volatile uint32_t *registers, int16_t events);
	/* All that was written has left. */
	bool (*drained)(volatile uint32_t *registers);
};

extern const struct rm_driver rm_uart_driver, rm_gpio_driver;

#ifdef RM_HOSTED_TEST
volatile uint32_t *rm_device_registers(unsigned device);
#else
static inline volatile uint32_t *rm_device_registers(unsigned device)
{
	return (volatile uint32_t *)(RM_DEVICE_BASE + device * 4096ul);
}
#endif

/* If a program's path (at that address) names a granted device: its index, or -1. */
int rm_device_named(unsigned long text);
/* open() of it: a descriptor, or -errno. */
long rm_device_open(int device, uint32_t flags);

/* Calls on a description of kind RM_KIND_DEVICE. */
long rm_device_read(struct rm_thread *t, struct rm_desc *desc, struct rm_iter *iter, size_t size);
long rm_device_write(struct rm_thread *t, struct rm_desc *desc, struct rm_iter *iter, size_t size);
long rm_device_ioctl(struct rm_thread *t, struct rm_desc *desc, uint32_t command, unsigned long argument);
long rm_device_fcntl(struct rm_desc *desc, unsigned long command, unsigned long argument);
/* As Linux's statx() would tell of a character device. */
void rm_device_stat(unsigned device, struct lx_statx *out);

/*
 * poll() of descriptions of which one is a device; the others are none (NULL), or it is -EOPNOTSUPP: nobody waits for Linux and a device at once. As
 * rm_poll_host().
 */
bool rm_device_among(struct rm_desc *const *held, size_t count);
long rm_device_poll(struct rm_thread *t, struct rm_desc *const *held, struct lx_pollfd *fds, size_t count,
		    const struct rm_deadline *deadline);

#endif
