/* SPDX-License-Identifier: MIT */
/*
 * Names of sockets (struct sockaddr_*) between program, runtime and Linux.
 *
 * Attacks considered: a length beyond what a name can have, a family that is not the socket's, a name too short for its family, a
 * path without end: -EIO, counted. Names are copied once before they are looked at. A relative path of a UNIX socket is checked against the
 * manifest as it is now, and is Linux's to resolve afterwards: it may be too long for a name when it is absolute.
 */
#include "posix/socket.h"

#include "lib/string.h"
#include "load/policy.h"
#include "ring/access.h"

#define SIZE_INET	16u
#define SIZE_INET6_MIN	24u	/* without the scope: RFC 2133 */

/* The manifest lists files: a UNIX socket's path is one. */
static long check_path(const struct rm_name *name)
{
	char path[LX_PATH_MAX] = "";
	uint16_t family = 0;
	struct rm_grant grant;

	if (name->size > LX_SUN_PATH) {
		memcpy(&family, name->bytes, sizeof(family));
		memcpy(path, name->bytes + LX_SUN_PATH, name->size - LX_SUN_PATH);
	}
	return family == LX_AF_UNIX ? rm_policy_path(rm_self(), path, LX_AT_FDCWD, RM_ACCESS_CHANGE, &grant) : 0;
}

long rm_name_get(struct rm_name *name, unsigned long user, unsigned long size)
{
	if ((int)size < 0 || (uint32_t)size > sizeof(name->bytes))
		return -EINVAL;
	name->size = (uint32_t)size;
	if (rm_get_user(name->bytes, user, name->size) != 0)
		return -EFAULT;
	return rm_self()->restricted ? check_path(name) : 0;
}

static bool possible(const struct rm_name *name, uint8_t family)
{
	uint16_t given;

	if (name->size < sizeof(given))
		return name->size == 0;
	memcpy(&given, name->bytes, sizeof(given));
	/* A connection over IPv4 has IPv4 names in the error queue of an IPv6 socket. */
	if (given >= LX_AF_MAX || (family && given && given != family && !(family == LX_AF_INET6 && given == LX_AF_INET)))
		return false;
	switch (given) {
	case LX_AF_INET:
		return name->size >= SIZE_INET;
	case LX_AF_INET6:
		return name->size >= SIZE_INET6_MIN;
	case LX_AF_UNIX:
		return name->size == LX_SUN_PATH || name->bytes[LX_SUN_PATH] == 0 ||
		       memchr(name->bytes + LX_SUN_PATH, 0, name->size - LX_SUN_PATH) != NULL;
	default:
		return true;
	}
}

long rm_name_check(struct rm_thread *t, struct rm_name *name, uint32_t size, uint8_t family)
{
	name->size = size;
	if (size <= sizeof(name->bytes) && possible(name, family))
		return 0;
	name->size = 0;
	rm_count(t, RM_COUNT_CONTENT);
	return -EIO;
}

long rm_name_put(const struct rm_name *name, unsigned long user, unsigned long user_size)
{
	int32_t room;
	long error = rm_get_user(&room, user_size, sizeof(room));

	if (error)
		return error;
	if (room < 0)
		return -EINVAL;
	if ((uint32_t)room > name->size)
		room = (int32_t)name->size;
	error = room > 0 ? rm_put_user(user, name->bytes, (size_t)room) : 0;
	return error ? error : rm_put_user(user_size, &name->size, sizeof(name->size));
}
