/* SPDX-License-Identifier: MIT */
/*
 * Which call is whose. Linux's numbers (asm-generic/unistd.h) for what the kernel owns; own numbers are for the runtime,
 * but for the few that any code of the enclave may make. All others are reflected to the runtime.
 */
#include "arch/features.h"
#include "arch/timer.h"
#include "call/svc.h"
#include "enclave/host.h"
#include "enclave/runtime_image.h"
#include "enclave/upcall.h"
#include "lib/errno.h"
#include "lib/panic.h"
#include "lib/print.h"
#include "lib/random.h"
#include "mm/frame.h"
#include "sched/resident.h"

enum {
	NR_EXIT = 93, NR_EXIT_GROUP = 94, NR_SET_TID_ADDRESS = 96, NR_FUTEX = 98,
	NR_CLOCK_NANOSLEEP = 115, NR_SCHED_YIELD = 124, NR_MUNMAP = 215, NR_MREMAP = 216, NR_MMAP = 222,
	NR_MPROTECT = 226, NR_MLOCK = 228, NR_MADVISE = 233, NR_GETRANDOM = 278, NR_MLOCK2 = 284,
};

#define GRND_ALL	7u	/* every flag of getrandom(2): this generator never blocks */
#define GRND_SIZE_MAX	((1ul << 25) - 1)

static struct cpu *core(void) { return cpu_this(); }

int64_t svc_ended(struct thread *t)
{
	const uint64_t *end = t->enclave->end;

	assert(t->enclave->state == ENCLAVE_ENDED);
	if (t->resident)
		print("resident enclave %u ended: reason %lu, %lu %lu\n", t->enclave->slot, end[0], end[1], end[2]);
	else
		sched_give_back(core(), THREAD_READY, end[0], end[1], end[2], end[3]);
	return SVC_DONE;
}

static int64_t end_with(struct thread *t, uint64_t reason, uint64_t x1, uint64_t x2, uint64_t x3)
{
	enclave_end(t->enclave, reason, x1, x2, x3);
	enclave_count(t->enclave, RM_STAT_EXITS_VOLUNTARY);
	return svc_ended(t);
}

static int64_t svc_exit_group(struct thread *t)
{
	return end_with(t, RM_EXIT_EXITED, t->context.x[0] & 0xff, 0, 0);
}

static int64_t svc_exit(struct thread *t)
{
	struct enclave *e = t->enclave;
	uint32_t zero = 0;

	if (e->thread_count == 1)
		return svc_exit_group(t);
	if (!futex_pi_exit(t))
		return SVC_AGAIN;
	if (t->clear_tid && space_write(&e->space, t->clear_tid, &zero, sizeof(zero)) == 0)
		futex_wake_one(e, t->clear_tid);
	enclave_count(e, RM_STAT_EXITS_VOLUNTARY);
	t->ended = true;
	e->thread_count--;
	if (t->resident) {
		resident_unbind(t);
		thread_tell_linux(t);
	} else {
		sched_give_back(core(), THREAD_READY, RM_EXIT_THREAD, 0, 0, 0);
	}
	return SVC_DONE;
}

static int64_t svc_set_tid_address(struct thread *t)
{
	t->clear_tid = t->context.x[0];
	return (int64_t)t->index;
}

int64_t svc_give_way(struct thread *t)
{
	if (t->resident) {
		t->gives_way = true;
		return SVC_DONE;
	}
	enclave_count(t->enclave, RM_STAT_EXITS_VOLUNTARY);
	sched_give_back(core(), THREAD_READY, RM_EXIT_PREEMPTED, 0, 0, 0);
	return SVC_DONE;
}

static int64_t svc_sched_yield(struct thread *t)
{
	t->context.x[0] = 0;
	if (!t->resident)
		return svc_give_way(t);
	resident_yield(t);
	return SVC_DONE;
}

static int64_t svc_cpu_time(struct thread *t)
{
	uint64_t index = t->context.x[0];

	if (index == UINT64_MAX)
		return (int64_t)counter_to_ns(sched_enclave_time(t->enclave));
	if (index >= RM_THREAD_MAX || !t->enclave->threads[index])
		return -EINVAL;
	return (int64_t)counter_to_ns(sched_thread_time(t->enclave->threads[index]));
}

/* A piece a step. As on Linux, one call gives at most 32 MiB - 1. */
static int64_t svc_getrandom(struct thread *t)
{
	uint8_t bytes[RANDOM_MAX];
	uint64_t size = min_u64(t->context.x[1], GRND_SIZE_MAX), done = t->progress;
	size_t piece = min_u64(size - done, RANDOM_MAX);

	if (t->context.x[2] & ~(uint64_t)GRND_ALL)
		return -EINVAL;
	random_bytes(bytes, piece);
	int error = space_write(&t->enclave->space, t->context.x[0] + done, bytes, piece);

	if (error)
		return error;
	t->progress = done + piece;
	return t->progress < size ? SVC_AGAIN : (int64_t)size;
}

static int64_t svc_host(struct thread *t)
{
	uint64_t x[3] = { t->context.x[0], t->context.x[1], t->context.x[2] };

	if (upcall_take(t))
		return -EINTR;
	enclave_count(t->enclave, RM_STAT_EXITS_VOLUNTARY);
	if (t->resident)
		return host_ask(t, x) ? SVC_DONE : -ETIMEDOUT;
	t->context.x[0] = 0;
	sched_give_back(core(), THREAD_HOST, RM_EXIT_HOST, x[0], x[1], x[2]);
	return SVC_DONE;
}

static int64_t svc_resume(struct thread *t)
{
	uint64_t result = t->context.x[0];

	if (!t->reflected)
		return -EINVAL;
	t->context = t->program;
	t->context.x[0] = result;
	t->reflected = false;
	return SVC_DONE;
}

static int64_t svc_start(struct thread *t)
{
	t->context = (struct context){ .pc = t->context.x[0], .sp = t->context.x[1], .pstate = SPSR_EL0 };
	t->reflected = false;
	t->enclave->started = true;
	return SVC_DONE;
}

/* 1: the thread is where only its Linux thread, woken, can make it look. */
static int64_t svc_notify(struct thread *t)
{
	uint64_t index = t->context.x[0];
	struct thread *other = index < RM_THREAD_MAX ? t->enclave->threads[index] : NULL;

	if (!other || other->ended)
		return -ESRCH;
	upcall_notify(other);
	return other != t && (other->state == THREAD_HOST || other->state == THREAD_RUNNING);
}

static int64_t svc_get_context(struct thread *t)
{
	struct context program = t->program;

	if (!t->reflected)
		return -EINVAL;
	/* What a thread runs with is no state of its program: what comes back by SET_CONTEXT, or is in a signal's frame, does not have it. */
	program.pstate &= SPSR_FLAGS;
	return space_write(&t->enclave->space, t->context.x[0], &program, sizeof(program));
}

static int64_t svc_set_context(struct thread *t)
{
	struct context new;

	if (!t->reflected)
		return -EINVAL;
	int error = space_read(&t->enclave->space, &new, t->context.x[0], sizeof(new));

	if (error)
		return error;
	new.pstate = (new.pstate & SPSR_FLAGS) | SPSR_EL0;
	t->program = new;
	return 0;
}

/* The default action of a signal: the end. With a program counter: of a fault, which is reported as one. */
static int64_t svc_signaled(struct thread *t)
{
	const uint64_t *x = t->context.x;

	if (x[2] != UINT64_MAX && t->reflected)
		report_fault(t, &t->program, x[3], x[1]);
	return end_with(t, RM_EXIT_SIGNALED, x[0] & 0x7f, x[1], x[2]);
}

static int64_t svc_thread(struct thread *t)
{
	const uint64_t *x = t->context.x;
	struct thread *child;

	if (!t->reflected)
		return -EINVAL;
	if (t->resident && !resident_room(t->enclave->core))
		return -EAGAIN;
	int error = thread_create(t->enclave, runtime_image()->start_thread, &child);

	if (error)
		return error;
	child->program = t->program;
	child->program.x[0] = 0;
	child->program.sp = x[0];
	child->tls = x[1];
	child->clear_tid = x[2];
	child->reflected = true;
	child->fp = t->fp;
	child->reservation = t->reservation;
	child->held = true;
	return (int64_t)child->index;
}

static int64_t svc_thread_abort(struct thread *t)
{
	uint64_t index = t->context.x[0];
	struct thread *other = index < RM_THREAD_MAX ? t->enclave->threads[index] : NULL;

	if (!other || other == t || other->entered)
		return -EINVAL;
	thread_destroy(other);
	return 0;
}

static int64_t svc_threads(struct thread *t)
{
	for (uint64_t i = t->context.x[0]; i < RM_THREAD_MAX; i++)
		if (t->enclave->threads[i] && !t->enclave->threads[i]->ended)
			return (int64_t)i;
	return -ENOENT;
}

static int64_t svc_stat(struct thread *t)
{
	uint64_t stat = t->context.x[0];

	return stat < RM_STAT_ENCLAVE_COUNT ? (int64_t)enclave_stat(t->enclave, (enum rm_stat)stat) : -EINVAL;
}

static int64_t svc_memory_limit(struct thread *t)
{
	struct frame_account *a = frame_account(enclave_owner(t->enclave));

	if (a->guaranteed)
		return -EINVAL;
	a->limit = min_u64(a->limit, t->context.x[0] / PAGE_SIZE);
	return 0;
}

/* Calls that end a thread, wait, or manage the boundary: the runtime's alone, which has to do its part first. */
static int64_t runtime_call(struct thread *t)
{
	switch (t->context.x[8]) {
	case RM_SVC_HOST: return svc_host(t);
	case RM_SVC_RESUME: return svc_resume(t);
	case RM_SVC_START: return svc_start(t);
	case RM_SVC_THREAD: return svc_thread(t);
	case RM_SVC_THREAD_ABORT: return svc_thread_abort(t);
	case RM_SVC_FAIL: return end_with(t, RM_EXIT_FAILED, t->context.x[0], t->context.x[1], 0);
	case RM_SVC_RESIDENT: return svc_resident(t);
	case RM_SVC_DEVICE_WAIT: return svc_device_wait(t);
	case RM_SVC_RESERVE: return svc_reserve(t);
	case RM_SVC_RUN: return svc_run(t);
	case RM_SVC_ATTACH: return svc_attach(t);
	case RM_SVC_SHUTDOWN: return svc_shutdown(t);
	case RM_SVC_MEMORY_LIMIT: return svc_memory_limit(t);
	case RM_SVC_REGIONS: return svc_regions(t);
	case RM_SVC_SIZE_LIMIT: return svc_size_limit(t);
	case RM_SVC_FUTEX_PI: return svc_futex_pi(t);
	case RM_SVC_SIGNALED: return svc_signaled(t);
	case RM_SVC_NOTIFY: return svc_notify(t);
	case RM_SVC_GET_CONTEXT: return svc_get_context(t);
	case RM_SVC_SET_CONTEXT: return svc_set_context(t);
	case NR_EXIT: return svc_exit(t);
	case NR_EXIT_GROUP: return svc_exit_group(t);
	case NR_FUTEX: return svc_futex(t);
	case NR_CLOCK_NANOSLEEP: return svc_clock_nanosleep(t);
	case NR_SET_TID_ADDRESS: return svc_set_tid_address(t);
	default: return -ENOSYS;
	}
}

static int64_t call(struct thread *t)
{
	switch (t->context.x[8]) {
	case NR_SCHED_YIELD: return svc_sched_yield(t);
	case NR_MUNMAP:
	case NR_MREMAP:
	case NR_MMAP:
	case NR_MPROTECT:
	case NR_MLOCK ... NR_MADVISE:
	case NR_MLOCK2: return svc_memory(t);
	case NR_GETRANDOM: return svc_getrandom(t);
	case RM_SVC_ADDRESS: return svc_address(t);
	case RM_SVC_STAT: return svc_stat(t);
	case RM_SVC_FLUSH_CODE: return svc_flush_code(t);
	case RM_SVC_CPU_TIME: return svc_cpu_time(t);
	case RM_SVC_THREADS: return svc_threads(t);
	case RM_SVC_FEATURES: return (int64_t)features_of_core();
	default: return SVC_REFLECT;
	}
}

static void reflect(struct thread *t)
{
	enclave_count(t->enclave, RM_STAT_REFLECTED);
	upcall_enter(t, runtime_image()->reflect);
}

void svc_handle(struct cpu *cpu, struct thread *t)
{
	bool from_runtime = runtime_image_holds(t->context.pc);
	int64_t result;

	assert(cpu == cpu_this() && t->state == THREAD_RUNNING);
	enclave_count(t->enclave, RM_STAT_SVCS);
	result = t->enclave->builtin ? svc_builtin(t) : call(t);
	if (result == SVC_REFLECT && from_runtime)
		result = runtime_call(t);
	if (result == SVC_REFLECT && from_runtime)
		result = -ENOSYS;
	if (result == SVC_AGAIN) {
		t->context.pc -= 4;
		return;
	}
	t->progress = t->target = t->phase = 0;
	if (result == SVC_REFLECT)
		reflect(t);
	else if (result != SVC_DONE)
		t->context.x[0] = (uint64_t)result;
}
