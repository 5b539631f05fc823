/* SPDX-License-Identifier: MIT */
/* PSCI by raw SMCs, behind Linux's back, and the board's watchdog. */
#include "assault.h"

#define PSCI(n)		(0x84000000u | (n))
#define PSCI64(n)	(0xc4000000u | (n))
#define PSCI_VERSION	PSCI(0)
#define PSCI_CPU_OFF	PSCI(2)
#define PSCI_CPU_ON	PSCI64(3)
#define PSCI_AFFINITY	PSCI64(4)
#define NOT_SUPPORTED	(-1)
#define INVALID		(-2)
#define DENIED		(-3)
#define ALREADY_ON	(-4)

#define CODE		0x10000200000ull	/* some address of Linux's, for cores that should not come back */
#define POWER_DOWN	(1u << 16)

/* PSCI's answers are 32 bits wide. */
static int psci(uint32_t function, uint64_t a, uint64_t b, uint64_t c)
{
	struct rm_attack_smc r = { .x = { function, a, b, c } };

	MUST(ioctl(attack_fd, RM_ATTACK_SMC, &r) == 0);
	return (int)r.x[0];
}

static bool answers(void)
{
	return psci(PSCI_VERSION, 0, 0, 0) >= 0x10000;
}

/* The core of the residents is told to go, again and again. */
static uint64_t off(uint64_t ms)
{
	uint64_t until = assault_now() + ms * 1000000, denied = 0;

	assault_pin(0);
	while (assault_now() < until) {
		int result = psci(PSCI_CPU_OFF, 0, 0, 0);

		if (result != DENIED) {
			fprintf(stderr, "CPU_OFF: %d\n", result);
			T_FAIL("CPU_OFF was not denied");
			return 0;
		}
		denied++;
	}
	return denied;
}

/* Each way to sleep that PSCI has. None is offered, so none may do anything. */
static uint64_t suspend(uint64_t ms)
{
	static const uint32_t functions[] = {
		PSCI(1), PSCI64(1),		/* CPU_SUSPEND */
		PSCI(0xb),			/* CPU_FREEZE */
		PSCI(0xc), PSCI64(0xc),		/* CPU_DEFAULT_SUSPEND */
		PSCI(0xe), PSCI64(0xe),		/* SYSTEM_SUSPEND */
	};
	static const uint64_t states[] = { 0, 1, POWER_DOWN, POWER_DOWN | 1, POWER_DOWN | 1 << 24, POWER_DOWN | 2 << 24, 0x80000000 };
	uint64_t until = assault_now() + ms * 1000000, refused = 0;

	assault_pin(0);
	while (assault_now() < until) {
		for (size_t f = 0; f < sizeof(functions) / sizeof(*functions); f++)
			for (size_t s = 0; s < sizeof(states) / sizeof(*states); s++) {
				int result = psci(functions[f], states[s], CODE, 0);

				CHECK(result == NOT_SUPPORTED || result == INVALID);
				refused++;
			}
		if (!answers())
			return 0;
	}
	return refused;
}

/* What is left of PSCI, but for the ends of the machine. */
static uint64_t others(uint64_t ms)
{
	uint64_t until = assault_now() + ms * 1000000, answered = 0;

	assault_pin(0);
	while (assault_now() < until) {
		CHECK(psci(PSCI_CPU_ON, 0, CODE, 0) == ALREADY_ON);
		CHECK(psci(PSCI_CPU_ON, 0x00ffffff, CODE, 0) == INVALID);
		CHECK(psci(PSCI_CPU_ON, 15, CODE, 0) != 0);
		CHECK(psci(PSCI_AFFINITY, 0, 0, 0) == 0);
		CHECK(psci(PSCI_AFFINITY, 0, 3, 0) == INVALID);
		for (uint32_t n = 0xd; n < 0x20; n++)
			if (n != 0xe && n != 0x12) {	/* SYSTEM_SUSPEND, SYSTEM_RESET2 */
				psci(PSCI(n), 0, 0, 0);
				psci(PSCI64(n), 0, 0, 0);
			}
		CHECK(psci(PSCI64(5), 0, 0, 0) == NOT_SUPPORTED);	/* MIGRATE */
		answered += answers();
	}
	return answered;
}

/* Armed with the shortest time, and left to bite. What it does then is the board's to decide; that it bit stands in its state. */
static uint64_t watchdog(uint64_t ms)
{
	enum { WCS = 0, WOR = 2 };	/* words of the control frame */
	const uint32_t enabled = 1, first = 2, second = 4;
	uint64_t until = assault_now() + ms * 1000000, bites = 0;

	if (!t_board()->watchdog)
		t_skip("this board has no watchdog");
	volatile uint32_t *frame = (volatile uint32_t *)attack_map(t_board()->watchdog);

	while (assault_now() < until) {
		uint64_t patience = assault_now() + 100000000;

		frame[WCS] = 0;
		frame[WOR] = 1;
		frame[WCS] = enabled;
		while (assault_now() < patience && (frame[WCS] & (first | second)) != (first | second))
			;
		bites += (frame[WCS] & (first | second)) == (first | second);
	}
	frame[WCS] = 0;
	return bites;
}

/* The end of the machine: comes back only if it is refused; is no attack that ends otherwise. */
static uint64_t end(uint32_t function)
{
	fprintf(stderr, "answer: %d\n", psci(function, 0, 0, 0));
	return 1;
}

static uint64_t system_off(uint64_t ms) { (void)ms; return end(PSCI(8)); }
static uint64_t system_reset(uint64_t ms) { (void)ms; return end(PSCI(9)); }
static uint64_t system_reset2(uint64_t ms) { (void)ms; return end(PSCI64(0x12)); }

const struct assault assaults_power[] = {
	{ "power.cpu_off", off },
	{ "power.cpu_suspend", suspend },
	{ "power.psci", others },
	{ "power.watchdog", watchdog },
	{ "power.system_off", system_off },
	{ "power.system_reset", system_reset },
	{ "power.system_reset2", system_reset2 },
	{ NULL, NULL },
};
