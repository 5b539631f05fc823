/* SPDX-License-Identifier: MIT */
/*
 * inotify: Linux's object; what it reports is checked when it is read.
 *
 * Attacks considered: programs walk the events by their lengths and take the names for strings, so both are checked: whole events,
 * lengths in the steps that Linux uses, a NUL in each name.
 */
#include "posix/io.h"

#include "lib/string.h"

#define READ_SIZE	8192u

struct event {
	int32_t watch;
	uint32_t mask, cookie, length;
};

long rm_sys_inotify_init1(struct rm_thread *t, const struct rm_args *args)
{
	const uint32_t flags = (uint32_t)args->a[0];
	struct rm_hostcall h;
	long result = rm_hostcall_begin(&h, t, LX_inotify_init1);

	if (result)
		return result;
	h.message.arg[0] = flags | LX_O_CLOEXEC;
	result = rm_hostcall_do(&h, RM_RULE_FD, 0);
	rm_hostcall_end(&h);
	return rm_new_fd(t, result, flags, RM_KIND_INOTIFY);
}

long rm_sys_inotify_add_watch(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_desc *desc = rm_get(args->a[0]);
	struct rm_path path;
	struct rm_hostcall h;
	long result;

	if (!desc)
		return -EBADF;
	result = rm_path_begin(&path, (unsigned long)LX_AT_FDCWD, args->a[1]);
	if (result == 0)
		result = rm_hostcall_begin(&h, t, LX_inotify_add_watch);
	if (result == 0) {
		h.message.arg[0] = (uint64_t)desc->host_fd;
		h.message.arg[2] = args->a[2];
		result = rm_hostcall_put(&h, 1, path.text, path.size);
		if (result >= 0)
			result = rm_hostcall_do(&h, RM_RULE_COUNT, INT32_MAX);
		rm_hostcall_end(&h);
	}
	rm_path_end(t, &path);
	rm_put(t, desc);
	return result;
}

static bool possible(const uint8_t *bytes, size_t size)
{
	struct event event;

	for (size_t at = 0; at < size; at += sizeof(event) + event.length) {
		if (size - at < sizeof(event))
			return false;
		memcpy(&event, bytes + at, sizeof(event));
		if (event.length > size - at - sizeof(event) || event.length % sizeof(event) != 0)
			return false;
		if (event.length > 0 && bytes[at + sizeof(event) + event.length - 1] != 0)
			return false;
	}
	return true;
}

long rm_inotify_read(struct rm_thread *t, struct rm_desc *desc, struct rm_iter *iter, size_t size)
{
	uint8_t bytes[READ_SIZE] __attribute__((aligned(8)));
	const long result = rm_read_private(t, desc, bytes, size < READ_SIZE ? size : READ_SIZE);
	long error;

	if (result <= 0)
		return result;
	if (!possible(bytes, (size_t)result)) {
		rm_count(t, RM_COUNT_CONTENT);
		return -EIO;
	}
	error = rm_iter_scatter(iter, bytes, (size_t)result);
	return error ? error : result;
}
