/* SPDX-License-Identifier: MIT */
/*
 * Files of /proc/self that tell of the enclave and not of the proxy. Each is opened at Linux (its proxy's file stands for what fstat(),
 * poll() and fcntl() say), but the bytes are made here when they are read from the start.
 */
#ifndef RUNTIME_POSIX_PROC_H
#define RUNTIME_POSIX_PROC_H

#include <stddef.h>
#include <stdint.h>

enum rm_made {
	RM_MADE_NONE = 0,
	RM_MADE_AUXV,
	RM_MADE_CMDLINE,
	RM_MADE_COMM,
	RM_MADE_ENVIRON,
	RM_MADE_MAPS,
	RM_MADE_STAT,
	RM_MADE_STATM,
	RM_MADE_STATUS,
	RM_MADE_CHECKED,	/* of no /proc: a file whose content the manifest fixes (checked.h) */
	RM_MADE_REFUSED,	/* what would tell of the proxy's memory */
	RM_MADE_FD_DIR,		/* directories from here on */
	RM_MADE_FDINFO_DIR,
	RM_MADE_TASK_DIR,
};

struct rm_desc;
struct rm_iter;
struct rm_path;
struct rm_text;
struct rm_thread;

/* Whether open() of such a file with these flags can be: 0 or -errno. */
long rm_made_check(enum rm_made made, uint32_t flags);
/* A new description is of such a file, about the thread of an index. */
void rm_made_set(struct rm_desc *desc, enum rm_made made, uint32_t thread);
/* read(), write() (comm only), lseek(), getdents64() on it; the description is locked, for those that move its position. */
long rm_made_read(struct rm_thread *t, struct rm_desc *desc, struct rm_iter *iter, size_t size, uint64_t offset);
long rm_made_write(struct rm_thread *t, struct rm_desc *desc, struct rm_iter *iter, size_t size);
long rm_made_seek(struct rm_desc *desc, int64_t offset, unsigned long whence);
long rm_made_dirents(struct rm_thread *t, struct rm_desc *desc, unsigned long user, size_t size);

/* The file of this name in /proc/self, or RM_MADE_NONE. */
enum rm_made rm_made_named(const char *name, size_t size);

/* What they say (proc_text.c): appended to the text. */
void rm_made_text(struct rm_thread *t, const struct rm_desc *desc, struct rm_text *text);

#endif
