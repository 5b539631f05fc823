/* SPDX-License-Identifier: MIT */
/*
 * What the files of /proc/self say about the enclave, in the form that Linux 6.12 has.
 *
 * Attacks considered: what is Linux's to say anyway (session, terminal, user, start time, times of the proxy's threads) is taken out of
 * the proxy's own file, number by number or line by line, bounded, in printable characters only. Everything else is ours.
 */
#include "posix/posix.h"

#include "abi/smc.h"
#include "lib/string.h"
#include "lib/text.h"
#include "ring/access.h"

#define PAGE		4096ul
#define HOST_TEXT	4096u

/* The proxy's own file of the same name: bytes read. */
static size_t host_text(struct rm_thread *t, const struct rm_desc *desc, char *to)
{
	const long size = rm_read_at(t, desc->host_fd, to, HOST_TEXT, 0);

	return size > 0 ? (size_t)size : 0;
}

static bool region_at(uint64_t address, struct rm_region *region)
{
	return rm_svc2(RM_SVC_REGIONS, address, region) == 1 && region->end > address;
}

static uint64_t resident(enum rm_stat stat)
{
	const long frames = rm_svc1(RM_SVC_STAT, stat);

	return frames > 0 ? (uint64_t)frames : 0;
}

/* What several numbers and lines of a file say, asked for once. Bytes; pages; sets of signals as Linux shows them. */
struct known {
	uint64_t reserved, writable, stack;
	uint64_t resident, resident_peak;
	uint64_t ignored, caught;
	unsigned threads;
};

static void know_memory(struct known *k)
{
	struct rm_region region;

	for (uint64_t at = 0; region_at(at, &region); at = region.end) {
		const uint64_t size = region.end - region.start;

		k->reserved += size;
		k->writable += region.flags & RM_REGION_WRITE ? size : 0;
		if (rm_enclave.args_start >= region.start && rm_enclave.args_start < region.end)
			k->stack = size;
	}
	k->resident = resident(RM_STAT_FRAMES);
	k->resident_peak = resident(RM_STAT_FRAMES_PEAK);
}

static void know_signals(struct known *k)
{
	rm_lock(&rm_enclave.signal_lock);
	for (unsigned i = 0; i < LX_SIGNALS; i++) {
		if (rm_enclave.signals[i].handler == LX_SIG_IGN)
			k->ignored |= 1ul << i;
		else if (rm_enclave.signals[i].handler != LX_SIG_DFL)
			k->caught |= 1ul << i;
	}
	rm_unlock(&rm_enclave.signal_lock);
}

static struct known know(void)
{
	struct known k = { 0 };

	know_memory(&k);
	know_signals(&k);
	for (long i = rm_svc1(RM_SVC_THREADS, 0); i >= 0; i = rm_svc1(RM_SVC_THREADS, i + 1))
		k.threads++;
	return k;
}

/* A program's strings as they stand in its memory now. */
static void strings(struct rm_text *text, uint64_t start, uint64_t end)
{
	char piece[256];

	for (size_t size; start < end; start += size) {
		size = end - start < sizeof(piece) ? end - start : sizeof(piece);
		if (rm_get_user(piece, start, size) != 0)
			return;
		rm_text_bytes(text, piece, size);
	}
}

static void maps_line(struct rm_text *text, uint64_t start, uint64_t end, unsigned flags, const struct rm_map_told *file,
		      const char *name)
{
	const size_t from = text->used;

	rm_text_format(text, "%08lx-%08lx %c%c%c%c %08lx %02x:%02x %lu ", start, end, flags & RM_REGION_READ ? 'r' : '-',
		       flags & RM_REGION_WRITE ? 'w' : '-', flags & RM_REGION_EXEC ? 'x' : '-', flags & RM_REGION_SHARED ? 's' : 'p',
		       file->offset, (unsigned)(file->device >> 32), (unsigned)file->device, file->inode);
	while (*name != 0 && text->used - from < 73 && !text->full)
		rm_text_char(text, ' ');
	rm_text_format(text, "%s\n", name);
}

/* Where a new line of maps has to begin, though the flags are the same: the program's ends. */
static uint64_t boundary(uint64_t start, uint64_t end)
{
	const uint64_t at[] = { rm_enclave.exec_start, rm_enclave.exec_end };

	for (unsigned i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		if (at[i] > start && at[i] < end)
			end = at[i];
	return end;
}

static const char *region_name(uint64_t start, uint64_t end, unsigned flags, const char *program)
{
	if (start >= rm_enclave.exec_start && end <= rm_enclave.exec_end)
		return program;
	if (start == RM_VDSO || start == RM_VDSO_DATA)
		return start == RM_VDSO ? "[vdso]" : "[vvar]";
	if (flags & RM_REGION_HEAP)
		return "[heap]";
	return flags & RM_REGION_STACK ? "[stack]" : "";
}

/* The path of an open file, as Linux has it now; "" if it does not say. */
static void file_path(struct rm_thread *t, int host_fd, char *path, size_t size)
{
	char link[32];
	struct rm_text text = { .at = link, .size = sizeof(link) - 1 };
	long length;

	rm_text_format(&text, "/proc/self/fd/%d", host_fd);
	link[text.used] = 0;
	length = rm_host_readlink(t, LX_AT_FDCWD, link, text.used + 1, path, size - 1);
	path[length > 0 ? length : 0] = 0;
	for (char *c = path; *c != 0; c++)
		if (*c == '\n')
			*c = '?';
}

#define PATH_SHOWN	1024u

/* The lines of a region; program: the path of the program's file. */
static void region_lines(struct rm_thread *t, struct rm_text *text, const struct rm_region *region, const char *program)
{
	char path[PATH_SHOWN];
	struct rm_map_told file;
	uint64_t end;

	for (uint64_t start = region->start; start < region->end; start = end) {
		end = boundary(start, region->end);
		if ((region->flags & RM_REGION_FILE) && rm_map_tell(start, &file) && file.end > start) {
			end = file.end < region->end ? file.end : region->end;
			file_path(t, file.host_fd, path, sizeof(path));
			maps_line(text, start, end, region->flags, &file, path);
			continue;
		}
		memset(&file, 0, sizeof(file));
		maps_line(text, start, end, region->flags, &file, region_name(start, end, region->flags, program));
	}
}

static void maps(struct rm_thread *t, struct rm_text *text)
{
	char program[PATH_SHOWN];
	struct rm_region region;

	file_path(t, rm_enclave.exec_fd, program, sizeof(program));
	for (uint64_t at = 0; region_at(at, &region); at = region.end)
		region_lines(t, text, &region, program);
}

static void statm(struct rm_text *text)
{
	struct known k = { 0 };

	know_memory(&k);
	rm_text_format(text, "%lu %lu 0 %lu 0 %lu 0\n", k.reserved / PAGE, k.resident, (rm_enclave.exec_end - rm_enclave.exec_start) / PAGE,
		       k.writable / PAGE);
}

/* A field of stat (counted from 1) that is ours: true, and its value. */
static bool our_field(const struct rm_desc *desc, const struct rm_thread *of, const struct known *k, unsigned field, uint64_t *value)
{
	const struct rm_enclave *e = &rm_enclave;

	switch (field) {
	case 1: *value = e->pid + desc->made_of; return true;
	case 20: *value = k->threads; return true;
	case 23: *value = k->reserved; return true;
	case 24: *value = k->resident; return true;
	case 26: *value = e->exec_start; return true;
	case 27: *value = e->exec_end; return true;
	case 28: *value = e->args_start; return true;
	case 31: *value = of->signal.pending.set & 0x7fffffff; return true;
	case 32: *value = of->signal.mask & 0x7fffffff; return true;
	case 33: *value = k->ignored & 0x7fffffff; return true;
	case 34: *value = k->caught & 0x7fffffff; return true;
	case 29: case 30: case 35: *value = 0; return true;
	case 45: *value = e->exec_start; return true;
	case 46: *value = e->exec_end; return true;
	case 47: *value = e->brk_start; return true;
	case 48: *value = e->args_start; return true;
	case 49: case 50: *value = e->args_end; return true;
	case 51: *value = e->environ_end; return true;
	default: return false;
	}
}

static void name_of(struct rm_text *text, const struct rm_thread *of)
{
	char name[RM_THREAD_NAME];

	memcpy(name, of->name, sizeof(name));
	name[sizeof(name) - 1] = 0;
	rm_text_string(text, name);
}

#define STAT_FIELDS	52u

static void stat(struct rm_thread *t, const struct rm_desc *desc, const struct rm_thread *of, struct rm_text *text)
{
	char host[HOST_TEXT];
	const char *end = host + host_text(t, desc, host), *at = end;
	const struct known k = know();
	uint64_t value;
	bool minus;

	/* Behind the name, which may hold anything: the last bracket. */
	while (at > host && at[-1] != ')')
		at--;
	rm_text_format(text, "%u (", rm_enclave.pid + desc->made_of);
	name_of(text, of);
	rm_text_string(text, ") R");
	at += end - at >= 3 ? 3 : end - at;	/* " S " */
	for (unsigned field = 4; field <= STAT_FIELDS; field++) {
		minus = at < end && *at == '-';
		at += minus;
		value = rm_text_number(&at, end);
		at += at < end;
		if (our_field(desc, of, &k, field, &value))
			minus = false;
		rm_text_string(text, minus ? " -" : " ");
		rm_text_decimal(text, value, 0);
	}
	rm_text_char(text, '\n');
}

struct status {
	const struct rm_desc *desc;
	const struct rm_thread *of;
	struct rm_text *text;
	struct known known;
};

static void kib(struct rm_text *text, uint64_t bytes)
{
	rm_text_decimal(text, bytes / 1024, 8);
	rm_text_string(text, " kB");
}

/* A line of status that is ours, by its key: whether it is. */
static bool our_memory(const struct status *s, const char *key)
{
	const uint64_t program = rm_enclave.exec_end - rm_enclave.exec_start;
	const struct known *k = &s->known;
	const struct { const char *key; uint64_t bytes; } lines[] = {
		{ "VmPeak", k->reserved }, { "VmSize", k->reserved }, { "VmLck", 0 }, { "VmPin", 0 }, { "VmHWM", k->resident_peak * PAGE },
		{ "VmRSS", k->resident * PAGE }, { "RssAnon", k->resident * PAGE }, { "RssFile", 0 }, { "RssShmem", 0 },
		{ "VmData", k->writable }, { "VmStk", k->stack }, { "VmExe", program }, { "VmLib", 0 }, { "VmPTE", 0 }, { "VmSwap", 0 },
		{ "HugetlbPages", 0 },
	};

	for (unsigned i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (strcmp(lines[i].key, key) == 0) {
			kib(s->text, lines[i].bytes);
			return true;
		}
	}
	return false;
}

static bool our_line(const struct status *s, const char *key)
{
	const struct { const char *key; uint64_t set; } sets[] = {
		{ "SigPnd", s->of->signal.pending.set }, { "ShdPnd", rm_enclave.pending.set }, { "SigBlk", s->of->signal.mask },
		{ "SigIgn", s->known.ignored }, { "SigCgt", s->known.caught },
	};
	const uint32_t tid = rm_enclave.pid + s->desc->made_of;

	for (unsigned i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		if (strcmp(sets[i].key, key) == 0) {
			rm_text_hex(s->text, sets[i].set, 16);
			return true;
		}
	}
	if (strcmp(key, "Name") == 0)
		name_of(s->text, s->of);
	else if (strcmp(key, "State") == 0)
		rm_text_string(s->text, "R (running)");
	else if (strcmp(key, "Pid") == 0)
		rm_text_decimal(s->text, tid, 0);
	else if (strcmp(key, "Tgid") == 0)
		rm_text_decimal(s->text, rm_enclave.pid, 0);
	else if (strcmp(key, "Threads") == 0)
		rm_text_decimal(s->text, s->known.threads, 0);
	else
		return our_memory(s, key);
	return true;
}

/* One line of the proxy's status: ours in its place, or its own value. */
static void status_line(const struct status *s, const char *line, size_t size)
{
	char key[32];
	const char *colon = memchr(line, ':', size);
	const size_t length = colon ? (size_t)(colon - line) : 0;

	if (length == 0 || length >= sizeof(key))
		return;
	memcpy(key, line, length);
	key[length] = 0;
	for (size_t i = 0; i < size; i++)
		if ((line[i] < ' ' || line[i] > '~') && line[i] != '\t')
			return;
	rm_text_format(s->text, "%s:\t", key);
	if (!our_line(s, key))
		rm_text_bytes(s->text, colon + 1 + (colon + 1 < line + size && colon[1] == '\t'),
			      size - length - 1 - (colon + 1 < line + size && colon[1] == '\t'));
	rm_text_char(s->text, '\n');
}

static void status(struct rm_thread *t, const struct rm_desc *desc, const struct rm_thread *of, struct rm_text *text)
{
	char host[HOST_TEXT];
	const char *at = host, *end = host + host_text(t, desc, host), *newline;
	const struct status s = { .desc = desc, .of = of, .text = text, .known = know() };

	for (; at < end; at = newline + 1) {
		newline = memchr(at, '\n', (size_t)(end - at));
		if (!newline)
			break;
		status_line(&s, at, (size_t)(newline - at));
	}
}

void rm_made_text(struct rm_thread *t, const struct rm_desc *desc, struct rm_text *text)
{
	const struct rm_thread *of = rm_thread_block(desc->made_of);

	switch (desc->made) {
	case RM_MADE_AUXV:
		strings(text, rm_enclave.aux_start, rm_enclave.aux_start + rm_enclave.aux_size);
		break;
	case RM_MADE_CMDLINE:
		strings(text, rm_enclave.args_start, rm_enclave.args_end);
		break;
	case RM_MADE_ENVIRON:
		strings(text, rm_enclave.args_end, rm_enclave.environ_end);
		break;
	case RM_MADE_COMM:
		name_of(text, of);
		rm_text_char(text, '\n');
		break;
	case RM_MADE_MAPS:
		maps(t, text);
		break;
	case RM_MADE_STAT:
		stat(t, desc, of, text);
		break;
	case RM_MADE_STATM:
		statm(text);
		break;
	case RM_MADE_STATUS:
		status(t, desc, of, text);
		break;
	default:
		break;
	}
}
