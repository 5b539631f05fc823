/* SPDX-License-Identifier: MIT */
/*
 * Records of each call of a program that is traced: its arguments with what they point to (abi/trace.def), its result, who answered.
 * Without RM_BOOT_TRACE nothing of this runs.
 *
 * Attacks considered: whoever runs the enclave may ask for a trace; no thread runs with one unless its manifest permits debugging
 * (rm_policy_thread()). A program's pointers go through the accessors; what cannot be read is marked so, and lengths are cut to what a record holds.
 */
#include "posix/posix.h"

#include "lib/string.h"
#include "ring/access.h"
#include "ring/trace.h"

#define NUMBERS		512u
#define IOVECS		8u	/* of a vector that are shown */
#define STRINGS		8u
#define MSG_NAME	128u

static const uint8_t kinds[NUMBERS][6] = {
#define TRACE(name, ...)	[LX_##name] = { __VA_ARGS__ },
#include "abi/trace.def"
#undef TRACE
};

/* How to find out how many bytes a pointer names. */
enum how { NOTHING, FIXED, STRING, BYTES, BYTES_RESULT, ARRAY, ARRAY_RESULT, SOCKET_NAME, VECTOR, MESSAGE, STRING_VECTOR };

static const struct rule {
	uint8_t how;
	uint8_t both;		/* before and after the call */
	uint16_t unit;		/* bytes of FIXED, or of an element */
} rules[256] = {
	[RM_T_STR] = { STRING, 0, 0 },
	[RM_T_BUF] = { BYTES, 0, 1 },
	[RM_T_IOV] = { VECTOR, 0, 0 },
	[RM_T_ADDR] = { BYTES, 0, 1 },
	[RM_T_TIME] = { FIXED, 0, 16 },
	[RM_T_TIMES] = { FIXED, 0, 32 },
	[RM_T_ITIMERSPEC] = { FIXED, 0, 32 },
	[RM_T_ITIMERVAL] = { FIXED, 0, 32 },
	[RM_T_SIGSET] = { FIXED, 0, 8 },
	[RM_T_SIGACTION] = { FIXED, 0, 32 },
	[RM_T_RLIMIT] = { FIXED, 0, 16 },
	[RM_T_INTP] = { FIXED, 0, 4 },
	[RM_T_OFFSET] = { FIXED, 0, 8 },
	[RM_T_EVENT] = { FIXED, 0, 16 },
	[RM_T_POLL] = { ARRAY, 0, 8 },
	[RM_T_MSG] = { MESSAGE, 0, 0 },
	[RM_T_STRV] = { STRING_VECTOR, 0, 0 },
	[RM_T_WORD] = { FIXED, 0, 4 },
	[RM_T_BUF_OUT] = { BYTES_RESULT, 0, 1 },
	[RM_T_IOV_OUT] = { VECTOR, 0, 0 },
	[RM_T_ADDR_OUT] = { SOCKET_NAME, 0, 0 },
	[RM_T_TIME_OUT] = { FIXED, 0, 16 },
	[RM_T_ITIMERSPEC_OUT] = { FIXED, 0, 32 },
	[RM_T_ITIMERVAL_OUT] = { FIXED, 0, 32 },
	[RM_T_SIGSET_OUT] = { FIXED, 0, 8 },
	[RM_T_SIGACTION_OUT] = { FIXED, 0, 32 },
	[RM_T_RLIMIT_OUT] = { FIXED, 0, 16 },
	[RM_T_INTP_OUT] = { FIXED, 0, 4 },
	[RM_T_OFFSET_OUT] = { FIXED, 0, 8 },
	[RM_T_EVENTS_OUT] = { ARRAY_RESULT, 0, 16 },
	[RM_T_POLL_OUT] = { ARRAY, 1, 8 },
	[RM_T_STR_OUT] = { BYTES_RESULT, 0, 1 },
	[RM_T_STAT_OUT] = { FIXED, 0, 128 },
	[RM_T_STATX_OUT] = { FIXED, 0, 256 },
	[RM_T_STATFS_OUT] = { FIXED, 0, 120 },
	[RM_T_PAIR_OUT] = { FIXED, 0, 8 },
	[RM_T_UTSNAME_OUT] = { FIXED, 0, 390 },
	[RM_T_STATUS_OUT] = { FIXED, 0, 4 },
	[RM_T_TIMEVAL_OUT] = { FIXED, 0, 16 },
	[RM_T_MSG_OUT] = { MESSAGE, 0, 0 },
	[RM_T_SYSINFO_OUT] = { FIXED, 0, 112 },
};

/* A record being built. */
struct work {
	const struct rm_thread *t;
	union {
		struct rm_trace_record record;
		uint8_t bytes[RM_TRACE_RECORD_MAX];
	};
	uint32_t size;
	long result;		/* of the call, once it is known */
};

static uint32_t left(const struct work *w)
{
	const uint32_t used = w->size + (uint32_t)sizeof(struct rm_trace_item);

	return used < RM_TRACE_RECORD_MAX ? (RM_TRACE_RECORD_MAX - used) & ~7u : 0;
}

/* Makes what stands behind the record (size bytes) an item. */
static void close_item(struct work *w, int arg, uint32_t flags, uint32_t size)
{
	const struct rm_trace_item item = { .arg = (uint8_t)arg, .flags = (uint8_t)flags, .size = (uint16_t)size };

	memcpy(w->bytes + w->size, &item, sizeof(item));
	memset(w->bytes + w->size + sizeof(item) + size, 0, -size & 7u);	/* nothing of the stack leaves */
	w->size += ((uint32_t)sizeof(item) + size + 7) & ~7u;
}

static uint8_t *next_bytes(struct work *w)
{
	return w->bytes + w->size + sizeof(struct rm_trace_item);
}

/* `size` bytes at `user`, of which at most `most` are taken. */
static void take(struct work *w, int arg, unsigned long user, uint64_t size, uint32_t most)
{
	const uint32_t limit = most < left(w) ? most : left(w);
	const uint32_t part = size < limit ? (uint32_t)size : limit;

	if (w->size + sizeof(struct rm_trace_item) > RM_TRACE_RECORD_MAX)
		return;
	if (rm_get_user(next_bytes(w), user, part) != 0)
		close_item(w, arg, RM_TRACE_FAULT, 0);
	else
		close_item(w, arg, part < size ? RM_TRACE_CUT : 0, part);
}

static void take_string(struct work *w, int arg, unsigned long user)
{
	const uint32_t limit = w->t->trace_string < left(w) ? w->t->trace_string : left(w);
	long length;

	if (w->size + sizeof(struct rm_trace_item) > RM_TRACE_RECORD_MAX || limit == 0)
		return;
	length = rm_copy_string((char *)next_bytes(w), (const char *)user, limit);
	if (length == -ENAMETOOLONG)
		close_item(w, arg, RM_TRACE_CUT, limit);
	else if (length < 0)
		close_item(w, arg, RM_TRACE_FAULT, 0);
	else
		close_item(w, arg, 0, (uint32_t)length);
}

/* The vector, then the bytes of each of its parts as far as the call had them. */
static void take_vector(struct work *w, int arg, unsigned long user, uint64_t count, uint64_t bytes)
{
	struct lx_iovec vector[IOVECS];
	const uint32_t shown = count < IOVECS ? (uint32_t)count : IOVECS;

	take(w, arg, user, count > 1024 ? 0 : count * sizeof(vector[0]), sizeof(vector));
	if (rm_get_user(vector, user, shown * sizeof(vector[0])) != 0)
		return;
	for (uint32_t i = 0; i < shown && left(w) > 0; i++) {
		const uint64_t size = vector[i].len < bytes ? vector[i].len : bytes;

		take(w, arg, vector[i].base, size, w->t->trace_string);
		bytes -= size;
	}
}

struct message {
	uint64_t name;
	uint32_t name_size, reserved;
	uint64_t vector, count, control, control_size;
	uint64_t flags;
};

/* The header, the name, the vector, the bytes. */
static void take_message(struct work *w, int arg, unsigned long user, uint64_t bytes)
{
	struct message message;

	take(w, arg, user, sizeof(message), sizeof(message));
	if (rm_get_user(&message, user, sizeof(message)) != 0)
		return;
	take(w, arg, message.name, message.name ? message.name_size : 0, MSG_NAME);
	take_vector(w, arg, message.vector, message.count, bytes);
}

static void take_strings(struct work *w, int arg, unsigned long user)
{
	uint64_t pointer;

	for (unsigned i = 0; i < STRINGS; i++) {
		if (rm_get_user(&pointer, user + i * sizeof(pointer), sizeof(pointer)) != 0 || pointer == 0)
			return;
		take_string(w, arg, pointer);
	}
}

static void take_name(struct work *w, int arg, unsigned long user, unsigned long size_user)
{
	uint32_t size;

	if (size_user != 0 && rm_get_user(&size, size_user, sizeof(size)) == 0)
		take(w, arg, user, size, MSG_NAME);
}

static void argument(struct work *w, const struct rm_args *args, int i, const struct rule *rule)
{
	const unsigned long user = args->a[i], next = i < 5 ? args->a[i + 1] : 0;
	const uint64_t result = w->result > 0 ? (uint64_t)w->result : 0;

	if (user == 0)
		return;
	switch ((enum how)rule->how) {
	case FIXED:
		take(w, i, user, rule->unit, rule->unit);
		break;
	case STRING:
		take_string(w, i, user);
		break;
	case BYTES:
		take(w, i, user, next, w->t->trace_string);
		break;
	case BYTES_RESULT:
		take(w, i, user, result, w->t->trace_string);
		break;
	case ARRAY:
		take(w, i, user, next > 4096 ? 0 : next * rule->unit, RM_TRACE_STRING_MAX);
		break;
	case ARRAY_RESULT:
		take(w, i, user, result > 4096 ? 0 : result * rule->unit, RM_TRACE_STRING_MAX);
		break;
	case SOCKET_NAME:
		take_name(w, i, user, next);
		break;
	case VECTOR:
		take_vector(w, i, user, next, w->record.type == RM_TRACE_ENTER ? ~0ul : result);
		break;
	case MESSAGE:
		take_message(w, i, user, w->record.type == RM_TRACE_ENTER ? ~0ul : result);
		break;
	case STRING_VECTOR:
		take_strings(w, i, user);
		break;
	case NOTHING:
	default:
		break;
	}
}

static void begin(struct work *w, const struct rm_thread *t, const struct rm_args *args, enum rm_trace_type type)
{
	w->t = t;
	w->result = 0;
	w->size = sizeof(w->record);
	memset(&w->record, 0, sizeof(w->record));
	w->record.type = (uint8_t)type;
	w->record.flags = (uint8_t)(args->direct ? 0 : RM_TRACE_REFLECTED);
	w->record.number = (uint32_t)args->number;
	w->record.ns = rm_time_elapsed();
}

static void finish(struct rm_thread *t, struct work *w)
{
	w->record.size = (uint16_t)w->size;
	rm_trace_put(t, &w->record);
}

static void arguments(struct work *w, const struct rm_args *args)
{
	const bool after = w->record.type == RM_TRACE_EXIT;

	if (args->number >= NUMBERS)
		return;
	for (int i = 0; i < 6; i++) {
		const uint8_t kind = kinds[args->number][i];
		const struct rule *rule = &rules[kind];

		if (rule->how != NOTHING && (rule->both || (kind > RM_T_OUT) == after))
			argument(w, args, i, rule);
	}
}

void rm_trace_enter(struct rm_thread *t, const struct rm_args *args)
{
	struct work w;

	begin(&w, t, args, RM_TRACE_ENTER);
	memcpy(w.record.arg, args->a, sizeof(w.record.arg));
	arguments(&w, args);
	finish(t, &w);
	t->opcodes = 0;
	t->host_calls = 0;
	t->exits = 0;
	t->window_reads = 0;
	t->passed_on = false;
	t->trace_tail = t->ring.tail;
}

void rm_trace_exit(struct rm_thread *t, const struct rm_args *args, long result, enum rm_trace_by by)
{
	struct work w;

	begin(&w, t, args, RM_TRACE_EXIT);
	w.result = result;
	w.record.arg[RM_TRACE_RESULT] = (uint64_t)result;
	w.record.arg[RM_TRACE_OPCODES] = t->opcodes;
	w.record.arg[RM_TRACE_SQES] = t->ring.tail - t->trace_tail;
	w.record.arg[RM_TRACE_HOST] = t->host_number | (uint64_t)t->host_calls << 32;
	w.record.arg[RM_TRACE_EXITS] = t->exits;
	w.record.arg[RM_TRACE_BY] = t->passed_on ? RM_TRACE_BY_KERNEL : t->window_reads ? RM_TRACE_BY_WINDOW : by;
	if (result >= 0)
		arguments(&w, args);
	finish(t, &w);
}

void rm_trace_signal(struct rm_thread *t, int signal, int code, uint64_t handler, uint64_t address)
{
	struct rm_trace_record record = {
		.size = sizeof(record), .type = RM_TRACE_SIGNAL, .ns = rm_time_elapsed(),
		.arg = { (uint64_t)signal, (uint64_t)code, handler, address },
	};

	rm_trace_put(t, &record);
}
