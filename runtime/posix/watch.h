/* SPDX-License-Identifier: MIT */
/*
 * What epoll sets watch: for each registration a word that goes to Linux in place of the program's data, and back to what the
 * program gave. Pure bookkeeping beside the descriptor table, under its lock.
 */
#ifndef RUNTIME_POSIX_WATCH_H
#define RUNTIME_POSIX_WATCH_H

#include "posix/fd.h"

/* A registration as epoll_ctl() names it. */
struct rm_watch_key {
	struct rm_desc *epoll, *desc;
	int fd;
};

/* Linux's struct epoll_event on AArch64. */
struct rm_event {
	uint32_t events, pad;
	uint64_t data;
};

/*
 * A new watch: its index, or -EEXIST, -ENOSPC. *again: the set watches this description under another number as well, so Linux
 * needs a duplicate to tell them apart (rm_watch_duplicate()).
 */
int rm_watch_add(struct rm_fd_table *table, const struct rm_watch_key *key, const struct rm_event *event, bool *again);
/* The watch of a key: its index, or -ENOENT. */
int rm_watch_find(struct rm_fd_table *table, const struct rm_watch_key *key);
void rm_watch_duplicate(struct rm_fd_table *table, int index, int host_fd);
/* The proxy's descriptor that Linux knows the watch by; `own` of the description if it has none. */
int rm_watch_host_fd(struct rm_fd_table *table, int index, int own);
/* The word for Linux. */
uint64_t rm_watch_word(struct rm_fd_table *table, int index);
/* Takes the new event, gives back the old one. */
void rm_watch_set(struct rm_fd_table *table, int index, const struct rm_event *event, struct rm_event *old);
/* Ends a watch; a duplicate becomes an orphan. */
void rm_watch_remove(struct rm_fd_table *table, int index);

/*
 * An event from Linux for a set becomes the program's: true, or false if its word names no watch of this set, or nothing that
 * was asked for happened.
 */
bool rm_watch_event(struct rm_fd_table *table, const struct rm_desc *epoll, struct rm_event *event);

/* The table's lock is held: ends all watches of a description, and all of the set if it is one. */
void rm_watch_forget(struct rm_fd_table *table, struct rm_desc *desc);
/* Likewise: duplicates were of a process of Linux that is gone. */
void rm_watch_lose(struct rm_fd_table *table);
/* A duplicate that nobody needs any more, to be closed by the caller, or -1. */
int rm_watch_orphan(struct rm_fd_table *table);

#endif
