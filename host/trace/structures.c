/* SPDX-License-Identifier: MIT */
/* What a pointer named: strings and the main fields of structures, in AArch64 Linux's layout. An item may be shorter than it should. */
#include <arpa/inet.h>
#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>

#include "trace/trace.h"

void trace_print_bytes(FILE *out, const uint8_t *bytes, size_t size, bool cut)
{
	fputc('"', out);
	for (size_t i = 0; i < size; i++) {
		uint8_t c = bytes[i];

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c == '\n')
			fputs("\\n", out);
		else if (c == '\t')
			fputs("\\t", out);
		else if (c == '\r')
			fputs("\\r", out);
		else if (c >= ' ' && c < 127)
			fputc(c, out);
		else
			fprintf(out, "\\%o", c);
	}
	fputs(cut ? "\"..." : "\"", out);
}

/* A number of `size` bytes at an offset; 0 beyond the end. */
static uint64_t field(const struct trace_item *item, size_t at, size_t size)
{
	uint64_t value = 0;

	if (at <= item->size && size <= item->size - at)
		memcpy(&value, item->bytes + at, size);
	return value;
}

static void print_time(FILE *out, const struct trace_item *item, size_t at, const char *unit)
{
	fprintf(out, "{tv_sec=%" PRId64 ", tv_%s=%" PRId64 "}", (int64_t)field(item, at, 8), unit, (int64_t)field(item, at + 8, 8));
}

static void print_times(FILE *out, const struct trace_item *item, const char *first, const char *second, const char *unit)
{
	fprintf(out, "{%s", first);
	print_time(out, item, 0, unit);
	fprintf(out, ", %s", second);
	print_time(out, item, 16, unit);
	fputc('}', out);
}

static void print_sigset(FILE *out, uint64_t set)
{
	const char *between = "";

	/* Nearly all: those that are missing, as in musl's masks. */
	if (__builtin_popcountll(set) > 32) {
		fputc('~', out);
		set = ~set;
	}
	fputc('[', out);
	for (unsigned i = 0; i < 64; i++) {
		if (!(set >> i & 1))
			continue;
		fputs(between, out);
		trace_print_value(out, RM_T_SIGNAL, i + 1);
		between = " ";
	}
	fputc(']', out);
}

static void print_sigaction(FILE *out, const struct trace_item *item)
{
	uint64_t handler = field(item, 0, 8);

	fputs("{sa_handler=", out);
	if (handler < 2)
		fputs(handler == 0 ? "SIG_DFL" : "SIG_IGN", out);
	else
		fprintf(out, "%#" PRIx64, handler);
	fputs(", sa_mask=", out);
	print_sigset(out, field(item, 24, 8));
	fprintf(out, ", sa_flags=%#" PRIx64 "}", field(item, 8, 8));
}

static void print_limit(FILE *out, uint64_t value)
{
	if (value == ~0ul)
		fputs("RLIM_INFINITY", out);
	else
		fprintf(out, "%" PRIu64, value);
}

static void print_rlimit(FILE *out, const struct trace_item *item)
{
	fputs("{rlim_cur=", out);
	print_limit(out, field(item, 0, 8));
	fputs(", rlim_max=", out);
	print_limit(out, field(item, 8, 8));
	fputc('}', out);
}

static const struct {
	uint32_t bit;
	const char *name;
} polls[] = {
	{ 1, "IN" }, { 2, "PRI" }, { 4, "OUT" }, { 8, "ERR" }, { 16, "HUP" }, { 32, "NVAL" }, { 0x40, "RDNORM" }, { 0x80, "RDBAND" },
	{ 0x100, "WRNORM" }, { 0x2000, "RDHUP" }, { 1u << 28, "EXCLUSIVE" }, { 1u << 29, "WAKEUP" }, { 1u << 30, "ONESHOT" }, { 1u << 31, "ET" },
};

static void print_events(FILE *out, const char *prefix, uint32_t events)
{
	const char *between = "";

	if (events == 0)
		fputc('0', out);
	for (size_t i = 0; i < sizeof(polls) / sizeof(polls[0]); i++) {
		if (!(events & polls[i].bit))
			continue;
		fprintf(out, "%s%s%s", between, prefix, polls[i].name);
		between = "|";
	}
}

static void print_poll(FILE *out, const struct trace_item *item, bool answers)
{
	fputc('[', out);
	for (size_t at = 0; at + 8 <= item->size; at += 8) {
		fprintf(out, "%s{fd=%" PRId32 ", events=", at ? ", " : "", (int32_t)field(item, at, 4));
		print_events(out, "POLL", (uint32_t)field(item, at + 4, 2));
		if (answers && field(item, at + 6, 2) != 0) {
			fputs(", revents=", out);
			print_events(out, "POLL", (uint32_t)field(item, at + 6, 2));
		}
		fputc('}', out);
	}
	fputs(item->flags & RM_TRACE_CUT ? ", ...]" : "]", out);
}

static void print_epoll_event(FILE *out, const struct trace_item *item, size_t at)
{
	fputs("{events=", out);
	print_events(out, "EPOLL", (uint32_t)field(item, at, 4));
	fprintf(out, ", data=%#" PRIx64 "}", field(item, at + 8, 8));
}

static void print_epoll_events(FILE *out, const struct trace_item *item)
{
	fputc('[', out);
	for (size_t at = 0; at + 16 <= item->size; at += 16) {
		if (at != 0)
			fputs(", ", out);
		print_epoll_event(out, item, at);
	}
	fputs(item->flags & RM_TRACE_CUT ? ", ...]" : "]", out);
}

static void print_address(FILE *out, const struct trace_item *item)
{
	uint64_t family = field(item, 0, 2);
	char text[INET6_ADDRSTRLEN] = "?";

	fputs("{sa_family=", out);
	trace_print_value(out, RM_T_FAMILY, family);
	if (family == AF_UNIX && item->size > 2) {
		const uint8_t *path = item->bytes + 2;
		size_t size = item->size - 2u;

		fputs(", sun_path=", out);
		if (path[0] == 0)
			fputc('@', out);
		trace_print_bytes(out, path + (path[0] == 0), path[0] == 0 ? size - 1 : strnlen((const char *)path, size), false);
	} else if (family == AF_INET && item->size >= 8) {
		inet_ntop(AF_INET, item->bytes + 4, text, sizeof(text));
		fprintf(out, ", sin_port=%u, sin_addr=%s", ntohs((uint16_t)field(item, 2, 2)), text);
	} else if (family == AF_INET6 && item->size >= 24) {
		inet_ntop(AF_INET6, item->bytes + 8, text, sizeof(text));
		fprintf(out, ", sin6_port=%u, sin6_addr=%s", ntohs((uint16_t)field(item, 2, 2)), text);
	}
	fputc('}', out);
}

static void print_mode(FILE *out, uint64_t mode)
{
	static const char *const types[16] = {
		[1] = "S_IFIFO", [2] = "S_IFCHR", [4] = "S_IFDIR", [6] = "S_IFBLK", [8] = "S_IFREG", [10] = "S_IFLNK", [12] = "S_IFSOCK",
	};
	const char *type = types[mode >> 12 & 15];

	fprintf(out, "%s|%#" PRIo64, type != NULL ? type : "0", mode & 07777);
}

static void print_stat(FILE *out, const struct trace_item *item, size_t mode, size_t mode_size, size_t size)
{
	uint64_t value = field(item, mode, mode_size);

	fputs("{st_mode=", out);
	print_mode(out, value);
	fprintf(out, ", st_size=%" PRIu64 ", ...}", field(item, size, 8));
}

static void print_text_at(FILE *out, const struct trace_item *item, size_t at, size_t most)
{
	if (at >= item->size)
		return;
	if (most > item->size - at)
		most = item->size - at;
	trace_print_bytes(out, item->bytes + at, strnlen((const char *)item->bytes + at, most), false);
}

static void print_uname(FILE *out, const struct trace_item *item)
{
	fputs("{sysname=", out);
	print_text_at(out, item, 0, 65);
	fputs(", nodename=", out);
	print_text_at(out, item, 65, 65);
	fputs(", release=", out);
	print_text_at(out, item, 130, 65);
	fputs(", ...}", out);
}

static void print_status(FILE *out, const struct trace_item *item)
{
	const uint32_t status = (uint32_t)field(item, 0, 4);

	if ((status & 0x7f) == 0) {
		fprintf(out, "[exited with %u]", status >> 8 & 0xff);
	} else {
		fputs("[ended by ", out);
		trace_print_value(out, RM_T_SIGNAL, status & 0x7f);
		fputc(']', out);
	}
}

/*
 * One printer for each kind; what has none is bytes.
 */

static void print_buffer(FILE *out, const struct trace_item *item)
{
	trace_print_bytes(out, item->bytes, item->size, item->flags & RM_TRACE_CUT);
}

static void print_string(FILE *out, const struct trace_item *item)
{
	trace_print_bytes(out, item->bytes, strnlen((const char *)item->bytes, item->size), item->flags & RM_TRACE_CUT);
}

static void print_timespec(FILE *out, const struct trace_item *item) { print_time(out, item, 0, "nsec"); }
static void print_timeval(FILE *out, const struct trace_item *item) { print_time(out, item, 0, "usec"); }
static void print_timespecs(FILE *out, const struct trace_item *item) { print_times(out, item, "", "", "nsec"); }
static void print_itimerspec(FILE *out, const struct trace_item *item) { print_times(out, item, "it_interval=", "it_value=", "nsec"); }
static void print_itimerval(FILE *out, const struct trace_item *item) { print_times(out, item, "it_interval=", "it_value=", "usec"); }
static void print_set(FILE *out, const struct trace_item *item) { print_sigset(out, field(item, 0, 8)); }
static void print_event(FILE *out, const struct trace_item *item) { print_epoll_event(out, item, 0); }
static void print_stat64(FILE *out, const struct trace_item *item) { print_stat(out, item, 16, 4, 48); }
static void print_statx(FILE *out, const struct trace_item *item) { print_stat(out, item, 28, 2, 40); }

static void print_int(FILE *out, const struct trace_item *item)
{
	fprintf(out, "[%" PRId32 "]", (int32_t)field(item, 0, 4));
}

static void print_offset(FILE *out, const struct trace_item *item)
{
	fprintf(out, "[%" PRId64 "]", (int64_t)field(item, 0, 8));
}

static void print_pair(FILE *out, const struct trace_item *item)
{
	fprintf(out, "[%" PRId32 ", %" PRId32 "]", (int32_t)field(item, 0, 4), (int32_t)field(item, 4, 4));
}

static void print_statfs(FILE *out, const struct trace_item *item)
{
	fprintf(out, "{f_type=%#" PRIx64 ", f_bsize=%" PRIu64 ", f_blocks=%" PRIu64 ", f_bfree=%" PRIu64 ", ...}", field(item, 0, 8),
		field(item, 8, 8), field(item, 16, 8), field(item, 24, 8));
}

static void print_sysinfo(FILE *out, const struct trace_item *item)
{
	fprintf(out, "{uptime=%" PRIu64 ", totalram=%" PRIu64 ", freeram=%" PRIu64 ", ...}", field(item, 0, 8), field(item, 32, 8),
		field(item, 40, 8));
}

static void (*const printers[])(FILE *out, const struct trace_item *item) = {
	[RM_T_STR_OUT] = print_string,
	[RM_T_ADDR] = print_address, [RM_T_ADDR_OUT] = print_address,
	[RM_T_TIME] = print_timespec, [RM_T_TIME_OUT] = print_timespec,
	[RM_T_TIMEVAL_OUT] = print_timeval,
	[RM_T_TIMES] = print_timespecs,
	[RM_T_ITIMERSPEC] = print_itimerspec, [RM_T_ITIMERSPEC_OUT] = print_itimerspec,
	[RM_T_ITIMERVAL] = print_itimerval, [RM_T_ITIMERVAL_OUT] = print_itimerval,
	[RM_T_SIGSET] = print_set, [RM_T_SIGSET_OUT] = print_set,
	[RM_T_SIGACTION] = print_sigaction, [RM_T_SIGACTION_OUT] = print_sigaction,
	[RM_T_RLIMIT] = print_rlimit, [RM_T_RLIMIT_OUT] = print_rlimit,
	[RM_T_INTP] = print_int, [RM_T_INTP_OUT] = print_int, [RM_T_WORD] = print_int,
	[RM_T_OFFSET] = print_offset, [RM_T_OFFSET_OUT] = print_offset,
	[RM_T_EVENT] = print_event, [RM_T_EVENTS_OUT] = print_epoll_events,
	[RM_T_STAT_OUT] = print_stat64, [RM_T_STATX_OUT] = print_statx, [RM_T_STATFS_OUT] = print_statfs,
	[RM_T_PAIR_OUT] = print_pair,
	[RM_T_UTSNAME_OUT] = print_uname,
	[RM_T_STATUS_OUT] = print_status,
	[RM_T_SYSINFO_OUT] = print_sysinfo,
};

void trace_print_structure(FILE *out, enum rm_trace_kind kind, const struct trace_item *item, uint64_t result)
{
	if (kind == RM_T_POLL || kind == RM_T_POLL_OUT)
		print_poll(out, item, kind == RM_T_POLL_OUT && result > 0);
	else if ((size_t)kind < sizeof(printers) / sizeof(printers[0]) && printers[kind])
		printers[kind](out, item);
	else
		print_buffer(out, item);
}
