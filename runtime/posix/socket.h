/* SPDX-License-Identifier: MIT */
/*
 * Sockets: what their files share. Names and control messages have private copies here; nothing points into shared memory.
 */
#ifndef RUNTIME_POSIX_SOCKET_H
#define RUNTIME_POSIX_SOCKET_H

#include "posix/iter.h"
#include "posix/posix.h"

#define RM_CONTROL_MAX		4096u	/* bytes of control messages in one call */
#define RM_CONTROL_FDS		253u	/* descriptors in one: Linux's SCM_MAX_FD */

/* Flags of a send that go to Linux; those of a receive that mean nothing to it. */
#define RM_SEND_FLAGS		(~(LX_MSG_ZEROCOPY | LX_MSG_CMSG_COMPAT | LX_MSG_TRUNC | LX_MSG_CTRUNC | LX_MSG_PEEK | LX_MSG_WAITALL))
#define RM_RUNTIME_FLAGS	(LX_MSG_NOSIGNAL | LX_MSG_WAITFORONE | LX_MSG_CMSG_COMPAT)

/* A socket's name. */
struct rm_name {
	uint32_t size;
	uint8_t bytes[LX_SOCKADDR_MAX] __attribute__((aligned(8)));
};

/* The control messages of one call. */
struct rm_control {
	size_t size;
	uint8_t bytes[RM_CONTROL_MAX] __attribute__((aligned(8)));
};

/* One send or receive. */
struct rm_message {
	struct rm_iter iter;
	size_t size;			/* bytes of all buffers */
	uint32_t flags;			/* MSG_*, of the program */
	bool head;			/* receive: flags of the message are wanted */
	uint32_t out_flags;		/* received: MSG_* of the message */
	struct rm_name *name;		/* of whom to send to (NULL: no name), or room for who sent (NULL: not wanted) */
	struct rm_control *control;	/* to send, or room for `size` bytes; NULL: none */
};

/* socket.c: the socket behind a descriptor, to be put: 0, -EBADF, -ENOTSOCK. */
long rm_socket_get(struct rm_thread *t, unsigned long fd, struct rm_desc **desc);
/* sockopt.c: what the family, type and timeouts of a socket that somebody else opened are, asked once. */
void rm_socket_learn(struct rm_thread *t, int host_fd, struct rm_desc *like);

/* sockname.c: a program's name in: 0, -EINVAL, -EFAULT. */
long rm_name_get(struct rm_name *name, unsigned long user, unsigned long size);
/* A name that the host gave, `size` bytes by its word: checked and made the program's: 0 or -EIO. */
long rm_name_check(struct rm_thread *t, struct rm_name *name, uint32_t size, uint8_t family);
/* To the program, cut to the room that *user_size has; *user_size becomes what it would take: 0, -EINVAL, -EFAULT. */
long rm_name_put(const struct rm_name *name, unsigned long user, unsigned long user_size);

/*
 * transfer.c: an operation of the ring on a socket as Linux's system call would do it: at once if the socket or the call says so
 * (-EAGAIN), bounded by SO_RCVTIMEO or SO_SNDTIMEO if one is set (-EAGAIN; -EINTR for a signal then), else as long as it takes.
 */
enum rm_socket_side { RM_SOCKET_RECEIVE, RM_SOCKET_SEND };
long rm_socket_call(struct rm_thread *t, const struct rm_desc *desc, struct rm_sqe *sqe, enum rm_rule rule, uint32_t limit,
		    enum rm_socket_side side);

/* transfer.c: bytes, or -errno if none. */
long rm_socket_send(struct rm_thread *t, struct rm_desc *desc, struct rm_message *message);
long rm_socket_receive(struct rm_thread *t, struct rm_desc *desc, struct rm_message *message);

/*
 * control_message.c: descriptors of the program become the proxy's, whose descriptions are held in *held until
 * rm_control_release(): 0, or -errno.
 */
struct rm_held {
	unsigned count;
	struct rm_desc *desc[RM_CONTROL_FDS];
};
long rm_control_to_host(struct rm_thread *t, uint8_t family, struct rm_control *control, struct rm_held *held);
void rm_control_release(struct rm_thread *t, struct rm_held *held);
/* Control messages as they came: checked; descriptors of the proxy become ours. Sets MSG_CTRUNC where they do not fit: 0 or -EIO. */
long rm_control_from_host(struct rm_thread *t, uint8_t family, struct rm_control *control, bool cloexec, uint32_t *flags);
/* Closes the descriptors that it brought: the program never heard of them. */
void rm_control_undo(struct rm_thread *t, const struct rm_control *control);

/* interface.c: ioctl(SIOCGIFCONF): 0 or -errno. */
long rm_interfaces(struct rm_thread *t, struct rm_desc *desc, unsigned long user);

/* netlink.c: whether what was received is well-formed, as libc takes for granted: 0 or -EIO. */
long rm_netlink_check(struct rm_thread *t, const struct rm_desc *desc, const struct lx_iovec *first, size_t size);
/* Remembers what a program asks for: `size` bytes of its request stand at `base`. */
void rm_netlink_sent(struct rm_desc *desc, unsigned long base, size_t size);

#endif
