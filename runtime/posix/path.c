/* SPDX-License-Identifier: MIT */
/*
 * Paths as arguments. What Linux would resolve in the proxy's view of itself is put into words that mean the enclave's: descriptors
 * in /proc/self/fd and /dev/fd have the proxy's numbers there, /proc/self/exe is the program, some files are made here (proc.h).
 *
 * Only paths that say so at once are seen: /proc/self, /proc/thread-self, /proc/PID and /dev, written in full, with or without doubled
 * slashes and dots; or relative to a descriptor of one of the directories that are made here. A path through links or a working
 * directory in /proc leads to the proxy's.
 *
 * Attacks considered: strings of a program are bounded and copied once. What the words lead to is Linux's, as any path's end is.
 */
#include "posix/posix.h"
#include "load/policy.h"

#include "lib/string.h"
#include "lib/text.h"
#include "ring/access.h"

struct word {
	const char *at;
	size_t size;
};

/* The next component that says something; size 0 at the end. *rest moves behind it. */
static struct word next_word(const char **rest)
{
	struct word w;

	do {
		while (**rest == '/')
			++*rest;
		w.at = *rest;
		while (**rest != 0 && **rest != '/')
			++*rest;
		w.size = (size_t)(*rest - w.at);
	} while (w.size == 1 && w.at[0] == '.');
	return w;
}

static bool is(struct word w, const char *name)
{
	return w.size == strlen(name) && memcmp(w.at, name, w.size) == 0;
}

/* A number as Linux writes it, or -1. */
static long number(struct word w)
{
	const char *at = w.at;
	uint64_t value;

	if (w.size == 0 || w.size > 9 || (w.size > 1 && w.at[0] == '0'))
		return -1;
	value = rm_text_number(&at, w.at + w.size);
	return at == w.at + w.size ? (long)value : -1;
}

/* The path becomes prefix, value (if any) and what is left of the old one. */
static long rewrite(struct rm_path *path, const char *prefix, long value, const char *rest)
{
	char old[LX_PATH_MAX];
	const size_t left = strlen(rest);
	struct rm_text text = { .at = path->text, .size = sizeof(path->text) };

	memcpy(old, rest, left + 1);
	rm_text_string(&text, prefix);
	if (value >= 0)
		rm_text_decimal(&text, (uint64_t)value, 0);
	rm_text_bytes(&text, old, left + 1);
	path->size = text.used;
	return text.full ? -ENAMETOOLONG : 0;
}

/* fd/N and fdinfo/N: N as the proxy has it. A descriptor that is not there is no name at all. */
static long descriptor(struct rm_path *path, const char *prefix, long fd, const char *rest)
{
	struct rm_desc *desc = rm_get((unsigned long)fd);

	if (!desc)
		return -ENOENT;
	path->desc = desc;
	if (desc->host_fd < 0)
		return -ENXIO;
	return rewrite(path, prefix, desc->host_fd, rest);
}

static long among_descriptors(struct rm_path *path, const char *prefix, enum rm_made directory, const char *rest)
{
	const char *at = rest;
	const struct word w = next_word(&at);

	if (w.size > 0 && number(w) >= 0)
		return descriptor(path, prefix, number(w), at);
	path->made = w.size == 0 ? directory : RM_MADE_NONE;
	return rewrite(path, prefix, -1, rest);
}

/* The end of a path: of a process or one of its threads. */
static long in_process(struct rm_path *path, const char *rest)
{
	const char *at = rest;
	const struct word w = next_word(&at);

	if (is(w, "fd"))
		return among_descriptors(path, "/proc/self/fd/", RM_MADE_FD_DIR, at);
	if (is(w, "fdinfo"))
		return among_descriptors(path, "/proc/self/fdinfo/", RM_MADE_FDINFO_DIR, at);
	if (is(w, "exe"))
		return rewrite(path, "/proc/self/fd/", rm_enclave.exec_fd, at);
	if (w.size > 0 && next_word(&at).size == 0)
		path->made = rm_made_named(w.at, w.size);
	return rewrite(path, "/proc/self", -1, rest);
}

static long in_task(struct rm_path *path, const char *rest)
{
	const struct word w = next_word(&rest);
	const long index = number(w) - (long)rm_enclave.pid;

	if (w.size == 0) {
		path->made = RM_MADE_TASK_DIR;
		return rewrite(path, "/proc/self/task", -1, rest);
	}
	if (index < 0 || index >= (long)RM_THREAD_MAX || rm_svc1(RM_SVC_THREADS, index) != index)
		return -ENOENT;
	path->made_of = (uint32_t)index;
	return in_process(path, rest);
}

static long in_proc(struct rm_path *path, const char *rest)
{
	const struct word w = next_word(&rest);
	const char *at = rest;

	if (is(w, "thread-self")) {
		path->made_of = rm_self()->index;
		return in_process(path, rest);
	}
	if (!is(w, "self") && number(w) != (long)rm_enclave.pid)
		return 0;
	/* The link /proc/self itself stays what it is. */
	if (next_word(&at).size == 0)
		return 0;
	at = rest;
	if (is(next_word(&at), "task"))
		return in_task(path, at);
	return in_process(path, rest);
}

static long in_dev(struct rm_path *path, const char *rest, bool link)
{
	static const char *const names[] = { "stdin", "stdout", "stderr" };
	const struct word w = next_word(&rest);

	/* Where the manifest's devices are (device.h). Linux could put something of its own there. */
	if (is(w, "secure"))
		return -ENOENT;
	if (is(w, "fd") && (!link || *rest != 0))
		return among_descriptors(path, "/proc/self/fd/", RM_MADE_FD_DIR, rest);
	for (unsigned fd = 0; fd < 3 && !link; fd++)
		if (is(w, names[fd]))
			return descriptor(path, "/proc/self/fd/", fd, rest);
	return 0;
}

static long translate(struct rm_path *path, bool link)
{
	const char *rest = path->text;
	const struct word w = next_word(&rest);

	if (is(w, "proc"))
		return in_proc(path, rest);
	if (is(w, "dev"))
		return in_dev(path, rest, link);
	return 0;
}

/* A name in one of the directories that are made here, as a path from the root. */
static long in_made_directory(struct rm_thread *t, struct rm_path *path, bool link)
{
	static const char *const prefix[] = {
		[RM_MADE_FD_DIR] = "/proc/self/fd/", [RM_MADE_FDINFO_DIR] = "/proc/self/fdinfo/", [RM_MADE_TASK_DIR] = "/proc/self/task/",
	};
	struct rm_desc *directory = path->desc;
	const long result = rewrite(path, prefix[directory->made], -1, path->text);

	path->desc = NULL;
	path->host_fd = LX_AT_FDCWD;
	rm_put(t, directory);
	return result ? result : translate(path, link);
}

static void clear(struct rm_path *path)
{
	path->desc = NULL;
	path->host_fd = LX_AT_FDCWD;
	path->made = RM_MADE_NONE;
	path->made_of = 0;
	path->read_only = false;
	path->hash = NULL;
}

long rm_path_plain(struct rm_path *path, unsigned long text)
{
	const long length = rm_copy_string(path->text, (const char *)text, sizeof(path->text));

	clear(path);
	if (length < 0)
		return length;
	path->size = (size_t)length + 1;
	return 0;
}

/* What a call that names a path may do to what is there. What is not known to only look, may change it. */
static enum rm_access access_of(const struct rm_args *args)
{
	if (!args)
		return RM_ACCESS_CHANGE;
	switch (args->number) {
	case LX_openat:
		return args->a[2] & (LX_O_ACCMODE | LX_O_CREAT | LX_O_TRUNC) ? RM_ACCESS_CHANGE : RM_ACCESS_LOOK;
	case LX_faccessat:
	case LX_faccessat2:
	case LX_newfstatat:
	case LX_statx:
	case LX_statfs:
	case LX_readlinkat:
	case LX_chdir:
	case LX_getxattr:
	case LX_lgetxattr:
	case LX_listxattr:
	case LX_llistxattr:
	case LX_inotify_add_watch:
		return RM_ACCESS_LOOK;
	default:
		return RM_ACCESS_CHANGE;
	}
}

/* The directory that a relative path starts from, or with an empty path the file itself. */
static long directory(struct rm_path *path, unsigned long fd)
{
	if ((int)fd == LX_AT_FDCWD)
		return 0;
	path->desc = rm_get(fd);
	if (!path->desc)
		return -EBADF;
	path->host_fd = path->desc->host_fd;
	if (rm_self()->restricted && path->desc->read_only && access_of(rm_self()->args) == RM_ACCESS_CHANGE)
		return rm_policy_refuse(rm_self());
	return 0;
}

long rm_path_begin_raw(struct rm_path *path, unsigned long fd, unsigned long text)
{
	const long result = rm_path_plain(path, text);

	if (result == 0 && rm_self()->restricted)
		return rm_policy_refuse(rm_self());
	return result ? result : directory(path, fd);
}

static long restrict_to_list(struct rm_path *path, unsigned long fd)
{
	struct rm_thread *t = rm_self();
	struct rm_grant grant;
	const long result = rm_policy_path(t, path->text, (int)fd, access_of(t->args), &grant);

	path->read_only = grant.read_only;
	path->hash = grant.hash;
	path->size = strlen(path->text) + 1;
	return result;
}

static long begin(struct rm_path *path, unsigned long fd, unsigned long text, bool link)
{
	long result = rm_path_plain(path, text);

	if (result == 0 && rm_self()->restricted)
		result = restrict_to_list(path, fd);
	if (result)
		return result;
	/* An absolute path does not look at the descriptor, right or wrong. */
	if (path->text[0] == '/')
		return translate(path, link);
	result = directory(path, fd);
	if (path->desc && path->desc->made >= RM_MADE_FD_DIR && path->text[0] != 0)
		return in_made_directory(rm_self(), path, link);
	return result;
}

long rm_path_begin_empty(struct rm_path *path, unsigned long fd)
{
	clear(path);
	path->text[0] = 0;
	path->size = 1;
	return directory(path, fd);
}

long rm_path_begin(struct rm_path *path, unsigned long fd, unsigned long text)
{
	return begin(path, fd, text, false);
}

long rm_path_begin_link(struct rm_path *path, unsigned long fd, unsigned long text)
{
	return begin(path, fd, text, true);
}

void rm_path_end(struct rm_thread *t, struct rm_path *path)
{
	if (path->desc)
		rm_put(t, path->desc);
}
