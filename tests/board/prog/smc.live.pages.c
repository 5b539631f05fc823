/* SPDX-License-Identifier: MIT */
/* limit: 400 s */
/*
 * Shares of a hostile kernel's, in enclaves of the honest module's: what is no RAM, what is there already, pages twice, pages
 * that are taken away for a moment or for good, or replaced by others and by those of another enclave, while the victim works
 * and while it starts. What it meets it counts (RM_COUNT_VANISHED), or it ends with a message; nobody else is concerned.
 */
#include "board.h"
#include "live.h"

static uint64_t others[LIVE_PAGES];	/* pages of another enclave's region */

/* Behind all that the proxy ever shares. */
#define FAR (RM_SHARE_STRIDE / ATTACK_PAGE - 8)

/* That, or it is at its end. */
static int is(long result, long expected)
{
	return result == expected || result == -EBUSY || result == -ENOENT;
}

static void no_memory(struct live *v)
{
	const struct t_board *board = t_board();
	struct rm_attack_smc r;

	for (const struct t_range *range = board->secure; range->name; range++) {
		const uint64_t address = range->start + live_pick(range->size / ATTACK_PAGE) * ATTACK_PAGE;
		const long one = live_share(v, 0, address, FAR), list = attack_smc(&r, RM_SMC_SHARE, v->handle, 0, address, 1, FAR);

		CHECK(is(one, -EFAULT) && is(list, -EFAULT));
	}
	for (const struct t_range *range = board->mmio; range->name; range++)
		CHECK(is(live_share(v, 0, range->start, FAR), -EFAULT));
	usleep(1000);
}

static void over(struct live *v)
{
	const uint64_t at = live_pick(4);

	CHECK(is(live_share(v, 0, live_spare, at), -EEXIST));
	usleep(300);
}

/* Here, there and in another enclave. */
static void twice(struct live *v)
{
	live_share(v, 0, live_spare, FAR);
	live_share(v, 0, live_spare, FAR + 1);
	live_share(v, 1, live_spare, FAR);
	smc_share(smc_list, 1, 7);
	usleep(500);
	live_unshare(v, 0, FAR);
	live_unshare(v, 0, FAR + 1);
	live_unshare(v, 1, FAR);
	smc_unshare(7, 1);
}

/* A page that there is, of those that are known. */
static uint64_t some_page(const struct live *v)
{
	uint64_t at = live_pick(LIVE_PAGES);

	for (unsigned i = 0; i < LIVE_PAGES && !v->page[at]; i++)
		at = (at + 1) % LIVE_PAGES;
	return at;
}

static void replace(struct live *v, uint64_t at, uint64_t by, unsigned us)
{
	if (!v->page[at] || live_unshare(v, 0, at))
		return;
	if (by)
		live_share(v, 0, by, at);
	usleep(us);
	if (by)
		live_unshare(v, 0, at);
	live_share(v, 0, v->page[at], at);
}

static void for_a_moment(struct live *v)
{
	replace(v, some_page(v), 0, 200);
	usleep(300);
}

static void by_another(struct live *v)
{
	replace(v, some_page(v), live_spare, 200);
	usleep(300);
}

static void by_anothers(struct live *v)
{
	const uint64_t at = some_page(v);

	replace(v, at, others[at], 500);
	usleep(300);
}

static void for_good(struct live *v, uint64_t from, uint64_t to)
{
	if (live_stat(v, RM_STAT_ENTRIES) > 100)
		for (uint64_t at = from; at < to; at++)
			live_unshare(v, 0, at);
	usleep(1000);
}

static void boot_page(struct live *v) { for_good(v, 0, 1); }
static void rings(struct live *v) { for_good(v, 1, 4); }
static void arena(struct live *v) { for_good(v, 4, LIVE_PAGES); }
static void all_pages(struct live *v) { for_good(v, 0, LIVE_PAGES); }

/* Threads that come find something there, or nothing. */
static void of_threads(struct live *v)
{
	const uint64_t thread = 1 + live_pick(3), at = live_pick(8);

	if (live_pick(2))
		live_share(v, thread, live_spare, at);
	live_unshare(v, thread, at);
}

static void at_the_start(struct live *v)
{
	const uint64_t at = live_pick(8);

	if (live_pick(2))
		live_share(v, 0, live_spare, at);
	usleep(100);
	live_unshare(v, 0, at);
}

#define ANY (LIVE_WORKED | LIVE_COUNTED | LIVE_REFUSED)
#define MUTE (ANY | LIVE_STILL)		/* what it asks for stands in pages that Linux does not know: nobody answers */

static const struct lie lies[] = {
	{ "what is no RAM", no_memory, LIVE_WORKED },
	{ "over what is there", over, LIVE_WORKED },
	{ "a page in several places", twice, LIVE_WORKED | LIVE_COUNTED },
	{ "pages away for a moment", for_a_moment, ANY },
	{ "others in their places", by_another, MUTE },
	{ "another enclave's in their places", by_anothers, MUTE },
	{ "the boot page away", boot_page, ANY },
	{ "the rings away", rings, ANY },
	{ "the arena away", arena, ANY },
	{ "all pages away", all_pages, ANY },
	{ "pages of threads that come", of_threads, MUTE },
};

static const struct lie at_start = { "pages while it starts", at_the_start, MUTE };

int main(void)
{
	unsigned counted = 0;
	struct live other = { 0 };

	live_open();
	other.pid = live_bystander->pid;
	live_find_pages(&other);
	memcpy(others, other.page, sizeof(others));
	CHECK(others[0] && others[8]);
	for (long round = live_rounds(); round > 0; round--)
		for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++)
			counted += live_tell(&lies[i], LIVE_LIED, 0) == LIVE_COUNTED;
	CHECK(counted > 0);
	for (long i = 0; i < 10 * live_rounds(); i++)
		live_tell(&at_start, LIVE_LIED, 1);
	return live_close();
}
