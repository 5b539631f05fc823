/* SPDX-License-Identifier: MIT */
/*
 * Submission and completion queues. One of the files that touch shared words.
 *
 * Attacks considered:
 * - Heads and tails that jump, go backwards or never move: ours are private, the shared ones copies of them; Linux's are
 *   clamped to what can be, and anything else is counted and taken as "nothing new".
 * - Completions that are forged, repeated, stale or swapped: a completion counts only if it names a live promise by slot and
 *   generation, and then ends it; a second one finds no live promise. A completion forged for a live promise is a lie about
 *   its result, which the next point bounds.
 * - Results that cannot be (a read longer than asked, a descriptor of -1, an errno that does not exist): the promise ends
 *   with -EIO. -EINTR is asked again, but where there is a deadline not beyond it.
 * - Entries changed after they were written or while they are read: an SQE is built in private memory and never read back, a
 *   CQE is copied once.
 * - Pages withdrawn: every access can fail, which ends all promises with -EIO.
 * - Silence: not prevented here (a program without deadlines waits as long as a native one would), but each turn of the wait
 *   leaves the core to Linux, so the program can be interrupted and killed. In a resident enclave the secure kernel ends it: what was
 *   waited for is late then (late.h), whatever it is, and Linux is asked to give up what it would interrupt.
 */
#include "ring/ring.h"

#include "lib/string.h"
#include "ring/access.h"
#include "ring/direct.h"
#include "ring/host.h"
#include "ring/late.h"
#include "ring/switchless.h"
#include "ring/use.h"
#include "sys/linux.h"
#include "sys/svc.h"

#define AT_ONCE		16u	/* completions that are copied together */
#define SPIN_HZ_DIVISOR 200u	/* 5 ms: a wait of the poller pays for many of these */

static void *at(const struct rm_thread *t, uint32_t offset)
{
	return t->region + offset;
}

static void free_promise(struct rm_thread *t, int promise)
{
	(void)rm_ring_take(t, promise);
}

void rm_ring_kill(struct rm_thread *t)
{
	t->dead = t->special = true;
	if (t->resident)
		rm_host_left(t);
	for (uint32_t i = 0; i < RM_PROMISES; i++) {
		if (t->promise[i].state == RM_PROMISE_LIVE) {
			t->promise[i].state = RM_PROMISE_DONE;
			t->promise[i].result = (int32_t)rm_host_gone(t);
		} else if (t->promise[i].state == RM_PROMISE_ORPHAN) {
			free_promise(t, (int)i);
		}
	}
	t->ring.live = t->ring.background = 0;
}

/* A shared page is gone. */
static void vanished(struct rm_thread *t)
{
	rm_count(t, RM_COUNT_VANISHED);
	t->gone_told = t->gone;
	rm_ring_kill(t);
}

void rm_ring_tell_gone(struct rm_thread *t)
{
	if (t->gone == t->gone_told)
		return;
	rm_count(t, RM_COUNT_VANISHED);
	t->gone_told = t->gone;		/* with what the report met */
}

/* What the answer says of Linux. */
static void learn(struct rm_thread *t, long result, uint64_t begun)
{
	if (result == -ETIMEDOUT) {
		rm_host_missed(t, begun);
	} else if (result == 0) {
		rm_host_answered(t);
		rm_late_settle(t);
	}
}

long rm_ring_host_once(struct rm_thread *t, enum rm_host_op op, uint64_t a, uint64_t b)
{
	const uint64_t begun = t->resident ? rm_counter() : 0;
	long result;

	rm_ring_tell_gone(t);
	result = rm_svc3(RM_SVC_HOST, op, a, b);
	if (op == RM_HOST_SUBMIT || op == RM_HOST_WAKEUP)
		rm_use(t, op == RM_HOST_SUBMIT ? RM_USE_SUBMITS : RM_USE_WAKEUPS, 1);
	t->exits += result != -EINTR;
	if (t->resident)
		learn(t, result, begun);
	if (result < 0 && result != -EINTR && !(t->resident && result == -ETIMEDOUT))
		rm_ring_kill(t);
	return result == -EINTR || result == -ETIMEDOUT ? result : 0;
}

/* Until it was done, whatever waits for the thread. */
static long leave_surely(struct rm_thread *t, enum rm_host_op op, uint64_t a, uint64_t b)
{
	long result;

	while ((result = rm_ring_host_once(t, op, a, b)) == -EINTR)
		rm_interrupted(t);	/* the flag is spent: what it spoke of must be known before the call ends */
	return result;
}

long rm_ring_host(struct rm_thread *t, enum rm_host_op op, uint64_t a, uint64_t b)
{
	return rm_host_silent(t) ? -ETIMEDOUT : leave_surely(t, op, a, b);
}

bool rm_result_possible(enum rm_rule rule, uint32_t limit, int64_t result)
{
	if (result < 0)
		return result >= -LX_ERRNO_LAST;
	switch (rule) {
	case RM_RULE_COUNT:
		return result <= limit;
	case RM_RULE_FD:
		return result <= RM_HOST_FD_MAX;
	case RM_RULE_ZERO:
	default:
		return result == 0;
	}
}

static void accept(struct rm_thread *t, const struct rm_cqe *cqe)
{
	const uint32_t index = (uint32_t)cqe->user_data;
	struct rm_promise *p;

	if (index >= RM_PROMISES || t->promise[index].state == RM_PROMISE_FREE || t->promise[index].state == RM_PROMISE_DONE ||
	    t->promise[index].state == RM_PROMISE_STRAY ||
	    t->promise[index].generation != cqe->user_data >> 32) {
		rm_count(t, RM_COUNT_CQE_UNKNOWN);
		return;
	}
	p = &t->promise[index];
	if (p->state == RM_PROMISE_LATE && p->rule == RM_RULE_FD && cqe->res >= 0 && rm_result_possible(RM_RULE_FD, 0, cqe->res)) {
		p->state = RM_PROMISE_STRAY;
		p->result = cqe->res;
		t->late_strays = true;
		return;
	}
	if (p->state != RM_PROMISE_LIVE) {
		if (p->state == RM_PROMISE_LATE)
			rm_late_end(t);
		free_promise(t, (int)index);
		return;
	}
	p->state = RM_PROMISE_DONE;
	p->result = cqe->res;
	if (!rm_result_possible(p->rule, p->limit, cqe->res)) {
		rm_count(t, RM_COUNT_RESULT);
		p->result = -EIO;
	}
	t->ring.live--;
	t->ring.background -= p->background;
}

/* Copies the completions from `head` on, as many as stand in a row and in `cqes`, and not more than `count`: how many. */
static uint32_t copy_completions(struct rm_thread *t, struct rm_cqe *cqes, uint32_t count)
{
	const struct rm_ring *r = &t->ring;
	const uint32_t entry = r->head & (r->cq_entries - 1), row = r->cq_entries - entry;

	count = count < row ? count : row;
	count = count < AT_ONCE ? count : AT_ONCE;
	if (rm_copy(cqes, at(t, r->cqes + entry * (uint32_t)sizeof(*cqes)), count * sizeof(*cqes)) == 0)
		return count;
	vanished(t);
	return 0;
}

void rm_ring_reap(struct rm_thread *t)
{
	struct rm_ring *r = &t->ring;
	struct rm_cqe cqes[AT_ONCE];
	uint32_t tail, count;

	if (t->dead)
		return;
	/* Acquire: the entries, and the data they speak of, must be read after the tail that announces them. */
	if (rm_load32_acquire(at(t, r->cq_tail), &tail) != 0) {
		vanished(t);
		return;
	}
	if (tail - r->head > r->cq_entries) {
		rm_count(t, RM_COUNT_CQ_RANGE);
		return;
	}
	if (tail == r->head)
		return;
	for (; r->head != tail; r->head += count) {
		count = copy_completions(t, cqes, tail - r->head);
		if (count == 0)
			return;
		for (uint32_t i = 0; i < count; i++)
			accept(t, &cqes[i]);
	}
	/* Release: our reads of the entries come before Linux sees that it may overwrite them. */
	if (rm_store32_release(at(t, r->cq_head), r->head) != 0)
		vanished(t);
}

/* How many of our submissions Linux has not taken yet, by its own word. */
static uint32_t unsubmitted(struct rm_thread *t)
{
	struct rm_ring *r = &t->ring;
	uint32_t head;

	if (rm_load32(at(t, r->sq_head), &head) != 0) {
		vanished(t);
		return 0;
	}
	if (r->tail - head > r->sq_entries) {
		rm_count(t, RM_COUNT_SQ_RANGE);
		return 0;
	}
	return r->tail - head;
}

/* Whether the polling thread went to sleep and has to be woken to see what we submitted. */
static bool needs_wakeup(struct rm_thread *t)
{
	uint32_t flags;

	/* Full barrier: our new tail must be visible before we look at the flag, or both sides could miss each other. */
	rm_barrier();
	if (rm_load32(at(t, t->ring.sq_flags), &flags) != 0) {
		vanished(t);
		return false;
	}
	return (flags & RM_SQ_NEED_WAKEUP) != 0;
}

/* What Linux would interrupt. With an offset it is a file that never makes anybody wait for long. */
static bool interruptible(const struct rm_sqe *sqe)
{
	switch (sqe->opcode) {
	case RM_OP_READ:
	case RM_OP_WRITE:
		return sqe->off == ~0ul;
	case RM_OP_NOP:
	case RM_OP_FSYNC:
	case RM_OP_ASYNC_CANCEL:
	case RM_OP_FALLOCATE:
	case RM_OP_CLOSE:
	case RM_OP_STATX:
	case RM_OP_FADVISE:
	case RM_OP_RENAMEAT:
	case RM_OP_UNLINKAT:
	case RM_OP_MKDIRAT:
	case RM_OP_SYMLINKAT:
	case RM_OP_LINKAT:
	case RM_OP_FTRUNCATE:
		return false;
	default:
		return true;
	}
}

/* Whether Linux owes it within the deadline. */
static bool owed(const struct rm_thread *t, const struct rm_sqe *sqe)
{
	return t->deadline != 0 && !interruptible(sqe) && sqe->opcode != RM_OP_ASYNC_CANCEL;
}

/* What is put into the ring even for a Linux that is silent: it finds it there when it is back. */
static bool gives_back(const struct rm_sqe *sqe)
{
	return sqe->opcode == RM_OP_ASYNC_CANCEL || sqe->opcode == RM_OP_CLOSE;
}

static uint64_t user_data(const struct rm_thread *t, uint32_t index)
{
	return (uint64_t)t->promise[index].generation << 32 | index;
}

/* Writes an entry that Linux does not look at before the tail says so. */
static int describe(struct rm_thread *t, const struct rm_sqe *sqe, enum rm_rule rule, uint32_t limit, bool background)
{
	struct rm_ring *r = &t->ring;
	struct rm_sqe entry = *sqe;
	const uint64_t unused = ~t->used;
	struct rm_promise *p;
	uint32_t index;

	if (t->dead)
		return (int)rm_host_gone(t);
	if (!gives_back(sqe) && rm_host_silent(t))
		return -ETIMEDOUT;
	if (owed(t, sqe) && rm_late_enough(t))
		return -ETIMEDOUT;
	/* The last one is for giving another up. */
	if (unused == 0 || ((unused & (unused - 1)) == 0 && sqe->opcode != RM_OP_ASYNC_CANCEL))
		return -EAGAIN;
	index = (uint32_t)__builtin_ctzll(unused);
	p = &t->promise[index];
	p->generation++;
	p->limit = limit;
	p->rule = (uint8_t)rule;
	p->interruptible = !background && interruptible(sqe);
	p->background = background;
	p->since = owed(t, sqe) ? rm_counter() : 0;
	entry.user_data = user_data(t, index);
	/*
	 * There is room: a promise ends only after Linux took its entry, so no more than RM_PROMISES entries can wait. If
	 * Linux lied about that, we overwrite an entry that it should not need any more.
	 */
	if (rm_copy(at(t, r->sqes + (r->tail & (r->sq_entries - 1)) * (uint32_t)sizeof(entry)), &entry, sizeof(entry)) != 0) {
		vanished(t);
		return -EIO;
	}
	r->tail++;
	rm_use(t, RM_USE_OPERATIONS, 1);
	t->opcodes |= 1ul << (entry.opcode & 63);
	t->used |= 1ul << index;
	p->state = RM_PROMISE_LIVE;
	r->live++;
	r->background += background;
	return (int)index;
}

void rm_ring_publish(struct rm_thread *t)
{
	if (t->dead)
		return;
	/* Release: the entries, and the data they name in the arena, before the tail that announces them. */
	if (rm_store32_release(at(t, t->ring.sq_tail), t->ring.tail) != 0)
		vanished(t);
	else if (t->poll && needs_wakeup(t))
		rm_ring_host(t, RM_HOST_WAKEUP, 0, 0);
	else if (t->sync)
		rm_ring_host(t, RM_HOST_SUBMIT, unsubmitted(t), 0);
}

int rm_ring_submit(struct rm_thread *t, const struct rm_sqe *sqe, enum rm_rule rule, uint32_t limit)
{
	const int promise = describe(t, sqe, rule, limit, false);

	if (promise >= 0)
		rm_ring_publish(t);
	return promise;
}

int rm_ring_queue(struct rm_thread *t, const struct rm_sqe *sqe, enum rm_rule rule, uint32_t limit)
{
	return describe(t, sqe, rule, limit, true);
}

/* Watches the completion queue for a while: true if something came. A tail that cannot be is nothing: no reason to stay. */
static bool spin(struct rm_thread *t)
{
	const uint64_t start = rm_counter(), limit = rm_counter_hz() / SPIN_HZ_DIVISOR;
	uint32_t tail;

	rm_use(t, RM_USE_SPINS, 1);
	do {
		for (int i = 0; i < 32; i++) {
			if (rm_load32(at(t, t->ring.cq_tail), &tail) != 0) {
				vanished(t);
				return true;
			}
			if (tail - t->ring.head - 1 < t->ring.cq_entries)
				return true;
			rm_relax();
		}
	} while (rm_counter() - start < limit);
	rm_use(t, RM_USE_SPINS_VAIN, 1);
	return false;
}

/* Once; whoever waits looks again in any case. */
static long leave(struct rm_thread *t, enum rm_host_op op, uint64_t a, uint64_t b)
{
	const long result = rm_ring_host_once(t, op, a, b);

	if (result == -EINTR)
		rm_interrupted(t);	/* as in rm_ring_host() */
	return result == -EINTR ? 0 : result;
}

bool rm_ring_probe(struct rm_thread *t)
{
	const uint32_t count = t->dead ? 0 : unsubmitted(t);

	return !t->dead && leave_surely(t, RM_HOST_SUBMIT, count, 0) == 0;
}

static uint64_t server(struct rm_thread *t)
{
	return rm_switchless(t) && rm_switchless_wanted(t) ? RM_HOST_SUBMIT_SERVER : 0;
}

long rm_ring_work(struct rm_thread *t, uint32_t wanted, uint32_t ms)
{
	const uint32_t patience = rm_host_patience(t);
	const uint64_t left = patience != 0 && (ms == 0 || ms > patience) ? patience : ms;

	if (rm_host_silent(t))
		return -ETIMEDOUT;
	/* Nothing completes without this exit (DEFER_TASKRUN), so spinning would never end. */
	if (!t->poll)
		return leave(t, RM_HOST_SUBMIT, unsubmitted(t) | server(t), wanted | left << 32);
	if (spin(t))
		return 0;
	if (needs_wakeup(t) && unsubmitted(t) != 0)
		return leave(t, RM_HOST_WAKEUP, 0, 1 | left << 32);
	return t->dead ? 0 : leave(t, RM_HOST_SUBMIT, 0, 1 | left << 32);
}

/*
 * Asks Linux to give a promise up: a promise of that, or -errno. It stands behind the operation in the queue, so that what can be
 * done at once still is, as Linux looks for data before it looks for signals.
 */
static int cancel(struct rm_thread *t, int promise)
{
	const struct rm_sqe sqe = { .opcode = RM_OP_ASYNC_CANCEL, .fd = -1, .addr = user_data(t, (uint32_t)promise) };

	return rm_ring_submit(t, &sqe, RM_RULE_ZERO, 0);
}

void rm_ring_forget(struct rm_thread *t, int promise)
{
	struct rm_promise *p = &t->promise[promise];

	if (p->state != RM_PROMISE_LIVE) {
		free_promise(t, promise);
		return;
	}
	p->state = RM_PROMISE_ORPHAN;
	t->ring.live--;
	t->ring.background -= p->background;
}

long rm_ring_cancel(struct rm_thread *t, int promise)
{
	const int asked = cancel(t, promise);

	if (asked < 0)
		return asked;
	rm_ring_forget(t, asked);
	return 0;
}

void rm_ring_catch_up(struct rm_thread *t)
{
	if (!t->dead && !t->poll && !rm_host_silent(t))
		leave(t, RM_HOST_SUBMIT, unsubmitted(t), 0);
	rm_ring_reap(t);
}

/* False: it is late. */
static bool wait_for(struct rm_thread *t, const struct rm_promise *p)
{
	const uint32_t head = t->ring.head;
	uint32_t left = 0;
	bool late = false;

	rm_ring_reap(t);
	if (p->state != RM_PROMISE_LIVE)
		return true;
	if (p->since)
		left = rm_late_left(t, p->since, &late);
	if (!late && (t->ring.head == head || !t->poll) && rm_ring_work(t, t->ring.live - t->ring.background, left) != 0) {
		rm_ring_reap(t);	/* all that it did before it fell silent */
		return p->state != RM_PROMISE_LIVE;
	}
	return !late;
}

/* Nobody waits for a promise any more; its completion frees it. What Linux would interrupt it is asked to give up, when it is back. */
static long give_up(struct rm_thread *t, struct rm_promise *p, int cancelling)
{
	if (p->interruptible && cancelling < 0)
		cancelling = cancel(t, (int)(p - t->promise));
	if (cancelling >= 0)
		rm_ring_forget(t, cancelling);
	p->state = RM_PROMISE_LATE;
	t->ring.live--;
	rm_late_begin(t);
	rm_count(t, RM_COUNT_LATE);
	return -ETIMEDOUT;
}

long rm_ring_wait(struct rm_thread *t, int promise)
{
	struct rm_promise *p;
	int cancelling = -1;

	if (promise < 0)
		return promise;
	p = &t->promise[promise];
	while (p->state == RM_PROMISE_LIVE) {
		if (cancelling < 0 && p->interruptible && rm_interrupted(t))
			cancelling = cancel(t, promise);
		if (!wait_for(t, p))
			return give_up(t, p, cancelling);
	}
	free_promise(t, promise);
	if (cancelling < 0)
		return p->result == -EINTR && p->interruptible && rm_interrupted(t) ? -LX_ERESTARTSYS : p->result;
	while (t->promise[cancelling].state == RM_PROMISE_LIVE && wait_for(t, &t->promise[cancelling]))
		;
	rm_ring_forget(t, cancelling);
	return p->result == -ECANCELED || p->result == -EINTR ? -LX_ERESTARTSYS : p->result;
}

long rm_ring_call(struct rm_thread *t, const struct rm_sqe *sqe, enum rm_rule rule, uint32_t limit)
{
	const uint64_t since = rm_counter();
	long result;

	if (rm_direct_possible(t, sqe))
		return rm_direct_call(t, sqe, rule, limit);
	do {
		result = rm_ring_wait(t, rm_ring_submit(t, sqe, rule, limit));
	} while (result == -EINTR && !(owed(t, sqe) && rm_late_is(t, since)));
	return result == -EINTR ? rm_late_answer(t) : result;
}
