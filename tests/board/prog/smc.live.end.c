/* SPDX-License-Identifier: MIT */
/* limit: 240 s */
/*
 * Ends and takings of a hostile kernel's: enclaves of the honest module's destroyed amid their work and their start, from several cores; what only
 * resident ones can be asked for; all numbers and all memory taken. Whoever is ended ends with a message, its number is not mixed up with who has its
 * slot next, and the others and the next one do not notice.
 */
#include <pthread.h>

#include "live.h"

static void detach(struct live *v)
{
	struct rm_attack_smc r;

	CHECK_SMC(attack_smc(&r, RM_SMC_DETACH, v->handle, 0, 0, 0, 0), -ENOENT);
	CHECK_SMC(attack_smc(&r, RM_SMC_ADOPT, v->handle, 0, 0, 0, 0), -ENOENT);
	usleep(300);
}

/* All that is left, by enclaves of no use; and given back. */
static void take_all(struct live *v)
{
	static const uint64_t limits[] = { 0, 1, 4096, 1 << 20, 1ul << 40, 1ul << 63, ~0ul };
	uint64_t handles[128];
	struct rm_attack_smc r;
	int count = 0, refused = 0;

	(void)v;
	while (count < 128 && refused < 20) {
		if (attack_smc(&r, RM_SMC_CREATE, limits[live_pick(7)], 0, 0, 0, 0) == 0)
			handles[count++] = r.x[1];
		else
			refused++;
	}
	usleep(1000);
	while (count > 0)
		CHECK_SMC(attack_smc(&r, RM_SMC_DESTROY, handles[--count], 0, 0, 0, 0), 0);
}

static const struct lie lies[] = {
	{ "let go as if it were resident", detach, LIVE_WORKED },
	{ "all numbers and memory taken", take_all, LIVE_WORKED | LIVE_REFUSED },
};

static const struct lie at_start = { "the same while it starts", take_all, LIVE_WORKED | LIVE_REFUSED };

static uint64_t doomed;

static void *destroy(void *unused)
{
	struct rm_attack_smc r;
	const long result = attack_smc(&r, RM_SMC_DESTROY, doomed, 0, 0, 0, 0);

	CHECK(result == 0 || result == -ENOENT);
	return unused;
}

/* Two at once; then its slot is another one's, who has a page: its number names nobody. */
static void end_it(struct live *v)
{
	struct rm_attack_smc r;
	pthread_t other;

	doomed = v->handle;
	MUST(pthread_create(&other, NULL, destroy, NULL) == 0);
	destroy(NULL);
	pthread_join(other, NULL);
	MUST(attack_smc(&r, RM_SMC_CREATE, 1 << 20, 0, 0, 0, 0) == 0);
	const struct live next = { .handle = r.x[1] };

	CHECK(next.handle != v->handle);
	smc_entries[0] = live_spare;
	CHECK_SMC(attack_smc(&r, RM_SMC_SHARE, next.handle, 0, smc_list, 1, 0), 0);
	for (const int64_t end = t_now_ns() + LIVE_SECONDS * 1000000000l; !live_ended(v) && t_now_ns() < end;)
		usleep(1000);
	CHECK(live_stat(&next, RM_STAT_SHARED_PAGES) == 1);
	CHECK_SMC(attack_smc(&r, RM_SMC_DESTROY, next.handle, 0, 0, 0, 0), 0);
}

static int exists(const struct live *v)
{
	struct rm_attack_smc r;

	return attack_smc(&r, RM_SMC_STAT, v->handle, 0, 0, 0, 0) == 0;
}

static void check_destroyed(int from_start)
{
	struct live v;

	if (from_start)
		live_begin(&v, LIVE_LIED);
	else
		live_start(&v, LIVE_LIED);
	while (!exists(&v) && !live_ended(&v))
		usleep(200);
	usleep((unsigned)live_pick(from_start ? 30000 : 200000));
	end_it(&v);
	const enum live_end how = live_judge(&v);

	fprintf(stderr, "destroyed %-36s: %s\n", from_start ? "while it starts" : "while it works", live_word(how));
	if (how & ~(LIVE_WORKED | LIVE_REFUSED)) {
		T_FAIL("how it ended");
		if (system("head -n 12 live/err | cut -c 1-160 >&2"))
			fprintf(stderr, "\tand said nothing\n");
		fprintf(stderr, "\tstatus %#x\n", v.status);
	}
	t_send(live_bystander, "?\n");
	CHECK(t_expect(live_bystander, "intact\n", 20));
}

int main(void)
{
	live_open();
	for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++)
		live_tell(&lies[i], LIVE_LIED, 0);
	for (int i = 0; i < 3; i++)
		live_tell(&at_start, LIVE_LIED, 1);
	for (long i = 0; i < 10 * live_rounds(); i++)
		check_destroyed(i % 2);
	return live_close();
}
