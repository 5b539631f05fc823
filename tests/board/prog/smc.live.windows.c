/* SPDX-License-Identifier: MIT */
/* limit: 240 s */
/*
 * File windows of an enclave that reads, taken away and filled with other pages by a hostile kernel beside the honest module. What is taken away is
 * read by a call instead, and right; what other pages say is Linux's word, as all of its files are, until they are taken away.
 */
#include "board.h"
#include "live.h"
#include "window.h"

#define SIZE	(8 * MIB)

static struct window_reader *reader;
static struct live victim;
static uint64_t places[RM_WINDOW_CHUNKS], place_count;	/* where it has windows */

static long map(uint64_t address, uint64_t at)
{
	struct rm_attack_smc r;

	smc_entries[0] = address;
	return attack_smc(&r, RM_SMC_WINDOW_MAP, victim.handle, smc_list, 1, at, 0);
}

static long unmap(uint64_t at, uint64_t count)
{
	struct rm_attack_smc r;

	return attack_smc(&r, RM_SMC_WINDOW_UNMAP, victim.handle, at, count, 0, 0);
}

/* Those that show page 3 of something: nothing else can be put there. */
static void find_places(void)
{
	place_count = 0;
	for (uint64_t place = 0; place < RM_WINDOW_CHUNKS; place++) {
		const long result = map(live_spare, place * 512 + 3);

		CHECK(result == 0 || result == -EEXIST);
		if (result == -EEXIST)
			places[place_count++] = place;
		else
			CHECK_SMC(unmap(place * 512 + 3, 1), 0);
	}
}

static uint64_t some_page(void)
{
	return places[live_pick(place_count)] * 512 + live_pick(512);
}

static void take_page(void)
{
	CHECK_SMC(unmap(some_page(), 1), 0);
}

static void take_place(void)
{
	CHECK_SMC(unmap(some_page() / 512 * 512, 512), 0);
}

/* What is no RAM, and what is mapped already. */
static void wrong_pages(void)
{
	const struct t_board *board = t_board();
	const uint64_t at = some_page();

	for (const struct t_range *range = board->secure; range->name; range++)
		CHECK_SMC(map(range->start + live_pick(range->size / PAGE) * PAGE, at), -EFAULT);
	for (const struct t_range *range = board->mmio; range->name; range++)
		CHECK_SMC(map(range->start, at), -EFAULT);
}

static void other_pages(void)
{
	const uint64_t at = some_page();
	long result;

	unmap(at, 1);
	result = map(live_spare, at);
	CHECK(result == 0 || result == -EEXIST || result == -ENOMEM);
}

/* While two threads read here and there; their answer. */
static const char *meanwhile(void (*lie)(void), uint64_t *told)
{
	const int64_t end = t_now_ns() + 400000000;

	WINDOW_OK(reader, "watch 2");
	for (*told = 0; t_now_ns() < end; ++*told) {
		lie();
		usleep(200);
	}
	return window_ask(reader, "stop");
}

/*
 * What a kernel takes behind the honest module's back, that believes to be still there: these windows are of no use any more, and those of another
 * description are as good as ever. Afterwards all pages go, and what is read is right.
 */
static int check(const char *name, void (*lie)(void), int must_be_right, int must_lose)
{
	uint64_t told;

	WINDOW_OK(reader, "open file 0");
	MUST(window_warm(reader, 3 * PAGE, PAGE) && window_warm(reader, CHUNK + 3 * PAGE, PAGE));
	find_places();
	MUST(place_count >= 2);
	const uint64_t lost = reader->lost;
	const char *answer = meanwhile(lie, &told);
	const int right = strncmp(answer, "ok ", 3) == 0;

	fprintf(stderr, "%-40s %8llu times: %s", name, (unsigned long long)told, answer);
	CHECK(right || !must_be_right);
	fprintf(stderr, ", by windows %llu", (unsigned long long)window_hits(reader));
	fprintf(stderr, ", %llu lost\n", (unsigned long long)(reader->lost - lost));
	CHECK(!must_lose || reader->lost > lost);
	for (uint64_t place = 0; place < RM_WINDOW_CHUNKS; place++)
		CHECK_SMC(unmap(place * 512, 512), 0);
	WINDOW_OK(reader, "whole 1 %lu", SIZE);
	WINDOW_OK(reader, "close");
	return right;
}

int main(void)
{
	int believed = 0;

	live_open();
	volatile uint64_t *spare = attack_map(live_spare);

	for (unsigned i = 0; i < PAGE / 8; i++)
		spare[i] = 0xfeedfeedfeedfeed;
	int fd = window_file("file", SIZE);
	victim.handle = live_next();
	reader = window_start("file", "0");
	for (int i = 0; i < 2; i++) {
		check("pages taken away", take_page, 1, 1);
		check("places taken away", take_place, 1, 1);
		check("what is no RAM", wrong_pages, 1, 0);
		believed += !check("others in their places", other_pages, 0, 0);
	}
	CHECK(believed > 0);	/* a file's bytes are Linux's word */
	t_send(live_bystander, "?\n");
	CHECK(t_expect(live_bystander, "intact\n", 20));
	window_end(reader);
	close(fd);
	return live_close();
}
