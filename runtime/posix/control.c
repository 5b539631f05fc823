/* SPDX-License-Identifier: MIT */
/*
 * ioctl().
 *
 * Attacks considered: results are bounded by rules; structures that come back are fixed-size and only ever handed to the
 * program, which does not index with them.
 */
#include "posix/device.h"
#include "posix/posix.h"
#include "posix/socket.h"

#include "ring/access.h"

#define FIONBIO		0x5421

/* What an ioctl's third argument is. */
enum direction { VALUE = 0, IN = 1, OUT = 2, BOTH = IN | OUT };

#define SIOCGIFNAME	0x8910
#define SIOCGIFCONF	0x8912
#define IFNAMSIZ	16

static const struct control {
	uint16_t command;
	uint8_t direction, size;
} controls[] = {
	{ 0x5401, OUT, 36 },	/* TCGETS */
	{ 0x5402, IN, 36 },	/* TCSETS */
	{ 0x5403, IN, 36 },	/* TCSETSW */
	{ 0x5404, IN, 36 },	/* TCSETSF */
	{ 0x5409, VALUE, 0 },	/* TCSBRK */
	{ 0x540a, VALUE, 0 },	/* TCXONC */
	{ 0x540b, VALUE, 0 },	/* TCFLSH */
	{ 0x540e, VALUE, 0 },	/* TIOCSCTTY */
	{ 0x540f, OUT, 4 },	/* TIOCGPGRP */
	{ 0x5410, IN, 4 },	/* TIOCSPGRP */
	{ 0x5411, OUT, 4 },	/* TIOCOUTQ */
	{ 0x5413, OUT, 8 },	/* TIOCGWINSZ */
	{ 0x5414, IN, 8 },	/* TIOCSWINSZ */
	{ 0x541b, OUT, 4 },	/* FIONREAD */
	{ FIONBIO, IN, 4 },
	{ 0x5429, OUT, 4 },	/* TIOCGSID */
	{ 0x5452, IN, 4 },	/* FIOASYNC */
	{ 0x8901, IN, 4 },	/* FIOSETOWN */
	{ 0x8902, IN, 4 },	/* SIOCSPGRP */
	{ 0x8903, OUT, 4 },	/* FIOGETOWN */
	{ 0x8904, OUT, 4 },	/* SIOCGPGRP */
	{ 0x8905, OUT, 4 },	/* SIOCATMARK */
	{ 0x8906, OUT, 16 },	/* SIOCGSTAMP */
	{ 0x8907, OUT, 16 },	/* SIOCGSTAMPNS */
	{ SIOCGIFNAME, BOTH, 40 },
	{ 0x8913, BOTH, 40 },	/* SIOCGIFFLAGS */
	{ 0x8914, BOTH, 40 },	/* SIOCSIFFLAGS */
	{ 0x8915, BOTH, 40 },	/* SIOCGIFADDR */
	{ 0x8916, BOTH, 40 },	/* SIOCSIFADDR */
	{ 0x8917, BOTH, 40 },	/* SIOCGIFDSTADDR */
	{ 0x8919, BOTH, 40 },	/* SIOCGIFBRDADDR */
	{ 0x891b, BOTH, 40 },	/* SIOCGIFNETMASK */
	{ 0x891c, BOTH, 40 },	/* SIOCSIFNETMASK */
	{ 0x891d, BOTH, 40 },	/* SIOCGIFMETRIC */
	{ 0x8921, BOTH, 40 },	/* SIOCGIFMTU */
	{ 0x8922, BOTH, 40 },	/* SIOCSIFMTU */
	{ 0x8927, BOTH, 40 },	/* SIOCGIFHWADDR */
	{ 0x8933, BOTH, 40 },	/* SIOCGIFINDEX */
	{ 0x8942, BOTH, 40 },	/* SIOCGIFTXQLEN */
};

#define FIONREAD	0x541b
#define FIONCLEX	0x5450
#define FIOCLEX		0x5451

/* FIONREAD of a regular file whose position is ours. */
static long bytes_left(struct rm_thread *t, struct rm_desc *desc, int32_t *left)
{
	struct lx_statx answer;
	const long result = rm_statx(t, desc->host_fd, NULL, 0, 0, LX_STATX_SIZE, &answer);

	if (result == 0)
		*left = (int32_t)((int64_t)answer.size - desc->position);
	return result;
}

static long control(struct rm_thread *t, struct rm_desc *desc, const struct control *c, unsigned long argument)
{
	uint8_t data[40] __attribute__((aligned(8))) = { 0 };
	struct rm_hostcall h;
	long result;

	if (c->direction == VALUE) {
		result = rm_hostcall_begin(&h, t, LX_ioctl);
		if (result)
			return result;
		h.message.arg[0] = (uint64_t)desc->host_fd;
		h.message.arg[1] = c->command;
		h.message.arg[2] = argument;
		result = rm_hostcall_do(&h, RM_RULE_ZERO, 0);
		rm_hostcall_end(&h);
		return result;
	}
	if ((c->direction & IN) && rm_get_user(data, argument, c->size) != 0)
		return -EFAULT;
	if (c->command == FIONREAD && rm_kind(t, desc) == RM_KIND_REGULAR && desc->own_position)
		result = bytes_left(t, desc, (int32_t *)data);
	else
		result = rm_host_ioctl(t, desc->host_fd, c->command, data, c->size, (c->direction & IN) != 0,
				       (c->direction & OUT) != 0);
	if (result == 0 && c->command == FIONBIO)
		desc->nonblock = *(const int32_t *)data != 0;
	if (c->command == SIOCGIFNAME)
		data[IFNAMSIZ - 1] = 0;
	if (result == 0 && (c->direction & OUT))
		result = rm_put_user(argument, data, c->size);
	return result;
}

long rm_sys_ioctl(struct rm_thread *t, const struct rm_args *args)
{
	const uint32_t command = (uint32_t)args->a[1];
	struct rm_desc *desc;
	long result = -ENOTTY;

	if (command == FIOCLEX || command == FIONCLEX)
		return rm_fd_set_cloexec(&rm_enclave.fds, (int)args->a[0], command == FIOCLEX);
	desc = rm_get(args->a[0]);
	if (!desc)
		return -EBADF;
	if (desc->kind == RM_KIND_DEVICE) {
		result = rm_device_ioctl(t, desc, command, args->a[2]);
		rm_put(t, desc);
		return result;
	}
	if (command == SIOCGIFCONF)
		result = rm_interfaces(t, desc, args->a[2]);
	for (unsigned i = 0; i < sizeof(controls) / sizeof(controls[0]); i++)
		if (controls[i].command == command)
			result = control(t, desc, &controls[i], args->a[2]);
	rm_put(t, desc);
	return result;
}
