/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "options.h"

#define PARSE(...) parse((char *[]){ "run", __VA_ARGS__, NULL })

static struct run_options options;
static char error[256];

static int parse(char **argv)
{
	int argc = 0;

	while (argv[argc] != NULL)
		argc++;
	error[0] = '\0';
	return run_options_parse(argc, argv, &options, error, sizeof(error));
}

static void plain(void **state)
{
	(void)state;
	assert_int_equal(PARSE("prog", "a", "--stats"), 0);
	assert_string_equal(options.program[0], "prog");
	assert_string_equal(options.program[2], "--stats");
	assert_null(options.program[3]);
	assert_false(options.stats);
	assert_int_equal(options.memory, 0);
	assert_int_equal(options.poll, POLL_OFF);
	assert_false(options.no_windows);
	assert_int_equal(options.host_calls, HOST_CALLS_AUTO);
	assert_null(options.name);
}

static void all_options(void **state)
{
	(void)state;
	assert_int_equal(PARSE("--memory", "64M", "--stats", "--poll=3", "--name=n", "-v", "--", "-prog", "--poll"), 0);
	assert_int_equal(options.memory, 64u << 20);
	assert_true(options.stats);
	assert_true(options.verbose);
	assert_int_equal(options.poll, POLL_CPU);
	assert_int_equal(options.poll_cpu, 3);
	assert_string_equal(options.name, "n");
	assert_string_equal(options.program[0], "-prog");
}

/* An optional value stands behind '=', so the next word is the program. */
static void poll_without_value(void **state)
{
	(void)state;
	assert_int_equal(PARSE("--poll", "1"), 0);
	assert_int_equal(options.poll, POLL_AUTO);
	assert_string_equal(options.program[0], "1");
	assert_int_equal(PARSE("--poll=auto", "p"), 0);
	assert_int_equal(options.poll, POLL_AUTO);
}

static void help_needs_no_program(void **state)
{
	(void)state;
	assert_int_equal(PARSE("--help"), 0);
	assert_true(options.help);
	assert_int_equal(PARSE("-h"), 0);
	assert_true(options.help);
}

static void refuse(char **argv, const char *part)
{
	assert_int_equal(parse(argv), -1);
	if (strstr(error, part) == NULL)
		fail_msg("'%s' does not say '%s'", error, part);
}

#define REFUSE(part, ...) refuse((char *[]){ "run", ##__VA_ARGS__, NULL }, part)

static void refusals(void **state)
{
	(void)state;
	REFUSE("no program");
	REFUSE("no program", "--stats");
	REFUSE("no program", "");
	REFUSE("'--foo' is unknown", "--foo=3", "p");
	REFUSE("'-x' is unknown", "-vx", "p");
	REFUSE("'--memory' needs a value", "--memory");
	REFUSE("'--stats' takes no value", "--stats=1", "p");
	REFUSE("not a size", "--memory=much", "p");
	REFUSE("too large", "--memory=99999999T", "p");
	REFUSE("0 bytes", "--memory=0", "p");
	REFUSE("neither 'on' nor 'off'", "--windows=maybe", "p");
	REFUSE("needs a value", "--windows");
	REFUSE("not a CPU", "--poll=", "p");
	REFUSE("is none of", "--host-calls=", "p");
	REFUSE("exclude each other", "--host-calls=sync", "--poll", "p");
	REFUSE("not a CPU", "--poll=-1", "p");
	REFUSE("not a CPU", "--poll=1x", "p");
	REFUSE("not a CPU", "--poll=99999999999999999999", "p");
	REFUSE("1 to 63", "--name=", "p");
	REFUSE("1 to 63", "--name=0123456789012345678901234567890123456789012345678901234567890123", "p");
}

static void debugging(void **state)
{
	(void)state;
	assert_int_equal(PARSE("--gdb", "1"), 0);
	assert_true(options.gdb && options.gdb_path == NULL && options.gdb_port == 0);
	assert_int_equal(PARSE("--gdb=2345", "--core", "c", "p"), 0);
	assert_int_equal(options.gdb_port, 2345);
	assert_string_equal(options.core, "c");
	assert_int_equal(PARSE("--gdb=./s", "p"), 0);
	assert_string_equal(options.gdb_path, "./s");
	REFUSE("not a port", "--gdb=65536", "p");
	REFUSE("not a port", "--gdb=name", "p");
	REFUSE("not a port", "--gdb=", "p");
	REFUSE("needs a value", "--core");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain),
		cmocka_unit_test(all_options),
		cmocka_unit_test(debugging),
		cmocka_unit_test(poll_without_value),
		cmocka_unit_test(help_needs_no_program),
		cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests_name("host.options", tests, NULL, NULL);
}
