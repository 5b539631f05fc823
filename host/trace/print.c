/* SPDX-License-Identifier: MIT */
/* A call as a line: name, arguments, result, time, and who answered it. */
#include <inttypes.h>
#include <string.h>

#include "trace/trace.h"

#define ERRNO_MAX 4095

static bool failed(const struct trace_call *exit)
{
	int64_t result = (int64_t)exit->record.arg[RM_TRACE_RESULT];

	return result < 0 && result >= -ERRNO_MAX;
}

static const struct trace_item *find(const struct trace_call *call, int arg)
{
	for (unsigned i = 0; call != NULL && i < call->count; i++)
		if (call->items[i].arg == arg)
			return &call->items[i];
	return NULL;
}

/* The parts of a vector, or the strings of a vector of strings, follow the first item of the same argument. */
static const struct trace_item *next(const struct trace_call *call, const struct trace_item *item)
{
	const struct trace_item *end = call->items + call->count;

	for (const struct trace_item *i = item + 1; i < end; i++)
		if (i->arg == item->arg)
			return i;
	return NULL;
}

static void print_vector(FILE *out, const struct trace_call *call, const struct trace_item *item)
{
	const struct trace_item *part = next(call, item);
	uint64_t entry[2];

	fputc('[', out);
	for (size_t at = 0; at + sizeof(entry) <= item->size; at += sizeof(entry)) {
		memcpy(entry, item->bytes + at, sizeof(entry));
		fputs(at == 0 ? "{" : ", {", out);
		if (part != NULL)
			trace_print_bytes(out, part->bytes, part->size, part->flags & RM_TRACE_CUT);
		else
			fprintf(out, "%#" PRIx64, entry[0]);
		fprintf(out, ", %" PRIu64 "}", entry[1]);
		part = part != NULL ? next(call, part) : NULL;
	}
	fputs(item->flags & RM_TRACE_CUT ? ", ...]" : "]", out);
}

static void print_message(FILE *out, const struct trace_call *call, const struct trace_item *item)
{
	const struct trace_item *name = next(call, item), *vector = name != NULL ? next(call, name) : NULL;
	uint64_t words[7] = { 0 };

	if (item->size < sizeof(words)) {
		fputs("?", out);
		return;
	}
	memcpy(words, item->bytes, sizeof(words));
	fputs("{name=", out);
	if (name != NULL && name->size > 0)
		trace_print_structure(out, RM_T_ADDR, name, 0);
	else
		fputs("NULL", out);
	fputs(", iov=", out);
	if (vector != NULL)
		print_vector(out, call, vector);
	else
		fprintf(out, "%#" PRIx64, words[2]);
	fprintf(out, ", control=%" PRIu64 " bytes}", words[5]);
}

static void print_strings(FILE *out, const struct trace_call *call, const struct trace_item *item)
{
	fputc('[', out);
	for (const struct trace_item *i = item; i != NULL; i = next(call, i)) {
		if (i != item)
			fputs(", ", out);
		trace_print_bytes(out, i->bytes, i->size, i->flags & RM_TRACE_CUT);
	}
	fputc(']', out);
}

static void print_pointed(FILE *out, enum rm_trace_kind kind, const struct trace_call *call, const struct trace_item *item,
			  uint64_t result)
{
	switch (kind) {
	case RM_T_IOV:
	case RM_T_IOV_OUT:
		print_vector(out, call, item);
		break;
	case RM_T_MSG:
	case RM_T_MSG_OUT:
		print_message(out, call, item);
		break;
	case RM_T_STRV:
		print_strings(out, call, item);
		break;
	default:
		trace_print_structure(out, kind, item, result);
	}
}

static void print_argument(FILE *out, const struct trace_call *enter, const struct trace_call *exit, int arg)
{
	enum rm_trace_kind kind = trace_kind(enter->record.number, arg);
	const struct trace_call *from = kind > RM_T_OUT && exit != NULL && find(exit, arg) != NULL ? exit : enter;
	const struct trace_item *item = kind > RM_T_IN ? find(from, arg) : NULL;
	uint64_t value = enter->record.arg[arg];

	if (kind < RM_T_IN)
		trace_print_value(out, kind, value);
	else if (value == 0)
		fputs("NULL", out);
	else if (item == NULL || (item->flags & RM_TRACE_FAULT))
		fprintf(out, "%#" PRIx64, value);
	else
		print_pointed(out, kind, from, item, exit != NULL ? exit->record.arg[RM_TRACE_RESULT] : 0);
}

/* open without O_CREAT or O_TMPFILE has no mode. */
static bool hidden(const struct trace_call *enter, int arg)
{
	return arg > 0 && trace_kind(enter->record.number, arg) == RM_T_OCT &&
	       trace_kind(enter->record.number, arg - 1) == RM_T_OFLAGS && !(enter->record.arg[arg - 1] & (0100 | 020000000));
}

void trace_print_call(FILE *out, const struct trace_call *enter, const struct trace_call *exit)
{
	const char *name = trace_name(enter->record.number);

	if (name != NULL)
		fprintf(out, "%s(", name);
	else
		fprintf(out, "call_%" PRIu32 "(", enter->record.number);
	for (int i = 0; i < 6 && trace_kind(enter->record.number, i) != RM_T_NONE && !hidden(enter, i); i++) {
		if (i > 0)
			fputs(", ", out);
		print_argument(out, enter, exit, i);
	}
}

static void print_by(FILE *out, const struct trace_call *exit)
{
	const uint64_t *arg = exit->record.arg;
	uint32_t host = (uint32_t)arg[RM_TRACE_HOST], hosts = (uint32_t)(arg[RM_TRACE_HOST] >> 32);
	const char *between = "";

	for (unsigned i = 0; i < 64; i++) {
		if (!(arg[RM_TRACE_OPCODES] >> i & 1))
			continue;
		fprintf(out, "%s%s", *between ? " " : "ring ", trace_opcode(i));
		between = " + ";
	}
	if (arg[RM_TRACE_SQES] > (uint64_t)__builtin_popcountll(arg[RM_TRACE_OPCODES]))
		fprintf(out, " (%" PRIu64 " entries)", arg[RM_TRACE_SQES]);
	if (hosts > 0) {
		fprintf(out, "%shost call %s", between, trace_name(host) ? trace_name(host) : "?");
		if (hosts > 1)
			fprintf(out, " x%" PRIu32, hosts);
		between = " + ";
	}
	if (arg[RM_TRACE_BY] == RM_TRACE_BY_KERNEL)
		fprintf(out, "%ssecure kernel", between);
	else if (arg[RM_TRACE_BY] == RM_TRACE_BY_NOBODY)
		fprintf(out, "%sno handler", between);
	else if (arg[RM_TRACE_BY] == RM_TRACE_BY_WINDOW)
		fprintf(out, "%swindow", between);
	else if (*between == '\0')
		fputs(trace_by_kernel(exit->record.number) ? "runtime, secure kernel" : "runtime", out);
	if (arg[RM_TRACE_EXITS] > 0)
		fprintf(out, "; %" PRIu64 " exit%s", arg[RM_TRACE_EXITS], arg[RM_TRACE_EXITS] > 1 ? "s" : "");
}

static bool is_address(uint32_t number)
{
	const char *name = trace_name(number);

	return name != NULL && (strcmp(name, "mmap") == 0 || strcmp(name, "brk") == 0 || strcmp(name, "mremap") == 0);
}

void trace_print_result(FILE *out, const struct trace_call *enter, const struct trace_call *exit)
{
	int64_t result = (int64_t)exit->record.arg[RM_TRACE_RESULT];
	uint64_t ns = exit->record.ns > enter->record.ns ? exit->record.ns - enter->record.ns : 0;

	if (failed(exit) && result == -512)
		fputs(" = ? (a signal comes first)", out);
	else if (failed(exit) && strerrorname_np((int)-result) != NULL)
		fprintf(out, " = -1 %s (%s)", strerrorname_np((int)-result), strerror((int)-result));
	else if (failed(exit))
		fprintf(out, " = -1 (error %" PRId64 ")", -result);
	else if (is_address(enter->record.number))
		fprintf(out, " = %#" PRIx64, (uint64_t)result);
	else
		fprintf(out, " = %" PRId64, result);
	fprintf(out, " <%" PRIu64 ".%06" PRIu64 "; ", ns / 1000000000, ns % 1000000000 / 1000);
	print_by(out, exit);
	if (exit->record.flags & RM_TRACE_REFLECTED)
		fputs("; svc", out);
	fputs(">\n", out);
}
