/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "hostcall.h"
#include "message.h"

static char buffer[512];

static void says(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("'%s' does not say '%s'", text, part);
}

#define FAILURE(failure, detail) message_failure(failure, detail, buffer, sizeof(buffer))

static void failures(void **state)
{
	(void)state;
	says(FAILURE(RM_FAIL_READ, EIO), "Input/output error");
	says(FAILURE(RM_FAIL_NOT_ELF, 0), "not a program");
	says(FAILURE(RM_FAIL_ARCH, EM_X86_64), "not an AArch64 program (it is x86-64); build it with ringmaster-cc");
	says(FAILURE(RM_FAIL_ARCH, 4711), "for machine 4711");
	says(FAILURE(RM_FAIL_TYPE, ET_REL), "an object file");
	says(FAILURE(RM_FAIL_TRUNCATED, 0), "shorter than its headers");
	says(FAILURE(RM_FAIL_MEMORY, 3u << 20), "3 MiB");
	says(FAILURE(RM_FAIL_MEMORY, 3u << 20), "--memory");
}

/* Each failure that the contract knows has a text of its own, and all others one that gives the number. */
static void every_failure_has_a_text(void **state)
{
	(void)state;
	for (uint64_t f = 1; f < RM_FAIL_COUNT; f++)
		assert_null(strstr(FAILURE(f, 0), "gave up"));
	says(FAILURE(0, 0), "gave up");
	says(FAILURE(RM_FAIL_COUNT, 77), "detail 77");
	says(FAILURE(UINT64_MAX, UINT64_MAX), "18446744073709551615");
}

static void faults(void **state)
{
	(void)state;
	assert_string_equal(message_fault(SIGSEGV, 0, 0x2000001234, buffer, sizeof(buffer)),
			    "segmentation fault at 0, pc 0x2000001234");
	says(message_fault(SIGILL, 8, 8, buffer, sizeof(buffer)), "illegal instruction at 0x8");
	says(message_fault(77, 8, 8, buffer, sizeof(buffer)), "fault at 0x8");
}

static void no_memory(void **state)
{
	(void)state;
	says(message_no_memory(8u << 20, 8u << 20, 0, 508u << 20, buffer, sizeof(buffer)), "limit 8 MiB, 8 MiB in use");
	says(buffer, "--memory, the board has 508 MiB");
	says(message_no_memory(8u << 20, 2u << 20, 1, 508u << 20, buffer, sizeof(buffer)), "ran out (508 MiB");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failures),
		cmocka_unit_test(every_failure_has_a_text),
		cmocka_unit_test(faults),
		cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests_name("host.message", tests, NULL, NULL);
}
