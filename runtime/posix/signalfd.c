/* SPDX-License-Identifier: MIT */
/*
 * signalfd4(): signals are taken out of our own sets; an eventfd of Linux stands behind the descriptor, only so that poll(), select() and
 * epoll know when there is something: it is readable while a signal of the mask waits for the enclave or one of its threads.
 *
 * Attacks considered: what the eventfd says is Linux's word and can wake a program for nothing, or not at all; no signal comes from it.
 */
#include "posix/io.h"
#include "posix/signal.h"

#include "lib/string.h"
#include "ring/access.h"

#define SFD_FLAGS	((uint32_t)(LX_O_CLOEXEC | LX_O_NONBLOCK))
#define EFD_SIZE	8u

struct signalfd_siginfo {
	uint32_t signo;
	int32_t error, code;
	uint32_t pid, uid;
	int32_t fd;
	uint32_t timer, band, overrun, trap;
	int32_t status, value;
	uint64_t pointer, utime, stime, address;
	uint8_t pad[48];
};
_Static_assert(sizeof(struct signalfd_siginfo) == 128, "Linux's ABI");

static struct signalfd_siginfo told(const struct rm_siginfo *from)
{
	struct signalfd_siginfo to = { .signo = (uint32_t)from->signo, .error = from->error, .code = from->code };

	if (from->code == LX_SI_TIMER) {
		to.timer = (uint32_t)from->data[0];
		to.overrun = (uint32_t)(from->data[0] >> 32);
	} else {
		to.pid = (uint32_t)from->data[0];
		to.uid = (uint32_t)(from->data[0] >> 32);
	}
	if (from->signo == LX_SIGCHLD)
		to.status = (int32_t)from->data[1];
	to.value = (int32_t)from->data[1];
	to.pointer = from->data[1];
	return to;
}

/* Everything that waits for anybody. */
static uint64_t waiting(void)
{
	uint64_t set;

	rm_lock(&rm_enclave.signal_lock);
	set = rm_enclave.pending.set;
	for (uint64_t left = rm_enclave.threads; left; left &= left - 1)
		set |= rm_thread_block((uint32_t)__builtin_ctzll(left))->signal.pending.set;
	rm_unlock(&rm_enclave.signal_lock);
	return set;
}

/* Adds to the eventfd, or empties it: whether it now is so. Both ways it never waits: it is O_NONBLOCK, and at most one above empty. */
static bool move(struct rm_thread *t, const struct rm_desc *desc, bool ready)
{
	const uint64_t one = 1;
	struct rm_hostcall h;
	long room, result;

	if (rm_hostcall_begin(&h, t, ready ? LX_write : LX_read) != 0)
		return false;
	h.message.arg[0] = (uint64_t)desc->host_fd;
	h.message.arg[2] = EFD_SIZE;
	room = ready ? rm_hostcall_put(&h, 1, &one, sizeof(one)) : rm_hostcall_room(&h, 1, EFD_SIZE);
	t->signal.hold++;
	result = room < 0 ? room : rm_hostcall_do(&h, RM_RULE_COUNT, EFD_SIZE);
	t->signal.hold--;
	rm_hostcall_end(&h);
	return result == EFD_SIZE || result == -EAGAIN;		/* EAGAIN: it was so */
}

/* Makes one say what holds; again if that has changed meanwhile. */
static void settle(struct rm_thread *t, struct rm_desc *desc)
{
	bool ready;

	rm_lock(&desc->lock);
	while ((ready = (waiting() & __atomic_load_n(&desc->signals, __ATOMIC_RELAXED)) != 0) != desc->signal_ready && !t->dead) {
		if (!move(t, desc, ready))
			break;			/* the next look tries again */
		desc->signal_ready = ready;
	}
	rm_unlock(&desc->lock);
}

void rm_signalfd_settle(struct rm_thread *t)
{
	struct rm_desc *desc;

	t->signal.unsettled = true;
	if (!__atomic_load_n(&rm_enclave.signalfds, __ATOMIC_RELAXED) || t->signal.settling)
		return;
	t->signal.settling = true;
	while (t->signal.unsettled && !t->dead) {	/* the calls below may bring signals themselves */
		t->signal.unsettled = false;
		for (uint32_t at = 0; (desc = rm_fd_next_of_kind(&rm_enclave.fds, RM_KIND_SIGNAL, &at)) != NULL;) {
			settle(t, desc);
			rm_put(t, desc);
		}
	}
	t->signal.settling = false;
}

static long make(struct rm_thread *t, uint64_t set, uint32_t flags)
{
	struct rm_hostcall h;
	struct rm_desc *desc;
	long result = rm_hostcall_begin(&h, t, LX_eventfd2);

	if (result)
		return result;
	h.message.arg[1] = LX_O_CLOEXEC | LX_O_NONBLOCK;
	result = rm_hostcall_do(&h, RM_RULE_FD, 0);
	rm_hostcall_end(&h);
	result = rm_new_fd(t, result, flags, RM_KIND_SIGNAL);
	desc = result >= 0 ? rm_get((unsigned long)result) : NULL;
	if (!desc)
		return result;
	__atomic_store_n(&desc->signals, set, __ATOMIC_RELAXED);
	__atomic_store_n(&rm_enclave.signalfds, true, __ATOMIC_RELAXED);
	rm_put(t, desc);
	return result;
}

static long change(struct rm_thread *t, unsigned long fd, uint64_t set)
{
	struct rm_desc *desc = rm_get(fd);
	long result = (long)fd;

	if (!desc)
		return -EBADF;
	if (desc->kind == RM_KIND_SIGNAL)
		__atomic_store_n(&desc->signals, set, __ATOMIC_RELAXED);
	else
		result = -EINVAL;
	rm_put(t, desc);
	return result;
}

long rm_sys_signalfd4(struct rm_thread *t, const struct rm_args *args)
{
	const uint32_t flags = (uint32_t)args->a[3];
	uint64_t set;
	long result;

	if (args->a[2] != sizeof(set))
		return -EINVAL;
	if (rm_get_user(&set, args->a[1], sizeof(set)) != 0)
		return -EFAULT;
	if (flags & ~SFD_FLAGS)
		return -EINVAL;
	set &= ~UNBLOCKABLE;
	result = (int)args->a[0] == -1 ? make(t, set, flags) : change(t, args->a[0], set);
	if (result >= 0)
		rm_signal_host_hands_over(t, set);
	rm_signalfd_settle(t);
	return result;
}

/* Waits for the first, as sigtimedwait() without a limit does, then takes what else is there and fits. */
long rm_signalfd_read(struct rm_thread *t, struct rm_desc *desc, struct rm_iter *iter, size_t size)
{
	const uint64_t set = __atomic_load_n(&desc->signals, __ATOMIC_RELAXED);
	struct signalfd_siginfo record;
	struct rm_siginfo info;
	size_t done = 0;
	long result = 0;

	if (size < sizeof(record))
		return -EINVAL;
	while (size - done >= sizeof(record) && result == 0) {
		const uint64_t until = done > 0 || desc->nonblock ? 0 : ~0ul;

		result = rm_signal_wait(t, set, until, &info);
		if (result < 0)
			break;
		record = told(&info);
		result = rm_iter_scatter(iter, &record, sizeof(record));
		done += sizeof(record);
	}
	rm_signalfd_settle(t);
	if (result == -EFAULT || done == 0)
		return result == -EINTR ? -LX_ERESTARTSYS : result;
	return (long)done;
}
