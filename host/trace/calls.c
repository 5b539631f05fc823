/* SPDX-License-Identifier: MIT */
/* Names of system calls and of io_uring's operations, and what the arguments are (abi/trace.def). */
#include <string.h>

#include "../../runtime/sys/numbers.h"
#include "svc.h"
#include "trace/trace.h"

static const struct {
	const char *name;
	uint8_t kinds[6];
} calls[TRACE_NUMBERS] = {
#define TRACE(name, ...) [LX_##name] = { #name, { __VA_ARGS__ } },
#include "trace.def"
#undef TRACE
};

/* By whom, as the runtime's table says. */
static const char *const by[TRACE_NUMBERS] = {
#define CALL(name, handler, whom) [LX_##name] = whom,
#include "../../runtime/posix/calls.def"
#undef CALL
};

static const char *const opcodes[] = {
	"NOP", "READV", "WRITEV", "FSYNC", "READ_FIXED", "WRITE_FIXED", "POLL_ADD", "POLL_REMOVE", "SYNC_FILE_RANGE", "SENDMSG",
	"RECVMSG", "TIMEOUT", "TIMEOUT_REMOVE", "ACCEPT", "ASYNC_CANCEL", "LINK_TIMEOUT", "CONNECT", "FALLOCATE", "OPENAT", "CLOSE",
	"FILES_UPDATE", "STATX", "READ", "WRITE", "FADVISE", "MADVISE", "SEND", "RECV", "OPENAT2", "EPOLL_CTL", "SPLICE",
	"PROVIDE_BUFFERS", "REMOVE_BUFFERS", "TEE", "SHUTDOWN", "RENAMEAT", "UNLINKAT", "MKDIRAT", "SYMLINKAT", "LINKAT", "MSG_RING",
	"FSETXATTR", "SETXATTR", "FGETXATTR", "GETXATTR", "SOCKET", "URING_CMD", "SEND_ZC", "SENDMSG_ZC", "READ_MULTISHOT", "WAITID",
	"FUTEX_WAIT", "FUTEX_WAKE", "FUTEX_WAITV", "FIXED_FD_INSTALL", "FTRUNCATE", "BIND", "LISTEN",
};

const char *trace_name(uint32_t number)
{
	if (number == RM_SVC_ADDRESS)
		return "rm_address";
	if (number == RM_SVC_STAT)
		return "rm_stat";
	return number < TRACE_NUMBERS ? calls[number].name : NULL;
}

int trace_number(const char *name, size_t length)
{
	for (unsigned i = 0; i < TRACE_NUMBERS; i++)
		if (calls[i].name != NULL && strlen(calls[i].name) == length && memcmp(calls[i].name, name, length) == 0)
			return (int)i;
	return -1;
}

enum rm_trace_kind trace_kind(uint32_t number, int arg)
{
	if (number >= TRACE_NUMBERS || calls[number].name == NULL)
		return RM_T_HEX;
	return (enum rm_trace_kind)calls[number].kinds[arg];
}

bool trace_by_kernel(uint32_t number)
{
	return number < TRACE_NUMBERS && by[number] != NULL && strstr(by[number], "secure kernel") != NULL;
}

const char *trace_opcode(unsigned opcode)
{
	return opcode < sizeof(opcodes) / sizeof(opcodes[0]) ? opcodes[opcode] : "?";
}
