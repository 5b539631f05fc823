/* SPDX-License-Identifier: MIT */
/* What the core can do beyond the least: AT_HWCAP says it, and the instructions are there. Linux's own bits are left out. The counter that
 * programs read runs. */
#include <stdint.h>
#include <stdio.h>
#include <sys/auxv.h>

#include "svc.h"

#define OWN_BITS	(1u << 2)	/* the event stream, which Linux configures */
#define CRC32		(1u << 7)

__attribute__((target("+crc"))) static uint32_t crc32_word(uint32_t value)
{
	uint32_t result;

	__asm__("crc32w %w0, %w1, %w2" : "=r"(result) : "r"(0), "r"(value));
	return result;
}

static uint64_t counter(void)
{
	uint64_t value;

	__asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(value));
	return value;
}

int main(void)
{
	const uint64_t start = counter();
	const unsigned features = (unsigned)getauxval(AT_HWCAP) & RM_FEATURES & ~OWN_BITS;

	printf("features %#x\n", features);
	if (features & CRC32)
		printf("crc32 %#x\n", crc32_word(0x12345678));
	while (counter() == start)
		;
	printf("counter %d\n", counter() > start);
	return 0;
}
