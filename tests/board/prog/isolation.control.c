/* SPDX-License-Identifier: MIT */
/* The attacks themselves work: the same loads, stores and DMA reach an ordinary page. */
#include "attack.h"

int main(void)
{
	unsigned char bytes[512], back[512];
	uint64_t value = 0, page;
	volatile uint64_t *p;

	attack_open();
	page = attack_page();
	p = attack_map(page + 64);
	CHECK(attack_access(p, &value, 0) == 0 && value == 0);
	value = 0x1122334455667788;
	CHECK(attack_access(p, &value, 1) == 0);
	value = 0;
	CHECK(attack_access(p, &value, 0) == 0 && value == 0x1122334455667788);

	for (int i = 0; i < 512; i++)
		bytes[i] = (unsigned char)(i * 7);
	attack_disk_write(5, bytes, sizeof(bytes));
	CHECK(attack_dma(page, 5, 512, 1) == 0);
	CHECK(*p == *(uint64_t *)(bytes + 64));
	attack_disk_read(5, back, sizeof(back));
	CHECK(memcmp(bytes, back, sizeof(bytes)) == 0);
	return t_done();
}
