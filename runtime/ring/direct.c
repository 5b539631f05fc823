/* SPDX-License-Identifier: MIT */
/*
 * Which host call does what an SQE asks for.
 *
 * Attacks considered: none beyond those of a host call (hostcall.c), whose rules for results are those of the ring.
 */
#include "ring/direct.h"

#include "ring/hostcall.h"
#include "ring/switchless.h"
#include "sys/linux.h"
#include "sys/svc.h"

/* Where an argument of the call stands in the SQE. Pointers become offsets in the region. */
enum source { NONE, NOWHERE, FD, ADDR, OFF, LEN, FLAGS, PTR_ADDR, PTR_OFF };

struct direct {
	uint16_t number;
	uint8_t source[6];
};

static const struct direct table[] = {
	[RM_OP_FSYNC] = { LX_fsync, { FD } },
	[RM_OP_FALLOCATE] = { LX_fallocate, { FD, LEN, OFF, ADDR } },
	[RM_OP_STATX] = { LX_statx, { FD, PTR_ADDR, FLAGS, LEN, PTR_OFF } },
	[RM_OP_READ] = { LX_pread64, { FD, PTR_ADDR, LEN, OFF } },
	[RM_OP_WRITE] = { LX_pwrite64, { FD, PTR_ADDR, LEN, OFF } },
	[RM_OP_SEND] = { LX_sendto, { FD, PTR_ADDR, LEN, FLAGS, NOWHERE } },
	[RM_OP_RECV] = { LX_recvfrom, { FD, PTR_ADDR, LEN, FLAGS, NOWHERE, NOWHERE } },
	[RM_OP_FADVISE] = { LX_fadvise64, { FD, OFF, LEN, FLAGS } },
	[RM_OP_RENAMEAT] = { LX_renameat2, { FD, PTR_ADDR, LEN, PTR_OFF, FLAGS } },
	[RM_OP_UNLINKAT] = { LX_unlinkat, { FD, PTR_ADDR, FLAGS } },
	[RM_OP_MKDIRAT] = { LX_mkdirat, { FD, PTR_ADDR, LEN } },
	[RM_OP_SYMLINKAT] = { LX_symlinkat, { PTR_ADDR, FD, PTR_OFF } },
	[RM_OP_LINKAT] = { LX_linkat, { FD, PTR_ADDR, LEN, PTR_OFF, FLAGS } },
	[RM_OP_SOCKET] = { LX_socket, { FD, OFF, LEN } },
	[RM_OP_FTRUNCATE] = { LX_ftruncate, { FD, OFF } },
};

/* The call that does exactly what the SQE says, or none. */
static const struct direct *lookup(const struct rm_sqe *sqe)
{
	if (sqe->opcode >= sizeof(table) / sizeof(table[0]) || table[sqe->opcode].number == 0)
		return NULL;
	switch (sqe->opcode) {
	case RM_OP_READ:
	case RM_OP_WRITE:	/* those at the current position may wait, and signals end that */
		return sqe->off == ~0ul || sqe->op_flags != 0 ? NULL : &table[sqe->opcode];
	case RM_OP_FSYNC:
		return sqe->off != 0 || sqe->len != 0 ? NULL : &table[sqe->opcode];
	default:
		return &table[sqe->opcode];
	}
}

bool rm_direct_possible(const struct rm_thread *t, const struct rm_sqe *sqe)
{
	/* What has a deadline is given up more cheaply on the ring: a host call that is late takes the proxy a thread. */
	return !t->poll && t->deadline == 0 && lookup(sqe) != NULL;
}

static uint64_t argument(const struct rm_thread *t, const struct rm_sqe *sqe, enum source source)
{
	switch (source) {
	case FD:
		return (uint64_t)(int64_t)sqe->fd;
	case ADDR:
		return sqe->addr;
	case OFF:
		return sqe->off;
	case LEN:
		return sqe->len;
	case FLAGS:
		return sqe->op_flags;
	case PTR_ADDR:
		return sqe->addr - t->address;
	case PTR_OFF:
		return sqe->off - t->address;
	case NOWHERE:
		return RM_HOST_NULL;
	case NONE:
	default:
		return 0;
	}
}

static long begin(struct rm_hostcall *h, struct rm_thread *t, const struct rm_sqe *sqe, const struct direct *d)
{
	const long error = rm_hostcall_begin(h, t, d->number);

	if (error)
		return error;
	if (sqe->opcode == RM_OP_FSYNC && (sqe->op_flags & RM_FSYNC_DATASYNC))
		h->message.number = LX_fdatasync;
	for (unsigned i = 0; i < sizeof(d->source); i++)
		h->message.arg[i] = argument(t, sqe, (enum source)d->source[i]);
	return 0;
}

long rm_direct_call(struct rm_thread *t, const struct rm_sqe *sqe, enum rm_rule rule, uint32_t limit)
{
	struct rm_hostcall h;
	long result = begin(&h, t, sqe, lookup(sqe));

	if (result)
		return result;
	result = rm_hostcall_do(&h, rule, limit);
	rm_hostcall_end(&h);
	return result;
}

bool rm_direct_start(struct rm_hostcall *h, struct rm_thread *t, const struct rm_sqe *sqe)
{
	if (!rm_switchless(t) || !rm_direct_possible(t, sqe) || begin(h, t, sqe, lookup(sqe)) != 0)
		return false;
	if (rm_hostcall_start(h))
		return true;
	rm_hostcall_end(h);
	return false;
}

long rm_direct_finish(struct rm_hostcall *h, enum rm_rule rule, uint32_t limit)
{
	const long result = rm_hostcall_finish(h, rule, limit);

	rm_hostcall_end(h);
	return result;
}

/* The call that does so without waiting, or none. */
static const struct direct *lookup_try(const struct rm_sqe *sqe)
{
	static const struct direct at_position[] = {
		[RM_OP_READ] = { LX_preadv2, { FD, PTR_ADDR, LEN, OFF, FLAGS } },
		[RM_OP_WRITE] = { LX_pwritev2, { FD, PTR_ADDR, LEN, OFF, FLAGS } },
	};
	static const struct direct close = { LX_close, { FD } };

	switch (sqe->opcode) {
	case RM_OP_READ:
	case RM_OP_WRITE:
		return &at_position[sqe->opcode];
	case RM_OP_CLOSE:
		return &close;
	default:
		return lookup(sqe);
	}
}

/* Once. */
static long try(struct rm_thread *t, const struct rm_sqe *sqe, const struct direct *d, enum rm_rule rule, uint32_t limit)
{
	struct rm_hostcall h;
	long result = -EAGAIN;

	if (begin(&h, t, sqe, d) != 0)
		return -EAGAIN;
	if (rm_hostcall_start(&h) && !rm_hostcall_collect(&h, rule, limit, &result))
		result = -EAGAIN;
	rm_hostcall_end(&h);
	return result;
}

long rm_direct_try(struct rm_thread *t, const struct rm_sqe *sqe, enum rm_rule rule, uint32_t limit)
{
	const struct direct *d = lookup_try(sqe);
	const uint64_t begun = rm_counter();
	long result = -EAGAIN;

	while (result == -EAGAIN && rm_switchless_ready(t) && rm_counter() - begun <= rm_switchless_patience(t))
		result = try(t, sqe, d, rule, limit);
	return result;
}
