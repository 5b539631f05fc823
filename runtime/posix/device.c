/* SPDX-License-Identifier: MIT */
/*
 * /dev/secure: descriptions of devices, and waiting for them.
 *
 * A thread that waits asks the device to interrupt for what it wants and sleeps in the secure kernel; whoever is awake finds out for itself
 * what has become possible. The secure kernel wakes all who wait for a device, so that nobody is forgotten.
 *
 * Attacks considered: none by Linux, which is never asked. What comes from outside by the device are bytes, and the program's to judge.
 */
#include "posix/device.h"

#include "load/policy.h"
#include "lib/string.h"
#include "ring/access.h"

#define POLLIN		0x001
#define POLLOUT		0x004
#define POLLRDNORM	0x040
#define POLLWRNORM	0x100

static const struct rm_driver *const drivers[RM_DEVICES] = { &rm_uart_driver, &rm_gpio_driver };

#define TERMIOS_SIZE	36u

static struct state {
	struct rm_lock lock;
	bool started;
	unsigned readers, writers;	/* threads that wait */
	uint32_t speed;			/* as last set; the line's is the firmware's */
} states[RM_DEVICES];

int rm_device_named(unsigned long text)
{
	static const char folder[] = "/dev/secure/";
	char name[32];

	if (rm_policy.devices == 0)
		return -1;
	if (rm_copy_string(name, (const char *)text, sizeof(name)) < 0 || memcmp(name, folder, sizeof(folder) - 1) != 0)
		return -1;
	for (unsigned i = 0; i < RM_DEVICES; i++)
		if ((rm_policy.devices >> i & 1) && strcmp(name + sizeof(folder) - 1, drivers[i]->name) == 0)
			return (int)i;
	return -1;
}

static void start(unsigned device)
{
	struct state *s = &states[device];

	rm_lock(&s->lock);
	if (!s->started)
		drivers[device]->start(rm_device_registers(device));
	s->started = true;
	rm_unlock(&s->lock);
}

long rm_device_open(int device, uint32_t flags)
{
	struct rm_desc *desc;
	int fd;

	if ((flags & (LX_O_CREAT | LX_O_EXCL)) == (LX_O_CREAT | LX_O_EXCL))
		return -EEXIST;
	if (flags & LX_O_DIRECTORY)
		return -ENOTDIR;
	fd = rm_fd_reserve(&rm_enclave.fds, 0, (flags & LX_O_CLOEXEC) != 0);
	if (fd < 0)
		return fd;
	start((unsigned)device);
	fd = rm_fd_install_kind(&rm_enclave.fds, rm_self()->host_process, fd, -1, flags, RM_KIND_DEVICE);
	desc = fd < 0 ? NULL : rm_get((unsigned long)fd);
	if (desc) {
		desc->device_index = (uint8_t)device;
		rm_put(rm_self(), desc);
	}
	return fd;
}

static void listen(unsigned device, int16_t events, bool begins)
{
	struct state *s = &states[device];

	rm_lock(&s->lock);
	s->readers += events & POLLIN ? (begins ? 1u : -1u) : 0;
	s->writers += events & POLLOUT ? (begins ? 1u : -1u) : 0;
	drivers[device]->listen(rm_device_registers(device), (int16_t)((s->readers ? POLLIN : 0) | (s->writers ? POLLOUT : 0)));
	rm_unlock(&s->lock);
}

/* Until one of the devices may have what is wanted of it, that moment of the monotonic clock, or a signal. */
static void wait_for(const int16_t *wanted, uint64_t until)
{
	unsigned long devices = 0;

	for (unsigned i = 0; i < RM_DEVICES; i++)
		if (wanted[i] != 0) {
			listen(i, wanted[i], true);
			devices |= 1ul << i;
		}
	rm_svc2(RM_SVC_DEVICE_WAIT, devices, until);
	for (unsigned i = 0; i < RM_DEVICES; i++)
		if (wanted[i] != 0)
			listen(i, wanted[i], false);
}

/* A read or write cannot go on: 0 when it may try again, or the -errno that it ends with. */
static long pause_for(struct rm_thread *t, const struct rm_desc *desc, int16_t event)
{
	int16_t wanted[RM_DEVICES] = { 0 };

	if (desc->nonblock)
		return -EAGAIN;
	if (rm_interrupted(t))
		return -LX_ERESTARTSYS;
	wanted[desc->device_index] = event;
	if (!(drivers[desc->device_index]->ready(rm_device_registers(desc->device_index)) & event))
		wait_for(wanted, ~0ul);
	return 0;
}

long rm_device_read(struct rm_thread *t, struct rm_desc *desc, struct rm_iter *iter, size_t size)
{
	const unsigned device = desc->device_index;
	char bytes[RM_DEVICE_PIECE];
	long got, error = 0;

	if ((desc->flags & LX_O_ACCMODE) == LX_O_WRONLY)
		return -EBADF;
	if (size == 0)
		return 0;
	for (;;) {
		got = drivers[device]->read(rm_device_registers(device), bytes, size < sizeof(bytes) ? size : sizeof(bytes));
		if (got > 0)
			error = rm_iter_scatter(iter, bytes, (size_t)got);
		else if (got == 0)
			error = pause_for(t, desc, POLLIN);
		if (got != 0 || error != 0)
			return error ? error : got;
	}
}

/* One piece, whole or as far as it goes: bytes, or -errno if none. */
static long write_piece(struct rm_thread *t, struct rm_desc *desc, const char *bytes, size_t size)
{
	const unsigned device = desc->device_index;
	size_t done = 0;

	while (done < size) {
		long result = drivers[device]->write(rm_device_registers(device), bytes + done, size - done);

		if (result == 0)
			result = pause_for(t, desc, POLLOUT);
		if (result < 0)
			return done > 0 ? (long)done : result;
		done += (size_t)result;
	}
	return (long)done;
}

long rm_device_write(struct rm_thread *t, struct rm_desc *desc, struct rm_iter *iter, size_t size)
{
	char bytes[RM_DEVICE_PIECE];
	size_t done = 0;

	if ((desc->flags & LX_O_ACCMODE) != LX_O_WRONLY && (desc->flags & LX_O_ACCMODE) != LX_O_RDWR)
		return -EBADF;
	while (done < size) {
		const size_t piece = size - done < sizeof(bytes) ? size - done : sizeof(bytes);
		long result = rm_iter_gather(iter, bytes, piece);

		if (result == 0)
			result = write_piece(t, desc, bytes, piece);
		if (result < 0)
			return done > 0 ? (long)done : result;
		done += (size_t)result;
		if ((size_t)result < piece)
			break;
	}
	return (long)done;
}

bool rm_device_among(struct rm_desc *const *held, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (held[i] && held[i]->kind == RM_KIND_DEVICE)
			return true;
	return false;
}

/* Fills revents; how many are not 0. What the others are to wait for goes to *wanted. */
static long look(struct rm_desc *const *held, struct lx_pollfd *fds, size_t count, int16_t *wanted)
{
	long found = 0;

	for (size_t i = 0; i < count; i++) {
		fds[i].revents = 0;
		if (!held[i])
			continue;
		const unsigned device = held[i]->device_index;
		const int16_t ready = drivers[device]->ready(rm_device_registers(device));

		fds[i].revents |= ready & POLLIN ? fds[i].events & (POLLIN | POLLRDNORM) : 0;
		fds[i].revents |= ready & POLLOUT ? fds[i].events & (POLLOUT | POLLWRNORM) : 0;
		wanted[device] |= fds[i].events & (POLLIN | POLLRDNORM) ? POLLIN : 0;
		wanted[device] |= fds[i].events & (POLLOUT | POLLWRNORM) ? POLLOUT : 0;
		found += fds[i].revents != 0;
	}
	return found;
}

static bool any(const int16_t *wanted)
{
	for (unsigned i = 0; i < RM_DEVICES; i++)
		if (wanted[i] != 0)
			return true;
	return false;
}

long rm_device_poll(struct rm_thread *t, struct rm_desc *const *held, struct lx_pollfd *fds, size_t count,
		    const struct rm_deadline *deadline)
{
	for (size_t i = 0; i < count; i++)
		if (held[i] && held[i]->kind != RM_KIND_DEVICE)
			return -EOPNOTSUPP;
	for (;;) {
		int16_t wanted[RM_DEVICES] = { 0 };
		const long found = look(held, fds, count, wanted);

		if (found > 0 || rm_deadline_passed(deadline))
			return found;
		if (rm_interrupted(t))
			return -LX_ERESTARTSYS;
		if (!any(wanted))
			return rm_wait_time(t, deadline);
		wait_for(wanted, deadline->set ? rm_time_monotonic() + (deadline->ns - rm_time_elapsed()) : ~0ul);
	}
}

#define TCGETS		0x5401
#define TCSETS		0x5402
#define TCSETSF		0x5404
#define TCSBRK		0x5409
#define TCFLSH		0x540b
#define TIOCGWINSZ	0x5413
#define FIONBIO		0x5421
#define CONTROL		0x8b0u		/* CS8, CREAD, CLOCAL */
#define SPEED		0x100fu		/* CBAUD */
#define B115200		0x1002u
#define DRAIN_NS	100000u

/* Linux's struct termios of a raw line: what else a program asks for, it does not get, and reads back that it has not. */
static long get_terminal(const struct state *s, unsigned long argument)
{
	uint32_t termios[TERMIOS_SIZE / 4] = { [2] = CONTROL | (s->speed ? s->speed : B115200) };

	((uint8_t *)termios)[17 + 6] = 1;	/* VMIN */
	return rm_put_user(argument, termios, sizeof(termios));
}

static long set_terminal(struct state *s, unsigned long argument)
{
	uint32_t termios[TERMIOS_SIZE / 4];
	const long result = rm_get_user(termios, argument, sizeof(termios));

	if (result == 0)
		s->speed = termios[2] & SPEED;
	return result;
}

static long drain(struct rm_thread *t, unsigned device)
{
	while (!drivers[device]->drained(rm_device_registers(device))) {
		const struct lx_timespec moment = { .nsec = DRAIN_NS };
		struct rm_deadline deadline = { .set = true, .ns = rm_time_elapsed() + (uint64_t)moment.nsec };
		const long result = rm_wait_time(t, &deadline);

		if (result)
			return result;
	}
	return 0;
}

static void throw_away_input(unsigned device)
{
	char bytes[RM_DEVICE_PIECE];

	/* Once: what comes after the call is not meant. */
	drivers[device]->read(rm_device_registers(device), bytes, sizeof(bytes));
}

static long terminal(struct rm_thread *t, unsigned device, uint32_t command, unsigned long argument)
{
	const uint16_t window[4] = { 0 };
	long result;

	switch (command) {
	case TCGETS:
		return get_terminal(&states[device], argument);
	case TCSETS ... TCSETSF:
		result = command == TCSETS ? 0 : drain(t, device);
		if (result == 0 && command == TCSETSF)
			throw_away_input(device);
		return result ? result : set_terminal(&states[device], argument);
	case TCSBRK:
		return argument ? drain(t, device) : 0;
	case TCFLSH:
		if (argument == 0 || argument == 2)
			throw_away_input(device);
		return argument <= 2 ? 0 : -EINVAL;
	case TIOCGWINSZ:
		return rm_put_user(argument, window, sizeof(window));
	default:
		return -ENOTTY;
	}
}

long rm_device_ioctl(struct rm_thread *t, struct rm_desc *desc, uint32_t command, unsigned long argument)
{
	int32_t on;

	if (command == FIONBIO) {
		if (rm_get_user(&on, argument, sizeof(on)) != 0)
			return -EFAULT;
		desc->nonblock = on != 0;
		return 0;
	}
	return drivers[desc->device_index]->terminal ? terminal(t, desc->device_index, command, argument) : -ENOTTY;
}

long rm_device_fcntl(struct rm_desc *desc, unsigned long command, unsigned long argument)
{
	switch (command) {
	case LX_F_GETFL:
		return (long)((desc->flags & LX_O_ACCMODE) | (desc->nonblock ? LX_O_NONBLOCK : 0));
	case LX_F_SETFL:
		desc->nonblock = (argument & LX_O_NONBLOCK) != 0;
		return 0;
	default:
		return -EINVAL;
	}
}

void rm_device_stat(unsigned device, struct lx_statx *out)
{
	*out = (struct lx_statx){
		.mask = LX_STATX_BASIC, .blksize = 4096, .nlink = 1, .uid = rm_enclave.euid, .gid = rm_enclave.egid,
		.mode = LX_S_IFCHR | 0600, .ino = device + 1,
	};
}
