/* SPDX-License-Identifier: MIT */
/*
 * Linux lies. The first bytes choose a program of system calls, the rest what Linux answers. Whatever it is: no memory
 * error, no result that the call cannot have, nothing held afterwards.
 */
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "abi/promise.h"
#include "model/linux.h"

#define CALLS_MAX	24

static void check(int condition)
{
	if (!condition)
		__builtin_trap();
}

/* Result of a call that may bring at most `limit`. */
static void possible(long result, long limit)
{
	check(result >= -LX_ERRNO_LAST && result <= limit);
}

#define CALL(n, a, b, c, d, e) model_call(LX_##n, (unsigned long)(a), (unsigned long)(b), (unsigned long)(c), \
					  (unsigned long)(d), (unsigned long)(e), 0)

static void check_entries(const uint8_t *buffer, long size)
{
	for (long at = 0; at < size;) {
		uint16_t length;

		check(size - at >= 24);
		memcpy(&length, buffer + at + 16, 2);
		check(length >= 21 && length <= size - at);
		check(memchr(buffer + at + 19, 0, length - 19) != NULL);
		at += length;
	}
}

/* Calls that move bytes, with a buffer of exactly the size. */
static void data_call(uint8_t kind, int fd, size_t size)
{
	uint8_t *buffer = calloc(1, size ? size : 1);
	struct lx_iovec vector[3] = { { (uint64_t)buffer, size / 2 }, { 0, 0 }, { (uint64_t)(buffer + size / 2), size - size / 2 } };
	long result, limit = (long)size;

	switch (kind % 9) {
	case 0:
		result = CALL(read, fd, buffer, size, 0, 0);
		break;
	case 1:
		result = CALL(write, fd, buffer, size, 0, 0);
		break;
	case 2:
		result = CALL(pread64, fd, buffer, size, 1000, 0);
		break;
	case 3:
		result = CALL(pwrite64, fd, buffer, size, 1000, 0);
		break;
	case 4:
		result = CALL(readv, fd, vector, 3, 0, 0);
		break;
	case 5:
		result = CALL(writev, fd, vector, 3, 0, 0);
		break;
	case 6:
		result = CALL(getdents64, fd, buffer, size, 0, 0);
		check_entries(buffer, result);
		break;
	case 7:
		result = CALL(readlinkat, LX_AT_FDCWD, "x", buffer, size, 0);
		check(result <= 0 || !memchr(buffer, 0, (size_t)result));
		break;
	default:
		result = CALL(getcwd, buffer, size, 0, 0, 0);
		check(result <= 0 || buffer[result - 1] == 0);
		break;
	}
	possible(result, limit);
	free(buffer);
}

static void map_call(int fd)
{
	const long at = model_call(LX_mmap, 0, 12288, 1, LX_MAP_PRIVATE, (unsigned long)fd, 0);

	if (at > 0)
		munmap((void *)at, 12288);
	else
		possible(at, 0);
}

/* Whatever the host says of processes: a number that can be, and a status that musl's macros can take apart. */
static void processes(uint8_t extra)
{
	const int pid = extra & 4 ? 1000 + extra : -1;
	struct { struct rm_spawn head; char strings[24]; } request = { .head = { .argc = 1, .strings = sizeof(struct rm_spawn) } };
	uint32_t status = 0x7e000000;
	int32_t info[32] = { 0 };
	long result;

	memcpy(request.strings, "/bin/x\0x", 9);
	result = model_call(RM_CALL_SPAWN, (unsigned long)&request, sizeof(request), 0, 0, 0, 0);
	check(result < 0 ? result >= -LX_ERRNO_LAST : result > 0 && result <= 1 << 22);
	result = CALL(wait4, pid, &status, extra & 1, 0, 0);
	check(result < 0 ? result >= -LX_ERRNO_LAST : result == 0 ? extra & 1 : pid < 0 || result == pid);
	check(result <= 0 || status <= 0xffff);
	result = CALL(waitid, pid < 0 ? 0 : 1, pid, info, extra | 4, 0);
	check(result <= 0 && (result != 0 || info[0] == 17 || (info[0] == 0 && info[4] == 0)));
}

static void small_call(uint8_t kind, int fd, uint8_t extra)
{
	union {
		struct lx_stat stat;
		struct lx_statx statx;
		struct lx_flock lock;
		uint8_t bytes[400];
		int32_t fds[2];
	} out = { .bytes = { 0 } };
	struct lx_pollfd polled[2] = { { .fd = fd, .events = 1 }, { .fd = 3, .events = 4 } };
	struct lx_sigaction action = { .handler = extra % 3 };
	uint64_t set[16] = { 0xff };

	switch (kind % 25) {
	case 0: case 1: case 2:
		possible(CALL(openat, LX_AT_FDCWD, "file", extra & 3 ? LX_O_RDWR : LX_O_APPEND, 0, 0), RM_FD_MAX - 1);
		break;
	case 3:
		possible(CALL(close, fd, 0, 0, 0, 0), 0);
		break;
	case 4:
		possible(CALL(fstat, fd, &out.stat, 0, 0, 0), 0);
		check(out.stat.size >= 0 && out.stat.mtime.nsec < 1000000000);
		break;
	case 5:
		possible(CALL(statx, fd, "x", 0, LX_STATX_BASIC, &out.statx), 0);
		break;
	case 6:
		possible(CALL(pipe2, out.fds, 0, 0, 0, 0), 0);
		break;
	case 7:
		possible(CALL(dup, fd, 0, 0, 0, 0), RM_FD_MAX - 1);
		break;
	case 8:
		possible(CALL(dup3, fd, extra, 0, 0, 0), RM_FD_MAX - 1);
		break;
	case 9:
		check(CALL(lseek, fd, extra, extra % 5, 0, 0) >= -LX_ERRNO_LAST);
		break;
	case 10:
		possible(CALL(ppoll, polled, 2, 0, 0, 0), 2);
		break;
	case 11:
		possible(model_call(LX_pselect6, 64, (unsigned long)set, 0, 0, 0, 0), 64);
		break;
	case 12:
		possible(CALL(ioctl, fd, 0x5401, &out, 0, 0), 0);
		break;
	case 13:
		possible(CALL(ioctl, fd, 0x541b, &out, 0, 0), 0);
		break;
	case 14:
		possible(CALL(fcntl, fd, extra % 40, &out.lock, 0, 0), INT32_MAX);
		break;
	case 15:
		possible(CALL(renameat, LX_AT_FDCWD, "a", fd, "b", 0), 0);
		break;
	case 16:
		possible(CALL(uname, &out, 0, 0, 0, 0), 0);
		break;
	case 17:
		possible(CALL(sched_getaffinity, 0, 128, &out, 0, 0), 128);
		break;
	case 18:
		possible(CALL(getgroups, 50, &out, 0, 0, 0), 65536);
		break;
	case 19:
		possible(CALL(statfs, "x", &out, 0, 0, 0), 0);
		break;
	case 20:
		possible(CALL(rt_sigaction, 13, &action, &out, 8, 0), 0);
		break;
	case 21:
		possible(CALL(utimensat, fd, 0, &out, 0, 0), 0);
		break;
	case 23:
		processes(extra);
		break;
	case 22:
		possible(CALL(ftruncate, fd, extra, 0, 0, 0), 0);
		break;
	default:
		map_call(fd);
		break;
	}
}

/* Messages that came: chains of control messages whose lengths hold, with descriptors that are ours. */
static void check_control(const struct lx_msghdr *m, size_t room)
{
	const uint8_t *bytes = (const uint8_t *)m->control;
	struct lx_cmsghdr head;
	int32_t fd;

	check(m->control_size <= room);
	for (size_t at = 0; m->control_size - at >= sizeof(head);) {
		memcpy(&head, bytes + at, sizeof(head));
		check(head.size >= sizeof(head) && head.size <= m->control_size - at);
		for (size_t i = at + sizeof(head); head.level == LX_SOL_SOCKET && head.type == LX_SCM_RIGHTS && i + 4 <= at + head.size;
		     i += 4) {
			memcpy(&fd, bytes + i, sizeof(fd));
			check(CALL(fcntl, fd, LX_F_GETFD, 0, 0, 0) >= 0);
		}
		at += (head.size + 7) & ~7ul;
		if (at > m->control_size)
			break;
	}
}

static void message_call(int fd, uint8_t extra)
{
	uint8_t *data = malloc(extra + 1u), *control = calloc(1, 256), name[LX_SOCKADDR_MAX] = { 0 };
	struct lx_iovec vector = { (uint64_t)data, extra };
	struct lx_msghdr m = { .name = (uint64_t)name, .name_size = extra & 1 ? 0 : 20, .iov = (uint64_t)&vector, .iov_count = 1,
			       .control = (uint64_t)control, .control_size = extra };
	const uint32_t flags = extra & 2 ? LX_MSG_TRUNC : 0;
	const long result = CALL(recvmsg, fd, &m, flags, 0, 0);

	possible(result, flags ? INT32_MAX : extra);
	if (result >= 0) {
		check(m.name_size <= LX_SOCKADDR_MAX);
		check_control(&m, extra);
	}
	free(data);
	free(control);
}

/* What libc walks by its lengths. */
static void netlink_call(int fd)
{
	uint8_t *data = malloc(4096);
	long result;

	memset(data, 18, 24);
	possible(CALL(sendto, fd, data, 24, 0, 0), 24);
	result = CALL(recvfrom, fd, data, 4096, 0, 0);
	for (long at = 0; result - at >= 16;) {
		uint32_t length;

		memcpy(&length, data + at, 4);
		check(length >= 16 && ((length + 3) & ~3u) <= result - at);
		at += (length + 3) & ~3u;
	}
	free(data);
}

static void socket_call(uint8_t kind, int fd, uint8_t extra)
{
	uint8_t name[LX_SOCKADDR_MAX] = { 0 }, value[64] = { 0 };
	uint32_t size = extra;
	int32_t fds[2];

	switch (kind % 16) {
	case 0:
		possible(CALL(socket, extra & 1 ? LX_AF_NETLINK : LX_AF_UNIX, 1 + (extra >> 1) % 5, 0, 0, 0), RM_FD_MAX - 1);
		break;
	case 1:
		possible(CALL(socketpair, extra & 1 ? LX_AF_INET : LX_AF_UNIX, 1 + (extra >> 1) % 5, 0, fds, 0), 0);
		break;
	case 2:
		possible(CALL(accept4, fd, name, &size, extra & 1 ? LX_SOCK_NONBLOCK : 0, 0), RM_FD_MAX - 1);
		break;
	case 3:
		possible(CALL(getsockname, fd, name, &size, 0, 0), 0);
		check(size <= LX_SOCKADDR_MAX || size == extra);
		break;
	case 4:
		possible(CALL(connect, fd, name, extra, 0, 0), 0);
		break;
	case 5:
		size = extra % 64;
		possible(CALL(getsockopt, fd, 1, extra, value, &size), 0);
		check(size <= 64);
		break;
	case 6:
		value[0] = extra & 1;
		possible(CALL(setsockopt, fd, 1, 20 + extra % 2, value, 16), INT32_MAX);
		break;
	case 7:
		possible(CALL(shutdown, fd, extra, 0, 0, 0), 0);
		break;
	case 8:
		size = sizeof(name);
		possible(model_call(LX_recvfrom, (unsigned long)fd, (unsigned long)value, 64, 0, (unsigned long)name, (unsigned long)&size), 64);
		check(size <= LX_SOCKADDR_MAX);
		break;
	case 9:
		possible(CALL(sendto, fd, value, extra % 64, LX_MSG_NOSIGNAL, 0), 63);
		break;
	case 10:
		netlink_call(fd);
		break;
	default:
		message_call(fd, extra);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* But for what came too late and may still come. */
static bool nothing_held(const struct rm_thread *t)
{
	for (unsigned i = 0; i < RM_PROMISES; i++)
		if (t->promise[i].state == RM_PROMISE_LIVE || t->promise[i].state == RM_PROMISE_DONE)
			return false;
	return (t->slots & ~(t->fenced_free | t->absent)) == 0 && t->ring.live == 0 && (t->late != 0 || t->slots == t->absent);
}

#define PROMISE(n, a, b, c, d) model_call(RM_CALL_PROMISE_##n, (unsigned long)(a), (unsigned long)(b), (unsigned long)(c), (unsigned long)(d), 0, 0)

/* Some promises of any kind, whose results are taken, viewed, cancelled or left; a buffer of exactly the size. */
static void promise_call(int fd, size_t size)
{
	uint8_t *buffer = calloc(1, size + 256);
	struct rm_promise_request r = { .fd = fd };
	struct rm_promise_view view;
	uint32_t name_size = 128;
	int64_t result;
	long p[4];

	for (unsigned i = 0; i < 4; i++) {
		r.op = model_byte() % RM_PROMISE_OP_COUNT;
		r.flags = model_byte() & 3;
		r.address = (uint64_t)buffer;
		r.size = r.op == RM_PROMISE_CONNECT ? 16 : size;
		r.offset = model_byte() & 1 ? ~0ul : model_byte();
		if (r.op == RM_PROMISE_ACCEPT)
			r.offset = (uint64_t)&name_size;
		r.how = model_byte() & 1 ? 0 : model_byte();
		r.deadline = model_byte() & 1 ? 0 : 3000000;
		p[i] = PROMISE(SUBMIT, &r, 0, 0, 0);
		check(p[i] > 0 || (p[i] < 0 && p[i] >= -LX_ERRNO_LAST));
	}
	PROMISE(WAIT, p, 4, model_byte() & 3, 1000000);
	for (unsigned i = 0; i < 4; i++) {
		switch (model_byte() & 7) {
		case 0:
			break;
		case 1:
			PROMISE(CANCEL, p[i], 0, 0, 0);
			break;
		case 2:
			if (PROMISE(VIEW, p[i], &view, 0, 0) == 0 && view.result > 0) {
				check(view.result <= (long)size);
				check(view.address >= model.boot.address && view.address + (uint64_t)view.result <= model.boot.address + model.size);
				PROMISE(COPY, p[i], 0, buffer, view.result);
				PROMISE(GIVE_BACK, p[i], 0, 0, 0);
			}
			break;
		default:
			if (PROMISE(TAKE, p[i], &result, 0, 0) == 0)
				check(result >= -LX_ERRNO_LAST && result <= INT32_MAX);
			break;
		}
	}
	rm_promise_ends(model.thread);
	free(buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t sizes[8] = { 0, 1, 21, 4096, 16384, 65537, 300000, 700000 };
	jmp_buf end;
	unsigned calls;

	if (size < 2)
		return 0;
	model_first_slots = data[0] & 16 ? 4 : 0;
	model_attach(data[0] & 1, data[0] & 2 ? 7 : 1);
	if ((data[0] & 9) == 8)
		model_switchless();
	model.hostile = true;
	model.thread->deadline = data[0] & 4 ? 1000000 : 0;
	model.script = data + 2;
	model.script_left = size - 2;
	model.turns_max = 200;
	model.end = &end;
	calls = 1 + data[1] % CALLS_MAX;
	if (setjmp(end) == 0) {
		while (calls-- > 0) {
			const uint8_t kind = model_byte();
			const int fd = model_byte() % 8;

			if ((kind & 0xc0) == 0x40)
				socket_call(kind, fd, model_byte());
			else if ((kind & 0xe0) == 0xe0)
				promise_call(fd, sizes[model_byte() % 8]);
			else if (kind & 0x80)
				data_call(kind, fd, sizes[model_byte() % 8]);
			else
				small_call(kind, fd, model_byte());
			check(nothing_held(model.thread));
		}
	}
	rm_promise_ends(model.thread);	/* after an end by a signal */
	model_stop();
	return 0;
}
