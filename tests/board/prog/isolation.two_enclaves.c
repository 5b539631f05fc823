/* SPDX-License-Identifier: MIT */
/* Two enclaves with the same virtual address have different pages and do not see each other's bytes. */
#include "spawn.h"

static struct t_child *start(const char *secret, unsigned long long *address)
{
	struct t_child *victim = t_spawn(t_run("victim"));

	t_send(victim, secret);
	MUST(sscanf(t_line(victim, 20), "address 0x2000000000 %llx", address) == 1);
	return victim;
}

int main(void)
{
	unsigned long long a, b;
	struct t_child *first = start("A\n", &a), *second = start("B\n", &b);

	if (t_enclaves())
		CHECK(a && b && a != b);
	for (int i = 0; i < 20; i++) {
		t_send(first, "?\n");
		t_send(second, "?\n");
		MUST(t_expect(first, "intact\n", 10) && t_expect(second, "intact\n", 10));
	}
	close(first->in);
	CHECK(t_wait(first, 10) == 0);
	t_send(second, "?\n");
	CHECK(t_expect(second, "intact\n", 10));
	close(second->in);
	CHECK(t_wait(second, 10) == 0);
	return t_done();
}
