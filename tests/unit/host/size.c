/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "size.h"

static void parses(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} good[] = {
		{ "0", 0 },		  { "1", 1 },			{ "4096", 4096 },
		{ "4K", 4096 },		  { "4k", 4096 },		{ "4KiB", 4096 },
		{ "4KB", 4096 },	  { "64M", 64ull << 20 },	{ "1G", 1ull << 30 },
		{ "2T", 2ull << 40 },	  { "16777215T", 16777215ull << 40 },
		{ "18446744073709551615", UINT64_MAX },
	};
	uint64_t bytes;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(size_parse(good[i].text, &bytes), 0);
		assert_int_equal(bytes, good[i].bytes);
	}
}

static void refuses(void **state)
{
	static const char *const bad[] = { "", "-1", " 1", "M", "1 M", "1X", "1MM", "1Mi", "1.5G", "0x10", "+1", "1iB", "1B" };
	static const char *const large[] = { "18446744073709551616", "16777216T", "99999999999999999999K" };
	uint64_t bytes = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(size_parse(bad[i], &bytes), -EINVAL);
	for (size_t i = 0; i < sizeof(large) / sizeof(large[0]); i++)
		assert_int_equal(size_parse(large[i], &bytes), -ERANGE);
	assert_int_equal(bytes, 7);
}

static void formats(void **state)
{
	char buffer[32];

	(void)state;
	assert_string_equal(size_format(0, buffer, sizeof(buffer)), "0 bytes");
	assert_string_equal(size_format(1023, buffer, sizeof(buffer)), "1023 bytes");
	assert_string_equal(size_format(1024, buffer, sizeof(buffer)), "1 KiB");
	assert_string_equal(size_format(1536, buffer, sizeof(buffer)), "1.5 KiB");
	assert_string_equal(size_format((1ull << 30) - 1, buffer, sizeof(buffer)), "1023.9 MiB");
	assert_string_equal(size_format(0x1fccf000, buffer, sizeof(buffer)), "508.8 MiB");
	assert_string_equal(size_format(UINT64_MAX, buffer, sizeof(buffer)), "16777215.9 TiB");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses),
		cmocka_unit_test(refuses),
		cmocka_unit_test(formats),
	};

	return cmocka_run_group_tests_name("host.size", tests, NULL, NULL);
}
