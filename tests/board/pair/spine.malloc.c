/* SPDX-License-Identifier: MIT */
/* The allocator under a long mixed load; contents survive. */
#include "t.h"

#define SLOTS 512

static struct {
	unsigned char *bytes;
	size_t size;
	unsigned char fill;
} slots[SLOTS];

static void check_slot(int i)
{
	for (size_t k = 0; k < slots[i].size; k += 61)
		if (slots[i].bytes[k] != slots[i].fill) {
			T_FAIL("content changed");
			return;
		}
}

static size_t pick_size(uint64_t *state)
{
	uint64_t r = t_random(state);

	switch (r % 16) {
	case 0:
		return 1 + r / 16 % 40000;
	case 1:
		return 1 + r / 16 % 140000 / 8;
	default:
		return 1 + r / 16 % 700;
	}
}

static void change_slot(int i, uint64_t *state)
{
	size_t size = pick_size(state);

	check_slot(i);
	if (t_random(state) % 3 == 0) {
		free(slots[i].bytes);
		slots[i].bytes = NULL;
		slots[i].size = 0;
		return;
	}
	size_t kept = size < slots[i].size ? size : slots[i].size;
	slots[i].bytes = realloc(slots[i].bytes, size);
	MUST(slots[i].bytes && (uintptr_t)slots[i].bytes % 16 == 0);
	slots[i].size = kept;
	check_slot(i);
	slots[i].fill = (unsigned char)t_random(state);
	slots[i].size = size;
	memset(slots[i].bytes, slots[i].fill, size);
}

int main(void)
{
	uint64_t state = 42;
	size_t sum = 0;

	for (int round = 0; round < 40000; round++)
		change_slot((int)(t_random(&state) % SLOTS), &state);
	for (int i = 0; i < SLOTS; i++) {
		check_slot(i);
		sum += slots[i].size;
		free(slots[i].bytes);
	}
	unsigned char *zeros = calloc(100, 5000);
	MUST(zeros);
	for (int i = 0; i < 500000; i++)
		if (zeros[i])
			T_FAIL("calloc is not zero");
	void *aligned = aligned_alloc(4096, 8192);
	CHECK(aligned && (uintptr_t)aligned % 4096 == 0);
	CHECK(!malloc(SIZE_MAX / 2) && errno == ENOMEM);
	printf("%zu bytes at the end\n", sum);
	return t_done();
}
