/* SPDX-License-Identifier: MIT */
/*
 * Bytes between files and programs: the engines below read() and write() and their kin.
 */
#ifndef RUNTIME_POSIX_IO_H
#define RUNTIME_POSIX_IO_H

#include "posix/iter.h"
#include "posix/posix.h"

#define RM_LINUX_POSITION	(~0ul)	/* offset of an operation that uses and moves Linux's file position */

/*
 * Reads from consecutive offsets, several pieces in flight; ends at the first short one. Bytes, or -errno if none.
 */
long rm_read_pieces(struct rm_thread *t, int host_fd, struct rm_iter *iter, size_t size, uint64_t offset);
/* Reads at Linux's position, one operation in flight; goes on after a full piece only if `whole` (regular files). */
long rm_read_stream(struct rm_thread *t, int host_fd, struct rm_iter *iter, size_t size, bool whole);
/* Writes in order, at an offset or at Linux's position, until all is written or an error. Bytes, or -errno if none. */
long rm_write_pieces(struct rm_thread *t, int host_fd, struct rm_iter *iter, size_t size, uint64_t offset);
/* One read into private memory, at Linux's position, waiting if the description does. Bytes or -errno. */
long rm_read_private(struct rm_thread *t, const struct rm_desc *desc, void *to, size_t size);
/* Signals as bytes: signalfd.c. */
long rm_signalfd_read(struct rm_thread *t, struct rm_desc *desc, struct rm_iter *iter, size_t size);
/* Reads of what has a meaning that is checked: timerfd.c, inotify.c. */
long rm_timer_read(struct rm_thread *t, struct rm_desc *desc, struct rm_iter *iter, size_t size);
long rm_inotify_read(struct rm_thread *t, struct rm_desc *desc, struct rm_iter *iter, size_t size);
#define RM_NOWAIT_PIECE		65536u	/* at most */

/*
 * One read or write at Linux's position of as much as goes at once: bytes, -EAGAIN if nothing does, -EOPNOTSUPP if such a file cannot
 * be asked that way.
 */
long rm_piece_nowait(struct rm_thread *t, int host_fd, struct rm_iter *iter, size_t size, bool write);
/* The same by host calls, for what io_uring does not do as read() and write() would (pieces.c says what that is). */
long rm_read_call(struct rm_thread *t, int host_fd, struct rm_iter *iter, size_t size, uint64_t offset, bool whole);
long rm_write_call(struct rm_thread *t, int host_fd, struct rm_iter *iter, size_t size, uint64_t offset);

#endif
