/* SPDX-License-Identifier: MIT */
/*
 * Host calls. One of the files that touch shared words.
 *
 * Attacks considered: the request is built in private memory, copied out, and never read back except for its result, once.
 * A result beyond what the call can have is -EIO; -EINTR for ever, where there is a deadline, is -ETIMEDOUT. What the host wrote into a room is
 * copied once by rm_hostcall_take(), and checked there by the caller, who knows what it should be. A proxy that comes back without having
 * answered is found out by a mark in the result word.
 */
#include "ring/hostcall.h"

#include "lib/string.h"
#include "ring/access.h"
#include "ring/arena.h"
#include "ring/host.h"
#include "ring/late.h"
#include "ring/ring.h"
#include "ring/switchless.h"
#include "ring/use.h"
#include "sys/linux.h"
#include "sys/svc.h"

long rm_hostcall_begin_large(struct rm_hostcall *h, struct rm_thread *t, uint32_t number, unsigned slots)
{
	memset(h, 0, sizeof(*h));
	h->t = t;
	h->message.number = number;
	h->slots = slots;
	h->used = sizeof(struct rm_host_call);
	h->slot = -1;
	if (t->dead)
		return rm_host_gone(t);
	if (rm_host_silent(t))
		return -ETIMEDOUT;
	h->slot = rm_arena_take(t, slots);
	return h->slot < 0 ? h->slot : 0;
}

long rm_hostcall_begin(struct rm_hostcall *h, struct rm_thread *t, uint32_t number)
{
	return rm_hostcall_begin_large(h, t, number, 1);
}

void rm_hostcall_end(struct rm_hostcall *h)
{
	if (h->slot >= 0)
		rm_arena_give(h->t, h->slot, h->slots);
	h->slot = -1;
}

long rm_hostcall_room(struct rm_hostcall *h, int arg, size_t size)
{
	const uint32_t start = (h->used + 15) & ~15u;
	const uint32_t all = h->slots * RM_SLOT_SIZE;
	long offset;

	if (start > all || size > all - start)
		return -E2BIG;
	offset = (long)rm_arena_offset(h->t, h->slot) + start;
	h->used = start + (uint32_t)size;
	h->message.arg[arg] = (uint64_t)offset;
	return offset;
}

long rm_hostcall_put(struct rm_hostcall *h, int arg, const void *from, size_t size)
{
	const long offset = rm_hostcall_room(h, arg, size);
	long error;

	if (offset < 0)
		return offset;
	error = rm_copy(h->t->region + offset, from, size);
	return error ? error : offset;
}

long rm_hostcall_take(struct rm_hostcall *h, long room, void *to, size_t size)
{
	const uint64_t start = rm_arena_offset(h->t, h->slot);

	if (room < (long)start || size > h->slots * RM_SLOT_SIZE ||
	    (uint64_t)room - start > h->slots * RM_SLOT_SIZE - size)
		return -EIO;
	return rm_copy(to, h->t->region + room, size);
}

/* What Linux would interrupt while it waits, as far as that can be told from the request. */
static bool interruptible(const struct rm_host_call *call)
{
	switch (call->number) {
	case LX_fcntl:
		return call->arg[1] == LX_F_SETLKW || call->arg[1] == LX_F_OFD_SETLKW;
	case LX_sendto:
	case LX_recvfrom:
		return !(call->arg[3] & LX_MSG_DONTWAIT);
	case LX_flock:
		return !(call->arg[1] & LX_LOCK_NB);
	case LX_ioctl:		/* waits until the terminal's output is out: TCSETSW, TCSETSF, TCSBRK */
		return call->arg[1] == 0x5403 || call->arg[1] == 0x5404 || call->arg[1] == 0x5409;
	case LX_read:
	case LX_write:
	case LX_ppoll:
	case LX_pselect6:
	case LX_epoll_pwait:
	case LX_epoll_pwait2:
	case LX_splice:
	case LX_tee:
	case LX_wait4:
	case LX_waitid:
	case LX_accept:
	case LX_accept4:
	case LX_connect:
	case LX_sendmsg:
	case LX_recvmsg:
	case LX_sendmmsg:
	case LX_recvmmsg:
		return true;
	default:
		return false;
	}
}

/*
 * What another thread of the proxy, which has the rights of the calling one, may do as well: it needs nobody but Linux, and is not about the
 * thread itself.
 */
static bool by_others(uint32_t number)
{
	switch (number) {
	case LX_getdents64:
	case LX_getcwd:
	case LX_lseek:
	case LX_pread64:
	case LX_pwrite64:
	case LX_truncate:
	case LX_ftruncate:
	case LX_fallocate:
	case LX_fsync:
	case LX_fdatasync:
	case LX_sync:
	case LX_syncfs:
	case LX_sync_file_range:
	case LX_readahead:
	case LX_openat:
	case LX_openat2:
	case LX_mknodat:
	case LX_readlinkat:
	case LX_statfs:
	case LX_fstatfs:
	case LX_faccessat:
	case LX_faccessat2:
	case LX_fchmod:
	case LX_fchmodat:
	case LX_fchmodat2:
	case LX_fchown:
	case LX_fchownat:
	case LX_utimensat:
	case LX_setxattr:
	case LX_lsetxattr:
	case LX_fsetxattr:
	case LX_getxattr:
	case LX_lgetxattr:
	case LX_fgetxattr:
	case LX_listxattr:
	case LX_llistxattr:
	case LX_flistxattr:
	case LX_removexattr:
	case LX_lremovexattr:
	case LX_fremovexattr:
	case LX_copy_file_range:
		return true;
	default:
		return false;
	}
}

/*
 * What Linux owes within the deadline, if there is one. The proxy has a thread for it. A change of the current folder is not among it:
 * done too late, it would change what names mean.
 */
static bool owed(const struct rm_hostcall *h)
{
	return h->t->deadline != 0 && !h->patient && by_others(h->message.number);
}

/* What the server may do. Opening waits for the other end of a FIFO, and a signal ends that. */
static bool anywhere(const struct rm_hostcall *h)
{
	switch (h->message.number) {
	case LX_openat:
	case LX_openat2:
		return false;
	case LX_fcntl:
	case LX_flock:
	case LX_sendto:
	case LX_recvfrom:
		return !interruptible(&h->message);
	case LX_close:
	case LX_statx:
	case LX_fadvise64:
	case LX_renameat2:
	case LX_unlinkat:
	case LX_mkdirat:
	case LX_symlinkat:
	case LX_linkat:
	case LX_socket:
	case LX_bind:
	case LX_listen:
	case LX_shutdown:
	case LX_getsockopt:
	case LX_setsockopt:
	case LX_getsockname:
	case LX_getpeername:
	case LX_preadv2:	/* with RWF_NOWAIT (direct.c) */
	case LX_pwritev2:
	case LX_getpgid:
	case LX_getsid:
		return true;
	default:
		return by_others(h->message.number);
	}
}

/* What the server may at least try: it would have to wait here. */
static bool tried(const struct rm_hostcall *h)
{
	return h->message.number == LX_sendto || h->message.number == LX_recvfrom;
}

/* What may wait for others than Linux: a resident thread's Linux thread comes back now and then all the same (host.h). */
static bool bounded(const struct rm_hostcall *h)
{
	return h->t->resident && (interruptible(&h->message) || h->patient);
}

/* Out, for as long as the deadline leaves: 0, or as rm_ring_host_once(). */
static long leave(struct rm_hostcall *h)
{
	const bool served = rm_switchless(h->t) && (anywhere(h) || tried(h));
	const uint64_t begun = served ? rm_counter() : 0, server = served && rm_switchless_wanted(h->t) ? RM_HOST_CALL_SERVER : 0;
	bool late;
	const uint32_t left = owed(h) ? rm_late_left(h->t, rm_counter(), &late) : bounded(h) ? rm_host_patience(h->t) : 0;
	const long result = rm_ring_host_once(h->t, RM_HOST_CALL, rm_arena_offset(h->t, h->slot) + server + (bounded(h) ? RM_HOST_CALL_BOUNDED : 0), left);

	if (result == 0 && served)
		rm_switchless_left(h->t, rm_counter() - begun, tried(h));
	return result;
}

/* For trace and counters. */
static void note(struct rm_hostcall *h)
{
	h->t->host_number = h->message.number;
	h->t->host_calls++;
	rm_use(h->t, RM_USE_HOST_CALLS, 1);
}

/* Nobody waits for its answer any more. */
static long late(struct rm_hostcall *h, bool silent, bool opens)
{
	if (silent)
		rm_late_doubtful(h->t, h->slot, opens);
	else
		rm_late_call(h->t, h->slot, opens);
	rm_count(h->t, RM_COUNT_LATE);
	return -ETIMEDOUT;
}

/* The region was withdrawn. */
static long gone(struct rm_thread *t)
{
	if (t->resident)
		rm_ring_kill(t);
	return rm_host_gone(t);
}

/* One round: out, wait, result word in. -EINTR also if it did not begin, since something waits for the thread. */
static long round_trip(struct rm_hostcall *h, bool opens)
{
	struct rm_thread *t = h->t;
	uint8_t *here = rm_arena_here(t, h->slot);
	int64_t result;
	long left;

	h->message.result = RM_HOSTCALL_UNANSWERED;
	note(h);
	if (rm_switchless(t) && anywhere(h) && rm_switchless_post(h) && rm_switchless_collect(h, &result))
		return result;
	if (t->dead || rm_copy(here, &h->message, sizeof(h->message)) != 0)
		return gone(t);
	if (owed(h) && rm_late_enough(t))
		return -ETIMEDOUT;
	left = rm_host_silent(t) ? -ETIMEDOUT : leave(h);
	if (left == -EINTR)
		rm_interrupted(t);	/* as in rm_ring_host() */
	if (left == -ETIMEDOUT)
		return late(h, true, opens);
	if (left != 0)
		return left;
	if (t->dead || rm_copy(&result, here + offsetof(struct rm_host_call, result), sizeof(result)) != 0)
		return gone(t);
	return result == RM_HOSTCALL_UNANSWERED && owed(h) ? late(h, false, opens) : result;
}

static long checked(struct rm_thread *t, long result, enum rm_rule rule, uint64_t limit)
{
	bool possible;

	if (rule == RM_RULE_COUNT && result >= 0)
		possible = (uint64_t)result <= limit;
	else
		possible = rm_result_possible(rule, 0, result);
	if (!possible) {
		rm_count(t, RM_COUNT_RESULT);
		return -EIO;
	}
	return result;
}

long rm_hostcall_try(struct rm_hostcall *h, enum rm_rule rule, uint64_t limit)
{
	const long result = checked(h->t, round_trip(h, rule == RM_RULE_FD), rule, limit);

	rm_ring_tell_gone(h->t);
	return result;
}

bool rm_hostcall_start(struct rm_hostcall *h)
{
	struct rm_thread *t = h->t;

	if (t->dead || !rm_switchless(t) || !anywhere(h) || !rm_switchless_post(h))
		return false;
	note(h);
	return true;
}

bool rm_hostcall_collect(struct rm_hostcall *h, enum rm_rule rule, uint64_t limit, long *result)
{
	int64_t word;

	if (!rm_switchless_collect(h, &word))
		return false;
	*result = checked(h->t, word, rule, limit);
	return true;
}

long rm_hostcall_finish(struct rm_hostcall *h, enum rm_rule rule, uint64_t limit)
{
	long result;

	if (rm_hostcall_collect(h, rule, limit, &result) && result != -EINTR)
		return result;
	return rm_hostcall_do(h, rule, limit);
}

/* -EINTR is no result; but who says so for ever does not do what it owes. */
static bool again(struct rm_hostcall *h, uint64_t since, long result)
{
	return result == -EINTR && !(owed(h) && rm_late_is(h->t, since));
}

long rm_hostcall_do(struct rm_hostcall *h, enum rm_rule rule, uint64_t limit)
{
	const uint64_t since = rm_counter();
	long result;

	do {
		if (interruptible(&h->message) && rm_interrupted(h->t))
			return -LX_ERESTARTSYS;
		result = rm_hostcall_try(h, rule, limit);
	} while (again(h, since, result));
	return result == -EINTR ? rm_late_answer(h->t) : result;
}

long rm_hostcall_thread_result(struct rm_thread *t)
{
	uint32_t word;

	if (rm_load32(t->region + t->result, &word) != 0)
		return -EIO;
	if (word != 0 && rm_result_possible(RM_RULE_COUNT, INT32_MAX, (int32_t)word))
		return (int32_t)word;
	rm_count(t, RM_COUNT_RESULT);
	return -EIO;
}
