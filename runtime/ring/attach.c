/* SPDX-License-Identifier: MIT */
/*
 * From a region of Linux's pages to a ring and an arena. One of the files that touch shared words.
 *
 * Attacks considered: the boot page is copied once, and only the copy is looked at. Offsets may point outside the region, be
 * misaligned, wrap, or let one part lie over another; entry counts may be no power of two. All are refused: a part that lies
 * over another would only confuse the host's own data, but a check that is not needed today is cheap. The address in the proxy is
 * used only as a number in SQEs, so any value will do.
 */
#include "lib/string.h"
#include "ring/access.h"
#include "ring/use.h"
#include "ring/ring.h"

#include "abi/smc.h"
#include "abi/svc.h"
#include "abi/trace.h"

#define CHECK(condition) do { if (!(condition)) return __LINE__; } while (0)

struct span {
	uint64_t start, size;
};

static bool apart(const struct span *a, const struct span *b)
{
	return a->start + a->size <= b->start || b->start + b->size <= a->start;
}

static bool power_of_two(uint32_t value)
{
	return value != 0 && (value & (value - 1)) == 0;
}

static int check_ring(const struct rm_ring_layout *l, uint32_t arena, uint64_t size)
{
	const uint32_t words[] = { l->sq_head, l->sq_tail, l->sq_flags, l->cq_head, l->cq_tail, l->cq_overflow };
	struct span parts[4 + sizeof(words) / sizeof(words[0])] = {
		{ 0, RM_BOOT_SIZE },
		{ l->sqes, l->sq_entries * sizeof(struct rm_sqe) },
		{ l->cqes, l->cq_entries * sizeof(struct rm_cqe) },
		{ arena, RM_SLOT_SIZE },
	};
	const unsigned count = sizeof(parts) / sizeof(parts[0]);

	CHECK(power_of_two(l->sq_entries) && l->sq_entries >= RM_PROMISES && l->sq_entries <= 32768);
	CHECK(power_of_two(l->cq_entries) && l->cq_entries >= RM_PROMISES && l->cq_entries <= 65536);
	CHECK(l->sqes % 64 == 0);
	CHECK(l->cqes % 16 == 0);
	CHECK(arena % 4096 == 0);
	CHECK(arena <= RM_SHARE_STRIDE - RM_ARENA_SIZE && arena + RM_SLOT_SIZE <= size);
	/* What is not shared yet stands behind everything else. */
	parts[3].size = size - arena < RM_ARENA_SIZE ? size - arena : RM_ARENA_SIZE;
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		CHECK(words[i] % 4 == 0);
		parts[4 + i] = (struct span){ words[i], 4 };
	}
	for (unsigned i = 0; i < count; i++) {
		CHECK(parts[i].size <= size && parts[i].start <= size - parts[i].size);
		for (unsigned j = 0; j < i; j++)
			CHECK(apart(&parts[i], &parts[j]));
	}
	return 0;
}

static int check_trace(const struct rm_boot *boot, uint64_t size)
{
	CHECK(boot->trace % 4096 == 0 && boot->trace >= boot->arena + RM_ARENA_SIZE);
	CHECK(size >= RM_TRACE_SIZE && boot->trace <= size - RM_TRACE_SIZE);
	CHECK(boot->trace_string <= RM_TRACE_STRING_MAX);
	return 0;
}

static int check_strings(const struct rm_boot *boot, uint64_t size)
{
	CHECK(boot->strings_size > 0 && boot->strings_size <= RM_ARENA_SIZE);
	CHECK(boot->strings <= size - boot->strings_size);
	CHECK(boot->exec_name < boot->strings_size);
	CHECK(boot->argc <= boot->strings_size && boot->envc <= boot->strings_size - boot->argc);
	CHECK(boot->manifest_size <= size && boot->manifest <= size - boot->manifest_size);
	CHECK(boot->exec_fd < 0x7fffffffu && boot->debug_fd < 0x7fffffffu);
	CHECK(boot->pid > 0 && boot->pid <= 0x3fffffffu && boot->ppid <= 0x3fffffffu);
	return 0;
}

/* Copies the boot page once, and checks what is in each. */
static int take(struct rm_boot *boot, const uint8_t *region, uint64_t size)
{
	CHECK(size >= sizeof(*boot) + RM_SLOT_SIZE && size <= RM_SHARE_STRIDE);
	CHECK(rm_copy(boot, region, sizeof(*boot)) == 0);
	CHECK(boot->magic == RM_BOOT_MAGIC);
	CHECK(boot->version == RM_ABI_VERSION);
	CHECK((boot->flags & ~(RM_BOOT_POLL | RM_BOOT_TRACE | RM_BOOT_IMAGE | RM_BOOT_DEBUG | RM_BOOT_CORE | RM_BOOT_SYNC |
				RM_BOOT_WINDOWS | RM_BOOT_SWITCHLESS)) == 0);
	return check_ring(&boot->ring, boot->arena, size);
}

static int clear_use(uint8_t *region)
{
	for (unsigned i = 0; i < RM_USE_COUNT; i++)
		CHECK(rm_store64(region + RM_USE_OFFSET + i * sizeof(uint64_t), 0) == 0);
	return 0;
}

static void set_up(struct rm_thread *t, uint8_t *region, uint64_t size, const struct rm_boot *boot)
{
	const struct rm_ring_layout *l = &boot->ring;

	t->ring = (struct rm_ring){
		.sq_head = l->sq_head, .sq_tail = l->sq_tail, .sq_flags = l->sq_flags, .cq_head = l->cq_head, .cq_tail = l->cq_tail,
		.sqes = l->sqes, .cqes = l->cqes, .sq_entries = l->sq_entries, .cq_entries = l->cq_entries,
	};
	t->poll = (boot->flags & RM_BOOT_POLL) != 0;
	t->sync = (boot->flags & RM_BOOT_SYNC) != 0;
	t->switchless = (boot->flags & RM_BOOT_SWITCHLESS) != 0;
	t->region = region;
	t->size = size;
	t->address = boot->address;
	t->arena = boot->arena;
	t->slots = t->absent = size - t->arena >= RM_ARENA_SIZE ? 0 : ~0ul << (size - t->arena) / RM_SLOT_SIZE;
	t->result = (uint32_t)offsetof(struct rm_boot, thread_result);
}

int rm_ring_attach(struct rm_thread *t, uint32_t index, void *region, uint64_t size, struct rm_boot *boot)
{
	int line = take(boot, region, size);

	if (line == 0 && index == 0)
		line = check_strings(boot, size);
	if (line == 0 && (boot->flags & RM_BOOT_TRACE))
		line = check_trace(boot, size);
	if (line == 0)
		line = clear_use(region);
	if (line != 0)
		return line;
	if (index == 0)
		rm_report_start();
	t->index = index;
	set_up(t, region, size, boot);
	t->trace = boot->flags & RM_BOOT_TRACE ? boot->trace : 0;
	t->trace_string = boot->trace_string;
	t->trace_head = 0;
	t->trace_dropped = 0;
	/* Goes on where a thread of the same index before this one stopped; any number will do. */
	if (t->trace != 0)
		CHECK(rm_load32(t->region + t->trace, &t->trace_head) == 0);
	return 0;
}

/* What was due is the business of a process that is gone. Generations go on: nothing that comes now can name it. */
static void forget(struct rm_thread *t)
{
	for (unsigned i = 0; i < RM_PROMISES; i++)
		t->promise[i].state = RM_PROMISE_FREE;
	t->used = 0;
	t->slots_taken = 0;
	t->lent = 0;
	t->late = 0;
	t->late_strays = false;
	t->fenced = t->fenced_free = t->late_calls = t->late_opens = t->late_doubtful = 0;
	t->silent = false;
	t->server_missed = 0;
	t->signal.host_next = 0;
}

int rm_ring_attach_again(struct rm_thread *t, uint64_t size, struct rm_boot *boot)
{
	int line = take(boot, t->region, size);

	if (line != 0)
		return line;
	CHECK((boot->flags & ~RM_BOOT_SWITCHLESS) == 0 && size - boot->arena >= RM_ARENA_SIZE);
	CHECK(clear_use(t->region) == 0);
	forget(t);
	set_up(t, t->region, size, boot);
	t->dead = false;
	return 0;
}

void rm_ring_none(struct rm_thread *t, uint32_t index, void *region)
{
	memset(&t->ring, 0, sizeof(t->ring));
	t->index = index;
	t->region = region;
	t->slots = t->absent = ~0ul;
	t->trace = 0;
	t->dead = true;
}
