/* SPDX-License-Identifier: MIT */
/*
 * The made files of /proc/self: opening, reading, seeking, listing. What they say is in proc_text.c.
 *
 * The text is made when a read starts at its beginning, as Linux does it, and kept in pages of the program until the description is
 * closed. A program that unmaps those gets -EFAULT.
 */
#include "posix/io.h"

#include "lib/string.h"
#include "lib/text.h"
#include "ring/access.h"

static const struct {
	const char *name;
	enum rm_made made;
} files[] = {
	{ "auxv", RM_MADE_AUXV },
	{ "cmdline", RM_MADE_CMDLINE },
	{ "comm", RM_MADE_COMM },
	{ "environ", RM_MADE_ENVIRON },
	{ "maps", RM_MADE_MAPS },
	{ "stat", RM_MADE_STAT },
	{ "statm", RM_MADE_STATM },
	{ "status", RM_MADE_STATUS },
	{ "clear_refs", RM_MADE_REFUSED },
	{ "map_files", RM_MADE_REFUSED },
	{ "mem", RM_MADE_REFUSED },
	{ "numa_maps", RM_MADE_REFUSED },
	{ "pagemap", RM_MADE_REFUSED },
	{ "smaps", RM_MADE_REFUSED },
	{ "smaps_rollup", RM_MADE_REFUSED },
	{ "stack", RM_MADE_REFUSED },
	{ "syscall", RM_MADE_REFUSED },
};

enum rm_made rm_made_named(const char *name, size_t size)
{
	for (unsigned i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (strlen(files[i].name) == size && memcmp(files[i].name, name, size) == 0)
			return files[i].made;
	return RM_MADE_NONE;
}

long rm_made_check(enum rm_made made, uint32_t flags)
{
	if (made == RM_MADE_NONE || (flags & LX_O_PATH))
		return 0;
	if (made == RM_MADE_REFUSED || ((flags & LX_O_ACCMODE) != 0 && made != RM_MADE_COMM && made < RM_MADE_FD_DIR))
		return -EACCES;
	return 0;
}

void rm_made_set(struct rm_desc *desc, enum rm_made made, uint32_t thread)
{
	if (made == RM_MADE_NONE || (desc->flags & LX_O_PATH))
		return;
	rm_lock(&desc->lock);
	desc->made = (uint8_t)made;
	desc->made_of = (uint8_t)thread;
	desc->own_position = true;
	__atomic_store_n(&desc->kind, RM_KIND_MADE, __ATOMIC_RELEASE);
	rm_unlock(&desc->lock);
}

/* Makes the text: 0 or -errno. */
static long make(struct rm_thread *t, struct rm_desc *desc)
{
	struct rm_text text = { .size = RM_MADE_SIZE, .user = true };
	long address;

	if (desc->made_text == 0) {
		address = rm_svc(LX_mmap, 0, RM_MADE_SIZE, LX_PROT_READ | LX_PROT_WRITE, LX_MAP_PRIVATE | LX_MAP_ANONYMOUS,
				 (unsigned long)-1, 0);
		if (address < 0)
			return address;
		desc->made_text = (uint64_t)address;
	}
	text.at = (char *)desc->made_text;
	rm_made_text(t, desc, &text);
	desc->made_used = (uint32_t)text.used;
	return text.gone ? -EFAULT : 0;
}

long rm_made_read(struct rm_thread *t, struct rm_desc *desc, struct rm_iter *iter, size_t size, uint64_t offset)
{
	long error = 0;

	if (desc->made >= RM_MADE_FD_DIR)
		return -EISDIR;
	if ((desc->flags & LX_O_ACCMODE) == LX_O_WRONLY)
		return -EBADF;
	if (size == 0)
		return 0;
	if ((offset == 0 || desc->made_text == 0) && desc->made != RM_MADE_CHECKED)
		error = make(t, desc);
	if (error)
		return error;
	if (offset >= desc->made_used)
		return 0;
	if (size > desc->made_used - offset)
		size = desc->made_used - offset;
	error = rm_iter_scatter(iter, (const void *)(desc->made_text + offset), size);
	return error ? error : (long)size;
}

/* A thread's name. As Linux does it: what does not fit is dropped, a newline is part of it. */
long rm_made_write(struct rm_thread *t, struct rm_desc *desc, struct rm_iter *iter, size_t size)
{
	char name[RM_THREAD_NAME] = { 0 };
	struct rm_thread *of = rm_thread_block(desc->made_of);
	long error;

	if (desc->made != RM_MADE_COMM || (desc->flags & LX_O_ACCMODE) == 0)
		return -EBADF;
	if (rm_svc1(RM_SVC_THREADS, desc->made_of) != desc->made_of)
		return -ESRCH;
	error = rm_iter_gather(iter, name, size < sizeof(name) - 1 ? size : sizeof(name) - 1);
	if (error)
		return error;
	memcpy(of->name, name, sizeof(name));
	(void)t;
	return (long)size;
}

long rm_made_seek(struct rm_desc *desc, int64_t offset, unsigned long whence)
{
	int64_t to = offset;

	if (whence == LX_SEEK_CUR) {
		if (__builtin_add_overflow(offset, desc->position, &to))
			return -EINVAL;
	} else if (whence == LX_SEEK_END && desc->made == RM_MADE_CHECKED) {
		if (__builtin_add_overflow(offset, desc->made_used, &to))
			return -EINVAL;
	} else if (whence != LX_SEEK_SET) {
		return -EINVAL;
	}
	if (to < 0)
		return -EINVAL;
	desc->position = to;
	return to;
}

/* One record of a directory. */
struct record {
	uint64_t inode, next;
	uint16_t length;
	uint8_t type;
	char name[13];
};
_Static_assert(sizeof(struct record) == 32, "Linux's ABI: a multiple of 8, the name at 19");

enum { DT_DIR = 4, DT_REG = 8, DT_LNK = 10 };

static const uint8_t types[] = { [RM_MADE_FD_DIR] = DT_LNK, [RM_MADE_FDINFO_DIR] = DT_REG, [RM_MADE_TASK_DIR] = DT_DIR };

/* The first entry at or behind a number: its number, or -1. */
static long entry(enum rm_made made, long from)
{
	long index;

	if (made == RM_MADE_TASK_DIR) {
		index = rm_svc1(RM_SVC_THREADS, from);
		return index >= 0 ? index : -1;
	}
	for (; from < (long)RM_FD_MAX; from++)
		if (rm_fd_cloexec(&rm_enclave.fds, (int)from) >= 0)
			return from;
	return -1;
}

/* The record at a position, which moves: false at the end. Positions 0 and 1 are "." and "..". */
static bool next_record(enum rm_made made, uint64_t *position, struct record *record)
{
	struct rm_text name = { .at = record->name, .size = sizeof(record->name) };
	long number;

	memset(record, 0, sizeof(*record));
	if (*position < 2) {
		rm_text_string(&name, *position == 0 ? "." : "..");
		record->type = DT_DIR;
		++*position;
	} else {
		number = *position < 2 + RM_FD_MAX ? entry(made, (long)*position - 2) : -1;
		if (number < 0)
			return false;
		rm_text_decimal(&name, (uint64_t)number + (made == RM_MADE_TASK_DIR ? rm_enclave.pid : 0), 0);
		record->type = types[made];
		*position = (uint64_t)number + 3;
	}
	record->inode = 0x10000u * made + *position;
	record->next = *position;
	record->length = name.used < 5 ? 24 : 32;
	return true;
}

long rm_made_dirents(struct rm_thread *t, struct rm_desc *desc, unsigned long user, size_t size)
{
	uint64_t position = (uint64_t)desc->position;
	struct record record;
	size_t done = 0;

	(void)t;
	if (desc->made < RM_MADE_FD_DIR)
		return -ENOTDIR;
	while (next_record((enum rm_made)desc->made, &position, &record)) {
		if (record.length > size - done)
			return done > 0 ? (long)done : -EINVAL;
		if (rm_put_user(user + done, &record, record.length) != 0)
			return done > 0 ? (long)done : -EFAULT;
		done += record.length;
		desc->position = (int64_t)position;
	}
	return (long)done;
}
