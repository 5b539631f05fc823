/* SPDX-License-Identifier: MIT */
/*
 * What Linux says about files: stat, directory entries, links, the working directory.
 *
 * Attacks considered: every answer is copied into private memory once and checked there before a program sees it. Directory
 * records must lie one behind the other within what was returned, end with NUL, and name one component of a path; link texts and
 * the working directory must have the length that was claimed and no NUL inside.
 */
#include "posix/device.h"
#include "posix/posix.h"

#include "lib/string.h"
#include "ring/access.h"

/* A device number as struct stat has it. */
static uint64_t device(uint32_t major, uint32_t minor)
{
	return (minor & 0xffu) | ((uint64_t)(major & 0xfffu) << 8) | ((uint64_t)(minor & ~0xffu) << 12);
}

static struct lx_timespec stat_time(const struct lx_statx_time *time)
{
	return (struct lx_timespec){ .sec = time->sec, .nsec = time->nsec };
}

static struct lx_stat to_stat(const struct lx_statx *s)
{
	return (struct lx_stat){
		.dev = device(s->dev_major, s->dev_minor),
		.ino = s->ino,
		.mode = s->mode,
		.nlink = s->nlink,
		.uid = s->uid,
		.gid = s->gid,
		.rdev = device(s->rdev_major, s->rdev_minor),
		.size = (int64_t)s->size,
		.blksize = (int32_t)s->blksize,
		.blocks = (int64_t)s->blocks,
		.atime = stat_time(&s->atime),
		.mtime = stat_time(&s->mtime),
		.ctime = stat_time(&s->ctime),
	};
}

static long put_stat(unsigned long to, const struct lx_statx *answer)
{
	const struct lx_stat stat = to_stat(answer);

	return rm_put_user(to, &stat, sizeof(stat));
}

long rm_sys_fstat(struct rm_thread *t, const struct rm_args *args)
{
	struct rm_desc *desc = rm_get(args->a[0]);
	struct lx_statx answer;
	long result;

	if (!desc)
		return -EBADF;
	if (desc->kind == RM_KIND_DEVICE) {
		rm_device_stat(desc->device_index, &answer);
		result = 0;
	} else {
		result = rm_statx(t, desc->host_fd, NULL, 0, 0, LX_STATX_BASIC, &answer);
	}
	if (desc->made == RM_MADE_CHECKED)
		answer.size = desc->made_used;
	rm_put(t, desc);
	return result ? result : put_stat(args->a[1], &answer);
}

/* statx() by arguments of a program. */
static long statx_at(struct rm_thread *t, unsigned long fd, unsigned long name, uint32_t flags, uint32_t mask,
		     struct lx_statx *answer)
{
	const int device = rm_device_named(name);
	struct rm_path path;
	long result;

	if (device >= 0) {
		rm_device_stat((unsigned)device, answer);
		return 0;
	}
	/* No path at all is an empty one, if that may be. */
	if (name == 0 && (flags & LX_AT_EMPTY_PATH))
		result = rm_path_begin_empty(&path, fd);
	else if (flags & LX_AT_SYMLINK_NOFOLLOW)
		result = rm_path_begin_link(&path, fd, name);
	else
		result = rm_path_begin(&path, fd, name);
	if (result == 0 && path.desc && path.desc->kind == RM_KIND_DEVICE && path.text[0] == 0)
		rm_device_stat(path.desc->device_index, answer);
	else if (result == 0)
		result = rm_statx(t, path.host_fd, path.text, path.size, flags, mask, answer);
	rm_path_end(t, &path);
	return result;
}

long rm_sys_newfstatat(struct rm_thread *t, const struct rm_args *args)
{
	struct lx_statx answer;
	const long result = statx_at(t, args->a[0], args->a[1], (uint32_t)args->a[3], LX_STATX_BASIC, &answer);

	return result ? result : put_stat(args->a[2], &answer);
}

long rm_sys_statx(struct rm_thread *t, const struct rm_args *args)
{
	struct lx_statx answer;
	const long result = statx_at(t, args->a[0], args->a[1], (uint32_t)args->a[2], (uint32_t)args->a[3], &answer);

	return result ? result : rm_put_user(args->a[4], &answer, sizeof(answer));
}

#define DIRENT_NAME	19u	/* offset of the name in struct linux_dirent64: inode, offset, length, type before it */
#define DIRENT_LENGTH	16u
#define DIRENT_BUFFER	8192u

/* One record of at most `left` bytes: its length, or 0 if it cannot be. */
static size_t check_dirent(const uint8_t *record, size_t left)
{
	uint16_t length;
	const uint8_t *nul;

	if (left < DIRENT_NAME + 2)
		return 0;
	memcpy(&length, record + DIRENT_LENGTH, sizeof(length));
	if (length < DIRENT_NAME + 2 || length > left || length % 8 != 0)
		return 0;
	nul = memchr(record + DIRENT_NAME, 0, length - DIRENT_NAME);
	if (!nul || nul == record + DIRENT_NAME || memchr(record + DIRENT_NAME, '/', (size_t)(nul - record) - DIRENT_NAME))
		return 0;
	return length;
}

static bool possible_dirents(const uint8_t *records, size_t size)
{
	size_t done = 0, length;

	while (done < size) {
		length = check_dirent(records + done, size - done);
		if (length == 0)
			return false;
		done += length;
	}
	return true;
}

/* A call that fills a buffer: its arguments are set up but for the buffer. Bytes in `to`, or -errno. */
static long fill_buffer(struct rm_hostcall *h, int arg, int size_arg, void *to, size_t size)
{
	const long room = rm_hostcall_room(h, arg, size);
	long result;

	if (room < 0)
		return room;
	h->message.arg[size_arg] = size;
	result = rm_hostcall_do(h, RM_RULE_COUNT, size);
	if (result > 0) {
		const long error = rm_hostcall_take(h, room, to, (size_t)result);

		result = error ? error : result;
	}
	return result;
}

static long content(struct rm_thread *t)
{
	rm_count(t, RM_COUNT_CONTENT);
	return -EIO;
}

long rm_sys_getdents64(struct rm_thread *t, const struct rm_args *args)
{
	uint8_t records[DIRENT_BUFFER] __attribute__((aligned(8)));
	const size_t size = args->a[2] < sizeof(records) ? args->a[2] : sizeof(records);
	struct rm_desc *desc = rm_get(args->a[0]);
	struct rm_hostcall h;
	long result;

	if (!desc)
		return -EBADF;
	if (desc->kind == RM_KIND_MADE) {
		rm_lock(&desc->lock);
		result = rm_made_dirents(t, desc, args->a[1], args->a[2]);
		rm_unlock(&desc->lock);
		rm_put(t, desc);
		return result;
	}
	result = rm_hostcall_begin(&h, t, LX_getdents64);
	if (result == 0) {
		h.message.arg[0] = (uint64_t)desc->host_fd;
		result = fill_buffer(&h, 1, 2, records, size);
		rm_hostcall_end(&h);
	}
	rm_put(t, desc);
	if (result <= 0)
		return result;
	if (!possible_dirents(records, (size_t)result))
		return content(t);
	return rm_put_user(args->a[1], records, (size_t)result) ? -EFAULT : result;
}

long rm_host_readlink(struct rm_thread *t, int host_fd, const char *path, size_t size, char *to, size_t room)
{
	struct rm_hostcall h;
	long result = rm_hostcall_begin(&h, t, LX_readlinkat);

	if (result)
		return result;
	h.message.arg[0] = (uint64_t)host_fd;
	result = rm_hostcall_put(&h, 1, path, size);
	if (result >= 0)
		result = fill_buffer(&h, 2, 3, to, room);
	rm_hostcall_end(&h);
	return result > 0 && memchr(to, 0, (size_t)result) ? content(t) : result;
}

long rm_sys_readlinkat(struct rm_thread *t, const struct rm_args *args)
{
	char text[LX_PATH_MAX];
	const size_t size = args->a[3] < sizeof(text) ? args->a[3] : sizeof(text);
	struct rm_path path;
	long result;

	if ((int)args->a[3] <= 0)
		return -EINVAL;
	result = rm_path_begin_link(&path, args->a[0], args->a[1]);
	if (result == 0)
		result = rm_host_readlink(t, path.host_fd, path.text, path.size, text, size);
	rm_path_end(t, &path);
	if (result <= 0)
		return result;
	return rm_put_user(args->a[2], text, (size_t)result) ? -EFAULT : result;
}

long rm_sys_getcwd(struct rm_thread *t, const struct rm_args *args)
{
	char text[LX_PATH_MAX];
	const size_t size = args->a[1] < sizeof(text) ? args->a[1] : sizeof(text);
	struct rm_hostcall h;
	long result = rm_hostcall_begin(&h, t, LX_getcwd);

	if (result)
		return result;
	result = fill_buffer(&h, 0, 1, text, size);
	rm_hostcall_end(&h);
	if (result < 0)
		return result;
	/* The length counts the NUL, which must be the only one. */
	if (result < 2 || memchr(text, 0, (size_t)result) != text + result - 1)
		return content(t);
	return rm_put_user(args->a[0], text, (size_t)result) ? -EFAULT : result;
}
