/* SPDX-License-Identifier: MIT */
/*
 * The descriptor table.
 *
 * Attacks considered: the bitmap of inherited descriptors is the host's word, and only decides which numbers a program may
 * hand back to the host. Two descriptions may name one descriptor of the proxy if the host lies about what it opened: then the
 * host's own files mix, nothing of ours does.
 */
#include "posix/fd.h"
#include "posix/watch.h"

#include "lib/string.h"
#include "sys/linux.h"

#define STREAMS 3	/* standard input, output and error */

_Static_assert(RM_FD_MAX < 65536, "descriptions are counted in 16 bits");

static bool valid(int fd)
{
	return fd >= 0 && fd < (int)RM_FD_MAX;
}

static uint64_t bit(int fd)
{
	return 1ul << (fd % 64);
}

static bool in_use(const struct rm_fd_table *table, int fd)
{
	return valid(fd) && (table->used[fd / 64] & bit(fd)) != 0;
}

/* In use and past its reservation. */
static struct rm_desc *named(struct rm_fd_table *table, int fd)
{
	if (!in_use(table, fd) || table->desc[fd] == 0)
		return NULL;
	return &table->descs[table->desc[fd] - 1];
}

/* And not lost. */
static struct rm_desc *living(struct rm_fd_table *table, int fd)
{
	struct rm_desc *desc = named(table, fd);

	return desc && !desc->lost ? desc : NULL;
}

static void set_cloexec(struct rm_fd_table *table, int fd, bool cloexec)
{
	if (cloexec)
		table->cloexec[fd / 64] |= bit(fd);
	else
		table->cloexec[fd / 64] &= ~bit(fd);
}

static void point(struct rm_fd_table *table, int fd, const struct rm_desc *desc, bool cloexec)
{
	table->used[fd / 64] |= bit(fd);
	table->desc[fd] = desc ? (uint16_t)(desc - table->descs + 1) : 0;
	set_cloexec(table, fd, cloexec);
}

static void unpoint(struct rm_fd_table *table, int fd)
{
	table->used[fd / 64] &= ~bit(fd);
	table->desc[fd] = 0;
}

static struct rm_desc *new_desc(struct rm_fd_table *table, int host_fd, uint32_t flags, bool opened)
{
	struct rm_desc *desc;

	if (table->first_free != 0) {
		desc = &table->descs[table->first_free - 1];
		table->first_free = desc->next_free;
	} else if (table->fresh < RM_FD_MAX) {
		desc = &table->descs[table->fresh++];
	} else {
		return NULL;
	}
	memset(desc, 0, sizeof(*desc));
	desc->refs = 1;
	desc->id = ++table->ids;
	desc->host_fd = host_fd;
	desc->flags = flags;
	desc->opened = opened;
	desc->nonblock = (flags & LX_O_NONBLOCK) != 0;
	return desc;
}

static int lowest(const struct rm_fd_table *table, int low)
{
	for (int word = low / 64; word < (int)(RM_FD_MAX / 64); word++) {
		uint64_t free = ~table->used[word];

		if (word == low / 64)
			free &= ~0ul << (low % 64);
		if (free != 0)
			return word * 64 + __builtin_ctzll(free) < table->limit ? word * 64 + __builtin_ctzll(free) : -EMFILE;
	}
	return -EMFILE;
}

void rm_fd_init(struct rm_fd_table *table, const uint64_t *inherited)
{
	/* Zero in an enclave, and not to be touched then: memory is given on touch. */
	if (table->limit != 0)
		memset(table, 0, sizeof(*table));
	table->limit = (int)RM_FD_MAX;
	for (int word = 0; word < (int)(RM_FD_MAX / 64); word++)
		for (uint64_t left = inherited[word]; left != 0; left &= left - 1) {
			const int fd = word * 64 + __builtin_ctzll(left);

			point(table, fd, new_desc(table, fd, 0, false), false);
		}
}

static void lose(struct rm_desc *desc)
{
	desc->lost = desc->host_fd >= 0;
	desc->host_fd = -1;
}

/* As it was when it was inherited. Whoever holds it meanwhile has no ring to do anything with it. */
static void revive(struct rm_desc *desc, int host_fd)
{
	*desc = (struct rm_desc){ .refs = desc->refs, .id = desc->id, .watches = desc->watches, .lock = desc->lock, .host_fd = host_fd };
}

bool rm_fd_lose(struct rm_fd_table *table, uint32_t host_process, const uint64_t *inherited)
{
	bool news;

	rm_lock(&table->lock);
	news = table->host_process != host_process;
	table->host_process = host_process;
	for (uint32_t i = 0; news && i < table->fresh; i++)
		if (table->descs[i].refs > 0)
			lose(&table->descs[i]);
	if (news)
		rm_watch_lose(table);
	for (int fd = 0; news && fd < STREAMS; fd++) {
		struct rm_desc *desc = named(table, fd);

		if (desc && desc->lost && !desc->opened && (inherited[0] & bit(fd)))
			revive(desc, fd);
	}
	rm_unlock(&table->lock);
	return news;
}

void rm_fd_limit(struct rm_fd_table *table, uint64_t limit)
{
	rm_lock(&table->lock);
	table->limit = limit < RM_FD_MAX ? (int)limit : (int)RM_FD_MAX;
	rm_unlock(&table->lock);
}

int rm_fd_reserve(struct rm_fd_table *table, int low, bool cloexec)
{
	int fd;

	if (!valid(low))
		return -EINVAL;
	rm_lock(&table->lock);
	fd = lowest(table, low);
	if (fd >= 0)
		point(table, fd, NULL, cloexec);
	rm_unlock(&table->lock);
	return fd;
}

void rm_fd_unreserve(struct rm_fd_table *table, int fd)
{
	rm_lock(&table->lock);
	unpoint(table, fd);
	rm_unlock(&table->lock);
}

/* What is known of a description is written before anybody can find it. */
static int install(struct rm_fd_table *table, uint32_t host, int fd, int host_fd, uint32_t flags, bool opened, enum rm_kind kind,
		   const struct rm_desc *socket)
{
	struct rm_desc *desc;

	rm_lock(&table->lock);
	desc = new_desc(table, host_fd, flags, opened);
	if (desc)
		desc->kind = (uint8_t)kind;
	if (desc && host != table->host_process)
		lose(desc);
	if (desc && socket) {
		desc->family = socket->family;
		desc->type = socket->type;
		desc->protocol = socket->protocol;
		desc->receive_timeout = socket->receive_timeout;
		desc->send_timeout = socket->send_timeout;
	}
	if (desc)
		table->desc[fd] = (uint16_t)(desc - table->descs + 1);
	else
		unpoint(table, fd);
	rm_unlock(&table->lock);
	return desc ? fd : -ENFILE;
}

int rm_fd_install(struct rm_fd_table *table, uint32_t host, int fd, int host_fd, uint32_t flags)
{
	return install(table, host, fd, host_fd, flags, true, RM_KIND_UNKNOWN, NULL);
}

int rm_fd_install_kind(struct rm_fd_table *table, uint32_t host, int fd, int host_fd, uint32_t flags, enum rm_kind kind)
{
	return install(table, host, fd, host_fd, flags, true, kind, NULL);
}

int rm_fd_install_received(struct rm_fd_table *table, uint32_t host, int fd, int host_fd)
{
	return install(table, host, fd, host_fd, 0, false, RM_KIND_UNKNOWN, NULL);
}

int rm_fd_install_socket(struct rm_fd_table *table, uint32_t host, int fd, int host_fd, uint32_t flags, const struct rm_desc *like)
{
	return install(table, host, fd, host_fd, (flags & LX_SOCK_NONBLOCK) | LX_O_RDWR, true, RM_KIND_SOCKET, like);
}

struct rm_desc *rm_fd_get(struct rm_fd_table *table, int fd)
{
	struct rm_desc *desc;

	rm_lock(&table->lock);
	desc = living(table, fd);
	if (desc)
		desc->refs++;
	rm_unlock(&table->lock);
	return desc;
}

struct rm_desc *rm_fd_next_of_kind(struct rm_fd_table *table, enum rm_kind kind, uint32_t *at)
{
	struct rm_desc *desc = NULL;

	rm_lock(&table->lock);
	for (; *at < table->fresh && !desc; ++*at)
		if (table->descs[*at].refs > 0 && table->descs[*at].kind == kind && !table->descs[*at].lost)
			desc = &table->descs[*at];
	if (desc)
		desc->refs++;
	rm_unlock(&table->lock);
	return desc;
}

void rm_fd_hold_many(struct rm_fd_table *table, struct rm_desc *desc, uint32_t count)
{
	rm_lock(&table->lock);
	desc->refs += count;
	rm_unlock(&table->lock);
}

int rm_fd_put_many(struct rm_fd_table *table, struct rm_desc *desc, uint32_t count)
{
	int host_fd = -1;

	rm_lock(&table->lock);
	desc->refs -= count;
	if (desc->refs == 0) {
		host_fd = desc->host_fd;
		rm_watch_forget(table, desc);
		desc->next_free = table->first_free;
		table->first_free = (uint32_t)(desc - table->descs + 1);
	}
	rm_unlock(&table->lock);
	return host_fd;
}

struct rm_desc *rm_fd_remove(struct rm_fd_table *table, int fd)
{
	struct rm_desc *desc;

	rm_lock(&table->lock);
	desc = named(table, fd);
	if (desc)
		unpoint(table, fd);
	rm_unlock(&table->lock);
	return desc;
}

int rm_fd_dup(struct rm_fd_table *table, int fd, int low, bool cloexec)
{
	struct rm_desc *desc;
	int to;

	rm_lock(&table->lock);
	desc = living(table, fd);
	if (!desc)
		to = -EBADF;
	else if (low < 0 || low >= table->limit)
		to = -EINVAL;
	else
		to = lowest(table, low);
	if (to >= 0) {
		desc->refs++;
		point(table, to, desc, cloexec);
	}
	rm_unlock(&table->lock);
	return to;
}

int rm_fd_dup_to(struct rm_fd_table *table, int fd, int to, bool cloexec, struct rm_desc **replaced)
{
	struct rm_desc *desc;
	int result = to;

	*replaced = NULL;
	rm_lock(&table->lock);
	desc = living(table, fd);
	if (!desc || to < 0 || to >= table->limit) {
		result = -EBADF;
	} else if (in_use(table, to) && table->desc[to] == 0) {
		result = -EBUSY;	/* another thread's open() is about to use it, as on Linux */
	} else {
		*replaced = named(table, to);
		desc->refs++;
		point(table, to, desc, cloexec);
	}
	rm_unlock(&table->lock);
	return result;
}

int rm_fd_cloexec(struct rm_fd_table *table, int fd)
{
	int result = -EBADF;

	rm_lock(&table->lock);
	if (living(table, fd))
		result = (table->cloexec[fd / 64] & bit(fd)) != 0;
	rm_unlock(&table->lock);
	return result;
}

int rm_fd_set_cloexec(struct rm_fd_table *table, int fd, bool cloexec)
{
	int result = -EBADF;

	rm_lock(&table->lock);
	if (living(table, fd)) {
		set_cloexec(table, fd, cloexec);
		result = 0;
	}
	rm_unlock(&table->lock);
	return result;
}
