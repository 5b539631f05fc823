/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>

#include "signals.h"

static void names_and_numbers(void **state)
{
	(void)state;
	assert_int_equal(signal_parse("TERM"), SIGTERM);
	assert_int_equal(signal_parse("SIGKILL"), SIGKILL);
	assert_int_equal(signal_parse("sigint"), SIGINT);
	assert_int_equal(signal_parse("9"), 9);
	assert_int_equal(signal_parse("0"), 0);
	assert_int_equal(signal_parse(""), -1);
	assert_int_equal(signal_parse("SIG"), -1);
	assert_int_equal(signal_parse("NOSUCH"), -1);
	assert_int_equal(signal_parse("9x"), -1);
	assert_int_equal(signal_parse("65"), -1);
	assert_int_equal(signal_parse("99999999999999999999"), -1);
	assert_int_equal(signal_parse("-1"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(names_and_numbers) };

	return cmocka_run_group_tests_name("host.signals", tests, NULL, NULL);
}
