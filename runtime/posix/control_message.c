/* SPDX-License-Identifier: MIT */
/*
 * Control messages (struct cmsghdr). All but descriptors are opaque bytes for the runtime. Descriptors in them (SCM_RIGHTS) are the
 * program's here and the proxy's there.
 *
 * Attacks considered: a chain whose lengths leave the bytes that came, or do not move on: -EIO. A descriptor beyond
 * RM_HOST_FD_MAX, or on a socket that cannot carry any: -EIO. One that is in range but was not sent, or is ours already: then the host's own files mix (fd.c). A
 * descriptor of the program is never taken from what the host wrote: each one is made here.
 */
#include "posix/socket.h"

#include "lib/string.h"
#include "ring/access.h"

#define HEAD	sizeof(struct lx_cmsghdr)

/* The message at `at`, and how many bytes it has: false if the chain ends there, or breaks (*broken). */
static bool look(const struct rm_control *control, size_t at, struct lx_cmsghdr *head, bool *broken)
{
	*broken = false;
	if (at >= control->size || control->size - at < HEAD)
		return false;
	memcpy(head, control->bytes + at, HEAD);
	*broken = head->size < HEAD || head->size > control->size - at;
	return !*broken;
}

static size_t next(size_t at, const struct lx_cmsghdr *head)
{
	return at + ((head->size + 7) & ~7ul);
}

/* Numbers of descriptors in it. */
static unsigned descriptors(const struct lx_cmsghdr *head)
{
	if (head->level != LX_SOL_SOCKET || (head->type != LX_SCM_RIGHTS && head->type != LX_SCM_PIDFD))
		return 0;
	return (unsigned)((head->size - HEAD) / sizeof(int32_t));
}

static int32_t number(const struct rm_control *control, size_t at, unsigned i)
{
	int32_t fd;

	memcpy(&fd, control->bytes + at + HEAD + i * sizeof(fd), sizeof(fd));
	return fd;
}

static void set_number(struct rm_control *control, size_t at, unsigned i, int32_t fd)
{
	memcpy(control->bytes + at + HEAD + i * sizeof(fd), &fd, sizeof(fd));
}

static long send_descriptor(struct rm_thread *t, struct rm_held *held, int32_t fd)
{
	struct rm_desc *desc;
	long result;

	if (held->count == RM_CONTROL_FDS)
		return -EINVAL;
	desc = rm_get((unsigned long)fd);
	if (!desc)
		return -EBADF;
	held->desc[held->count++] = desc;
	/* From now on others move its position too. */
	result = rm_kind(t, desc);
	return result < 0 ? result : rm_share_position(t, desc);
}

long rm_control_to_host(struct rm_thread *t, uint8_t family, struct rm_control *control, struct rm_held *held)
{
	struct lx_cmsghdr head;
	bool broken;
	size_t at;

	held->count = 0;
	for (at = 0; look(control, at, &head, &broken); at = next(at, &head)) {
		for (unsigned i = 0; family == LX_AF_UNIX && i < descriptors(&head); i++) {
			const long error = send_descriptor(t, held, number(control, at, i));

			if (error)
				return error;
			set_number(control, at, i, held->desc[held->count - 1]->host_fd);
		}
	}
	return broken ? -EINVAL : 0;
}

void rm_control_release(struct rm_thread *t, struct rm_held *held)
{
	while (held->count > 0)
		rm_put(t, held->desc[--held->count]);
}

/* A descriptor of ours for one of the proxy's: its number, -EMFILE, -ENFILE. */
static int receive_descriptor(const struct rm_thread *t, int32_t host_fd, bool cloexec)
{
	const int fd = rm_fd_reserve(&rm_enclave.fds, 0, cloexec);

	return fd < 0 ? fd : rm_fd_install_received(&rm_enclave.fds, t->host_process, fd, host_fd);
}

/* All descriptors of one message: how many became ours, -EIO. The rest is closed. */
static long receive_descriptors(struct rm_thread *t, struct rm_control *control, size_t at, unsigned count, bool cloexec)
{
	unsigned i, done = 0;
	int fd = 0;

	for (i = 0; i < count; i++)
		if (number(control, at, i) < 0 || number(control, at, i) > RM_HOST_FD_MAX)
			return -EIO;
	for (i = 0; i < count; i++) {
		fd = fd < 0 ? fd : receive_descriptor(t, number(control, at, i), cloexec);
		if (fd < 0) {
			rm_close_host(t, number(control, at, i));
		} else {
			set_number(control, at, i, fd);
			done++;
		}
	}
	return done;
}

long rm_control_from_host(struct rm_thread *t, uint8_t family, struct rm_control *control, bool cloexec, uint32_t *flags)
{
	struct lx_cmsghdr head;
	bool broken;
	size_t at;

	for (at = 0; look(control, at, &head, &broken); at = next(at, &head)) {
		const unsigned count = descriptors(&head);
		const long done = count > 0 && family != LX_AF_UNIX ? -EIO : receive_descriptors(t, control, at, count, cloexec);

		broken = done < 0;
		if (broken)
			break;
		if (done == (long)count)
			continue;
		/* As Linux does: those that fit, and a mark. What follows is not worth more code. */
		*flags |= LX_MSG_CTRUNC;
		head.size = HEAD + (size_t)done * sizeof(int32_t);
		memcpy(control->bytes + at, &head, HEAD);
		control->size = done ? at + head.size : at;
		break;
	}
	if (!broken)
		return 0;
	rm_count(t, RM_COUNT_CONTENT);
	control->size = at < control->size ? at : control->size;
	rm_control_undo(t, control);
	return -EIO;
}

void rm_control_undo(struct rm_thread *t, const struct rm_control *control)
{
	struct lx_cmsghdr head;
	bool broken;

	for (size_t at = 0; look(control, at, &head, &broken); at = next(at, &head)) {
		for (unsigned i = 0; i < descriptors(&head); i++) {
			struct rm_desc *desc = rm_fd_remove(&rm_enclave.fds, number(control, at, i));

			if (desc)
				rm_put(t, desc);
		}
	}
}
