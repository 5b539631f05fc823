/* SPDX-License-Identifier: MIT */
/* Sorting and searching 100000 records. */
#include "t.h"

#define COUNT 100000

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

int main(void)
{
	static uint32_t values[COUNT];
	uint64_t state = 3;
	unsigned found = 0;

	for (int i = 0; i < COUNT; i++)
		values[i] = (uint32_t)t_random(&state) % 1000000;
	qsort(values, COUNT, sizeof(*values), compare);
	for (int i = 1; i < COUNT; i++)
		CHECK(values[i - 1] <= values[i]);
	for (uint32_t key = 0; key < 10000; key++)
		found += bsearch(&key, values, COUNT, sizeof(*values), compare) != NULL;
	printf("%u %u %016llx\n", values[0], found, (unsigned long long)t_hash(1, values, sizeof(values)));
	return t_done();
}
