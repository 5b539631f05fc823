/* SPDX-License-Identifier: MIT */
/*
 * Registrations of epoll sets.
 *
 * Attacks considered: Linux only ever holds index and generation of a watch. A word that comes back is looked up, and must name a
 * living watch of the very set that was waited on; events are cut to what was asked for (errors and hang-ups always are). So a
 * forged, stale or swapped event is dropped or tells of readiness that is not there, which the program's next call finds out.
 */
#include "posix/watch.h"

#include "lib/string.h"
#include "sys/linux.h"

#define ALWAYS	0x018u	/* EPOLLERR, EPOLLHUP */

_Static_assert(RM_WATCH_MAX < 65536, "watches are counted in 16 bits");

static uint16_t number(const struct rm_fd_table *table, const struct rm_desc *desc)
{
	return (uint16_t)(desc - table->descs + 1);
}

static uint16_t take(struct rm_fd_table *table)
{
	const uint16_t index = table->free_watch;

	if (index != 0) {
		table->free_watch = table->watch[index - 1].next;
		return index;
	}
	return table->fresh_watch < RM_WATCH_MAX ? ++table->fresh_watch : 0;
}

static int find(struct rm_fd_table *table, const struct rm_watch_key *key)
{
	const uint16_t epoll = number(table, key->epoll);

	for (uint16_t i = key->desc->watches; i != 0; i = table->watch[i - 1].next)
		if (table->watch[i - 1].epoll == epoll && table->watch[i - 1].fd == key->fd)
			return i - 1;
	return -ENOENT;
}

/* Whether the set has a watch that Linux knows by the description's own number. */
static bool plain(struct rm_fd_table *table, const struct rm_watch_key *key)
{
	const uint16_t epoll = number(table, key->epoll);

	for (uint16_t i = key->desc->watches; i != 0; i = table->watch[i - 1].next)
		if (table->watch[i - 1].epoll == epoll && table->watch[i - 1].host_fd < 0)
			return true;
	return false;
}

int rm_watch_add(struct rm_fd_table *table, const struct rm_watch_key *key, const struct rm_event *event, bool *again)
{
	struct rm_watch *w;
	uint16_t index;
	int result;

	rm_lock(&table->lock);
	if (find(table, key) >= 0) {
		result = -EEXIST;
	} else if ((index = take(table)) == 0) {
		result = -ENOSPC;
	} else {
		*again = plain(table, key);
		result = index - 1;
		w = &table->watch[result];
		w->data = event->data;
		w->events = event->events;
		w->generation++;
		w->host_fd = -1;
		w->epoll = number(table, key->epoll);
		w->desc = number(table, key->desc);
		w->fd = (uint16_t)key->fd;
		w->next = key->desc->watches;
		key->desc->watches = index;
	}
	rm_unlock(&table->lock);
	return result;
}

int rm_watch_find(struct rm_fd_table *table, const struct rm_watch_key *key)
{
	int result;

	rm_lock(&table->lock);
	result = find(table, key);
	rm_unlock(&table->lock);
	return result;
}

void rm_watch_duplicate(struct rm_fd_table *table, int index, int host_fd)
{
	rm_lock(&table->lock);
	table->watch[index].host_fd = host_fd;
	rm_unlock(&table->lock);
}

int rm_watch_host_fd(struct rm_fd_table *table, int index, int own)
{
	int result;

	rm_lock(&table->lock);
	result = table->watch[index].host_fd < 0 ? own : table->watch[index].host_fd;
	rm_unlock(&table->lock);
	return result;
}

uint64_t rm_watch_word(struct rm_fd_table *table, int index)
{
	uint64_t word;

	rm_lock(&table->lock);
	word = (uint64_t)table->watch[index].generation << 32 | (uint32_t)index;
	rm_unlock(&table->lock);
	return word;
}

void rm_watch_set(struct rm_fd_table *table, int index, const struct rm_event *event, struct rm_event *old)
{
	struct rm_watch *w = &table->watch[index];

	rm_lock(&table->lock);
	*old = (struct rm_event){ .events = w->events, .data = w->data };
	w->events = event->events;
	w->data = event->data;
	rm_unlock(&table->lock);
}

/* A watch that no chain of a description holds any more. */
static void release(struct rm_fd_table *table, uint16_t index)
{
	struct rm_watch *w = &table->watch[index - 1];
	uint16_t *chain = w->host_fd < 0 ? &table->free_watch : &table->orphans;

	w->epoll = 0;
	w->next = *chain;
	*chain = index;
}

static void unchain(struct rm_fd_table *table, uint16_t index)
{
	uint16_t *link = &table->descs[table->watch[index - 1].desc - 1].watches;

	while (*link != index)
		link = &table->watch[*link - 1].next;
	*link = table->watch[index - 1].next;
}

void rm_watch_remove(struct rm_fd_table *table, int index)
{
	rm_lock(&table->lock);
	unchain(table, (uint16_t)(index + 1));
	release(table, (uint16_t)(index + 1));
	rm_unlock(&table->lock);
}

bool rm_watch_event(struct rm_fd_table *table, const struct rm_desc *epoll, struct rm_event *event)
{
	const uint32_t index = (uint32_t)event->data;
	const struct rm_watch *w = &table->watch[index < RM_WATCH_MAX ? index : 0];
	bool named;

	rm_lock(&table->lock);
	named = index < RM_WATCH_MAX && w->epoll == number(table, epoll) && w->generation == event->data >> 32;
	if (named) {
		event->events &= w->events | ALWAYS;
		event->pad = 0;
		event->data = w->data;
	}
	rm_unlock(&table->lock);
	return named && event->events != 0;
}

void rm_watch_forget(struct rm_fd_table *table, struct rm_desc *desc)
{
	uint16_t index, next;

	for (index = desc->watches; index != 0; index = next) {
		next = table->watch[index - 1].next;
		release(table, index);
	}
	desc->watches = 0;
	if (desc->kind != RM_KIND_EPOLL)
		return;
	for (index = 1; index <= table->fresh_watch; index++) {
		if (table->watch[index - 1].epoll == number(table, desc)) {
			unchain(table, index);
			release(table, index);
		}
	}
}

void rm_watch_lose(struct rm_fd_table *table)
{
	uint16_t index;

	for (index = 0; index < table->fresh_watch; index++)
		table->watch[index].host_fd = -1;
	while ((index = table->orphans) != 0) {
		table->orphans = table->watch[index - 1].next;
		release(table, index);
	}
}

int rm_watch_orphan(struct rm_fd_table *table)
{
	uint16_t index;
	int host_fd = -1;

	rm_lock(&table->lock);
	index = table->orphans;
	if (index != 0) {
		table->orphans = table->watch[index - 1].next;
		host_fd = table->watch[index - 1].host_fd;
		table->watch[index - 1].host_fd = -1;
		release(table, index);
	}
	rm_unlock(&table->lock);
	return host_fd;
}
