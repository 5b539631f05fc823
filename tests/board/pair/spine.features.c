/* SPDX-License-Identifier: MIT */
/* What the core can do beyond the least: AT_HWCAP says it, and the instructions are there. Linux's own bits are left out. */
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

int main(void)
{
	const unsigned features = (unsigned)getauxval(AT_HWCAP) & RM_FEATURES & ~OWN_BITS;

	printf("features %#x\n", features);
	if (features & CRC32)
		printf("crc32 %#x\n", crc32_word(0x12345678));
	return 0;
}
