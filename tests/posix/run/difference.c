/* SPDX-License-Identifier: MIT */
/* What differs between two runs of a case, and what docs/differences.md says about it. */
#include <string.h>

#include "run.h"

static const char *next_line(const char *at)
{
	const char *end = strchr(at, '\n');

	return end ? end + 1 : at + strlen(at);
}

static void add(char *out, size_t size, char mark, const char *from, const char *end)
{
	while (from < end) {
		const char *next = next_line(from);
		size_t used = strlen(out);

		snprintf(out + used, size - used, "%c%.*s", mark, (int)(next - from), from);
		from = next;
	}
}

static bool same_line(const char *a, const char *b)
{
	size_t n = (size_t)(next_line(a) - a);

	return *a && *b && n == (size_t)(next_line(b) - b) && memcmp(a, b, n) == 0;
}

/* Where the last line before `end` starts. */
static const char *line_before(const char *start, const char *end)
{
	end--;
	while (end > start && end[-1] != '\n')
		end--;
	return end;
}

void difference_make(const struct outcome *native, const struct outcome *enclave, char *out, size_t size)
{
	const char *a = native->text, *b = enclave->text, *a_end = a + strlen(a), *b_end = b + strlen(b);

	*out = 0;
	if (native->state == SKIPPED && strcmp(a, b) == 0)
		add(out, size, '=', line_before(a, a_end), a_end);
	while (same_line(a, b)) {
		a = next_line(a);
		b = next_line(b);
	}
	while (a_end > a && b_end > b && same_line(line_before(a, a_end), line_before(b, b_end))) {
		a_end = line_before(a, a_end);
		b_end = line_before(b, b_end);
	}
	add(out, size, '-', a, a_end);
	add(out, size, '+', b, b_end);
}

void difference_listed(const char *file, const char *name, char *out, size_t size)
{
	char line[1024], title[200];
	bool here = false, inside = false;
	FILE *f = fopen(file, "r");

	*out = 0;
	snprintf(title, sizeof(title), "## %s.%s\n", suite.area, name);
	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, "```", 3) == 0)
			inside = !inside;
		else if (strncmp(line, "## ", 3) == 0)
			here = strcmp(line, title) == 0;
		else if (here && inside)
			strncat(out, line, size - strlen(out) - 1);
	}
	if (f)
		fclose(f);
}
