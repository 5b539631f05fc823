/* SPDX-License-Identifier: MIT */
/* What people read when something went wrong: reason first, then what to do about it. */
#include "message.h"

#include <elf.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hostcall.h"
#include "size.h"

static void say(const char *format, va_list args)
{
	char line[1024];

	/* One write, so that lines of several enclaves on one terminal do not mix. */
	vsnprintf(line, sizeof(line), format, args);
	dprintf(STDERR_FILENO, "ringmaster: %s\n", line);
}

void warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
}

void die(int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	exit(status);
}

static const char *machine_name(uint64_t machine)
{
	static const struct {
		uint16_t machine;
		const char *name;
	} names[] = {
		{ EM_386, "32-bit x86" },  { EM_MIPS, "MIPS" },		  { EM_PPC, "PowerPC" },
		{ EM_PPC64, "PowerPC64" }, { EM_S390, "S/390" },	  { EM_ARM, "32-bit Arm" },
		{ EM_X86_64, "x86-64" },   { EM_RISCV, "RISC-V" },	  { 258, "LoongArch" },
		{ EM_SPARCV9, "SPARC" },   { EM_AARCH64, "32-bit or big-endian AArch64" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].machine == machine)
			return names[i].name;
	}
	return NULL;
}

static void not_our_machine(uint64_t machine, char *buffer, size_t buffer_size)
{
	const char *name = machine_name(machine);
	char number[32];

	if (name == NULL) {
		snprintf(number, sizeof(number), "for machine %" PRIu64, machine);
		name = number;
	}
	snprintf(buffer, buffer_size, "not an AArch64 program (it is %s); build it with ringmaster-cc", name);
}

static const char *type_name(uint64_t type)
{
	switch (type) {
	case ET_REL:
		return "an object file";
	case ET_DYN:
		return "a shared library";
	case ET_CORE:
		return "a core dump";
	default:
		return "something else";
	}
}

/* enum rm_failure as text, to stand behind "ringmaster: PROGRAM: ". */
const char *message_failure(uint64_t failure, uint64_t detail, char *buffer, size_t buffer_size)
{
	char size[32];

	switch (failure) {
	case RM_FAIL_HOST:
		snprintf(buffer, buffer_size, "the enclave refuses what this program set up for it (check %" PRIu64
			 "); install ringmaster and the firmware from one release", detail);
		break;
	case RM_FAIL_READ:
		snprintf(buffer, buffer_size, "cannot be read: %s", strerror((int)(detail & 0xffff)));
		break;
	case RM_FAIL_NOT_ELF:
		snprintf(buffer, buffer_size, "not a program (no ELF file); build one with ringmaster-cc");
		break;
	case RM_FAIL_ARCH:
		not_our_machine(detail, buffer, buffer_size);
		break;
	case RM_FAIL_TYPE:
		snprintf(buffer, buffer_size, "not a program but %s; link it with ringmaster-cc", type_name(detail));
		break;
	case RM_FAIL_TRUNCATED:
		snprintf(buffer, buffer_size, "the file is shorter than its headers say; copy or build it again");
		break;
	case RM_FAIL_LAYOUT:
		snprintf(buffer, buffer_size,
			 "its segments overlap or ask for addresses that an enclave does not have; link it with ringmaster-cc");
		break;
	case RM_FAIL_DYNAMIC:
		snprintf(buffer, buffer_size,
			 "it is dynamically linked, which enclaves do not support yet; link it with ringmaster-cc");
		break;
	case RM_FAIL_MEMORY:
		snprintf(buffer, buffer_size,
			 "it does not fit into the enclave's memory (%s more asked); give it more with --memory, or end other enclaves",
			 size_format(detail, size, sizeof(size)));
		break;
	case RM_FAIL_ARGS:
		snprintf(buffer, buffer_size, "arguments and environment do not fit into the enclave; pass fewer");
		break;
	case RM_FAIL_IMAGE:
		snprintf(buffer, buffer_size, "a damaged image, or one of another version (check %" PRIu64 "); pack it again", detail);
		break;
	case RM_FAIL_KEY:
		snprintf(buffer, buffer_size, "signed by a key that this firmware does not know; sign it with one that it knows, or build "
			 "firmware with IMAGE_KEYS");
		break;
	case RM_FAIL_SIGNATURE:
		snprintf(buffer, buffer_size, "the image's signature is wrong: its head was changed; pack it again");
		break;
	case RM_FAIL_HASH:
		snprintf(buffer, buffer_size, "the image was changed after it was signed (%s); pack it again",
			 detail == 1 ? "its manifest" : detail == 2 ? "its program" : "bytes behind its program");
		break;
	case RM_FAIL_MANIFEST:
		snprintf(buffer, buffer_size, "the enclave refuses the manifest (check %" PRIu64 "); pack it again with this release", detail);
		break;
	case RM_FAIL_DEBUG:
		snprintf(buffer, buffer_size, "its manifest does not permit debugging; write debug = true into it and pack it again");
		break;
	case RM_FAIL_RESIDENT:	/* with its sums: manifest_not_resident() */
		snprintf(buffer, buffer_size, "its reservations cannot be met: %s", strerror((int)(detail & 0xffff)));
		break;
	case RM_FAIL_ORDER:
		snprintf(buffer, buffer_size, "the order is not for the secure kernel that runs now, or was carried out already; give it anew");
		break;
	default:
		snprintf(buffer, buffer_size, "the enclave's runtime gave up (reason %" PRIu64 ", detail %" PRIu64 ")",
			 failure, detail);
	}
	return buffer;
}

static const char *fault_name(uint64_t signal)
{
	switch (signal) {
	case SIGSEGV:
		return "segmentation fault";
	case SIGBUS:
		return "bus error";
	case SIGILL:
		return "illegal instruction";
	case SIGFPE:
		return "arithmetic error";
	case SIGTRAP:
		return "trap";
	default:
		return "fault";
	}
}

const char *message_fault(uint64_t signal, uint64_t address, uint64_t pc, char *buffer, size_t buffer_size)
{
	snprintf(buffer, buffer_size, "%s at %#" PRIx64 ", pc %#" PRIx64, fault_name(signal), address, pc);
	return buffer;
}

/* board: the board's memory ran out before the enclave's limit did. total: bytes the board has for enclaves. */
const char *message_no_memory(uint64_t limit, uint64_t used, int board, uint64_t total, char *buffer,
			      size_t buffer_size)
{
	char limit_text[32], used_text[32], total_text[32];

	size_format(limit, limit_text, sizeof(limit_text));
	size_format(used, used_text, sizeof(used_text));
	size_format(total, total_text, sizeof(total_text));
	if (board)
		snprintf(buffer, buffer_size,
			 "killed: the board's secure memory ran out (%s for all enclaves, %s used by this one); end other enclaves, or use less",
			 total_text, used_text);
	else
		snprintf(buffer, buffer_size,
			 "killed: out of memory (limit %s, %s in use); give it more with --memory, the board has %s",
			 limit_text, used_text, total_text);
	return buffer;
}
