/* SPDX-License-Identifier: MIT */
/* What a hostile kernel does to the cores themselves, by the module of tests/attack. */
#include "../../../abi/svc.h"
#include "assault.h"


static enum rm_assault kind;
static uint64_t duration;

static uint64_t assail(unsigned int core, uint64_t until)
{
	const struct t_board *board = t_board();
	struct rm_attack_smc version;
	struct rm_attack_assault request = {
		.kind = kind, .ms = (uint32_t)duration, .gicd = board->gicd, .gicr = board->gicr, .address = RM_USER_PIE,
	};

	(void)core, (void)until;
	MUST(attack_smc(&version, RM_SMC_VERSION, 0, 0, 0, 0, 0) == 0);
	request.intid = version.x[2];
	MUST(ioctl(attack_fd, RM_ATTACK_ASSAULT, &request) == 0);
	assault_note(&request);
	return request.proof;
}

static uint64_t run(enum rm_assault what, uint64_t ms)
{
	kind = what;
	duration = ms;
	return assault_everywhere(assail, ms);
}

/* Sum of the counts on the lines of /proc/interrupts that have the word. */
static uint64_t interrupts(const char *word)
{
	FILE *file = fopen("/proc/interrupts", "r");
	char line[1024];
	uint64_t sum = 0;

	MUST(file != NULL);
	while (fgets(line, sizeof(line), file)) {
		char *at = strchr(line, ':'), *end;

		if (!at || !strstr(line, word))
			continue;
		for (at++;; at = end) {
			uint64_t count = strtoull(at, &end, 10);

			if (end == at)
				break;
			sum += count;
		}
	}
	fclose(file);
	return sum;
}

/* A storm is one if Linux took at least an interrupt a millisecond, which is more than its own. */
static uint64_t storm(enum rm_assault what, const char *word, uint64_t ms)
{
	uint64_t before = interrupts(word), came;

	run(what, ms);
	came = interrupts(word) - before;
	fprintf(stderr, "%llu interrupts in %llu ms\n", (unsigned long long)came, (unsigned long long)ms);
	return came >= ms ? came : 0;
}

static uint64_t masked(uint64_t ms) { return run(RM_ASSAULT_MASK, ms); }
static uint64_t sgi(uint64_t ms) { return storm(RM_ASSAULT_SGI, "Rescheduling", ms); }
static uint64_t spi(uint64_t ms) { return storm(RM_ASSAULT_SPI, "ringmaster", ms); }
static uint64_t tick(uint64_t ms) { return storm(RM_ASSAULT_TICK, "arch_timer", ms); }
static uint64_t gic(uint64_t ms) { return run(RM_ASSAULT_GIC, ms); }
static uint64_t icc(uint64_t ms) { return run(RM_ASSAULT_ICC, ms); }
static uint64_t timers(uint64_t ms) { return run(RM_ASSAULT_TIMERS, ms); }
static uint64_t debug(uint64_t ms) { return run(RM_ASSAULT_DEBUG, ms); }
static uint64_t maintain(uint64_t ms) { return run(RM_ASSAULT_MAINTAIN, ms); }
static uint64_t el2_spin(uint64_t ms) { return run(RM_ASSAULT_EL2_SPIN, ms); }
static uint64_t el2_storm(uint64_t ms) { return run(RM_ASSAULT_EL2_STORM, ms); }
static uint64_t el2_offset(uint64_t ms) { return run(RM_ASSAULT_EL2_OFFSET, ms); }

const struct assault assaults_module[] = {
	{ "masked", masked },
	{ "storm.sgi", sgi },
	{ "storm.spi", spi },
	{ "storm.timer", tick },
	{ "tamper.gic", gic },
	{ "tamper.icc", icc },
	{ "tamper.timers", timers },
	{ "tamper.debug", debug },
	{ "tamper.caches", maintain },
	{ "el2.spin", el2_spin },
	{ "el2.storm", el2_storm },
	{ "el2.offset", el2_offset },
	{ NULL, NULL },
};
