/* SPDX-License-Identifier: MIT */
/* Which answer is a lie. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "liar.h"

static const char *const names[LIE_COUNT] = {
	[LIE_RESULT] = "result", [LIE_MORE] = "more", [LIE_LESS] = "less", [LIE_ZERO] = "zero", [LIE_ERRNO] = "errno",
	[LIE_NO_ERRNO] = "no_errno", [LIE_EINTR] = "eintr", [LIE_ALIAS] = "alias", [LIE_BYTES] = "bytes", [LIE_ABSURD] = "absurd",
	[LIE_REPEAT] = "repeat", [LIE_FORGE] = "forge", [LIE_STALE] = "stale", [LIE_SWAP] = "swap", [LIE_EARLY] = "early",
	[LIE_DELAY] = "delay", [LIE_DROP] = "drop", [LIE_CQ_TAIL] = "cq_tail", [LIE_SQ_HEAD] = "sq_head", [LIE_GROW] = "grow",
	[LIE_THREAD] = "thread", [LIE_KICK] = "kick", [LIE_TIMER] = "timer", [LIE_NOTIFY] = "notify", [LIE_WINDOW] = "window",
	[LIE_WORDS] = "words", [LIE_TWICE] = "twice", [LIE_BOOT] = "boot",
};

static uint64_t wanted, every = 1, state = 1;
static bool armed;
static bool only_owed;
static uint64_t told[LIE_COUNT];
static int out = 2;		/* standard error as it was: the enclave may close what it thinks is a file of its own */

static uint64_t number(const char *name, uint64_t otherwise)
{
	const char *value = getenv(name);

	return value != NULL ? strtoull(value, NULL, 0) : otherwise;
}

static void want(const char *name)
{
	for (int i = 0; i < LIE_COUNT; i++)
		if (strcmp(name, names[i]) == 0) {
			wanted |= LIES(i);
			return;
		}
	fprintf(stderr, "liar: no such lie: %s\n", name);
	exit(125);
}

/* In one piece, before the process ends: told by exit(), and by end() which does not call that. */
static void tell(void)
{
	char line[1024];
	size_t used = 0;
	uint64_t all = 0;

	if (wanted == 0)
		return;
	for (int i = 0; i < LIE_COUNT; i++)
		all += told[i];
	used += (size_t)snprintf(line, sizeof(line), "liar: %llu lies:", (unsigned long long)all);
	for (int i = 0; i < LIE_COUNT; i++)
		if (told[i] != 0)
			used += (size_t)snprintf(line + used, sizeof(line) - used, " %s %llu", names[i], (unsigned long long)told[i]);
	dprintf(out, "%s\n", line);
}

__attribute__((constructor)) static void start(void)
{
	char list[256];
	const char *from = getenv("LIAR_FROM");

	snprintf(list, sizeof(list), "%s", getenv("LIAR") != NULL ? getenv("LIAR") : "");
	if (strcmp(list, "random") == 0)
		wanted = LIES(LIE_WORDS) - 1;
	else
		for (char *save, *name = strtok_r(list, ",", &save); name != NULL; name = strtok_r(NULL, ",", &save))
			want(name);
	if (wanted != 0)
		out = descriptor_out_of_the_way(dup(2));
	only_owed = number("LIAR_OWED", 0) != 0;
	every = number("LIAR_EVERY", 1);
	every += every == 0;
	state = number("LIAR_SEED", 1);
	armed = from != NULL && strcmp(from, "start") == 0;
	atexit(tell);
}

uint64_t plan_random(void)
{
	uint64_t z = __atomic_add_fetch(&state, 0x9e3779b97f4a7c15u, __ATOMIC_RELAXED);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

bool plan_has(enum lie lie)
{
	return (wanted & LIES(lie)) != 0;
}

bool plan_spares(bool owed)
{
	return only_owed && !owed;
}

bool plan_armed(void)
{
	return wanted != 0 && __atomic_load_n(&armed, __ATOMIC_RELAXED);
}

void plan_arm(bool now)
{
	__atomic_store_n(&armed, now, __ATOMIC_RELAXED);
}

void plan_told(enum lie lie)
{
	__atomic_add_fetch(&told[lie], 1, __ATOMIC_RELAXED);
}

/* One of the set, each as likely. */
static enum lie pick(uint64_t set)
{
	for (unsigned left = (unsigned)(plan_random() % (unsigned)__builtin_popcountll(set)); left > 0; left--)
		set &= set - 1;
	return (enum lie)__builtin_ctzll(set);
}

enum lie plan_next(uint64_t set)
{
	enum lie lie;

	set &= wanted;
	if (!plan_armed() || set == 0)
		return LIE_COUNT;
	/* By chance: a strict turn could meet one call each time that is made again, and never the one behind it. */
	if (plan_random() % every != 0)
		return LIE_COUNT;
	lie = pick(set);
	plan_told(lie);
	return lie;
}

_Noreturn __typeof__(end) __real_end, __wrap_end;

_Noreturn void __wrap_end(struct proxy *proxy, const struct rm_ioc_enter *last)
{
	static bool once;

	plan_arm(false);
	if (!__atomic_exchange_n(&once, true, __ATOMIC_RELAXED))
		tell();
	__real_end(proxy, last);
}
