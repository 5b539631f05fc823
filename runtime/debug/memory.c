/* SPDX-License-Identifier: MIT */
/*
 * The program's memory, as gdb reads and writes it, and breakpoints in it. Called while no thread runs the program. Text is made
 * writable, which it then is not executable, page by page, and is as before afterwards.
 *
 * Attacks considered: addresses may be anything. Only what is below RM_USER_TOP and in a region of the program is touched, so neither the
 * runtime nor the pages shared with Linux are; what cannot be read or written is left out. gdb sees the program's own instructions
 * where we put breakpoints.
 */
#include "debug/inside.h"

#include "ring/access.h"

static struct rm_debugger *const d = &rm_debugger;

/* Writes within one page. */
static long write_page(uint64_t to, const void *from, size_t size)
{
	const uint64_t page = to & ~(RM_PAGE - 1);
	struct rm_region region;
	unsigned long prot;
	long error;

	if (!rm_region_at(to, &region) || (region.flags & RM_REGION_BEYOND))
		return -EFAULT;
	prot = region.flags & (LX_PROT_READ | LX_PROT_WRITE | LX_PROT_EXEC);
	if (prot & LX_PROT_WRITE)
		return rm_put_user(to, from, size);
	error = rm_svc3(LX_mprotect, page, RM_PAGE, LX_PROT_READ | LX_PROT_WRITE);
	if (error)
		return error;
	error = rm_put_user(to, from, size);
	if (prot & LX_PROT_EXEC)
		rm_svc2(RM_SVC_FLUSH_CODE, page, RM_PAGE);
	rm_svc3(LX_mprotect, page, RM_PAGE, prot);
	return error;
}

static size_t in_page(uint64_t address, size_t size)
{
	return rm_smaller(size, RM_PAGE - (address & (RM_PAGE - 1)));
}

/* Bytes of [at, at + size) where instruction `b` stands: moved between the two. */
static void overlay(const struct rm_breakpoint *b, uint8_t *bytes, uint64_t at, size_t size)
{
	const uint8_t *instruction = (const uint8_t *)&b->instruction;

	for (unsigned i = 0; i < sizeof(b->instruction); i++)
		if (b->address + i >= at && b->address + i - at < size)
			bytes[b->address + i - at] = instruction[i];
}

static bool readable(uint64_t address)
{
	struct rm_region region;

	return rm_user_range(address, 1) && rm_region_at(address, &region) && (region.flags & LX_PROT_READ);
}

size_t rm_debug_peek(void *to, uint64_t from, size_t size)
{
	size_t done = 0;

	while (done < size) {
		const size_t piece = in_page(from + done, size - done);

		if (from + done < from || !readable(from + done) || rm_get_user((uint8_t *)to + done, from + done, piece) != 0)
			break;
		done += piece;
	}
	for (unsigned i = 0; i < d->breakpoints; i++)
		overlay(&d->breakpoint[i], to, from, done);
	return done;
}

static bool overlaps(const struct rm_breakpoint *b, uint64_t at, size_t size)
{
	return b->address < at + size && at < b->address + sizeof(b->instruction);
}

/* Over a breakpoint: it stands on the new instruction from then on. */
size_t rm_debug_poke(struct rm_thread *t, uint64_t to, const void *from, size_t size)
{
	const uint32_t brk = RM_BRK;
	size_t done = 0;

	(void)t;
	for (unsigned i = 0; i < d->breakpoints; i++)
		if (overlaps(&d->breakpoint[i], to, size))
			write_page(d->breakpoint[i].address, &d->breakpoint[i].instruction, sizeof(brk));
	while (done < size) {
		const size_t piece = in_page(to + done, size - done);

		if (to + done < to || !rm_user_range(to + done, piece) || write_page(to + done, (const uint8_t *)from + done, piece) != 0)
			break;
		done += piece;
	}
	for (unsigned i = 0; i < d->breakpoints; i++) {
		struct rm_breakpoint *b = &d->breakpoint[i];

		if (overlaps(b, to, size) && readable(b->address) && rm_get_user(&b->instruction, b->address, sizeof(brk)) == 0)
			write_page(b->address, &brk, sizeof(brk));
	}
	return done;
}

static struct rm_breakpoint *find(uint64_t address)
{
	for (unsigned i = 0; i < d->breakpoints; i++)
		if (d->breakpoint[i].address == address)
			return &d->breakpoint[i];
	return NULL;
}

bool rm_breakpoint_at(uint64_t address)
{
	return find(address) != NULL;
}

long rm_breakpoint_set(uint64_t address, bool hidden)
{
	struct rm_breakpoint *b = find(address);
	const uint32_t brk = RM_BRK;
	uint32_t instruction;
	long error;

	if (b) {
		b->hidden = b->hidden && hidden;
		return 0;
	}
	if (address % sizeof(brk) != 0 || !rm_user_range(address, sizeof(brk)))
		return -EINVAL;
	if (d->breakpoints == RM_BREAKPOINTS)
		return -ENOMEM;
	error = readable(address) ? rm_get_user(&instruction, address, sizeof(instruction)) : -EFAULT;
	if (!error)
		error = write_page(address, &brk, sizeof(brk));
	if (!error)
		d->breakpoint[d->breakpoints++] = (struct rm_breakpoint){ address, instruction, hidden };
	return error;
}

/* If the program has unmapped it meanwhile, it is gone; if it has put something else there, that stays. */
static void take_out(struct rm_breakpoint *b)
{
	uint32_t now;

	if (readable(b->address) && rm_get_user(&now, b->address, sizeof(now)) == 0 && now == RM_BRK)
		write_page(b->address, &b->instruction, sizeof(b->instruction));
	*b = d->breakpoint[--d->breakpoints];
}

long rm_breakpoint_clear(uint64_t address)
{
	struct rm_breakpoint *b = find(address);

	if (b)
		take_out(b);
	return 0;
}

void rm_breakpoints_clear(bool hidden)
{
	for (unsigned i = d->breakpoints; i-- > 0;)
		if (!hidden || d->breakpoint[i].hidden)
			take_out(&d->breakpoint[i]);
}
