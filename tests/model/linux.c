/* SPDX-License-Identifier: MIT */
/*
 * The model's frame: region, queues, the secure kernel's calls.
 */
#define _GNU_SOURCE
#include "model/linux.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "abi/smc.h"
#include "load/policy.h"
#include "model/lies.h"
#include "ring/host.h"
#include "ring/hostcall.h"
#include "ring/ring.h"

struct model model;
unsigned model_first_slots;

#define REGION_SIZE	(0x10000u + RM_ARENA_SIZE)

struct rm_thread *rm_self(void)
{
	return model.thread;
}

struct rm_thread *rm_thread_block(uint32_t index)
{
	(void)index;
	return model.thread;
}

static uint64_t now;

void model_time_passes(const struct lx_timespec *time)
{
	now += (uint64_t)time->sec * 1000000000u + (uint64_t)time->nsec;
}

uint64_t rm_counter(void)
{
	/* Time passes each time somebody looks: spins end, soon when nothing will come, and every run is the same. */
	return now += model.hostile || model.hostile_at ? 100000 : 1000;
}

uint64_t rm_counter_hz(void)
{
	return 1000000000u;
}

void rm_fail(int reason, unsigned long detail)
{
	fprintf(stderr, "rm_fail(%d, %lu)\n", reason, detail);
	abort();
}

uint8_t model_byte(void)
{
	if (model.script_left == 0)
		return 0;
	model.script_left--;
	return *model.script++;
}

uint32_t model_word(void)
{
	const uint32_t low = model_byte() | (uint32_t)model_byte() << 8;

	return low | (uint32_t)model_byte() << 16 | (uint32_t)model_byte() << 24;
}

static uint32_t *word(uint32_t offset)
{
	return (uint32_t *)(model.region + offset);
}

void model_start(bool poll, uint64_t inherited)
{
	memset(&model, 0, sizeof(model));
	model.size = REGION_SIZE;
	model.shared = model_first_slots ? 0x10000u + model_first_slots * RM_SLOT_SIZE : model.size;
	model.region = aligned_alloc(4096, model.size);
	model.thread = aligned_alloc(4096, 4096);
	memset(model.region, 0, model.size);
	memset(model.thread, 0, 4096);
	model.turns_max = 1000000;
	model.boot = (struct rm_boot){
		.magic = RM_BOOT_MAGIC, .version = RM_ABI_VERSION, .flags = RM_BOOT_WINDOWS | (poll ? RM_BOOT_POLL : 0),
		.ring = {
			.sq_head = 0x1000, .sq_tail = 0x1004, .sq_flags = 0x1008, .sq_entries = RM_RING_ENTRIES,
			.cq_head = 0x1040, .cq_tail = 0x1044, .cq_overflow = 0x1048, .cq_entries = 2 * RM_RING_ENTRIES,
			.sqes = 0x2000, .cqes = 0x4000,
		},
		.arena = 0x10000, .address = (uint64_t)model.region,
		.strings = 0x10000, .strings_size = 2, .argc = 1, .envc = 0,
		.pid = (uint32_t)getpid(), .ppid = (uint32_t)getppid(), .uid = getuid(), .fds = { inherited },
		.boot_counter = rm_counter(), .realtime_ns = 1000000000ul * 1800000000ul,
		.file_limit = ~0ul, .descriptor_limit = RM_FD_MAX,
	};
	memcpy(model.region, &model.boot, sizeof(model.boot));
}

void model_attach(bool poll, uint64_t inherited)
{
	struct rm_boot boot;
	int line;

	model_start(poll, inherited);
	line = rm_ring_attach(model.thread, 0, model.region, model.shared, &boot);
	if (line != 0)
		rm_fail(RM_FAIL_HOST, (unsigned long)line);
	memset(&rm_enclave, 0, sizeof(rm_enclave));
	rm_policy = (struct rm_policy){ .debug = true, .threads = RM_THREAD_MAX, .signals = ~0ul };
	rm_host_start();
	rm_posix_init(&boot);
}

void model_stop(void)
{
	model_windows_stop();
	free(model.region);
	free(model.thread);
	model.region = NULL;
}

long model_call(long number, unsigned long a, unsigned long b, unsigned long c, unsigned long d, unsigned long e,
		unsigned long f)
{
	const struct rm_args args = { .a = { a, b, c, d, e, f }, .number = (unsigned long)number, .direct = true };
	long result;

	model.caller = __builtin_frame_address(0);
	result = rm_posix_call(model.thread, &args);
	model.caller = NULL;
	model_judge(number, args.a, result);
	return result;
}

bool model_loses(enum model_loss what)
{
	return ++model.moments[what] == model.lost_at && model.loss == what;
}

void model_complete(uint64_t user_data, int32_t res)
{
	struct rm_cqe cqe = { .user_data = user_data, .res = res };

	memcpy(model.region + model.boot.ring.cqes + (model.cq_tail % (2 * RM_RING_ENTRIES)) * sizeof(cqe), &cqe, sizeof(cqe));
	model.cq_tail++;
	*word(model.boot.ring.cq_tail) = model.cq_tail;
	model.last_user_data = user_data;
}

/* Takes entries from the submission queue, as Linux does: no more than announced, no more than asked. */
static void take(uint64_t limit)
{
	const uint32_t tail = *word(model.boot.ring.sq_tail);

	for (; model.sq_head != tail && limit > 0 && model.pending_count < MODEL_PENDING; limit--) {
		memcpy(&model.pending[model.pending_count++],
		       model.region + model.boot.ring.sqes + (model.sq_head % RM_RING_ENTRIES) * sizeof(struct rm_sqe),
		       sizeof(struct rm_sqe));
		model.sq_head++;
	}
	*word(model.boot.ring.sq_head) = model.sq_head;
}

static bool hostile_now(void)
{
	model.operations++;
	return model.hostile || (model.hostile_at != 0 && model.operations == model.hostile_at);
}

static bool would_wait(const struct rm_sqe *sqe)
{
	struct pollfd ready = { .fd = sqe->fd, .events = POLLIN };

	return sqe->opcode == RM_OP_READ && poll(&ready, 1, 0) == 0;
}

/* A read that would wait, with the request behind it to give it up. */
static bool given_up(const struct rm_sqe *sqe)
{
	const struct rm_sqe *next = model.pending;

	return model.pending_count > 0 && next->opcode == RM_OP_ASYNC_CANCEL && next->addr == sqe->user_data && would_wait(sqe);
}

/* One entry, honestly: in a broken chain not at all. */
static int32_t perform(const struct rm_sqe *sqe)
{
	const bool moves = sqe->opcode == RM_OP_READ || sqe->opcode == RM_OP_WRITE;
	const int32_t result = model.broken ? -ECANCELED : given_up(sqe) ? -ECANCELED : model_honest_operation(sqe);
	const bool failed = (result < 0 && result != -ETIME) || (moves && result != (int32_t)sqe->len);

	model.broken = (sqe->flags & RM_SQE_LINK) && failed;
	return result;
}

static void work(uint64_t minimum)
{
	if (model.hostile) {
		model_hostile_turn(minimum);
		return;
	}
	while (model.pending_count > 0) {
		struct rm_sqe sqe = model.pending[0];

		if (minimum == 0 && model.pending_count == 1 && would_wait(&sqe))
			break;	/* nobody waits for it yet */
		if (hostile_now()) {
			model_hostile_turn(minimum);
			/* Whatever it left undone is done honestly now, unless it took the queue. */
			if (model.pending_count == 0)
				return;
			sqe = model.pending[0];
		}
		memmove(model.pending, model.pending + 1, --model.pending_count * sizeof(sqe));
		model_answer_operation(&sqe, perform(&sqe));
	}
	*word(model.boot.ring.cq_tail) = model.cq_tail;
	*word(model.boot.ring.sq_head) = model.sq_head;
	model_lie_words();
}

static void host_call(uint64_t offset)
{
	struct rm_host_call call;

	model.calls++;
	if (offset % 8 != 0 || offset > model.size - sizeof(call))
		abort();
	memcpy(&call, model.region + offset, sizeof(call));
	((struct rm_host_call *)(model.region + offset))->begun = 1;
	if (hostile_now())
		model_hostile_call(&call);
	else
		call.result = model_answer_call(&call, offset, model_honest_call(&call));
	memcpy(model.region + offset + offsetof(struct rm_host_call, result), &call.result, sizeof(call.result));
}

static void stalled(uint64_t ms)
{
	now += ms * 1000000;
	if (model.stalled_turns != 0 && --model.stalled_turns == 0)
		model_resume();
}

static void work_or_wait(uint64_t b)
{
	if (model.stalled && (b >> 32 || b == 0))
		stalled(b >> 32);
	else
		work((uint32_t)b);
}

void model_resume(void)
{
	model.stalled = false;
	for (unsigned i = 0; i < model.stalled_count; i++)
		host_call(model.stalled_calls[i]);
	model.stalled_count = 0;
}

static struct rm_switchless *switchless(void)
{
	return (struct rm_switchless *)(model.region + RM_SWITCHLESS_OFFSET);
}

void model_switchless(void)
{
	model.server = SERVER_WORKS;
	model.thread->switchless = true;
}

static void server_asked(void)
{
	model.server_asks++;
	switchless()->awake = model.hostile ? model_byte() : model.server != SERVER_NONE ? (uint32_t)model.server_asks : 0;
}

static void server_awaited(uint64_t offset)
{
	model.server_awaits++;
	if (model.hostile || model.server == SERVER_SLOW)
		host_call(offset);
}

/* What the server does while the runtime watches. */
static void serve(void)
{
	const uint64_t posted = switchless()->posted;

	if (posted == 0 || (model.server != SERVER_WORKS && model.server != SERVER_SLOW))
		return;
	switchless()->posted &= posted - 1;
	model.server_calls++;
	if (model.server == SERVER_WORKS)
		host_call(model.boot.arena + (uint64_t)__builtin_ctzll(posted) * RM_SLOT_SIZE);
}

void model_resident(uint64_t deadline)
{
	static const struct rm_manifest manifest = { .magic = RM_MANIFEST_MAGIC, .flags = RM_MANIFEST_RESIDENT };

	rm_policy.manifest = &manifest;
	model.thread->resident = true;
	model.thread->deadline = deadline / 2;
	rm_policy.resident = true;
	rm_policy.deadline = deadline / 2;
}

void model_succeed(uint32_t process)
{
	model.withdrawn = false;
	model.sq_head = model.cq_tail = model.pending_count = 0;
	model.in_hand.op = 0;
	memset(model.region, 0, model.size);
	model.boot.flags = 0;
	memcpy(model.region, &model.boot, sizeof(model.boot));
	model.offered = (long)model.size | (long)process << 32;
}

void model_back(void)
{
	model.silent = 0;
	if (model.in_hand.op != 0)
		model_host(model.in_hand.op, model.in_hand.a, model.in_hand.b);
	model.in_hand.op = 0;
}

static void rings(int number)
{
	(void)number;
}

/* A call that a real timer ends. */
static long bounded(uint64_t offset, uint64_t ms)
{
	struct itimerval timer = { .it_value.tv_usec = (suseconds_t)ms * 1000 };
	const struct sigaction action = { .sa_handler = rings };
	int64_t result;

	if (ms == 0 || ms >= 1000)
		abort();
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	host_call(offset);
	timer.it_value.tv_usec = 0;
	setitimer(ITIMER_REAL, &timer, NULL);
	memcpy(&result, model.region + offset + offsetof(struct rm_host_call, result), sizeof(result));
	if (result == -EINTR) {
		model.bounds++;
		now += ms * 1000000;
	}
	return 0;
}

static long silent(uint64_t op, uint64_t a, uint64_t b)
{
	model.silences++;
	now += model.silent;
	if (model.takes && model.in_hand.op == 0) {
		model.in_hand.op = op;
		model.in_hand.a = a;
		model.in_hand.b = b;
	}
	return -ETIMEDOUT;
}

long model_host(uint64_t op, uint64_t a, uint64_t b)
{
	if (model_loses(LOSS_EXIT))
		return -EINTR;
	if (model_loses(LOSS_LINUX))
		model.turns_max = 0;
	if (++model.turns > model.turns_max)
		return -EIO;
	if (model.silent)
		return silent(op, a, b);
	if (op == RM_HOST_CALL && (a & RM_HOST_CALL_BOUNDED))
		return bounded(a - RM_HOST_CALL_BOUNDED, b);
	if (op == RM_HOST_CALL && (a & RM_HOST_CALL_SERVER)) {
		server_asked();
		a -= RM_HOST_CALL_SERVER;
	}
	if (op == RM_HOST_SUBMIT && (a & RM_HOST_SUBMIT_SERVER)) {
		server_asked();
		a -= RM_HOST_SUBMIT_SERVER;
	}
	switch (op) {
	case RM_HOST_SUBMIT:
		model.submits++;
		if (model.thread->poll && a != 0)
			abort();
		take(model.thread->poll ? RM_RING_ENTRIES : a);
		work_or_wait(b);
		return 0;
	case RM_HOST_WAKEUP:
		model.wakeups++;
		model.asleep = false;
		*word(model.boot.ring.sq_flags) = 0;
		take(RM_RING_ENTRIES);
		work_or_wait(b);
		return 0;
	case RM_HOST_CALL:
		if (model.stalled && b != 0) {
			now += b * 1000000;
			model.stalled_calls[model.stalled_count++] = a;
		} else {
			host_call(a);
		}
		return 0;
	case RM_HOST_AWAIT:
		server_awaited(a);
		return 0;
	case RM_HOST_TRACE:
		model.traces++;
		if (!model.hostile)
			*word(model.boot.trace + 4) = *word(model.boot.trace);
		return 0;
	case RM_HOST_ARENA:
		if (a == 0 || a > RM_ARENA_SLOTS)
			abort();
		model.grown++;
		if (!hostile_now())
			model.shared = model.boot.arena + a * RM_SLOT_SIZE > model.shared ? model.boot.arena + a * RM_SLOT_SIZE : model.shared;
		return 0;
	case RM_HOST_KICK:
		model.kicks++;
		return 0;
	case RM_HOST_DEATH:
		if (a % 8 != 0 || a > model.size - sizeof(struct rm_death))
			abort();
		model.deaths++;
		return 0;
	case RM_HOST_TIMER:
		model.timer = a;
		return 0;
	case RM_HOST_THREAD:
		*word(offsetof(struct rm_boot, thread_result)) = model.hostile ? model_word() : 4000 + (uint32_t)a;
		return 0;
	default:
		abort();
	}
}

/* In poll mode Linux works while the runtime looks at the completion queue. */
void model_before_read(const void *from, size_t size)
{
	const uint8_t *at = from;

	if (at < model.region || at >= model.region + model.size)
		return;
	if (model.hostile && model.script_left > 0 && model_byte() < 4) {
		/* A change between two reads of the runtime. */
		for (size_t i = 0; i < size && i < 16; i++)
			((uint8_t *)(uintptr_t)at)[i] ^= model_byte();
	}
	if (size == sizeof(uint64_t) && at >= model.region + model.boot.arena)
		serve();
	if (model.thread->poll && at == model.region + model.boot.ring.cq_tail) {
		if (model.asleep) {
			*word(model.boot.ring.sq_flags) = RM_SQ_NEED_WAKEUP;
			return;
		}
		take(RM_RING_ENTRIES);
		if (!model.stalled)
			work(0);
	}
}

void model_after_read(const void *from, size_t size)
{
	uint8_t *at = (uint8_t *)(uintptr_t)from;
	int64_t word;

	if (!model.changing || at < model.region + model.boot.arena || at >= model.region + model.size)
		return;
	/* A result word that is not there yet is not read: it is waited for. */
	if (size == sizeof(word) && (memcpy(&word, at, sizeof(word)), word == RM_HOSTCALL_UNANSWERED))
		return;
	for (size_t i = 0; i < size; i++)
		at[i] = (uint8_t)~at[i];
}

/* Kinds that the runtime gave to mappings (RM_MAP_KIND), the latest last; older ones are overwritten. */
#define KINDS 64u
static struct rm_region kinds[KINDS];
static unsigned kinds_count;

static void keep_kind(unsigned long start, unsigned long size, unsigned long flags)
{
	kinds[kinds_count++ % KINDS] = (struct rm_region){ .start = start, .end = start + ((size + 4095) & ~4095ul),
							   .flags = (unsigned)(flags >> 32) & RM_REGION_ALL };
}

static void add_kind(unsigned long address, struct rm_region *region)
{
	for (unsigned age = 1; age <= kinds_count && age <= KINDS; age++) {
		const struct rm_region *k = &kinds[(kinds_count - age) % KINDS];

		if (address < k->start || address >= k->end)
			continue;
		region->start = k->start > region->start ? k->start : region->start;
		region->end = k->end < region->end ? k->end : region->end;
		region->flags |= k->flags;
		return;
	}
}

/* The first mapping of this process that ends behind an address, as RM_SVC_REGIONS tells it. */
static long region_at(unsigned long address, struct rm_region *region)
{
	FILE *file = fopen("/proc/self/maps", "r");
	char line[512], prot[5];
	long found = 0;

	while (!found && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%lx-%lx %4s", &region->start, &region->end, prot) != 3 || region->end <= address)
			continue;
		region->flags = (prot[0] == 'r' ? 1u : 0) | (prot[1] == 'w' ? 2u : 0) | (prot[2] == 'x' ? 4u : 0);
		found = 1;
		add_kind(address > region->start ? address : region->start, region);
	}
	fclose(file);
	return found;
}

static long kernel_call(long number, const unsigned long a[6])
{
	long result;

	if ((number == LX_mmap || number == LX_mremap || number == RM_SVC_MEMORY_LIMIT) && model_loses(LOSS_MEMORY))
		return -ENOMEM;
	switch (number) {
	case LX_mmap:
		result = (long)mmap((void *)a[0], a[1], (int)a[2], (int)a[3], -1, 0);
		if (result != -1)
			keep_kind((unsigned long)result, a[1], a[3]);
		return result == -1 ? -errno : result;
	case LX_munmap:
		return munmap((void *)a[0], a[1]) ? -errno : 0;
	case LX_mprotect:
		return mprotect((void *)a[0], a[1], (int)a[2]) ? -errno : 0;
	case LX_mremap:
		result = (long)mremap((void *)a[0], a[1], a[2], (int)a[3], (void *)a[4]);
		return result == -1 ? -errno : result;
	case LX_madvise:
		return madvise((void *)a[0], a[1], (int)a[2]) ? -errno : 0;
	case RM_SVC_REGIONS:
		model.regions++;
		if (model.only.end != 0) {
			*(struct rm_region *)a[1] = model.only;
			return model.only.end > a[0];
		}
		return region_at(a[0], (struct rm_region *)a[1]);
	case LX_futex:
		result = syscall(SYS_futex, a[0], a[1], a[2], a[3], a[4], a[5]);
		return result == -1 ? -errno : result;
	case LX_getrandom:
		memset((void *)a[0], 0x5a, a[1]);
		return (long)a[1];
	case LX_clock_nanosleep:
		model_time_passes((const void *)a[2]);
		if (model.late_news) {
			model.late_news--;
			return -EINTR;
		}
		model.moments_passed++;
		return 0;
	case LX_set_tid_address:
	case LX_sched_yield:
	case RM_SVC_FLUSH_CODE:
	case RM_SVC_MEMORY_LIMIT:
	case RM_SVC_THREAD_ABORT:
	case RM_SVC_RUN:
		return 0;
	case RM_SVC_THREAD:
		return 1;
	case RM_SVC_THREADS:
		return a[0] == 0 ? 0 : -ENOENT;
	case RM_SVC_CPU_TIME:
		return a[0] == ~0ul || a[0] == 0 ? (long)rm_counter() : -EINVAL;
	case RM_SVC_STAT:
		return 100;
	case RM_SVC_ATTACH:
		model.attaches++;
		result = model.offered;
		model.offered = 0;
		return result ? result : -EAGAIN;
	case RM_SVC_NOTIFY:
		if (a[0] != 0)
			return -ESRCH;
		model.notified++;
		return 0;
	case RM_SVC_GET_CONTEXT:
		memcpy((void *)a[0], &model.context, sizeof(model.context));
		return 0;
	case RM_SVC_SET_CONTEXT:
		memcpy(&model.context, (const void *)a[0], sizeof(model.context));
		return 0;
	case RM_SVC_DEVICE_WAIT:
		model.device_waits(a[0], a[1]);
		return 0;
	case RM_SVC_FEATURES:
		return 3;
	case RM_SVC_SIGNALED:
		model.signaled = (unsigned)a[0];
		if (!model.end)
			abort();
		longjmp(*model.end, 1);
	default:
		return -ENOSYS;
	}
}

void rm_fp_save(struct rm_fp *fp)
{
	*fp = model.fp;
}

void rm_fp_load(const struct rm_fp *fp)
{
	model.fp = *fp;
}

volatile uint32_t *rm_device_registers(unsigned device)
{
	return model.device[device];
}

uint64_t rm_vdso_sigreturn(void)
{
	return 0x9900;
}

void model_signal(uint32_t signal, int32_t code, uint32_t pid, uint64_t value)
{
	struct rm_host_signals *signals = (struct rm_host_signals *)(model.region + RM_BOOT_SIGNALS);

	signals->record[signals->head++ % RM_HOST_SIGNALS] =
		(struct rm_host_signal){ .signal = signal, .code = code, .pid = pid, .value = value };
}

long rm_svc(long number, unsigned long a, unsigned long b, unsigned long c, unsigned long d, unsigned long e,
	    unsigned long f)
{
	const unsigned long args[6] = { a, b, c, d, e, f };

	return number == RM_SVC_HOST ? model_host(a, b, c) : kernel_call(number, args);
}
