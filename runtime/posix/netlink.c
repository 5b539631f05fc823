/* SPDX-License-Identifier: MIT */
/*
 * Messages of AF_NETLINK. libcs walk them by the lengths that stand in them and check none (getifaddrs(), if_nameindex()), since they
 * trust the kernel. Here the kernel is Linux.
 *
 * Attacks considered: lengths that leave the message or do not move on, in messages and in their attributes; messages of another
 * kind than was asked for, which a libc would read as that kind. The bytes are checked where the program has them, after the only
 * copy. A program that lets another thread write there does so at its own risk.
 */
#include "posix/socket.h"

#include "ring/access.h"

#define FIRST_KIND	16	/* below: control (done, error, ...) */
#define NEW_LINK	16
#define GET_LINK	18
#define NEW_ADDRESS	20
#define GET_ADDRESS	22
#define GROUP		4	/* kinds come in fours: new, delete, get, set */

struct message {
	uint32_t size;
	uint16_t kind, flags;
	uint32_t sequence, port;
};

struct attribute {
	uint16_t size, kind;
};

/* Fixed bytes before the attributes of NETLINK_ROUTE's messages, by group: links, addresses, routes, neighbours, rules. */
static const uint8_t fixed[] = { 16, 8, 12, 12, 12 };

static size_t align(size_t size)
{
	return (size + 3) & ~3ul;
}

/* 0, -EFAULT, or -EIO if they do not end where the message does. */
static long check_attributes(unsigned long at, size_t size)
{
	struct attribute a;

	for (; size >= sizeof(a); at += align(a.size), size -= align(a.size)) {
		if (rm_get_user(&a, at, sizeof(a)) != 0)
			return -EFAULT;
		/* With its padding: a libc's pointer would pass the end otherwise, and never be found equal to it. */
		if (a.size < sizeof(a) || align(a.size) > size)
			return -EIO;
	}
	return 0;
}

/* Whether a message is one that whoever sent the last request can take for what it is. */
static bool expected(const struct rm_desc *desc, uint16_t kind)
{
	if (desc->bound || (desc->request != GET_LINK && desc->request != GET_ADDRESS))
		return true;
	return kind == NEW_LINK || kind == NEW_ADDRESS;
}

static long check_message(const struct rm_desc *desc, const struct message *m, unsigned long at)
{
	const unsigned group = ((unsigned)m->kind - FIRST_KIND) / GROUP;
	size_t head;

	if (m->kind < FIRST_KIND || desc->protocol != 0)
		return 0;
	if (!expected(desc, m->kind))
		return -EIO;
	if (group >= sizeof(fixed))
		return 0;
	head = sizeof(*m) + fixed[group];
	return m->size >= head ? check_attributes(at + head, m->size - head) : -EIO;
}

long rm_netlink_check(struct rm_thread *t, const struct rm_desc *desc, const struct lx_iovec *first, size_t size)
{
	unsigned long at = first->base;
	struct message m;
	long error = 0;

	if (size > first->len)
		return -EOPNOTSUPP;
	for (; error == 0 && size >= sizeof(m); at += align(m.size), size -= align(m.size)) {
		if (rm_get_user(&m, at, sizeof(m)) != 0)
			return -EFAULT;
		error = m.size < sizeof(m) || align(m.size) > size ? -EIO : check_message(desc, &m, at);
	}
	if (error == -EIO)
		rm_count(t, RM_COUNT_CONTENT);
	return error;
}

void rm_netlink_sent(struct rm_desc *desc, unsigned long base, size_t size)
{
	struct message m;

	if (size >= sizeof(m) && rm_get_user(&m, base, sizeof(m)) == 0)
		desc->request = m.kind;
}
