/* SPDX-License-Identifier: MIT */
/* SMCs in numbers, from all cores: of the secure kernel, of nobody; and what another instance of the module could ask for. */
#include <pthread.h>

#include "assault.h"

#define SLOTS		64
#define GENERATIONS	4
#define HANDLE(slot, generation) ((uint64_t)(slot) | (uint64_t)(generation) << 8)

static long smc(struct rm_attack_smc *r, uint64_t function, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	*r = (struct rm_attack_smc){ .x = { function, a, b, c, d } };
	MUST(ioctl(attack_fd, RM_ATTACK_SMC, r) == 0);
	return (long)r->x[0];
}

static uint64_t fast_core(unsigned int core, uint64_t until)
{
	struct rm_attack_smc r;
	uint64_t answers = 0;

	(void)core;
	while (assault_now() < until)
		for (int i = 0; i < 100; i++) {
			answers += smc(&r, RM_SMC_VERSION, 0, 0, 0, 0) == 0 && r.x[1] == RM_ABI_VERSION;
			smc(&r, RM_SMC_UID, 0, 0, 0, 0);
			smc(&r, RM_SMC_STAT, 0, (uint64_t)i % (RM_STAT_COUNT + 2), 0, 0);
			smc(&r, RM_SMC_WAKES, 0, 0, 0, 0);
		}
	return answers;
}

/* Lists that the calls are to read: each page of one shall be an ordinary page. */
struct pages {
	uint64_t list;			/* physical address */
	volatile uint64_t *entries;
};

static struct pages make_pages(void)
{
	static uint64_t page;		/* all name the same */
	struct pages p = { .list = attack_page() };

	if (!page)
		page = attack_page();
	p.entries = attack_map(p.list);
	for (unsigned int i = 0; i < ATTACK_PAGE / 8; i++)
		p.entries[i] = page;
	return p;
}

/* An enclave's whole life, each step as large as it may be. Other cores may have taken all slots or the memory. */
static uint64_t life(const struct pages *p)
{
	struct rm_attack_smc r;
	uint64_t lives = 0, e;

	if (attack_smc(&r, RM_SMC_CREATE, 4 << 20, 0, 0, 0, 0))
		return 0;
	e = r.x[1];
	if (attack_smc(&r, RM_SMC_SHARE, e, 0, p->list, RM_SHARE_MAX, 0) == 0)
		lives = attack_smc(&r, RM_SMC_UNSHARE, e, 0, 0, RM_SHARE_MAX, 0) == 0;
	for (uint64_t page = 0; page < 512; page += RM_WINDOW_MAX)
		attack_smc(&r, RM_SMC_WINDOW_MAP, e, p->list, RM_WINDOW_MAX, page, 0);
	attack_smc(&r, RM_SMC_WINDOW_UNMAP, e, 0, 512, 0, 0);
	attack_smc(&r, RM_SMC_SHARE, e, 0, p->list, 1, 0);
	for (int i = 0; i < 8; i++)
		smc(&r, RM_SMC_ENTER, e, 0, (uint64_t)i % 2, 0);
	attack_smc(&r, RM_SMC_DESTROY, e, 0, 0, 0, 0);
	return lives;
}

static uint64_t yielding_core(unsigned int core, uint64_t until)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	uint64_t lives = 0;

	(void)core;
	pthread_mutex_lock(&lock);
	const struct pages p = make_pages();
	pthread_mutex_unlock(&lock);
	while (assault_now() < until)
		lives += life(&p);
	return lives;
}

/* Function numbers of nobody, and of owners other than PSCI, with any arguments. */
static uint64_t unknown_core(unsigned int core, uint64_t until)
{
	uint64_t state = core + 1, unknown = 0;

	while (assault_now() < until)
		for (int i = 0; i < 100; i++) {
			struct rm_attack_smc r;
			uint32_t function = (uint32_t)t_random(&state);

			if ((function >> 24 & 0x3f) == 4)	/* standard secure services: PSCI */
				continue;
			if ((function & 0xff00ffff) == (RM_SMC_ATTACH & 0xff00ffff))
				continue;			/* has an attack of its own */
			for (int n = 1; n < 8; n++)
				r.x[n] = t_random(&state);
			r.x[0] = function;
			MUST(ioctl(attack_fd, RM_ATTACK_SMC, &r) == 0);
			unknown += (int)r.x[0] == -1;
		}
	return unknown;
}

/* What is not the caller's: all enclaves that there may be, resident ones among them. */
static void touch_all(const struct pages *p)
{
	struct rm_attack_smc r;

	for (uint64_t slot = 0; slot < SLOTS; slot++)
		for (uint64_t generation = 0; generation < GENERATIONS; generation++) {
			const uint64_t handle = HANDLE(slot, generation);

			smc(&r, RM_SMC_STAT, handle, 0, 0, 0);
			smc(&r, RM_SMC_SHARE, handle, 0, p->list, 1);
			smc(&r, RM_SMC_UNSHARE, handle, 0, 0, RM_SHARE_MAX);
			smc(&r, RM_SMC_WINDOW_MAP, handle, p->list, 1, 0);
			smc(&r, RM_SMC_WINDOW_UNMAP, handle, 0, 512, 0);
			smc(&r, RM_SMC_ENTER, handle, 0, RM_ENTER_NOTIFY, 0);
			smc(&r, RM_SMC_DESTROY, handle, 0, 0, 0);
		}
}

/* A second instance of the module: takes over, which ends all that is hosted, and reaches for all others. */
static uint64_t rogue(uint64_t ms)
{
	const struct pages p = make_pages();
	uint64_t until = assault_now() + ms * 1000000, taken = 0;

	while (assault_now() < until) {
		struct rm_attack_smc r;

		if (attack_smc(&r, RM_SMC_CREATE, 2 << 20, 0, 0, 0, 0))
			return 0;
		uint64_t victim = r.x[1];

		CHECK(smc(&r, RM_SMC_ATTACH, RM_ABI_VERSION + 1, 0, 0, 0) < 0);
		if (attack_smc(&r, RM_SMC_ATTACH, RM_ABI_VERSION, 0, 0, 0, 0) == 0)
			taken += smc(&r, RM_SMC_STAT, victim, 0, 0, 0) == -ENOENT;
		touch_all(&p);
	}
	return taken;
}

static uint64_t fast(uint64_t ms) { return assault_everywhere(fast_core, ms); }
static uint64_t yielding(uint64_t ms) { return assault_everywhere(yielding_core, ms); }
static uint64_t unknown(uint64_t ms) { return assault_everywhere(unknown_core, ms); }

const struct assault assaults_flood[] = {
	{ "flood.fast", fast },
	{ "flood.yielding", yielding },
	{ "flood.unknown", unknown },
	{ "module.rogue", rogue },
	{ NULL, NULL },
};
