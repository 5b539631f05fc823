/* SPDX-License-Identifier: MIT */
/* What asks Linux for nothing: it must cost what it costs natively. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define COPY_SIZE	(1u << 20)
#define MATRIX		64

static char *from, *to;
static double a[MATRIX][MATRIX], b[MATRIX][MATRIX], product[MATRIX][MATRIX];

static void begin_copy(const struct bench_case *c)
{
	(void)c;
	if (from == NULL && ((from = malloc(COPY_SIZE)) == NULL || (to = malloc(COPY_SIZE)) == NULL))
		bench_fail("no memory");
	memset(from, 1, COPY_SIZE);
	memset(to, 2, COPY_SIZE);
}

static void copy(const struct bench_case *c, unsigned long operations)
{
	while (operations--) {
		memcpy(to, from, c->bytes);
		__asm__ __volatile__("" : : "r"(to) : "memory");
	}
}

static uint32_t rotate(uint32_t x, int n)
{
	return x >> n | x << (32 - n);
}

/* A mixing function over a buffer, of SHA-256's shape: rotations, additions, exclusive ors in a long chain. */
static void mix(const struct bench_case *c, unsigned long operations)
{
	uint32_t s = 0x6a09e667, w;

	while (operations--) {
		for (unsigned i = 0; i < c->bytes; i += 4) {
			memcpy(&w, from + i, 4);
			s += (rotate(s, 6) ^ rotate(s, 11) ^ rotate(s, 25)) + w;
		}
	}
	__asm__ __volatile__("" : : "r"(s));
}

static void begin_matrix(const struct bench_case *c)
{
	(void)c;
	for (int i = 0; i < MATRIX; i++) {
		for (int j = 0; j < MATRIX; j++) {
			a[i][j] = 1.0 / (i + j + 1);
			b[i][j] = i - j / 3.0;
		}
	}
}

static void multiply(const struct bench_case *c, unsigned long operations)
{
	(void)c;
	while (operations--) {
		for (int i = 0; i < MATRIX; i++) {
			for (int j = 0; j < MATRIX; j++) {
				double sum = 0;

				for (int k = 0; k < MATRIX; k++)
					sum += a[i][k] * b[k][j];
				product[i][j] = sum;
			}
		}
		__asm__ __volatile__("" : : "r"(product) : "memory");
	}
}

static void churn(const struct bench_case *c, unsigned long operations)
{
	static void *kept[256];

	(void)c;
	while (operations--) {
		void **slot = &kept[bench_random() % 256];

		free(*slot);
		*slot = malloc(16 + bench_random() % 4096);
		if (*slot == NULL)
			bench_fail("no memory");
	}
}

static const struct bench_case cases[] = {
	{ "compute.memcpy4k", 4096, begin_copy, copy, NULL, NULL, 0 },
	{ "compute.memcpy1m", COPY_SIZE, begin_copy, copy, NULL, NULL, 0 },
	{ "compute.mix", COPY_SIZE, begin_copy, mix, NULL, NULL, 0 },
	{ "compute.matrix", 0, begin_matrix, multiply, NULL, NULL, 0 },
	{ "compute.malloc", 0, NULL, churn, NULL, NULL, 0 },
};

int main(void)
{
	return bench_main(cases, sizeof(cases) / sizeof(cases[0]));
}
