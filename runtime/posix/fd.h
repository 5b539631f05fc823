/* SPDX-License-Identifier: MIT */
/*
 * The enclave's descriptor table: descriptors (small numbers, close-on-exec flag) that name open file descriptions (shared by
 * dup()), which name a descriptor of the proxy; and what epoll sets watch (watch.c). Pure bookkeeping: no call of Linux is made here.
 */
#ifndef RUNTIME_POSIX_FD_H
#define RUNTIME_POSIX_FD_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/hostcall.h"
#include "lib/lock.h"

#define RM_MADE_SIZE	0x40000u

enum rm_kind {
	RM_KIND_UNKNOWN = 0,	/* nobody asked yet */
	RM_KIND_REGULAR,
	RM_KIND_DIRECTORY,
	RM_KIND_TTY,
	RM_KIND_OTHER,		/* pipes, devices */
	RM_KIND_SOCKET,
	RM_KIND_EPOLL,		/* known from their birth: */
	RM_KIND_TIMER,		/* timerfd.c */
	RM_KIND_INOTIFY,	/* inotify.c */
	RM_KIND_SIGNAL,		/* signalfd.c */
	RM_KIND_DEVICE,		/* in the Secure world (device.h): the description has no descriptor of the proxy's */
	RM_KIND_MADE,		/* a file of /proc/self whose content is made here (proc.h) */
};

#define RM_WATCH_MAX	2048u	/* registrations of all epoll sets of an enclave together */

/* A registration: descriptor and description in an epoll set. */
struct rm_watch {
	uint64_t data;		/* the program's word; never given to the host */
	uint32_t events;	/* as the program asked */
	uint32_t generation;	/* a word of an earlier use does not match */
	int32_t host_fd;	/* a duplicate that only this watch uses, or -1: the description's own */
	uint16_t epoll;		/* index + 1 of the set's description; 0 = free, or an orphan */
	uint16_t desc;		/* index + 1 of the watched one */
	uint16_t fd;
	uint16_t next;		/* index + 1: of those of one description, of free ones, or of orphans */
};

/* A timerfd's setting, in ns of CLOCK_MONOTONIC. Under the description's lock. */
struct rm_timer {
	uint64_t due;		/* the next expiration that was not read; 0: none */
	uint64_t interval;
	uint8_t clock;
	bool host;		/* an absolute time of the host's own clock: the host's word counts */
};

/* An open file description. */
struct rm_desc {
	uint32_t refs;		/* descriptors that name it, and calls under way; 0 = free */
	int32_t host_fd;	/* -1: Linux has no part in it */
	uint32_t flags;		/* as given to open(), 0 if inherited */
	uint8_t kind;		/* enum rm_kind */
	uint16_t watches;	/* index + 1 of the first watch of it */
	/*
	 * Opened by this enclave and by nobody else's hand: the position may be ours. Inherited descriptions share theirs with
	 * other processes ({ a; b; } > out), and O_APPEND is decided by Linux at the moment of the write, so those use Linux's.
	 */
	bool opened;
	bool lost;		/* it was of a process of Linux that is gone: nothing can be done with it but closing it */
	/* O_NONBLOCK as far as known here. io_uring would wait for a pipe all the same: it goes by host call then. */
	bool nonblock;
	bool no_nowait;		/* and cannot be told not to */
	uint8_t device_index;	/* RM_KIND_DEVICE: of its bit RM_DEVICE_* */
	bool read_only;		/* opened by a path that the manifest permits to look at only */
	bool own_position;	/* settled with the kind: a regular file, opened, not O_APPEND */
	uint8_t made, made_of;	/* enum rm_made; RM_KIND_MADE only; thread that it is about */
	uint64_t made_text;	/* address of its RM_MADE_SIZE bytes, or 0 */
	uint32_t made_used;	/* of those, with content */
	bool direct;		/* O_DIRECT: each operation is one of the device */
	bool ring_moves;	/* if not: io_uring moves Linux's position as read() would (regular files; common.c) */
	/* Of a socket, settled with the kind. */
	uint8_t family, type, protocol;	/* AF_*, SOCK_* without flags, AF_NETLINK's protocol */
	bool bound;			/* AF_NETLINK: by bind() */
	uint16_t request;		/* AF_NETLINK: type of the last request sent */
	int64_t receive_timeout, send_timeout;	/* SO_RCVTIMEO, SO_SNDTIMEO in ns, 0 = none: io_uring does not know them */
	struct rm_timer timer;
	uint64_t signals;	/* of a signalfd; and whether its eventfd says that one waits, under lock */
	bool signal_ready;
	bool identified;		/* which file it is was asked (maps.c) */
	uint64_t inode, device;
	uint64_t id;			/* of the description: none ever has the same again */
	/* File windows (window.c), under their lock: no more of them; where reads by the ring came to, and how many bytes in a row. */
	bool no_window;
	uint16_t window_skip, window_pause;	/* how many wishes are not heard; how many after the next window that has nothing */
	uint64_t window_next, window_bytes;
	int64_t position;
	struct rm_lock lock;	/* position and the operations that move it */
	uint32_t next_free;
};

struct rm_fd_table {
	struct rm_lock lock;
	int limit;			/* RLIMIT_NOFILE, at most RM_FD_MAX: new descriptors are below */
	uint64_t used[RM_FD_MAX / 64];
	uint64_t cloexec[RM_FD_MAX / 64];
	uint16_t desc[RM_FD_MAX];	/* index + 1; 0: reserved by an open() under way */
	struct rm_desc descs[RM_FD_MAX];
	uint32_t first_free;		/* index + 1 of free descriptions, chained by next_free */
	uint64_t ids;			/* given so far */
	uint32_t host_process;		/* whose descriptors these are (struct rm_thread) */
	uint32_t fresh;			/* descriptions never used start here */
	struct rm_watch watch[RM_WATCH_MAX];
	uint16_t free_watch, fresh_watch;	/* likewise */
	uint16_t orphans;		/* watches whose duplicate is still to be closed, chained by next */
};

/* An empty table with the inherited descriptors of the bitmap, each the proxy's descriptor of the same number. */
void rm_fd_init(struct rm_fd_table *table, const uint64_t *inherited);

/*
 * The proxy is another process now, with that number: all descriptions that Linux has a part in are lost, but for inherited standard streams, which are its own of
 * the same number if the bitmap has them. False: that was known.
 */
bool rm_fd_lose(struct rm_fd_table *table, uint32_t host_process, const uint64_t *inherited);

/* Sets RLIMIT_NOFILE. */
void rm_fd_limit(struct rm_fd_table *table, uint64_t limit);

/* Reserves the lowest free descriptor >= low: its number, or -EMFILE (-EINVAL if low is out of range). */
int rm_fd_reserve(struct rm_fd_table *table, int low, bool cloexec);
/* Gives a reserved descriptor back. */
void rm_fd_unreserve(struct rm_fd_table *table, int fd);
/*
 * Makes a reserved descriptor name a new description of host_fd, or gives it back and returns -ENFILE. The number is of the process `host` (struct rm_thread): if another
 * one has taken its place meanwhile, the description is lost.
 */
int rm_fd_install(struct rm_fd_table *table, uint32_t host, int fd, int host_fd, uint32_t flags);
/* The same for a descriptor that another process sent: shared with it, nothing is known of it. */
int rm_fd_install_received(struct rm_fd_table *table, uint32_t host, int fd, int host_fd);
/* The same for a socket, with family, type and timeouts as in *like. */
int rm_fd_install_socket(struct rm_fd_table *table, uint32_t host, int fd, int host_fd, uint32_t flags, const struct rm_desc *like);
/* The same for a description whose kind is known. */
int rm_fd_install_kind(struct rm_fd_table *table, uint32_t host, int fd, int host_fd, uint32_t flags, enum rm_kind kind);

/* The description behind a descriptor, with a reference to be put; NULL: EBADF. */
struct rm_desc *rm_fd_get(struct rm_fd_table *table, int fd);
/* More references to a description that the caller holds one of. */
void rm_fd_hold_many(struct rm_fd_table *table, struct rm_desc *desc, uint32_t count);
static inline void rm_fd_hold(struct rm_fd_table *table, struct rm_desc *desc)
{
	rm_fd_hold_many(table, desc, 1);
}
/* Drops references. The proxy's descriptor to close now if it was the last, else -1. There may be orphans then (watch.h). */
int rm_fd_put_many(struct rm_fd_table *table, struct rm_desc *desc, uint32_t count);
static inline int rm_fd_put(struct rm_fd_table *table, struct rm_desc *desc)
{
	return rm_fd_put_many(table, desc, 1);
}

/* The next description of a kind from *at on, with a reference to be put; NULL: none is left. */
struct rm_desc *rm_fd_next_of_kind(struct rm_fd_table *table, enum rm_kind kind, uint32_t *at);

/* Frees a descriptor: its description with the reference that the descriptor held, or NULL: EBADF. */
struct rm_desc *rm_fd_remove(struct rm_fd_table *table, int fd);
/* dup(), F_DUPFD: the lowest descriptor >= low for fd's description, or -EBADF, -EMFILE, -EINVAL. */
int rm_fd_dup(struct rm_fd_table *table, int fd, int low, bool cloexec);
/* dup3() with fd != to: to, or -EBADF, -EBUSY; *replaced = what `to` named before (as from rm_fd_remove), or NULL. */
int rm_fd_dup_to(struct rm_fd_table *table, int fd, int to, bool cloexec, struct rm_desc **replaced);

/* The close-on-exec flag: 0 or 1, or -EBADF. */
int rm_fd_cloexec(struct rm_fd_table *table, int fd);
/* Sets it: 0 or -EBADF. */
int rm_fd_set_cloexec(struct rm_fd_table *table, int fd, bool cloexec);

#endif
