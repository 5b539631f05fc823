/* SPDX-License-Identifier: MIT */
/*
 * Which parts of which files have windows.
 *
 * A place of the window area shows one chunk of one open file. A chunk has WAYS places that it can be at; readers look there without a lock, copy, and
 * then look whether the place still meant the same chunk: its sequence is odd while it changes, and another one afterwards. Everything
 * else happens under one lock that readers never wait for.
 *
 * A window costs an exit and some of Linux's time for each page, so it must pay: one is asked for where a chunk has been read twice, or where a file is
 * being read on and on; it begins with the piece that is read, and has more each time that is not enough. What did not pay is asked for less and less often.
 *
 * Attacks considered: bytes of a window are the host's word, as what read() brings is, and may change while they are copied: they are copied
 * once, into the program's memory, and nothing here looks at them. Which pages are present is a hint: one that is not there is a fault that the
 * copy survives. Places are ours; the host can show what it likes at any of them.
 */
#include "posix/window.h"

#include "lib/string.h"
#include "ring/access.h"
#include "ring/use.h"

#define CHUNK		RM_WINDOW_CHUNK
#define PAGE_BITS	12
#define PIECES		8u		/* of a chunk: a window begins with some */
#define PIECE		(CHUNK / PIECES)
#define WAYS		4u
#define SETS		(RM_WINDOW_CHUNKS / WAYS)
#define CANDIDATES	64u
#define PAYS		16u		/* reads by which a window has paid */
#define USE_BYTES	65536u		/* so many bytes count as much as another read */
#define WEIGHT_PAYS	2u		/* of reads of a chunk by the ring: then it gets a window */
#define WEIGHT_BYTES	(256u << 10)	/* so many bytes weigh as much as another read */
#define READ_ON		(512u << 10)	/* so many bytes in a row: a file is being read on and on */
#define PAUSE_MAX	1024u

_Static_assert(CHUNK >> PAGE_BITS == 512 && RM_WINDOW_CHUNKS % 64 == 0, "words of bits");

struct place {
	uint32_t sequence;	/* odd: changing */
	uint32_t uses;		/* by readers, since it was filled; not counted beyond PAYS */
	bool used;		/* since somebody looked for a place */
	uint8_t tried;		/* pieces that were asked for */
	uint16_t wait, pause;	/* reads by the ring until it is filled again; how many the next time */
	uint64_t id, chunk;	/* of the description, 0: shows nothing */
	uint64_t present[8];	/* pages that were there when it was filled */
};

/* A chunk without a window that was read. */
struct candidate {
	uint64_t id, chunk;
	uint32_t weight;
};

static struct {
	bool on;
	struct rm_lock lock;
	uint32_t skip, pause;		/* how many wishes are not heard, since windows went before they had paid */
	uint32_t hand;			/* which way is looked at first */
	struct place place[RM_WINDOW_CHUNKS];
	uint64_t taken[RM_WINDOW_CHUNKS / 64];	/* places that show something */
	struct candidate candidate[CANDIDATES];
} windows;

/* One read as far as it lies in one chunk, and what follows. */
struct part {
	struct rm_desc *desc;
	uint64_t offset, chunk;
	size_t size, left;
};

void rm_window_init(const struct rm_boot *boot)
{
	/* Zero in an enclave, and not to be touched then: memory is given on touch. */
	if (windows.on)
		memset(&windows, 0, sizeof(windows));
	windows.on = (boot->flags & RM_BOOT_WINDOWS) != 0;
}

static bool allowed(const struct rm_thread *t, const struct rm_desc *d)
{
	return windows.on && d->own_position && !d->no_window && d->kind == RM_KIND_REGULAR && t->deadline == 0 &&
	       (d->flags & LX_O_ACCMODE) != LX_O_WRONLY && !(d->flags & LX_O_DIRECT);
}

static unsigned index_of(const struct place *p)
{
	return (unsigned)(p - windows.place);
}

static const char *address_of(const struct place *p)
{
	return (const char *)(RM_WINDOW_BASE + index_of(p) * CHUNK);
}

/* Neighbours of one file go to different sets, all in turn. */
static struct place *ways_of(uint64_t id, uint64_t chunk)
{
	return &windows.place[(id * 37 + chunk) % SETS * WAYS];
}

static struct place *find(uint64_t id, uint64_t chunk)
{
	struct place *p = ways_of(id, chunk);

	for (unsigned i = 0; i < WAYS; i++)
		if (__atomic_load_n(&p[i].id, __ATOMIC_RELAXED) == id && __atomic_load_n(&p[i].chunk, __ATOMIC_RELAXED) == chunk)
			return &p[i];
	return NULL;
}

/* Are all pages of a part there, as far as known? */
static bool covers(const struct place *p, const struct part *part)
{
	const unsigned first = (unsigned)(part->offset % CHUNK >> PAGE_BITS), last = (unsigned)((part->offset + part->size - 1) % CHUNK >> PAGE_BITS);

	for (unsigned word = first / 64; word <= last / 64; word++) {
		uint64_t wanted = ~0ul;

		if (word == first / 64)
			wanted &= ~0ul << (first % 64);
		if (word == last / 64)
			wanted &= ~0ul >> (63 - last % 64);
		if (wanted & ~__atomic_load_n(&p->present[word], __ATOMIC_RELAXED))
			return false;
	}
	return true;
}

static void set_present(struct place *p, const uint64_t *bits)
{
	for (unsigned i = 0; i < 8; i++)
		__atomic_store_n(&p->present[i], bits ? bits[i] : 0, __ATOMIC_RELAXED);
}

static void pause_longer(struct place *p)
{
	p->pause = p->pause >= PAUSE_MAX / 2 ? PAUSE_MAX : (uint16_t)(2 * p->pause);
	p->wait = p->pause;
}

/* A page was not there: Linux took it, and others perhaps. Soon again, if the window had paid. */
static void withdrawn(struct rm_thread *t, struct place *p, uint32_t sequence)
{
	rm_use(t, RM_USE_WINDOWS_LOST, 1);
	if (!rm_try_lock(&windows.lock))
		return;
	if (p->sequence == sequence) {
		set_present(p, NULL);
		if (p->uses >= PAYS)
			p->wait = p->pause = 1;
		else
			pause_longer(p);
	}
	rm_unlock(&windows.lock);
}

static void count_use(struct rm_thread *t, struct place *p, size_t size)
{
	const uint32_t uses = __atomic_load_n(&p->uses, __ATOMIC_RELAXED);

	if (uses < PAYS)
		__atomic_store_n(&p->uses, uses + 1 + (uint32_t)(size / USE_BYTES), __ATOMIC_RELAXED);
	if (!__atomic_load_n(&p->used, __ATOMIC_RELAXED))
		__atomic_store_n(&p->used, true, __ATOMIC_RELAXED);
	rm_use(t, RM_USE_WINDOW_READS, 1);
	rm_use(t, RM_USE_WINDOW_BYTES, size);
	t->window_reads++;
}

/* Copies a part, if its window has all of it. */
static bool copy(struct rm_thread *t, struct rm_iter *iter, const struct part *part)
{
	const struct rm_iter start = *iter;
	struct place *p = find(part->desc->id, part->chunk);
	uint32_t sequence;
	long error;

	if (!p)
		return false;
	sequence = __atomic_load_n(&p->sequence, __ATOMIC_ACQUIRE);
	if ((sequence & 1) || __atomic_load_n(&p->id, __ATOMIC_RELAXED) != part->desc->id ||
	    __atomic_load_n(&p->chunk, __ATOMIC_RELAXED) != part->chunk || !covers(p, part))
		return false;
	error = rm_iter_scatter(iter, address_of(p) + part->offset % CHUNK, part->size);
	/* What was copied may have been another file's by then: it is read once more. */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (error == 0 && __atomic_load_n(&p->sequence, __ATOMIC_RELAXED) == sequence) {
		count_use(t, p, part->size);
		return true;
	}
	*iter = start;
	if (error == -EIO)
		withdrawn(t, p, sequence);
	return false;
}

/*
 * From here on under the lock.
 */

static void change_begins(struct place *p)
{
	__atomic_store_n(&p->sequence, p->sequence + 1, __ATOMIC_RELAXED);
	/* Before the host shows anything else there. */
	rm_barrier();
	__atomic_store_n(&p->id, 0, __ATOMIC_RELAXED);
	__atomic_fetch_and(&windows.taken[index_of(p) / 64], ~(1ul << index_of(p) % 64), __ATOMIC_RELAXED);
	set_present(p, NULL);
}

static void change_ends(struct place *p)
{
	__atomic_store_n(&p->sequence, p->sequence + 1, __ATOMIC_RELEASE);
}

static unsigned first_piece(const struct part *part)
{
	return (unsigned)(part->offset % CHUNK / PIECE);
}

/* Behind the last one. */
static unsigned end_piece(const struct part *part)
{
	return (unsigned)((part->offset % CHUNK + part->size - 1) / PIECE) + 1;
}

static uint8_t pieces(unsigned first, unsigned end)
{
	return (uint8_t)((1u << end) - (1u << first));
}

/* Has the place show the part's chunk, or more of it: pieces [first, end). 0 or -errno, and then it shows nothing. */
static long fill(struct rm_thread *t, struct place *p, const struct part *part, unsigned first, unsigned end, bool again)
{
	const uint64_t page = first * PIECE >> PAGE_BITS, count = (end - first) * PIECE >> PAGE_BITS;
	const uint8_t asked = pieces(first, end);
	struct rm_window_pages pages;
	struct rm_hostcall h;
	long room = 0, result = rm_hostcall_begin(&h, t, RM_CALL_WINDOW);

	if (result)
		return result;
	if (!again)
		change_begins(p);
	h.message.arg[0] = (uint64_t)part->desc->host_fd;
	h.message.arg[1] = part->chunk;
	h.message.arg[2] = index_of(p);
	h.message.arg[3] = again;
	h.message.arg[5] = page | count << 16;
	room = rm_hostcall_room(&h, 4, sizeof(pages));
	result = room < 0 ? room : rm_hostcall_do(&h, RM_RULE_ZERO, 0);
	if (result == 0)
		result = rm_hostcall_take(&h, room, &pages, sizeof(pages));
	rm_hostcall_end(&h);
	if (again && result)
		change_begins(p);
	if (result == 0) {
		__atomic_store_n(&p->id, part->desc->id, __ATOMIC_RELAXED);
		__atomic_store_n(&p->chunk, part->chunk, __ATOMIC_RELAXED);
		__atomic_fetch_or(&windows.taken[index_of(p) / 64], 1ul << index_of(p) % 64, __ATOMIC_RELAXED);
		set_present(p, pages.bits);
		/* Whether it pays is asked anew, unless it only grows. */
		if (!again || (asked & ~p->tried) == 0)
			p->uses = 0;
		p->tried = again ? p->tried | asked : asked;
		rm_use(t, RM_USE_WINDOWS_FILLED, 1);
	}
	if (!again || result)
		change_ends(p);
	return result;
}

/* What no second try will change. */
static bool final(long error)
{
	return error != 0 && error != -EINTR && error != -EAGAIN && error != -EBUSY && error != -ENOMEM;
}

/* There is a window, but not for these pages, or not any more. */
static bool fill_again(struct rm_thread *t, struct place *p, const struct part *part)
{
	long result;

	if (p->wait > 0) {
		p->wait--;
		return false;
	}
	result = fill(t, p, part, first_piece(part), end_piece(part), true);
	part->desc->no_window |= final(result);
	if (result == 0 && covers(p, part))
		return true;
	pause_longer(p);
	return false;
}

/*
 * Does the part go on where a window ends? Then up to which piece there should be one: two for each that comes before. Else 0.
 */
static unsigned read_on(const struct part *part, const struct place *p)
{
	unsigned next = first_piece(part), piece, count = 0;

	while (p && next < end_piece(part) && p->tried >> next & 1)
		next++;
	if (next == first_piece(part) && part->offset % PIECE >= part->size)
		return 0;
	piece = next;
	if (piece == 0) {
		p = part->chunk > 0 ? find(part->desc->id, part->chunk - 1) : NULL;
		piece = PIECES;
	}
	while (p && piece > 0 && p->tried >> --piece & 1)
		count++;
	return count ? next + 2 * count : 0;
}

/* Does it look as if the chunk would be read from again? This read counts, too. */
static bool read_often(const struct part *part)
{
	struct candidate *c = &windows.candidate[(part->desc->id * 5 + part->chunk) % CANDIDATES];
	bool often;

	if (c->id != part->desc->id || c->chunk != part->chunk)
		*c = (struct candidate){ .id = part->desc->id, .chunk = part->chunk };
	often = c->weight >= WEIGHT_PAYS;
	c->weight += 1 + (uint32_t)(part->size / WEIGHT_BYTES);
	return often;
}

/* A window that has not enough, by reads here and there: up to which piece, from which one on, it should have more. Every other time. */
static unsigned more(struct place *p, unsigned *first)
{
	unsigned count = 0;

	if (p->wait > 0) {
		p->wait--;
		return 0;
	}
	for (unsigned i = 0; i < PIECES; i++)
		count += p->tried >> i & 1;
	count = 2 * count < PIECES ? 2 * count : PIECES;
	*first = *first + count > PIECES ? PIECES - count : *first;
	return *first + count;
}

/* The pieces that a window is wanted for now, that of p or a new one: from *first on up to that; or 0. */
static unsigned wanted(const struct part *part, struct place *p, unsigned *first)
{
	struct rm_desc *d = part->desc;
	unsigned end = read_on(part, p);

	*first = first_piece(part);
	if (d->window_next == part->offset && d->window_bytes >= READ_ON)
		end = PIECES;
	else if (end == 0 && p)
		end = more(p, first);
	else if (!p && read_often(part) && end == 0)
		end = end_piece(part);
	if (end != 0 && end < end_piece(part))
		end = end_piece(part);
	d->window_bytes = d->window_next == part->offset ? d->window_bytes + part->left : part->left;
	d->window_next = part->offset + part->left;
	return end < PIECES ? end : PIECES;
}

/* A place for a chunk, of those that nobody has used for a while: the second chance. NULL: none just now. */
static struct place *choose(const struct part *part)
{
	struct place *ways = ways_of(part->desc->id, part->chunk);
	const uint32_t first = windows.hand++;

	for (unsigned i = 0; i < WAYS; i++)
		if (ways[i].id == 0)
			return &ways[i];
	for (unsigned i = 0; i < WAYS; i++) {
		struct place *p = &ways[(first + i) % WAYS];

		if (!p->used)
			return p;
		p->used = false;
	}
	return NULL;
}

/* Windows that go before they have paid are too many: fewer wishes are heard for a while. */
static void learn_from(const struct place *p)
{
	if (p->id == 0)
		return;
	windows.pause = p->uses >= PAYS ? 0 : windows.pause < PAUSE_MAX ? 2 * windows.pause + 1 : PAUSE_MAX;
	windows.skip = windows.pause;
}

/* A window for a part that has none; p: the one that its chunk has, or NULL. */
static bool make(struct rm_thread *t, const struct part *part, struct place *p)
{
	struct rm_desc *d = part->desc;
	unsigned first, end = wanted(part, p, &first);
	const bool again = p != NULL;
	long result;

	if (end == 0)
		return false;
	if (d->window_skip > 0) {
		d->window_skip--;
		return false;
	}
	if (!again && windows.skip > 0) {
		windows.skip--;
		return false;
	}
	if (!again)
		p = choose(part);
	if (!p)
		return false;
	if (!again)
		learn_from(p);
	result = fill(t, p, part, first, end, again);
	p->wait = p->pause = 1;
	d->no_window |= final(result);
	if (result == 0 && covers(p, part)) {
		d->window_pause = 0;
		return true;
	}
	d->window_pause = d->window_pause < PAUSE_MAX ? (uint16_t)(2 * d->window_pause + 1) : PAUSE_MAX;
	d->window_skip = d->window_pause;
	return false;
}

/* No window has the part. Should it, and does it now? */
static bool get(struct rm_thread *t, const struct part *part)
{
	struct place *p;
	bool now;

	if (!rm_try_lock(&windows.lock))
		return false;
	p = find(part->desc->id, part->chunk);
	if (p && (pieces(first_piece(part), end_piece(part)) & ~p->tried) == 0)
		now = fill_again(t, p, part);
	else
		now = make(t, part, p);
	rm_unlock(&windows.lock);
	return now;
}

size_t rm_window_read(struct rm_thread *t, struct rm_desc *desc, struct rm_iter *iter, size_t size, uint64_t offset)
{
	struct part part = { .desc = desc, .offset = offset, .left = size };

	if (!allowed(t, desc) || iter->flags != 0)
		return 0;
	for (; part.left > 0; part.left -= part.size, part.offset += part.size) {
		part.chunk = part.offset / CHUNK;
		part.size = CHUNK - part.offset % CHUNK;
		part.size = part.size < part.left ? part.size : part.left;
		if (!copy(t, iter, &part) && !(get(t, &part) && copy(t, iter, &part)))
			break;
	}
	return size - part.left;
}

static bool any_taken(void)
{
	uint64_t any = 0;

	for (unsigned i = 0; i < RM_WINDOW_CHUNKS / 64; i++)
		any |= __atomic_load_n(&windows.taken[i], __ATOMIC_RELAXED);
	return any != 0;
}

/* Those of a description, or all, show nothing any more. Are there some? */
static bool empty_places(uint64_t id, struct rm_window_places *places)
{
	bool any = false;

	memset(places, 0, sizeof(*places));
	for (unsigned word = 0; word < RM_WINDOW_CHUNKS / 64; word++)
		for (uint64_t left = windows.taken[word]; left; left &= left - 1) {
			struct place *p = &windows.place[word * 64 + (unsigned)__builtin_ctzll(left)];

			if (id != 0 && p->id != id)
				continue;
			change_begins(p);
			change_ends(p);
			places->bits[word] |= left & -left;
			any = true;
		}
	return any;
}

void rm_window_drop(struct rm_thread *t, uint64_t id)
{
	struct rm_window_places places;
	struct rm_hostcall h;

	/* Nobody makes one of this file any more: no lock is needed to see that there is none. */
	if (!any_taken())
		return;
	rm_lock(&windows.lock);
	if (empty_places(id, &places) && rm_hostcall_begin(&h, t, RM_CALL_WINDOW_DROP) == 0) {
		if (rm_hostcall_put(&h, 0, &places, sizeof(places)) >= 0)
			rm_hostcall_do(&h, RM_RULE_ZERO, 0);
		rm_hostcall_end(&h);
	}
	rm_unlock(&windows.lock);
}
