/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cpus.h"

static void chooses(void **state)
{
	cpu_set_t set;
	unsigned cpu = 99;
	char error[256];

	(void)state;
	CPU_ZERO(&set);
	CPU_SET(1, &set);
	assert_int_equal(cpus_choose(&set, POLL_AUTO, 0, &cpu, error, sizeof(error)), -1);
	assert_int_equal(cpus_choose(&set, POLL_CPU, 1, &cpu, error, sizeof(error)), -1);
	CPU_SET(3, &set);
	assert_int_equal(cpus_choose(&set, POLL_AUTO, 0, &cpu, error, sizeof(error)), 0);
	assert_int_equal(cpu, 3);
	assert_int_equal(cpus_choose(&set, POLL_CPU, 1, &cpu, error, sizeof(error)), 0);
	assert_int_equal(cpu, 1);
	assert_int_equal(cpus_choose(&set, POLL_CPU, 2, &cpu, error, sizeof(error)), -1);
	assert_int_equal(cpus_choose(&set, POLL_CPU, 4095, &cpu, error, sizeof(error)), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(chooses) };

	return cmocka_run_group_tests_name("host.cpus", tests, NULL, NULL);
}
