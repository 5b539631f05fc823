/* SPDX-License-Identifier: MIT */
/* -e: which calls are shown. [trace=][!]name,name,%class */
#include <stdio.h>
#include <string.h>

#include "../../runtime/sys/numbers.h"
#include "trace/trace.h"

static bool has(unsigned number, enum rm_trace_kind kind)
{
	for (int i = 0; i < 6; i++)
		if (trace_kind(number, i) == kind)
			return true;
	return false;
}

static bool is_file(unsigned n)
{
	return has(n, RM_T_DIRFD) || trace_kind(n, 0) == RM_T_STR || n == LX_getcwd || n == LX_fchdir;
}

static bool is_desc(unsigned n)
{
	return has(n, RM_T_FD) || has(n, RM_T_DIRFD) || n == LX_ppoll || n == LX_pselect6;
}

static bool is_network(unsigned n)
{
	return (n >= LX_socket && n <= LX_recvmsg) || n == LX_accept4 || n == LX_recvmmsg || n == LX_sendmmsg || n == LX_sendfile;
}

static bool is_memory(unsigned n)
{
	return n == LX_brk || n == LX_munmap || n == LX_mremap || n == LX_mmap || (n >= LX_mprotect && n <= LX_move_pages);
}

static bool is_signal(unsigned n)
{
	return (n >= LX_kill && n <= LX_rt_sigreturn) || n == LX_signalfd4 || n == LX_rt_tgsigqueueinfo;
}

static bool is_process(unsigned n)
{
	return n == LX_exit || n == LX_exit_group || n == LX_clone || n == LX_clone3 || n == LX_execve || n == LX_execveat ||
	       n == LX_wait4 || n == LX_waitid || (n >= LX_kill && n <= LX_tgkill);
}

static bool is_any(unsigned n)
{
	(void)n;
	return true;
}

static const struct {
	const char *name;
	bool (*holds)(unsigned number);
} classes[] = {
	{ "%file", is_file }, { "%desc", is_desc }, { "%network", is_network }, { "%net", is_network }, { "%memory", is_memory },
	{ "%signal", is_signal }, { "%process", is_process }, { "all", is_any }, { "%all", is_any },
};

static int add_word(bool *chosen, const char *word, size_t length, char *error, size_t error_size)
{
	int number;

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (strlen(classes[i].name) != length || memcmp(classes[i].name, word, length) != 0)
			continue;
		for (unsigned n = 0; n < TRACE_NUMBERS; n++)
			chosen[n] |= classes[i].holds(n);
		return 0;
	}
	number = trace_number(word, length);
	if (number < 0) {
		snprintf(error, error_size, "-e: '%.*s' is neither a system call nor a class (%%file %%desc %%network %%memory %%signal "
			 "%%process)", (int)length, word);
		return -1;
	}
	chosen[number] = true;
	return 0;
}

int trace_filter_parse(struct trace_filter *filter, const char *text, char *error, size_t error_size)
{
	bool chosen[TRACE_NUMBERS] = { false }, negated;

	if (strncmp(text, "trace=", 6) == 0)
		text += 6;
	negated = *text == '!';
	text += negated;
	for (;;) {
		size_t length = strcspn(text, ",");

		if (add_word(chosen, text, length, error, error_size) != 0)
			return -1;
		if (text[length] == '\0')
			break;
		text += length + 1;
	}
	for (unsigned n = 0; n < TRACE_NUMBERS; n++)
		filter->hidden[n] = chosen[n] == negated;
	return 0;
}
