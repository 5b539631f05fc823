/* SPDX-License-Identifier: MIT */
/*
 * One 32-bit link and one 16-bit owner a frame. Frames never used so far lie above `fresh`: they are zeroed when first
 * handed out, so that boot does not have to walk all memory.
 */
#include "mm/frame.h"
#include "arch/layout.h"
#include "arch/page.h"
#include "lib/panic.h"

#define FREE		0xffffu
#define LIST_END	0xffffffffu

struct frame {
	uint32_t next;
	uint16_t owner;
	uint16_t reserved;
};

static struct frame *frames;
static paddr_t base;		/* of frame 0 */
static uint32_t frame_count, fresh, free_list = LIST_END;
static uint64_t free_count, kept;	/* frames; of them for owners with a guarantee */
static struct frame_account accounts[OWNERS_MAX];

void frames_init(paddr_t start, paddr_t end)
{
	assert(page_aligned(start) && page_aligned(end) && start < end);

	uint64_t pages = (end - start) / PAGE_SIZE;
	uint64_t books = page_up(pages * sizeof(struct frame)) / PAGE_SIZE;

	assert(books < pages);
	frames = kernel_pointer(start);
	base = start + books * PAGE_SIZE;
	frame_count = (uint32_t)(pages - books);
	fresh = 0;
	free_list = LIST_END;
	free_count = frame_count;
	kept = 0;
	for (uint32_t i = 0; i < frame_count; i++)
		frames[i] = (struct frame){ .next = LIST_END, .owner = FREE };
	for (unsigned int i = 0; i < OWNERS_MAX; i++)
		accounts[i] = (struct frame_account){ .limit = frame_count };
}

static uint32_t take(void)
{
	uint32_t i;

	if (free_list != LIST_END) {
		i = free_list;
		free_list = frames[i].next;
	} else {
		i = fresh++;
		page_zero(kernel_pointer(base + i * PAGE_SIZE));
	}
	assert(i < frame_count && frames[i].owner == FREE);
	return i;
}

paddr_t frame_alloc(unsigned int owner)
{
	assert(owner < OWNERS_MAX);

	struct frame_account *account = &accounts[owner];

	if (account->used >= account->limit || (!account->guaranteed && free_count <= kept))
		return FRAME_NONE;
	uint32_t i = take();

	frames[i].owner = (uint16_t)owner;
	free_count--;
	kept -= account->guaranteed;
	account->used++;
	account->peak = max_u64(account->peak, account->used);
	return base + i * PAGE_SIZE;
}

static uint32_t index_of(paddr_t frame)
{
	assert(page_aligned(frame) && frame >= base);
	uint64_t i = (frame - base) / PAGE_SIZE;

	assert(i < frame_count);
	return (uint32_t)i;
}

void frame_free(paddr_t frame, unsigned int owner)
{
	uint32_t i = index_of(frame);

	assert(frames[i].owner == owner && accounts[owner].used > 0);
	page_zero(kernel_pointer(frame));
	frames[i] = (struct frame){ .next = free_list, .owner = FREE };
	free_list = i;
	free_count++;
	kept += accounts[owner].guaranteed;
	accounts[owner].used--;
}

bool frame_guarantee(unsigned int owner)
{
	struct frame_account *account = frame_account(owner);

	assert(!account->guaranteed);
	uint64_t more = account->limit - account->used;

	/* A limit may have been lowered to less than what is in use already. */
	if (account->used > account->limit || more > free_count - kept)
		return false;
	account->guaranteed = true;
	kept += more;
	return true;
}

void frame_renounce(unsigned int owner)
{
	struct frame_account *account = frame_account(owner);

	assert(account->used == 0 && (!account->guaranteed || kept >= account->limit));
	if (account->guaranteed)
		kept -= account->limit;
	account->guaranteed = false;
}

bool frame_owned(paddr_t frame, unsigned int owner)
{
	return frame >= base && frame < base + frame_count * PAGE_SIZE && frames[index_of(frame)].owner == owner;
}

struct frame_account *frame_account(unsigned int owner)
{
	assert(owner < OWNERS_MAX);
	return &accounts[owner];
}

uint64_t frames_free(void)
{
	return free_count - kept;
}

uint64_t frames_total(void)
{
	return frame_count;
}
