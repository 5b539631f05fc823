/* SPDX-License-Identifier: MIT */
/*
 * Extended attributes: twelve calls, each by path, by path without following a link at its end, or by descriptor.
 *
 * Attacks considered: sizes are bounded by what was asked for and by Linux's limits. A value is any bytes. A list is copied once, to where the
 * program wants it, and must there be names of possible length, each with its NUL, up to the end that was claimed.
 */
#include "posix/posix.h"

#include "lib/string.h"
#include "ring/access.h"

#define NAME_MAX	255u
#define SIZE_MAX_XATTR	65536u		/* of a value, and of a list */
#define SLOTS		5u		/* path, name and the largest value */

enum { XATTR_CREATE = 1, XATTR_REPLACE = 2 };

/* One call under way. */
struct xattr {
	struct rm_hostcall h;
	struct rm_desc *desc;
	struct rm_path path;
	bool has_path;
};

/* Argument 0 is a path (set, lset, then fset of each group in the order of numbers) or a descriptor. */
static long begin(struct xattr *x, struct rm_thread *t, const struct rm_args *args, unsigned first)
{
	const unsigned kind = (unsigned)args->number - first;
	long result;

	x->desc = NULL;
	x->has_path = false;
	result = rm_hostcall_begin_large(&x->h, t, (uint32_t)args->number, SLOTS);
	if (result)
		return result;
	if (kind == 2) {
		x->desc = rm_get(args->a[0]);
		x->h.message.arg[0] = x->desc ? (uint64_t)x->desc->host_fd : 0;
		return x->desc ? 0 : -EBADF;
	}
	x->has_path = true;
	if (kind == 1)
		result = rm_path_begin_link(&x->path, (unsigned long)LX_AT_FDCWD, args->a[0]);
	else
		result = rm_path_begin(&x->path, (unsigned long)LX_AT_FDCWD, args->a[0]);
	if (result == 0)
		result = rm_hostcall_put(&x->h, 0, x->path.text, x->path.size);
	return result < 0 ? result : 0;
}

static void end(struct xattr *x, struct rm_thread *t)
{
	rm_hostcall_end(&x->h);
	if (x->desc)
		rm_put(t, x->desc);
	if (x->has_path)
		rm_path_end(t, &x->path);
}

static long put_name(struct xattr *x, unsigned long user)
{
	char name[NAME_MAX + 1];
	const long length = rm_copy_string(name, (const char *)user, sizeof(name));

	if (length == -ENAMETOOLONG || length == 0)
		return -ERANGE;
	if (length < 0)
		return length;
	return rm_hostcall_put(&x->h, 1, name, (size_t)length + 1);
}

static long put_value(struct xattr *x, unsigned long user, size_t size)
{
	long room;

	if (size > SIZE_MAX_XATTR)
		return -E2BIG;
	room = rm_hostcall_room(&x->h, 2, size);
	x->h.message.arg[3] = size;
	if (room < 0 || size == 0)
		return room;
	if (!rm_user_range(user, size))
		return -EFAULT;
	return rm_copy(x->h.t->region + room, (const void *)user, size);
}

long rm_sys_setxattr(struct rm_thread *t, const struct rm_args *args)
{
	struct xattr x;
	long result;

	if ((int)args->a[4] & ~(XATTR_CREATE | XATTR_REPLACE))
		return -EINVAL;
	result = begin(&x, t, args, LX_setxattr);
	if (result == 0)
		result = put_name(&x, args->a[1]);
	if (result >= 0)
		result = put_value(&x, args->a[2], args->a[3]);
	x.h.message.arg[4] = (uint32_t)args->a[4];
	if (result >= 0)
		result = rm_hostcall_do(&x.h, RM_RULE_ZERO, 0);
	end(&x, t);
	return result;
}

long rm_sys_removexattr(struct rm_thread *t, const struct rm_args *args)
{
	struct xattr x;
	long result = begin(&x, t, args, LX_removexattr);

	if (result == 0)
		result = put_name(&x, args->a[1]);
	if (result >= 0)
		result = rm_hostcall_do(&x.h, RM_RULE_ZERO, 0);
	end(&x, t);
	return result;
}

/* Has Linux fill `size` bytes (0: it only says how many there are); then they are the program's. */
static long fetch(struct xattr *x, int arg, unsigned long user, size_t size)
{
	long room, result;

	if (size > SIZE_MAX_XATTR)
		size = SIZE_MAX_XATTR;
	room = rm_hostcall_room(&x->h, arg, size);
	if (size == 0)
		x->h.message.arg[arg] = RM_HOST_NULL;
	x->h.message.arg[arg + 1] = size;
	result = room < 0 ? room : rm_hostcall_do(&x->h, RM_RULE_COUNT, size ? size : SIZE_MAX_XATTR);
	if (result <= 0 || size == 0)
		return result;
	if (!rm_user_range(user, (size_t)result))
		return -EFAULT;
	return rm_hostcall_take(&x->h, room, (void *)user, (size_t)result) ? -EFAULT : result;
}

long rm_sys_getxattr(struct rm_thread *t, const struct rm_args *args)
{
	struct xattr x;
	long result = begin(&x, t, args, LX_getxattr);

	if (result == 0)
		result = put_name(&x, args->a[1]);
	if (result >= 0)
		result = fetch(&x, 2, args->a[2], args->a[3]);
	end(&x, t);
	return result;
}

/* The program's copy of a list: 0, -EFAULT, or -EIO if it is none. */
static long check_list(unsigned long user, size_t size)
{
	char piece[NAME_MAX + 1];
	size_t length;
	const char *nul;

	while (size > 0) {
		length = size < sizeof(piece) ? size : sizeof(piece);
		if (rm_get_user(piece, user, length) != 0)
			return -EFAULT;
		nul = memchr(piece, 0, length);
		if (!nul || nul == piece)
			return -EIO;
		user += (size_t)(nul - piece) + 1;
		size -= (size_t)(nul - piece) + 1;
	}
	return 0;
}

long rm_sys_listxattr(struct rm_thread *t, const struct rm_args *args)
{
	struct xattr x;
	long result = begin(&x, t, args, LX_listxattr), error = 0;

	if (result == 0)
		result = fetch(&x, 1, args->a[1], args->a[2]);
	end(&x, t);
	if (result > 0 && args->a[2] > 0)
		error = check_list(args->a[1], (size_t)result);
	if (error == -EIO)
		rm_count(t, RM_COUNT_CONTENT);
	return error ? error : result;
}
