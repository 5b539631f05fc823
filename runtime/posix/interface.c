/* SPDX-License-Identifier: MIT */
/*
 * ioctl(SIOCGIFCONF): the list of network interfaces. The host call takes the same structure, with an offset in the region for the pointer
 * (abi/hostcall.h).
 *
 * Attacks considered: a list longer than its room or with a part of an entry, a name without end.
 */
#include "posix/socket.h"

#include "ring/access.h"

#define SIOCGIFCONF	0x8912
#define ENTRIES_MAX	128u
#define NAME_SIZE	16

struct entry {
	char name[NAME_SIZE];
	uint8_t address[24];
};

struct list {
	int32_t size, pad;
	uint64_t entries;
};

/* Fills in entries and list->size; no room (entries NULL): only the size that it would take. */
static long ask(struct rm_thread *t, struct rm_desc *desc, struct list *list, struct entry *entries)
{
	const size_t room_size = entries ? (size_t)list->size : 0;
	struct rm_hostcall h;
	long result = rm_hostcall_begin(&h, t, LX_ioctl), room, at;

	if (result)
		return result;
	room = rm_hostcall_room(&h, 0, room_size);
	list->entries = entries ? (uint64_t)room : RM_HOST_NULL;
	h.message.arg[0] = (uint64_t)desc->host_fd;
	h.message.arg[1] = SIOCGIFCONF;
	at = rm_hostcall_put(&h, 2, list, sizeof(*list));
	result = room < 0 || at < 0 ? -EIO : rm_hostcall_do(&h, RM_RULE_ZERO, 0);
	if (result == 0)
		result = rm_hostcall_take(&h, at, list, sizeof(*list));
	if (result == 0 && (list->size < 0 || (entries && (size_t)list->size > room_size) ||
			    (size_t)list->size % sizeof(struct entry) != 0)) {
		rm_count(t, RM_COUNT_CONTENT);
		result = -EIO;
	}
	if (result == 0 && entries)
		result = rm_hostcall_take(&h, room, entries, (size_t)list->size);
	rm_hostcall_end(&h);
	return result;
}

long rm_interfaces(struct rm_thread *t, struct rm_desc *desc, unsigned long user)
{
	struct entry entries[ENTRIES_MAX];
	struct list list, given;
	long result = rm_kind(t, desc);

	if (result != RM_KIND_SOCKET)
		return result < 0 ? result : -ENOTTY;
	if (rm_get_user(&given, user, sizeof(given)) != 0)
		return -EFAULT;
	if (given.size < 0)
		return -EINVAL;
	list = given;
	if ((size_t)list.size > sizeof(entries))
		list.size = sizeof(entries);
	result = ask(t, desc, &list, given.entries ? entries : NULL);
	if (result)
		return result;
	for (size_t i = 0; given.entries && i < (size_t)list.size / sizeof(entries[0]); i++)
		entries[i].name[NAME_SIZE - 1] = 0;
	if (given.entries && rm_put_user(given.entries, entries, (size_t)list.size) != 0)
		return -EFAULT;
	return rm_put_user(user, &list.size, sizeof(list.size));
}
