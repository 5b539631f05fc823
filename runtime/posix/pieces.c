/* SPDX-License-Identifier: MIT */
/*
 * The data path: large transfers cut into pieces of the arena.
 *
 * Attacks considered: a piece's length is the smaller of what we asked and what the checked completion says, so a lying
 * length never moves a byte beyond the slot or the program's buffer. A slot goes back only when its completion arrived, so an
 * honest Linux never writes into a slot that belongs to another operation; a dishonest one changes data that is its own word anyway.
 */
#include "posix/io.h"

#include "ring/access.h"
#include "ring/arena.h"
#include "ring/direct.h"
#include "ring/switchless.h"

#define READ_PIECE	65536u			/* several in flight: Linux fills one while we copy another */
#define READ_FLIGHT	8u			/* half of the arena */
#define STREAM_PIECE	(RM_ARENA_SIZE / 2)
#define WRITE_PIECE	131072u			/* two in turn, one filled while Linux takes the other; */
#define WRITE_FIRST	32768u			/* the first is small, since Linux waits for it, and each is twice the one before at most */

_Static_assert(READ_PIECE * READ_FLIGHT <= RM_ARENA_SIZE / 2, "half of the arena");

struct piece {
	struct rm_sqe sqe;
	struct rm_hostcall call;	/* started so, if `called` */
	int slot, promise;
	uint32_t size;
	bool called;
};

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Takes slots for a piece and describes its operation. */
static long prepare(struct rm_thread *t, struct piece *p, enum rm_uring_op op, const struct rm_iter *iter, int host_fd, size_t size,
		    uint64_t offset)
{
	p->size = (uint32_t)size;
	p->slot = rm_arena_take(t, rm_arena_slots(size ? size : 1));
	if (p->slot < 0)
		return p->slot;
	p->sqe = (struct rm_sqe){ .opcode = (uint8_t)op, .fd = host_fd, .off = offset,
				  .addr = rm_arena_there(t, p->slot), .len = p->size, .op_flags = iter->flags };
	return 0;
}

static void release(struct rm_thread *t, const struct piece *p)
{
	rm_arena_give(t, p->slot, rm_arena_slots(p->size ? p->size : 1));
}

/* Whether Linux does what is started before we wait for it: somebody there polls, or watches and does one after the other. */
static bool ahead(struct rm_thread *t, const struct rm_iter *iter)
{
	return t->poll || (!iter->whole && rm_switchless_ready(t));
}

/* What cannot be started now is done when it is to be finished. */
static void start(struct rm_thread *t, struct piece *p)
{
	p->called = rm_direct_start(&p->call, t, &p->sqe);
	p->promise = p->called || !t->poll ? -EAGAIN : rm_ring_submit(t, &p->sqe, RM_RULE_COUNT, p->sqe.len);
}

/* At the current position, of a pipe perhaps: without waiting, by a server if there is one. -EAGAIN: it did nothing. */
static long try(struct rm_thread *t, const struct piece *p)
{
	struct rm_sqe sqe = p->sqe;
	long result;

	if (sqe.off != RM_LINUX_POSITION || sqe.op_flags != 0)
		return -EAGAIN;
	sqe.op_flags = RM_RWF_NOWAIT;
	result = rm_direct_try(t, &sqe, RM_RULE_COUNT, sqe.len);
	return result == -EOPNOTSUPP ? -EAGAIN : result;
}

/* Starts a piece, and waits for it. */
static long perform(struct rm_thread *t, struct piece *p)
{
	long result = try(t, p);
	uint64_t begun;

	if (result != -EAGAIN)
		return result;
	begun = rm_counter();
	result = rm_ring_call(t, &p->sqe, RM_RULE_COUNT, p->sqe.len);
	if (rm_switchless(t) && p->sqe.off == RM_LINUX_POSITION)
		rm_switchless_left(t, rm_counter() - begun, true);
	return result;
}

/* The piece's result; submits it again as long as that is -EINTR. */
static long finish(struct rm_thread *t, struct piece *p)
{
	long result;

	if (p->called)
		return rm_direct_finish(&p->call, RM_RULE_COUNT, p->sqe.len);
	if (!t->poll)
		return perform(t, p);
	result = rm_ring_wait(t, p->promise);

	if (result == -EINTR)
		result = perform(t, p);
	return result;
}

/* Bytes moved so far count more than the error that ended it. */
static long outcome(size_t total, long error)
{
	return total > 0 ? (long)total : error;
}

/* Several pieces at once: Linux fills one while we copy another. */
static long read_flight(struct rm_thread *t, int host_fd, struct rm_iter *iter, size_t size, uint64_t offset)
{
	struct piece flight[READ_FLIGHT];
	unsigned first = 0, count = 0;
	size_t asked = 0, total = 0;
	bool ended = false;
	long error = 0;

	while (count > 0 || (!ended && asked < size)) {
		struct piece *p = &flight[(first + count) % READ_FLIGHT];
		long result;

		if (!ended && asked < size && count < READ_FLIGHT) {
			result = prepare(t, p, RM_OP_READ, iter, host_fd, smaller(size - asked, READ_PIECE), offset + asked);
			if (result == 0) {
				start(t, p);
				asked += p->size;
				count++;
				continue;
			}
			if (count == 0)
				return outcome(total, result);
		}
		p = &flight[first];
		first = (first + 1) % READ_FLIGHT;
		count--;
		result = finish(t, p);
		/* What follows a short piece is beyond the end: it must arrive, but its result is not ours to give. */
		if (!ended) {
			error = result < 0 ? result : rm_iter_from_arena(t, iter, rm_arena_here(t, p->slot), (size_t)result);
			total += error ? 0 : (size_t)result;
			ended = result < (long)p->size || error != 0;
		}
		release(t, p);
	}
	return outcome(total, error);
}

/* One piece after the other; a read that is not to be `whole` ends with its first. */
static long read_in_turn(struct rm_thread *t, int host_fd, struct rm_iter *iter, size_t size, uint64_t offset, bool whole)
{
	const uint64_t moves = offset == RM_LINUX_POSITION ? 0 : 1;
	size_t total = 0;
	struct piece p;
	long result;

	do {
		result = prepare(t, &p, RM_OP_READ, iter, host_fd, smaller(size - total, STREAM_PIECE), offset + moves * total);
		if (result)
			break;
		result = perform(t, &p);
		if (result > 0) {
			const long error = rm_iter_from_arena(t, iter, rm_arena_here(t, p.slot), (size_t)result);

			total += error ? 0 : (size_t)result;
			result = error ? error : result;
		}
		release(t, &p);
	} while (whole && total < size && result == (long)p.size);
	return outcome(total, result < 0 ? result : 0);
}

long rm_read_pieces(struct rm_thread *t, int host_fd, struct rm_iter *iter, size_t size, uint64_t offset)
{
	/* Otherwise nothing happens before we wait, so pieces at once would gain nothing. */
	return ahead(t, iter) && size > READ_PIECE ? read_flight(t, host_fd, iter, size, offset) : read_in_turn(t, host_fd, iter, size, offset, true);
}

long rm_read_stream(struct rm_thread *t, int host_fd, struct rm_iter *iter, size_t size, bool whole)
{
	return read_in_turn(t, host_fd, iter, size, RM_LINUX_POSITION, whole);
}

/* Sees that all of a piece is written, started or not: 0 or -errno; *done counts bytes. */
static long write_out(struct rm_thread *t, struct piece *p, size_t *done)
{
	long result = finish(t, p);

	while (result > 0 && (uint32_t)result < p->sqe.len) {
		*done += (size_t)result;
		p->sqe.addr += (uint64_t)result;
		p->sqe.len -= (uint32_t)result;
		if (p->sqe.off != RM_LINUX_POSITION)
			p->sqe.off += (uint64_t)result;
		result = perform(t, p);
	}
	if (result < 0)
		return result;
	*done += (size_t)result;
	/* A write of something that moves nothing is no progress: take it as a full device, not as a reason to spin. */
	return result == 0 && p->sqe.len > 0 ? -ENOSPC : 0;
}

static long fill(struct rm_thread *t, struct piece *p, struct rm_iter *iter, int host_fd, size_t size, uint64_t offset)
{
	long error = prepare(t, p, RM_OP_WRITE, iter, host_fd, size, offset);

	if (error)
		return error;
	error = rm_iter_to_arena(t, iter, rm_arena_here(t, p->slot), size);
	if (error)
		release(t, p);
	return error;
}

long rm_write_pieces(struct rm_thread *t, int host_fd, struct rm_iter *iter, size_t size, uint64_t offset)
{
	const bool early = ahead(t, iter);
	const uint64_t moves = offset == RM_LINUX_POSITION ? 0 : 1;
	size_t total = 0, limit = early ? WRITE_FIRST : STREAM_PIECE, filled = smaller(size, limit);
	struct piece now, next;
	long error = fill(t, &now, iter, host_fd, filled, offset);

	while (error == 0) {
		long filled_next = -EAGAIN;
		size_t more;

		limit = early ? smaller(2 * limit, WRITE_PIECE) : STREAM_PIECE;
		more = smaller(size - filled, limit);
		/* Otherwise nothing happens before we wait: a second piece would only take up room. */
		now.called = false;
		if (early)
			start(t, &now);
		if (more > 0 && early)
			filled_next = fill(t, &next, iter, host_fd, more, offset + moves * filled);
		error = write_out(t, &now, &total);
		release(t, &now);
		if (more == 0 || error) {
			if (filled_next == 0)
				release(t, &next);
			break;
		}
		error = early ? filled_next : fill(t, &next, iter, host_fd, more, offset + moves * filled);
		filled += more;
		now = next;
	}
	if (error == -EPIPE)
		rm_signal_pipe(t);
	return outcome(total, error);
}

long rm_piece_nowait(struct rm_thread *t, int host_fd, struct rm_iter *iter, size_t size, bool write)
{
	struct piece p;
	const enum rm_uring_op op = write ? RM_OP_WRITE : RM_OP_READ;
	long result = prepare(t, &p, op, iter, host_fd, smaller(size, RM_NOWAIT_PIECE), RM_LINUX_POSITION);

	if (result)
		return result;
	p.sqe.op_flags |= RM_RWF_NOWAIT;
	if (write)
		result = rm_iter_to_arena(t, iter, rm_arena_here(t, p.slot), p.size);
	if (result == 0)
		result = perform(t, &p);
	if (!write && result > 0 && rm_iter_from_arena(t, iter, rm_arena_here(t, p.slot), (size_t)result) != 0)
		result = -EFAULT;
	release(t, &p);
	if (result == -EPIPE)
		rm_signal_pipe(t);
	return result;
}

/*
 * Through a system call of the proxy's own thread, not through the ring, go:
 * - terminals: a background job that reads is stopped by SIGTTIN, one that writes perhaps by SIGTTOU, and Linux does that to the
 *   thread that makes the call. A worker thread of io_uring would get an error instead;
 * - pipes with O_NONBLOCK: io_uring would wait for them all the same, unless each operation says that it must not, which saves an exit
 *   only where a thread polls the ring;
 * - pread() and pwrite() of what is no file: io_uring would take the next bytes of a pipe;
 * - shared positions on file systems that complete later (9p, NFS): io_uring does not move the position then.
 */
#define CALL_SLOTS	4u
#define CALL_PIECE	(CALL_SLOTS * RM_SLOT_SIZE - 4096u)	/* the rest is the request's */

static uint32_t call_number(uint64_t offset, bool write)
{
	if (offset == RM_LINUX_POSITION)
		return write ? LX_write : LX_read;
	return write ? LX_pwrite64 : LX_pread64;
}

static long call_piece(struct rm_thread *t, int host_fd, struct rm_iter *iter, size_t size, uint64_t offset, bool write)
{
	struct rm_hostcall h;
	size_t done = 0;
	long result, room;

	result = rm_hostcall_begin_large(&h, t, call_number(offset, write), CALL_SLOTS);
	if (result)
		return result;
	h.message.arg[0] = (uint64_t)host_fd;
	room = rm_hostcall_room(&h, 1, size);
	result = room < 0 ? room : 0;
	if (write && result == 0)
		result = rm_iter_to_arena(t, iter, t->region + room, size);
	if (result == 0) {
		do {
			h.message.arg[1] = (uint64_t)room + done;
			h.message.arg[2] = size - done;
			h.message.arg[3] = offset + done;
			result = rm_hostcall_do(&h, RM_RULE_COUNT, size - done);
			done += result > 0 ? (size_t)result : 0;
		} while (write && result > 0 && done < size);
	}
	if (!write && result > 0 && rm_iter_from_arena(t, iter, t->region + room, done) != 0) {
		result = -EFAULT;
		done = 0;
	}
	rm_hostcall_end(&h);
	return outcome(done, result);
}

/* Piece by piece; a read that is not to be `whole` ends with its first. */
static long by_calls(struct rm_thread *t, int host_fd, struct rm_iter *iter, size_t size, uint64_t offset, bool write, bool whole)
{
	const uint64_t moves = offset == RM_LINUX_POSITION ? 0 : 1;
	size_t total = 0, piece;
	long result;

	do {
		piece = smaller(size - total, CALL_PIECE);
		result = call_piece(t, host_fd, iter, piece, offset + moves * total, write);
		if (result > 0)
			total += (size_t)result;
	} while (whole && result == (long)piece && total < size);
	return outcome(total, result < 0 ? result : 0);
}

long rm_read_call(struct rm_thread *t, int host_fd, struct rm_iter *iter, size_t size, uint64_t offset, bool whole)
{
	return by_calls(t, host_fd, iter, size, offset, false, whole);
}

long rm_write_call(struct rm_thread *t, int host_fd, struct rm_iter *iter, size_t size, uint64_t offset)
{
	return by_calls(t, host_fd, iter, size, offset, true, true);
}
