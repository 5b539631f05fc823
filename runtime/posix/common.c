/* SPDX-License-Identifier: MIT */
/*
 * Helpers of all handlers: arguments in, structures out, descriptions, and the questions to Linux that several calls ask.
 *
 * Attacks considered: a statx answer without the fields that were asked for,
 * or with times and sizes that cannot be, is -EIO.
 */
#include "posix/checked.h"
#include "posix/socket.h"

#include "lib/string.h"
#include "posix/watch.h"
#include "posix/window.h"
#include "ring/access.h"
#include "ring/arena.h"
#include "ring/direct.h"

struct rm_enclave rm_enclave;

void rm_posix_init(const struct rm_boot *boot)
{
	struct rm_enclave *e = &rm_enclave;

	rm_fd_init(&e->fds, boot->fds);
	e->pid = boot->pid;
	e->ppid = boot->ppid;
	e->uid = boot->uid;
	e->euid = boot->euid;
	e->gid = boot->gid;
	e->egid = boot->egid;
	e->exec_fd = (int)boot->exec_fd;
	rm_limits_init(boot);
	rm_window_init(boot);
	e->threads = 1;
	rm_signal_init(boot);
	e->start_counter = rm_counter();
	e->realtime_ns = boot->realtime_ns;
	/* A moment in our future or long ago cannot be when the proxy took the time. */
	if (boot->boot_counter <= e->start_counter && e->start_counter - boot->boot_counter < 600 * rm_counter_hz())
		e->boot_counter = boot->boot_counter;
	else
		e->boot_counter = e->start_counter;
}

long rm_get_user(void *to, unsigned long from, size_t size)
{
	if (!rm_user_range(from, size))
		return -EFAULT;
	return rm_copy(to, (const void *)from, size);
}

long rm_put_user(unsigned long to, const void *from, size_t size)
{
	if (!rm_user_range(to, size))
		return -EFAULT;
	return rm_copy((void *)to, from, size);
}

struct rm_desc *rm_get(unsigned long fd)
{
	return rm_fd_get(&rm_enclave.fds, (int)fd);
}

long rm_put_many(struct rm_thread *t, struct rm_desc *desc, uint32_t count)
{
	const uint64_t made_text = desc->made_text, made_size = desc->made == RM_MADE_CHECKED ? desc->made_used : RM_MADE_SIZE;
	const uint64_t id = desc->id;
	const int host_fd = rm_fd_put_many(&rm_enclave.fds, desc, count);
	int orphan;
	long result;

	if (host_fd < 0)
		return 0;
	if (made_text != 0)
		rm_checked_free(made_text, made_size);
	rm_window_drop(t, id);
	result = rm_close_host(t, host_fd);
	while ((orphan = rm_watch_orphan(&rm_enclave.fds)) >= 0)
		rm_close_host(t, orphan);
	return result;
}

long rm_close_host(struct rm_thread *t, int host_fd)
{
	const struct rm_sqe sqe = { .opcode = RM_OP_CLOSE, .fd = host_fd };

	const long result = rm_direct_try(t, &sqe, RM_RULE_ZERO, 0);

	/* Not again after -EINTR: the descriptor is gone by then, and may already be somebody else's. */
	return result == -EAGAIN ? rm_ring_wait(t, rm_ring_submit(t, &sqe, RM_RULE_ZERO, 0)) : result;
}

static bool possible_time(const struct lx_statx_time *time)
{
	return time->nsec < 1000000000u;
}

/* S_IFMT has no other ones; files that are none of a file system (epoll sets, eventfds) have none. */
static bool possible_type(uint16_t mode)
{
	const uint16_t type = mode & LX_S_IFMT;

	return type == 0 || type == LX_S_IFIFO || type == LX_S_IFCHR || type == LX_S_IFDIR || type == LX_S_IFBLK || type == LX_S_IFREG ||
	       type == LX_S_IFLNK || type == LX_S_IFSOCK;
}

/* Whether an answer has what was asked for and nothing that cannot be. */
static bool possible_statx(const struct lx_statx *s, uint32_t mask)
{
	const uint32_t needed = mask & LX_STATX_BASIC;

	return (s->mask & needed) == needed && possible_type(s->mode) && (int64_t)s->size >= 0 && (int64_t)s->blocks >= 0 &&
	       s->blksize <= 1u << 30 && possible_time(&s->atime) && possible_time(&s->mtime) &&
	       possible_time(&s->ctime) && possible_time(&s->btime);
}

long rm_statx(struct rm_thread *t, int host_fd, const char *path, size_t path_size, uint32_t flags, uint32_t mask,
	      struct lx_statx *out)
{
	const int slot = rm_arena_take(t, 1);
	char *here = slot < 0 ? NULL : rm_arena_here(t, slot);
	struct rm_sqe sqe = { .opcode = RM_OP_STATX, .fd = host_fd, .len = mask, .op_flags = flags };
	long result;

	if (slot < 0)
		return slot;
	if (!path) {
		path = "";
		path_size = 1;
		sqe.op_flags |= LX_AT_EMPTY_PATH;
	}
	sqe.off = rm_arena_there(t, slot);
	sqe.addr = sqe.off + sizeof(*out);
	result = rm_copy(here + sizeof(*out), path, path_size);
	if (result == 0)
		result = rm_ring_call(t, &sqe, RM_RULE_ZERO, 0);
	if (result == 0)
		result = rm_copy(out, here, sizeof(*out));
	rm_arena_give(t, slot, 1);
	if (result == 0 && !possible_statx(out, mask)) {
		rm_count(t, RM_COUNT_CONTENT);
		result = -EIO;
	}
	return result;
}

long rm_host_ioctl(struct rm_thread *t, int host_fd, uint32_t command, void *data, size_t size, bool in, bool out)
{
	struct rm_hostcall h;
	long result = rm_hostcall_begin(&h, t, LX_ioctl), room = 0;

	if (result)
		return result;
	h.message.arg[0] = (uint64_t)host_fd;
	h.message.arg[1] = command;
	if (size > 0)
		room = in ? rm_hostcall_put(&h, 2, data, size) : rm_hostcall_room(&h, 2, size);
	result = room < 0 ? room : rm_hostcall_do(&h, RM_RULE_ZERO, 0);
	if (result == 0 && out)
		result = rm_hostcall_take(&h, room, data, size);
	rm_hostcall_end(&h);
	return result;
}

static enum rm_kind kind_of(struct rm_thread *t, int host_fd, uint16_t mode)
{
	uint8_t termios[36];

	switch (mode & LX_S_IFMT) {
	case LX_S_IFREG:
		return RM_KIND_REGULAR;
	case LX_S_IFDIR:
		return RM_KIND_DIRECTORY;
	case LX_S_IFCHR:
		if (rm_host_ioctl(t, host_fd, 0x5401 /* TCGETS */, termios, sizeof(termios), false, true) == 0)
			return RM_KIND_TTY;
		return RM_KIND_OTHER;
	case LX_S_IFSOCK:
		return RM_KIND_SOCKET;
	default:
		return RM_KIND_OTHER;
	}
}

/* Flags that whoever opened it has set, since they decide how it is read. */
static uint32_t flags_of(struct rm_thread *t, const struct rm_desc *desc)
{
	const long flags = desc->opened ? (long)desc->flags : rm_host_fcntl(t, desc->host_fd, LX_F_GETFL, 0);

	return flags < 0 ? 0 : (uint32_t)flags;
}

/*
 * Does io_uring move Linux's position of this file? It does where reads and writes complete at once or in a worker thread; where
 * the file system itself completes them later (9p, NFS, anything with O_DIRECT) the position stays. So: only file systems on a
 * block device of this machine. statfs() would not tell: 9p answers with the type that its server has.
 */
static bool ring_moves(const struct lx_statx *answer, uint32_t flags)
{
	return answer->dev_major != 0 && !(flags & LX_O_DIRECT);
}

long rm_kind_learn(struct rm_thread *t, struct rm_desc *desc)
{
	struct lx_statx answer;
	struct rm_desc socket = { .refs = 0 };
	enum rm_kind kind;
	uint32_t flags;
	bool own;
	long error;

	error = rm_statx(t, desc->host_fd, NULL, 0, 0, LX_STATX_TYPE, &answer);
	if (error)
		return error;
	kind = kind_of(t, desc->host_fd, answer.mode);
	flags = flags_of(t, desc);
	if (kind == RM_KIND_SOCKET)
		rm_socket_learn(t, desc->host_fd, &socket);
	own = kind == RM_KIND_REGULAR && desc->opened && !(desc->flags & (LX_O_APPEND | LX_O_PATH));
	/* Two threads may both ask; the first answer stays, since an operation may already go by it. */
	rm_lock(&desc->lock);
	if (desc->kind == RM_KIND_UNKNOWN) {
		desc->own_position = own;
		desc->direct = (flags & LX_O_DIRECT) != 0;
		desc->ring_moves = ring_moves(&answer, flags);
		desc->family = socket.family;
		desc->type = socket.type;
		desc->protocol = socket.protocol;
		desc->receive_timeout = socket.receive_timeout;
		desc->send_timeout = socket.send_timeout;
		desc->nonblock |= !desc->opened && (flags & LX_O_NONBLOCK);
		__atomic_store_n(&desc->kind, (uint8_t)kind, __ATOMIC_RELEASE);
	}
	rm_unlock(&desc->lock);
	return desc->kind;
}
