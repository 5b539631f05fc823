/* SPDX-License-Identifier: MIT */
/*
 * A PL061 (Arm DDI 0190): eight lines.
 *
 * What is written are orders of one line each, LINE=WORD, all of a write or none: 0 and 1 make it an output of that level; `in` an input; `high`,
 * `low`, `rising`, `falling`, `both` say what of the line is an event, `quiet` that nothing is. A read never waits and gives the level of each line
 * as 0 or 1, line 0 first, with a newline; poll() says POLLIN while an event has not been read.
 */
#include "posix/device.h"

#include "lib/string.h"

enum {
	DATA_ALL = 0x3fc / 4, DIRECTION = 0x400 / 4, BY_LEVEL = 0x404 / 4, BOTH_EDGES = 0x408 / 4, HIGH_OR_RISING = 0x40c / 4, MASK = 0x410 / 4,
	RAISED = 0x414 / 4, CLEAR = 0x41c / 4, BY_HARDWARE = 0x420 / 4,
};

#define LINES		8u
#define WORD_MAX	8u
#define POLLIN		0x001
#define POLLOUT		0x004

static struct rm_lock changes;

static void start(volatile uint32_t *r)
{
	r[MASK] = 0;
	r[BY_HARDWARE] = 0;
}

static long read(volatile uint32_t *r, char *to, size_t size)
{
	const uint32_t raised = r[RAISED] & r[MASK];
	uint32_t levels;

	if (size < LINES + 1)
		return -EINVAL;
	/* What happens after this is an event again. */
	r[CLEAR] = raised;
	levels = r[DATA_ALL];
	for (unsigned line = 0; line < LINES; line++)
		to[line] = levels >> line & 1 ? '1' : '0';
	to[LINES] = '\n';
	return LINES + 1;
}

static void change(volatile uint32_t *reg, uint32_t bit, bool on)
{
	*reg = on ? *reg | bit : *reg & ~bit;
}

/* An event: by level or edge, which, or both edges. */
static void watch(volatile uint32_t *r, uint32_t bit, bool level, bool high, bool both)
{
	change(&r[MASK], bit, false);
	change(&r[BY_LEVEL], bit, level);
	change(&r[BOTH_EDGES], bit, both);
	change(&r[HIGH_OR_RISING], bit, high);
	r[CLEAR] = bit;
	change(&r[MASK], bit, true);
}

static void drive(volatile uint32_t *r, uint32_t bit, bool high)
{
	/* Each line's level has addresses of its own, so that others do not change; first the level, which then comes out at once. */
	r[bit] = high ? bit : 0;
	change(&r[DIRECTION], bit, true);
	r[bit] = high ? bit : 0;
}

/* false: no such word. With r == NULL, only that. */
static bool obey(volatile uint32_t *r, unsigned line, const char *word)
{
	static const struct {
		const char *word;
		bool level, high, both;
	} events[] = {
		{ "high", true, true, false }, { "low", true, false, false }, { "rising", false, true, false }, { "falling", false, false, false },
		{ "both", false, false, true },
	};
	const uint32_t bit = 1u << line;

	for (unsigned i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (strcmp(word, events[i].word) == 0) {
			if (r)
				watch(r, bit, events[i].level, events[i].high, events[i].both);
			return true;
		}
	if (strcmp(word, "0") == 0 || strcmp(word, "1") == 0) {
		if (r)
			drive(r, bit, word[0] == '1');
	} else if (strcmp(word, "in") == 0) {
		if (r)
			change(&r[DIRECTION], bit, false);
	} else if (strcmp(word, "quiet") == 0) {
		if (r)
			change(&r[MASK], bit, false);
	} else {
		return false;
	}
	return true;
}

/* Behind the order at `at`, which is obeyed if r is not NULL; NULL: it is none. */
static const char *order(volatile uint32_t *r, const char *at, const char *end)
{
	const unsigned line = (unsigned)(*at - '0');
	char word[WORD_MAX + 1];
	size_t size = 0;

	if (line >= LINES || end - at < 2 || at[1] != '=')
		return NULL;
	for (at += 2; at < end && *at != '\n'; at++) {
		if (size == WORD_MAX)
			return NULL;
		word[size++] = *at;
	}
	word[size] = 0;
	if (!obey(r, line, word))
		return NULL;
	return at < end ? at + 1 : at;
}

static bool orders(volatile uint32_t *r, const char *at, const char *end)
{
	while (at && at < end)
		at = order(r, at, end);
	return at != NULL;
}

static long write(volatile uint32_t *r, const char *from, size_t size)
{
	if (!orders(NULL, from, from + size))
		return -EINVAL;
	rm_lock(&changes);
	orders(r, from, from + size);
	rm_unlock(&changes);
	return (long)size;
}

static int16_t ready(volatile uint32_t *r)
{
	return (int16_t)(POLLOUT | (r[RAISED] & r[MASK] ? POLLIN : 0));
}

/* What is an event interrupts; nothing else is to be asked for. */
static void listen(volatile uint32_t *r, int16_t events)
{
	(void)r;
	(void)events;
}

static bool drained(volatile uint32_t *r)
{
	(void)r;
	return true;
}

const struct rm_driver rm_gpio_driver = {
	.name = "gpio0", .start = start, .read = read, .write = write, .ready = ready, .listen = listen, .drained = drained,
};
