/* SPDX-License-Identifier: MIT */
/*
 * Bytes between the runtime and gdb: host calls on the proxy's socket, in a slot of the arena that each thread keeps for them, since an
 * interrupted thread may have all others in use.
 *
 * Attacks considered: Linux sees, and may change, drop or make up, all that goes between gdb and us; it is asked for and understood as
 * packets of gdb (packet.c). A count that cannot be is an error, and gdb is gone.
 */
#include "debug/inside.h"

#include "ring/access.h"

#define MSG_DONTWAIT	0x40u
#define MSG_NOSIGNAL	0x4000u
#define INTERRUPT	3

static struct rm_debugger *const d = &rm_debugger;

static struct rm_hostcall call_in_slot(struct rm_thread *t, uint32_t number)
{
	return (struct rm_hostcall){ .t = t, .slot = t->debug_slot, .slots = 1, .used = sizeof(struct rm_host_call),
				     .message = { .number = number } };
}

/* No signal of the program's ends this. */
static long make(struct rm_hostcall *h, size_t size, uint64_t flags)
{
	long result;

	if (h->slot < 0)
		return -EIO;
	h->message.arg[0] = (uint64_t)d->fd;
	h->message.arg[2] = size;
	h->message.arg[3] = flags;
	h->message.arg[4] = RM_HOST_NULL;
	h->message.arg[5] = h->message.number == LX_recvfrom ? RM_HOST_NULL : 0;
	do {
		result = rm_hostcall_try(h, RM_RULE_COUNT, size);
	} while (result == -EINTR);
	return result;
}

bool rm_wire_send(struct rm_thread *t, const char *from, size_t size)
{
	while (size > 0) {
		struct rm_hostcall h = call_in_slot(t, LX_sendto);
		long result = rm_hostcall_put(&h, 1, from, size);

		if (result >= 0)
			result = make(&h, size, MSG_NOSIGNAL);
		if (result <= 0)
			return false;
		from += result;
		size -= (size_t)result;
	}
	return true;
}

/* More bytes into d->in: how many, 0 at the end, -errno. */
static long receive(struct rm_thread *t, uint64_t flags)
{
	struct rm_hostcall h = call_in_slot(t, LX_recvfrom);
	const long room = rm_hostcall_room(&h, 1, sizeof(d->in));
	long result = room < 0 ? room : make(&h, sizeof(d->in), flags);

	if (result <= 0)
		return result;
	d->in_at = 0;
	d->in_size = 0;
	if (rm_hostcall_take(&h, room, d->in, (size_t)result) != 0)
		return -EIO;
	d->in_size = (uint32_t)result;
	return result;
}

bool rm_wire_byte(struct rm_thread *t, char *byte)
{
	if (d->in_at == d->in_size && receive(t, 0) <= 0)
		return false;
	*byte = d->in[d->in_at++];
	return true;
}

int rm_wire_interrupt(struct rm_thread *t)
{
	long result = 1;

	while (d->in_at < d->in_size || (result = receive(t, MSG_DONTWAIT)) > 0)
		if (d->in[d->in_at++] == INTERRUPT)
			return 1;
	return result == -EAGAIN ? 0 : -1;
}
