/* SPDX-License-Identifier: MIT */
/*
 * epoll, eventfd, poll on the model; the bookkeeping of watches; a host that lies about events and about time.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>

#include "model/program.h"
#include "posix/posix.h"
#include "posix/watch.h"

enum { ADD = 1, DEL = 2, MOD = 3 };
enum { IN = 1, OUT = 4, HUP = 0x10, ET = 1u << 31, ONESHOT = 1u << 30, EXCLUSIVE = 1u << 28 };

#define NOWHERE (~0ul << 48)

static long control(long epoll, int op, long fd, uint32_t events, uint64_t data)
{
	struct rm_event event = { .events = events, .data = data };

	return CALL4(epoll_ctl, epoll, op, fd, &event);
}

static void expect_event(const struct rm_event *event, uint32_t events, uint64_t data)
{
	if (quiet)
		return;
	assert_int_equal(event->events, events);
	assert_int_equal(event->data, data);
}

static void test_epoll(void **state)
{
	const long set = CALL1(epoll_create1, 0);
	struct rm_event events[8];
	int32_t fds[2] = { -1, -1 };
	char text[4];
	long copy, file;

	(void)state;
	EXPECT(CALL1(epoll_create1, 1), -EINVAL);
	EXPECT(CALL2(pipe2, fds, LX_O_NONBLOCK), 0);
	EXPECT(control(set, ADD, fds[0], IN, 0x123456789abcdef0), 0);
	EXPECT(control(set, ADD, fds[0], IN, 1), -EEXIST);
	EXPECT(control(set, MOD, fds[1], IN, 1), -ENOENT);
	EXPECT(control(set, DEL, fds[1], IN, 1), -ENOENT);
	EXPECT(control(set, ADD, set, IN, 1), -EINVAL);
	EXPECT(control(set, ADD, 99, IN, 1), -EBADF);
	EXPECT(control(99, ADD, fds[0], IN, 1), -EBADF);
	EXPECT(control(fds[1], ADD, fds[0], IN, 1), -EINVAL);
	EXPECT(control(set, 7, fds[0], IN, 1), -EINVAL);
	EXPECT(CALL4(epoll_ctl, set, ADD, fds[1], 8), -EFAULT);
	EXPECT(CALL6(epoll_pwait, set, events, 8, 0, 0, 0), 0);
	EXPECT(CALL3(write, fds[1], "abc", 3), 3);
	EXPECT(CALL6(epoll_pwait, set, events, 8, -1, 0, 0), 1);
	expect_event(&events[0], IN, 0x123456789abcdef0);
	EXPECT(control(set, MOD, fds[0], IN | ONESHOT, 5), 0);
	EXPECT(CALL6(epoll_pwait2, set, events, 1, 0, 0, 0), 1);
	expect_event(&events[0], IN, 5);
	EXPECT(CALL6(epoll_pwait, set, events, 1, 0, 0, 0), 0);
	EXPECT(control(set, MOD, fds[0], IN, 6), 0);
	EXPECT(control(set, MOD, fds[0], IN | EXCLUSIVE, 6), -EINVAL);
	/* The same description under two numbers. */
	copy = CALL1(dup, fds[0]);
	EXPECT(control(set, ADD, copy, IN, 7), 0);
	EXPECT(control(set, DEL, copy, IN, 7), 0);
	EXPECT(control(set, DEL, copy, IN, 7), -ENOENT);
	EXPECT(control(set, ADD, copy, IN, 7), 0);
	EXPECT(CALL6(epoll_pwait, set, events, 8, 0, 0, 0), 2);
	EXPECT(CALL1(close, copy), 0);
	EXPECT(CALL6(epoll_pwait, set, events, 8, 0, 0, 0), 2);
	EXPECT(CALL3(read, fds[0], text, 4), 3);
	EXPECT(CALL1(close, fds[1]), 0);
	EXPECT(CALL6(epoll_pwait, set, events, 1, 0, 0, 0), 1);
	if (!quiet)
		assert_int_equal(events[0].events, HUP);
	EXPECT(CALL1(close, fds[0]), 0);
	EXPECT(CALL6(epoll_pwait, set, events, 8, 0, 0, 0), 0);
	EXPECT(CALL6(epoll_pwait, set, events, 0, 0, 0, 0), -EINVAL);
	EXPECT(CALL6(epoll_pwait, 99, events, 1, 0, 0, 0), -EBADF);
	EXPECT(CALL6(epoll_pwait, set, NOWHERE, 1, 0, 0, 0), -EFAULT);
	EXPECT(CALL6(epoll_pwait, set, events, 1, 0, 8, 8), -EFAULT);
	EXPECT(CALL6(epoll_pwait2, set, events, 1, 0, 8, 8), -EFAULT);
	EXPECT(CALL6(epoll_pwait2, set, events, 1, 8, 0, 0), -EFAULT);
	file = CALL2(memfd_create, "file", 0);
	EXPECT(control(set, ADD, file, IN, 1), -EPERM);
	EXPECT(CALL1(close, file), 0);
	EXPECT(CALL1(close, set), 0);
	assert_int_equal(rm_enclave.fds.orphans, 0);
}

static void test_eventfd(void **state)
{
	const long fd = CALL2(eventfd2, 3, LX_O_NONBLOCK), set = CALL1(epoll_create1, LX_O_CLOEXEC);
	struct lx_pollfd polled = { .fd = (int32_t)fd, .events = IN | OUT };
	const struct lx_timespec soon = { 0, 1000000 };
	uint64_t value = 0, bits = fd >= 0 ? 1ul << fd : 0;
	struct rm_event event;

	(void)state;
	EXPECT(CALL3(fcntl, set, LX_F_GETFD, 0), 1);
	EXPECT(CALL4(ppoll, &polled, 1, quiet ? &soon : NULL, 0), 1);
	EXPECT(polled.revents, IN | OUT);
	EXPECT(CALL3(read, fd, &value, 8), 8);
	EXPECT(value, 3);
	EXPECT(CALL3(read, fd, &value, 8), -EAGAIN);
	EXPECT(CALL3(read, fd, &value, 7), -EINVAL);
	EXPECT(control(set, ADD, fd, IN | ET, 1), 0);
	EXPECT(CALL6(epoll_pwait, set, &event, 1, 5, 0, 0), 0);
	value = 5;
	EXPECT(CALL3(write, fd, &value, 8), 8);
	EXPECT(CALL6(epoll_pwait, set, &event, 1, 5, 0, 0), 1);
	EXPECT(CALL6(epoll_pwait, set, &event, 1, 5, 0, 0), 0);
	EXPECT(CALL6(pselect6, 64, &bits, 0, 0, &soon, 0), 1);
	EXPECT(CALL1(close, set), 0);
	EXPECT(CALL1(close, fd), 0);
}

static void test_timer(void **state)
{
	const long fd = CALL2(timerfd_create, 1, 0);
	struct lx_timespec now, setting[2] = { { 0, 500000 }, { 0, 2000000 } }, old[2] = { { 0, 0 }, { 0, 0 } };
	uint64_t count = 0;

	(void)state;
	EXPECT(CALL4(timerfd_settime, fd, 0, setting, old), 0);
	EXPECT(old[1].sec + old[1].nsec, 0);
	EXPECT(CALL2(timerfd_gettime, fd, old), 0);
	EXPECT(old[0].nsec, 500000);
	if (!quiet)
		assert_true(old[1].nsec > 0 && old[1].nsec <= 2000000);
	EXPECT(CALL3(read, fd, &count, 7), -EINVAL);
	/* The model's counter is not Linux's clock: what is read is by the former, however often the latter wakes. */
	if (!quiet) {
		const uint64_t start = rm_time_monotonic();

		assert_int_equal(CALL3(read, fd, &count, 8), 8);
		assert_true(count >= 1 && rm_time_monotonic() - start + 1000000 >= 2000000);
	} else {
		CALL3(fcntl, fd, LX_F_SETFL, LX_O_NONBLOCK);
		CALL3(read, fd, &count, 8);
	}
	setting[1].nsec = 1000000000;
	EXPECT(CALL4(timerfd_settime, fd, 0, setting, 0), -EINVAL);
	EXPECT(CALL4(timerfd_settime, 99, 0, old, 0), -EBADF);
	EXPECT(CALL2(clock_gettime, 0, &now), 0);
	setting[0] = (struct lx_timespec){ 0 };
	setting[1] = (struct lx_timespec){ 1, 0 };
	EXPECT(CALL4(timerfd_settime, fd, 1, setting, 0), 0);
	EXPECT(CALL1(close, fd), 0);
}

/* Of the day's clock, at a time of it: Linux's affair, and its word. */
static void test_wall_timer(void **state)
{
	const long fd = CALL2(timerfd_create, 0, LX_O_NONBLOCK), other = CALL2(timerfd_create, 1, LX_O_NONBLOCK);
	struct lx_timespec setting[2] = { { 0, 0 }, { 1, 0 } }, old[2] = { { 0, 0 }, { 0, 0 } };
	uint64_t count = 0;

	(void)state;
	EXPECT(CALL4(timerfd_settime, fd, 1, setting, old), 0);
	EXPECT(CALL2(timerfd_gettime, fd, old), 0);
	EXPECT(old[1].sec + old[1].nsec, 0);
	EXPECT(CALL3(read, fd, &count, 8), 8);
	EXPECT(count, 1);
	setting[1].sec = INT32_MAX;
	EXPECT(CALL4(timerfd_settime, fd, 1, setting, old), 0);
	EXPECT(CALL3(read, fd, &count, 8), -EAGAIN);
	EXPECT(CALL2(timerfd_gettime, fd, old), 0);
	if (!quiet)
		assert_true(old[1].sec > 0);
	EXPECT(CALL4(timerfd_settime, fd, 1, 8, old), -EFAULT);
	EXPECT(CALL4(timerfd_settime, fd, 1, setting, 8), -EFAULT);
	EXPECT(CALL2(timerfd_gettime, 99, old), -EBADF);
	/* One of ours whose first time has passed: the rest of its period. */
	setting[0] = (struct lx_timespec){ 3, 0 };
	setting[1] = (struct lx_timespec){ 0, 1 };
	EXPECT(CALL4(timerfd_settime, other, 0, setting, 0), 0);
	EXPECT(CALL2(timerfd_gettime, other, old), 0);
	if (!quiet)
		assert_true(old[0].sec == 3 && old[1].sec == 2 && old[1].nsec > 0);
	EXPECT(CALL1(close, fd), 0);
	EXPECT(CALL1(close, other), 0);
}

/* Events that Linux makes up. */
static long forged(long fd, int from, int to, const void *bytes, size_t size)
{
	uint8_t events[256];
	struct rm_desc *desc = rm_get((unsigned long)fd);

	assert_int_equal(write(to, bytes, size), size);
	assert_int_equal(dup2(from, desc->host_fd), desc->host_fd);
	rm_put(model.thread, desc);
	return CALL3(read, fd, events, sizeof(events));
}

static void test_forged_events(void **state)
{
	struct { int32_t watch; uint32_t mask, cookie, length; char name[16]; } event = { 1, 2, 0, 16, "file" };
	const long fd = CALL1(inotify_init1, 0);
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	quiet = true;
	assert_int_equal(forged(fd, ends[0], ends[1], &event, 32), 32);
	assert_int_equal(forged(fd, ends[0], ends[1], &event, 31), -EIO);
	assert_int_equal(forged(fd, ends[0], ends[1], &event, 15), -EIO);
	event.length = 32;
	assert_int_equal(forged(fd, ends[0], ends[1], &event, 32), -EIO);
	event.length = ~0u;
	assert_int_equal(forged(fd, ends[0], ends[1], &event, 32), -EIO);
	event.length = 8;
	assert_int_equal(forged(fd, ends[0], ends[1], &event, 24), -EIO);
	event.length = 16;
	memset(event.name, 'x', sizeof(event.name));
	assert_int_equal(forged(fd, ends[0], ends[1], &event, 32), -EIO);
	assert_int_equal(model.thread->count[RM_COUNT_CONTENT], 6);
	CALL1(close, fd);
	close(ends[0]);
	close(ends[1]);
	program_stop(NULL);
	quiet = false;
	program_start(NULL);
}

static void test_inotify(void **state)
{
	const long fd = CALL1(inotify_init1, LX_O_NONBLOCK);
	uint8_t events[256];
	long file;

	(void)state;
	unlink("/tmp/ringmaster-events");
	EXPECT(CALL3(inotify_add_watch, fd, "/tmp", 0x100), 1);
	EXPECT(CALL3(inotify_add_watch, 99, "/tmp", 0x100), -EBADF);
	file = CALL4(openat, LX_AT_FDCWD, "/tmp/ringmaster-events", LX_O_CREAT | LX_O_WRONLY, 0600);
	if (!quiet)
		assert_true(CALL3(read, fd, events, sizeof(events)) >= 48);
	else
		CALL3(read, fd, events, sizeof(events));
	EXPECT(CALL1(close, file), 0);
	EXPECT(CALL3(unlinkat, LX_AT_FDCWD, "/tmp/ringmaster-events", 0), 0);
	EXPECT(CALL2(inotify_rm_watch, fd, 1), 0);
	EXPECT(CALL1(close, fd), 0);
}

/* Positions of ours before and after Linux moved the bytes. */
static void test_moves(void **state)
{
	const long in = CALL2(memfd_create, "in", 0), out = CALL2(memfd_create, "out", 1);
	int32_t pipe[2] = { -1, -1 };
	char text[8] = "";
	int64_t offset = 1;

	(void)state;
	EXPECT(CALL3(write, in, "abcdefgh", 8), 8);
	EXPECT(CALL3(lseek, in, 0, LX_SEEK_SET), 0);
	EXPECT(CALL4(sendfile, out, in, 0, 3), 3);
	EXPECT(CALL3(lseek, in, 0, LX_SEEK_CUR), 3);
	EXPECT(CALL3(lseek, out, 0, LX_SEEK_CUR), 3);
	EXPECT(CALL6(copy_file_range, in, &offset, out, 0, 2, 0), 2);
	EXPECT(offset, 3);
	EXPECT(CALL4(pread64, out, text, 8, 0), 5);
	if (!quiet)
		assert_string_equal(text, "abcbc");
	EXPECT(CALL2(pipe2, pipe, LX_O_NONBLOCK), 0);
	EXPECT(CALL6(splice, in, 0, pipe[1], 0, 4, 0), 4);
	EXPECT(CALL3(lseek, in, 0, LX_SEEK_CUR), 7);
	EXPECT(CALL4(tee, pipe[0], pipe[1], 1, 0), -EINVAL);
	EXPECT(CALL6(splice, pipe[0], 0, pipe[1], 0, 4, 99), -EINVAL);
	EXPECT(CALL3(read, pipe[0], text, 8), 4);
	EXPECT(CALL4(sendfile, 99, in, 0, 3), -EBADF);
	EXPECT(CALL4(sendfile, out, in, 8, 3), -EFAULT);
	EXPECT(CALL1(close, pipe[0]), 0);
	EXPECT(CALL1(close, pipe[1]), 0);
	EXPECT(CALL1(close, in), 0);
	EXPECT(CALL1(close, out), 0);
}

static void test_hostile(void **state)
{
	(void)state;
	program_every_hostile(test_epoll);
	program_every_hostile(test_eventfd);
	program_every_hostile(test_timer);
	program_every_hostile(test_wall_timer);
	program_every_hostile(test_inotify);
	program_every_hostile(test_moves);
}

static struct rm_fd_table table;

static struct rm_watch_key key(int epoll, int fd)
{
	return (struct rm_watch_key){ rm_fd_get(&table, epoll), rm_fd_get(&table, fd), fd };
}

static void let_go(const struct rm_watch_key *k)
{
	rm_fd_put(&table, k->epoll);
	rm_fd_put(&table, k->desc);
}

static void start_table(void)
{
	const uint64_t none[RM_FD_MAX / 64] = { 0 };

	rm_fd_init(&table, none);
	rm_fd_install_kind(&table, 0, rm_fd_reserve(&table, 0, false), 10, 0, RM_KIND_EPOLL);
	rm_fd_install_kind(&table, 0, rm_fd_reserve(&table, 0, false), 11, 0, RM_KIND_EPOLL);
	rm_fd_install(&table, 0, rm_fd_reserve(&table, 0, false), 12, 0);
}

static void test_words(void **state)
{
	const struct rm_event asked = { .events = IN, .data = 77 };
	struct rm_event event;
	struct rm_watch_key k;
	uint64_t word;
	bool again;

	(void)state;
	start_table();
	k = key(0, 2);
	assert_int_equal(rm_watch_add(&table, &k, &asked, &again), 0);
	assert_false(again);
	word = rm_watch_word(&table, 0);
	event = (struct rm_event){ .events = IN | OUT | HUP, .data = word };
	assert_true(rm_watch_event(&table, k.epoll, &event));
	assert_int_equal(event.events, IN | HUP);
	assert_int_equal(event.data, 77);
	/* Of another set, of another time, of no watch, of nothing asked for. */
	event = (struct rm_event){ .events = IN, .data = word };
	assert_false(rm_watch_event(&table, k.desc, &event));
	event = (struct rm_event){ .events = IN, .data = word + (1ul << 32) };
	assert_false(rm_watch_event(&table, k.epoll, &event));
	event = (struct rm_event){ .events = IN, .data = (word & ~0xfffffffful) | RM_WATCH_MAX };
	assert_false(rm_watch_event(&table, k.epoll, &event));
	event = (struct rm_event){ .events = IN, .data = (word & ~0xfffffffful) | 1 };
	assert_false(rm_watch_event(&table, k.epoll, &event));
	event = (struct rm_event){ .events = OUT, .data = word };
	assert_false(rm_watch_event(&table, k.epoll, &event));
	rm_watch_remove(&table, 0);
	event = (struct rm_event){ .events = IN, .data = word };
	assert_false(rm_watch_event(&table, k.epoll, &event));
	assert_int_equal(rm_watch_add(&table, &k, &asked, &again), 0);
	event = (struct rm_event){ .events = IN, .data = word };
	assert_false(rm_watch_event(&table, k.epoll, &event));
	let_go(&k);
}

/* Watches go with the set and with what they watch; duplicates are left to be closed. */
static void test_ends(void **state)
{
	const struct rm_event asked = { .events = IN };
	struct rm_watch_key a, b, c;
	bool again;

	(void)state;
	start_table();
	assert_int_equal(rm_fd_dup(&table, 2, 0, false), 3);
	a = key(0, 2);
	b = key(0, 3);
	c = key(1, 2);
	assert_int_equal(rm_watch_add(&table, &a, &asked, &again), 0);
	assert_int_equal(rm_watch_add(&table, &a, &asked, &again), -EEXIST);
	assert_int_equal(rm_watch_add(&table, &b, &asked, &again), 1);
	assert_true(again);
	rm_watch_duplicate(&table, 1, 40);
	assert_int_equal(rm_watch_host_fd(&table, 1, 12), 40);
	assert_int_equal(rm_watch_host_fd(&table, 0, 12), 12);
	assert_int_equal(rm_watch_add(&table, &c, &asked, &again), 2);
	assert_false(again);
	let_go(&a);
	let_go(&b);
	let_go(&c);
	assert_int_equal(rm_watch_orphan(&table), -1);
	/* The set closes. */
	assert_int_equal(rm_fd_put(&table, rm_fd_remove(&table, 0)), 10);
	assert_int_equal(rm_watch_orphan(&table), 40);
	assert_int_equal(rm_watch_orphan(&table), -1);
	assert_int_equal(table.descs[2].watches, 3);
	/* What it watches closes. */
	assert_int_equal(rm_fd_put(&table, rm_fd_remove(&table, 2)), -1);
	assert_int_equal(rm_fd_put(&table, rm_fd_remove(&table, 3)), 12);
	assert_int_equal(table.descs[2].watches, 0);
	assert_int_equal(table.watch[2].epoll, 0);
}

/* The host that had them is gone: no number of its is closed anywhere else, and those that waited for that are free. */
static void test_lost(void **state)
{
	const struct rm_event asked = { .events = IN };
	struct rm_watch_key a, b;
	bool again;

	(void)state;
	start_table();
	a = key(0, 2);
	b = key(1, 2);
	assert_int_equal(rm_watch_add(&table, &a, &asked, &again), 0);
	assert_int_equal(rm_watch_add(&table, &b, &asked, &again), 1);
	rm_watch_duplicate(&table, 0, 40);
	rm_watch_duplicate(&table, 1, 41);
	let_go(&a);
	let_go(&b);
	rm_fd_put(&table, rm_fd_remove(&table, 0));	/* its duplicate waits to be closed */
	assert_int_not_equal(table.orphans, 0);
	rm_watch_lose(&table);
	assert_int_equal(table.orphans, 0);
	assert_int_equal(rm_watch_orphan(&table), -1);
	assert_int_equal(rm_watch_host_fd(&table, 1, 12), 12);
	rm_fd_put(&table, rm_fd_remove(&table, 1));
	assert_int_equal(rm_watch_orphan(&table), -1);
}

/* No room in the arena for one change: nothing is watched. */
static void test_no_room(void **state)
{
	const long set = CALL1(epoll_create1, 0);
	const uint64_t slots = model.thread->slots;
	struct rm_event event;
	int32_t fds[2];

	(void)state;
	assert_int_equal(CALL2(pipe2, fds, LX_O_NONBLOCK), 0);
	assert_int_equal(CALL3(read, fds[0], &event, 1), -EAGAIN);	/* what it is, is known */
	model.thread->slots = ~0ul;
	assert_int_equal(control(set, ADD, fds[0], IN, 1), -EAGAIN);
	model.thread->slots = slots;
	assert_int_equal(control(set, MOD, fds[0], IN, 1), -ENOENT);
	assert_int_equal(control(set, ADD, fds[0], IN, 1), 0);
}

static void test_full(void **state)
{
	const struct rm_event asked = { .events = IN };
	struct rm_watch_key k = { 0 };
	bool again;

	(void)state;
	start_table();
	k = key(0, 2);
	for (int i = 0; i < (int)RM_WATCH_MAX; i++) {
		k.fd = i;
		assert_int_equal(rm_watch_add(&table, &k, &asked, &again), i);
	}
	k.fd++;
	assert_int_equal(rm_watch_add(&table, &k, &asked, &again), -ENOSPC);
	rm_watch_remove(&table, 700);
	assert_int_equal(rm_watch_add(&table, &k, &asked, &again), 700);
	assert_int_equal(rm_watch_find(&table, &k), 700);
	let_go(&k);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, program_start, program_stop)
#define POLLED(f) { "polled." #f, f, program_start_polled, program_stop, NULL }

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_epoll), TEST(test_eventfd), TEST(test_timer), TEST(test_wall_timer), TEST(test_inotify), TEST(test_forged_events), TEST(test_moves), POLLED(test_epoll), POLLED(test_eventfd), cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_words), cmocka_unit_test(test_ends), cmocka_unit_test(test_full), cmocka_unit_test(test_lost), TEST(test_no_room),
	};

	return cmocka_run_group_tests_name("runtime.events", tests, NULL, NULL);
}
