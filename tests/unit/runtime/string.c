/* SPDX-License-Identifier: MIT */
/* The runtime's own memory functions against the C library's, at all alignments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define memcpy	ours_memcpy
#define memmove ours_memmove
#define memset	ours_memset
#define memcmp	ours_memcmp
#define memchr	ours_memchr
void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);
void *memchr(const void *at, int byte, size_t size);
#include "lib/string.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef memchr

static uint8_t from[64], to[64], expected[64];

static void fill(void)
{
	for (unsigned i = 0; i < sizeof(from); i++) {
		from[i] = (uint8_t)(i * 7 + 1);
		to[i] = expected[i] = (uint8_t)(200 - i);
	}
}

static void test_all(void **state)
{
	(void)state;
	for (size_t a = 0; a < 9; a++) {
		for (size_t b = 0; b < 9; b++) {
			for (size_t n = 0; n < 40; n++) {
				fill();
				ours_memcpy(to + a, from + b, n);
				memcpy(expected + a, from + b, n);
				assert_memory_equal(to, expected, sizeof(to));
				fill();
				ours_memset(to + a, 0x1a5, n);
				memset(expected + a, 0x1a5, n);
				assert_memory_equal(to, expected, sizeof(to));
				fill();
				ours_memmove(to + a, to + b, n);
				memmove(expected + a, expected + b, n);
				assert_memory_equal(to, expected, sizeof(to));
				assert_int_equal(ours_memcmp(to + a, to + b, n) < 0, memcmp(to + a, to + b, n) < 0);
				assert_ptr_equal(ours_memchr(from, from[a], n), memchr(from, from[a], n));
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_all) };

	return cmocka_run_group_tests_name("runtime.string", tests, NULL, NULL);
}
