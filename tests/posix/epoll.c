/* SPDX-License-Identifier: MIT */
/* epoll: what is reported when, changes, ends of descriptors, nested sets, several waiters. */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "case.h"

#define NOTHING	(-2)

static int set_new(void)
{
	const int set = epoll_create1(0);

	MUST(set >= 0);
	return set;
}

static int change(int set, int op, int fd, uint32_t events, uint64_t data)
{
	struct epoll_event event = { .events = events, .data.u64 = data };

	return epoll_ctl(set, op, fd, &event);
}

static int add(int set, int fd, uint32_t events, uint64_t data)
{
	return change(set, EPOLL_CTL_ADD, fd, events, data);
}

/* One event: data and events as one number, NOTHING if there is none at once. */
static long next(int set)
{
	struct epoll_event event = { 0 };
	const int count = epoll_wait(set, &event, 1, 0);

	EXPECT(count >= 0);
	return count <= 0 ? NOTHING : (long)(event.data.u64 << 32 | event.events);
}

#define IS(data, events)	((long)(data) << 32 | (long)(events))

static void must_pipe(int fds[2])
{
	MUST(pipe(fds) == 0);
}

CASE(create, "epoll_create1")
{
	const int set = epoll_create1(EPOLL_CLOEXEC), plain = epoll_create1(0);

	MUST(set >= 0 && plain >= 0);
	EXPECT_EQ(fcntl(set, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(plain, F_GETFD), 0);
	EXPECT(set != plain);
	EXPECT_ERRNO(epoll_create1(1), EINVAL);
	EXPECT_ERRNO(epoll_create1(EPOLL_CLOEXEC | O_NONBLOCK), EINVAL);
	EXPECT_ERRNO(epoll_create(0), EINVAL);
	EXPECT_ERRNO(epoll_create(-1), EINVAL);
	EXPECT_EQ(close(set), 0);
	EXPECT_ERRNO(fcntl(set, F_GETFD), EBADF);
}

CASE(level, "epoll_create1 epoll_ctl epoll_pwait")
{
	const int set = set_new();
	int p[2];
	char text[4];

	must_pipe(p);
	EXPECT_EQ(add(set, p[0], EPOLLIN, 5), 0);
	EXPECT_EQ(add(set, p[1], EPOLLOUT, 6), 0);
	EXPECT_EQ(next(set), IS(6, EPOLLOUT));
	EXPECT_EQ(change(set, EPOLL_CTL_DEL, p[1], 0, 0), 0);
	EXPECT_EQ(next(set), NOTHING);
	EXPECT_EQ(write(p[1], "abc", 3), 3);
	EXPECT_EQ(next(set), IS(5, EPOLLIN));
	EXPECT_EQ(next(set), IS(5, EPOLLIN));
	EXPECT_EQ(read(p[0], text, 2), 2);
	EXPECT_EQ(next(set), IS(5, EPOLLIN));
	EXPECT_EQ(read(p[0], text, 4), 1);
	EXPECT_EQ(next(set), NOTHING);
}

CASE(edge, "epoll_create1 epoll_ctl epoll_pwait")
{
	const int set = set_new();
	int p[2];
	char text[8];

	must_pipe(p);
	EXPECT_EQ(write(p[1], "a", 1), 1);
	EXPECT_EQ(add(set, p[0], EPOLLIN | EPOLLET, 5), 0);
	EXPECT_EQ(next(set), IS(5, EPOLLIN));
	EXPECT_EQ(next(set), NOTHING);
	EXPECT_EQ(write(p[1], "b", 1), 1);
	EXPECT_EQ(next(set), IS(5, EPOLLIN));
	EXPECT_EQ(next(set), NOTHING);
	EXPECT_EQ(read(p[0], text, 1), 1);
	EXPECT_EQ(next(set), NOTHING);
	/* A change looks again. */
	EXPECT_EQ(change(set, EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLET, 7), 0);
	EXPECT_EQ(next(set), IS(7, EPOLLIN));
	EXPECT_EQ(next(set), NOTHING);
}

CASE(oneshot, "epoll_create1 epoll_ctl epoll_pwait")
{
	const int set = set_new(), fd = eventfd(1, 0);

	EXPECT_EQ(add(set, fd, EPOLLIN | EPOLLONESHOT, 1), 0);
	EXPECT_EQ(next(set), IS(1, EPOLLIN));
	EXPECT_EQ(next(set), NOTHING);
	EXPECT_EQ(write(fd, &(uint64_t){ 1 }, 8), 8);
	EXPECT_EQ(next(set), NOTHING);
	EXPECT_ERRNO(add(set, fd, EPOLLIN, 1), EEXIST);
	EXPECT_EQ(change(set, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLOUT | EPOLLONESHOT, 2), 0);
	EXPECT_EQ(next(set), IS(2, EPOLLIN | EPOLLOUT));
	EXPECT_EQ(next(set), NOTHING);
}

CASE(change_errors, "epoll_create1 epoll_ctl")
{
	const int set = set_new();
	int p[2];

	must_pipe(p);
	EXPECT_EQ(add(set, p[0], EPOLLIN, 1), 0);
	EXPECT_ERRNO(add(set, p[0], EPOLLIN, 1), EEXIST);
	EXPECT_ERRNO(change(set, EPOLL_CTL_MOD, p[1], EPOLLIN, 1), ENOENT);
	EXPECT_ERRNO(change(set, EPOLL_CTL_DEL, p[1], EPOLLIN, 1), ENOENT);
	EXPECT_ERRNO(add(set, set, EPOLLIN, 1), EINVAL);
	EXPECT_ERRNO(add(set, dup(set), EPOLLIN, 1), EINVAL);
	EXPECT_ERRNO(add(p[1], p[0], EPOLLIN, 1), EINVAL);
	EXPECT_ERRNO(add(-1, p[0], EPOLLIN, 1), EBADF);
	EXPECT_ERRNO(add(set, -1, EPOLLIN, 1), EBADF);
	EXPECT_ERRNO(add(set, 999, EPOLLIN, 1), EBADF);
	EXPECT_ERRNO(change(set, 0, p[0], EPOLLIN, 1), EINVAL);
	EXPECT_ERRNO(change(set, 4, p[0], EPOLLIN, 1), EINVAL);
	EXPECT_ERRNO(epoll_ctl(set, EPOLL_CTL_ADD, p[1], NULL), EFAULT);
	EXPECT_ERRNO(epoll_ctl(set, EPOLL_CTL_MOD, p[0], (void *)8), EFAULT);
	EXPECT_EQ(epoll_ctl(set, EPOLL_CTL_DEL, p[0], NULL), 0);
	EXPECT_ERRNO(epoll_ctl(set, EPOLL_CTL_DEL, p[0], NULL), ENOENT);
}

CASE(files, "epoll_create1 epoll_ctl")
{
	const int set = set_new();
	const int file = open("file", O_RDWR | O_CREAT, 0600), dir = open(".", O_RDONLY), null = open("/dev/null", O_RDWR);

	MUST(file >= 0 && dir >= 0 && null >= 0);
	EXPECT_ERRNO(add(set, file, EPOLLIN, 1), EPERM);
	EXPECT_ERRNO(add(set, dir, EPOLLIN, 1), EPERM);
	EXPECT_ERRNO(add(set, null, EPOLLIN, 1), EPERM);
	EXPECT_ERRNO(change(set, EPOLL_CTL_DEL, file, 0, 0), EPERM);
	EXPECT_ERRNO(add(file, file, EPOLLIN, 1), EPERM);
}

CASE(wait_errors, "epoll_create1 epoll_pwait")
{
	const int set = set_new();
	struct epoll_event event;
	int p[2];

	must_pipe(p);
	EXPECT_ERRNO(epoll_wait(set, &event, 0, 0), EINVAL);
	EXPECT_ERRNO(epoll_wait(set, &event, -1, 0), EINVAL);
	EXPECT_ERRNO(epoll_wait(set, &event, INT_MAX, 0), EINVAL);
	EXPECT_ERRNO(epoll_wait(-1, &event, 1, 0), EBADF);
	EXPECT_ERRNO(epoll_wait(999, &event, 1, 0), EBADF);
	EXPECT_ERRNO(epoll_wait(p[0], &event, 1, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_epoll_pwait, set, &event, 1, 0, &event, 4), EINVAL);
	EXPECT_ERRNO(syscall(SYS_epoll_pwait, set, &event, 1, 0, (void *)8, 8), EFAULT);
	EXPECT_EQ(epoll_wait(set, &event, 1, 0), 0);
}

CASE(bad_place, "epoll_create1 epoll_ctl epoll_pwait")
{
	const int set = set_new(), fd = eventfd(1, 0);

	EXPECT_EQ(add(set, fd, EPOLLIN, 1), 0);
	EXPECT_ERRNO(epoll_wait(set, (void *)8, 1, 0), EFAULT);
	EXPECT_EQ(next(set), IS(1, EPOLLIN));
}

CASE(hang_up, "epoll_create1 epoll_ctl epoll_pwait")
{
	const int set = set_new();
	int p[2], q[2];

	must_pipe(p);
	must_pipe(q);
	EXPECT_EQ(add(set, p[0], 0, 1), 0);
	EXPECT_EQ(next(set), NOTHING);
	EXPECT_EQ(write(p[1], "a", 1), 1);
	EXPECT_EQ(next(set), NOTHING);
	EXPECT_EQ(close(p[1]), 0);
	EXPECT_EQ(next(set), IS(1, EPOLLHUP));
	EXPECT_EQ(close(p[0]), 0);
	EXPECT_EQ(next(set), NOTHING);
	EXPECT_EQ(add(set, q[1], EPOLLIN, 2), 0);
	EXPECT_EQ(close(q[0]), 0);
	EXPECT_EQ(next(set), IS(2, EPOLLERR));
}

CASE(peer_shut, "epoll_create1 epoll_ctl epoll_pwait")
{
	const int set = set_new();
	int s[2];

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
	EXPECT_EQ(add(set, s[0], EPOLLRDHUP, 1), 0);
	EXPECT_EQ(next(set), NOTHING);
	EXPECT_EQ(shutdown(s[1], SHUT_WR), 0);
	EXPECT_EQ(next(set), IS(1, EPOLLRDHUP));
	EXPECT_EQ(change(set, EPOLL_CTL_MOD, s[0], EPOLLIN | EPOLLOUT | EPOLLRDHUP, 2), 0);
	EXPECT_EQ(next(set), IS(2, EPOLLIN | EPOLLOUT | EPOLLRDHUP));
	EXPECT_EQ(close(s[1]), 0);
	EXPECT_EQ(next(set), IS(2, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLHUP));
}

/* A description is watched until its last descriptor is closed. */
CASE(duplicates, "epoll_create1 epoll_ctl epoll_pwait")
{
	const int set = set_new(), fd = eventfd(1, 0), copy = dup(fd);
	struct epoll_event events[4];

	MUST(fd >= 0 && copy >= 0);
	EXPECT_EQ(add(set, fd, EPOLLIN, 1), 0);
	EXPECT_EQ(add(set, copy, EPOLLIN, 2), 0);
	EXPECT_ERRNO(add(set, copy, EPOLLIN, 2), EEXIST);
	EXPECT_EQ(epoll_wait(set, events, 4, 0), 2);
	EXPECT_EQ(events[0].data.u64 + events[1].data.u64, 3);
	EXPECT_EQ(close(fd), 0);
	EXPECT_EQ(epoll_wait(set, events, 4, 0), 2);
	EXPECT_ERRNO(epoll_ctl(set, EPOLL_CTL_DEL, fd, NULL), EBADF);
	EXPECT_EQ(dup2(copy, fd), fd);
	EXPECT_EQ(epoll_ctl(set, EPOLL_CTL_DEL, fd, NULL), 0);
	EXPECT_EQ(next(set), IS(2, EPOLLIN));
	EXPECT_EQ(close(fd), 0);
	EXPECT_EQ(close(copy), 0);
	EXPECT_EQ(next(set), NOTHING);
}

CASE(number_again, "epoll_create1 epoll_ctl epoll_pwait")
{
	const int set = set_new(), fd = eventfd(1, 0);
	int other;

	EXPECT_EQ(add(set, fd, EPOLLIN, 1), 0);
	EXPECT_EQ(close(fd), 0);
	other = eventfd(1, 0);
	EXPECT_EQ(other, fd);
	EXPECT_EQ(next(set), NOTHING);
	EXPECT_ERRNO(change(set, EPOLL_CTL_MOD, other, EPOLLIN, 1), ENOENT);
	EXPECT_EQ(add(set, other, EPOLLIN, 2), 0);
	EXPECT_EQ(next(set), IS(2, EPOLLIN));
}

CASE(nested, "epoll_create1 epoll_ctl epoll_pwait")
{
	const int inner = set_new(), outer = set_new(), fd = eventfd(0, 0);

	EXPECT_EQ(add(inner, fd, EPOLLIN, 1), 0);
	EXPECT_EQ(add(outer, inner, EPOLLIN, 2), 0);
	EXPECT_ERRNO(add(inner, outer, EPOLLIN, 3), ELOOP);
	EXPECT_EQ(next(outer), NOTHING);
	EXPECT_EQ(write(fd, &(uint64_t){ 1 }, 8), 8);
	EXPECT_EQ(next(outer), IS(2, EPOLLIN));
	EXPECT_EQ(next(inner), IS(1, EPOLLIN));
	EXPECT_EQ(poll(&(struct pollfd){ .fd = outer, .events = POLLIN }, 1, 0), 1);
	EXPECT_EQ(close(inner), 0);
	EXPECT_EQ(next(outer), NOTHING);
}

CASE(deep, "epoll_create1 epoll_ctl")
{
	int set[7], errors = 0;

	for (int i = 0; i < 7; i++)
		set[i] = set_new();
	for (int i = 0; i < 6; i++)
		errors += add(set[i + 1], set[i], EPOLLIN, 1) != 0 && (errno == ELOOP || errno == EINVAL);
	EXPECT(errors > 0);
	EXPECT(errors < 6);
	SAY("refused %d of 6", errors);
}

CASE(exclusive, "epoll_create1 epoll_ctl epoll_pwait")
{
	const int set = set_new(), other = set_new(), fd = eventfd(0, 0);

	EXPECT_EQ(add(set, fd, EPOLLIN | EPOLLEXCLUSIVE, 1), 0);
	EXPECT_EQ(add(other, fd, EPOLLIN | EPOLLEXCLUSIVE | EPOLLET, 2), 0);
	EXPECT_ERRNO(change(set, EPOLL_CTL_MOD, fd, EPOLLIN, 1), EINVAL);
	EXPECT_ERRNO(change(set, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLEXCLUSIVE, 1), EINVAL);
	EXPECT_ERRNO(add(set, eventfd(0, 0), EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT, 1), EINVAL);
	EXPECT_ERRNO(add(set, set_new(), EPOLLIN | EPOLLEXCLUSIVE, 1), EINVAL);
	EXPECT_EQ(write(fd, &(uint64_t){ 1 }, 8), 8);
	EXPECT_EQ(next(set), IS(1, EPOLLIN));
}

CASE(in_turn, "epoll_create1 epoll_ctl epoll_pwait")
{
	const int set = set_new();
	unsigned seen = 0;

	for (unsigned i = 0; i < 8; i++)
		EXPECT_EQ(add(set, eventfd(1, 0), EPOLLIN, i), 0);
	/* Each gets its turn though each stays ready. */
	for (unsigned i = 0; i < 8; i++)
		seen |= 1u << (next(set) >> 32 & 31);
	EXPECT_EQ(seen, 255);
}

CASE(timeout, "epoll_create1 epoll_pwait")
{
	const int set = set_new();
	struct epoll_event event;
	const int64_t start = case_ms();

	EXPECT_EQ(epoll_wait(set, &event, 1, 120), 0);
	EXPECT(case_ms() - start >= 119);
	EXPECT_EQ(epoll_wait(set, &event, 1, 0), 0);
}

CASE(wait2, "epoll_create1 epoll_ctl epoll_pwait2")
{
	const int set = set_new(), fd = eventfd(1, 0);
	struct epoll_event event = { 0 };
	struct timespec timeout = { 0, 60000000 };
	const int64_t start = case_ms();

	EXPECT_EQ(syscall(SYS_epoll_pwait2, set, &event, 1, &timeout, NULL, 8), 0);
	EXPECT(case_ms() - start >= 59);
	EXPECT_EQ(timeout.tv_nsec, 60000000);
	EXPECT_EQ(add(set, fd, EPOLLIN, 9), 0);
	EXPECT_EQ(syscall(SYS_epoll_pwait2, set, &event, 1, NULL, NULL, 8), 1);
	EXPECT_EQ(event.data.u64, 9);
	timeout.tv_nsec = 1000000000;
	EXPECT_ERRNO(syscall(SYS_epoll_pwait2, set, &event, 1, &timeout, NULL, 8), EINVAL);
	timeout = (struct timespec){ -1, 0 };
	EXPECT_ERRNO(syscall(SYS_epoll_pwait2, set, &event, 1, &timeout, NULL, 8), EINVAL);
	EXPECT_ERRNO(syscall(SYS_epoll_pwait2, set, &event, 1, 8, NULL, 8), EFAULT);
}

struct shared {
	int set, fd, up;
};

static void *wait_long(void *arg)
{
	struct shared *s = arg;
	struct epoll_event event = { 0 };

	case_set(&s->up, 1);
	return epoll_wait(s->set, &event, 1, 10000) == 1 ? (void *)event.data.u64 : NULL;
}

/* A set can be changed, and what it watches become ready, while a thread waits on it. */
CASE(change_during_wait, "epoll_create1 epoll_ctl epoll_pwait")
{
	struct shared s = { .set = set_new(), .fd = eventfd(0, 0) };
	void *thread = case_thread(wait_long, &s);

	case_until(&s.up, 1);
	usleep(50000);
	EXPECT_EQ(add(s.set, s.fd, EPOLLIN, 77), 0);
	usleep(50000);
	EXPECT_EQ(write(s.fd, &(uint64_t){ 1 }, 8), 8);
	EXPECT_EQ((long)case_join(thread), 77);
}

CASE(modify_during_wait, "epoll_create1 epoll_ctl epoll_pwait")
{
	struct shared s = { .set = set_new(), .fd = eventfd(1, 0) };
	void *thread;

	EXPECT_EQ(add(s.set, s.fd, 0, 1), 0);
	thread = case_thread(wait_long, &s);
	case_until(&s.up, 1);
	usleep(50000);
	EXPECT_EQ(change(s.set, EPOLL_CTL_MOD, s.fd, EPOLLIN, 78), 0);
	EXPECT_EQ((long)case_join(thread), 78);
}

#define WORKERS	4
#define ROUNDS	300

static struct {
	int set, stop, fds[8];
	int taken;
} pool;

static void *worker(void *arg)
{
	struct epoll_event event;
	uint64_t value;
	long mine = 0;

	while (epoll_wait(pool.set, &event, 1, -1) == 1 && event.data.fd != pool.stop) {
		while (read(event.data.fd, &value, 8) == 8) {
			mine++;
			__atomic_fetch_add(&pool.taken, 1, __ATOMIC_SEQ_CST);
		}
		event.events = EPOLLIN | EPOLLONESHOT;
		EXPECT_EQ(epoll_ctl(pool.set, EPOLL_CTL_MOD, event.data.fd, &event), 0);
	}
	return arg ? (void *)mine : NULL;
}

/* Several threads on one set, each event to one of them, none lost. */
CASE_LIMIT(workers, "epoll_create1 epoll_ctl epoll_pwait", 60)
{
	void *threads[WORKERS];
	long sum = 0;

	pool.set = set_new();
	pool.taken = 0;
	for (int i = 0; i < 8; i++) {
		pool.fds[i] = eventfd(0, EFD_SEMAPHORE | EFD_NONBLOCK);
		EXPECT_EQ(add(pool.set, pool.fds[i], EPOLLIN | EPOLLONESHOT, (uint64_t)pool.fds[i]), 0);
	}
	pool.stop = eventfd(0, 0);
	for (int i = 0; i < WORKERS; i++)
		threads[i] = case_thread(worker, (void *)1);
	for (int i = 0; i < ROUNDS; i++)
		MUST(write(pool.fds[i % 8], &(uint64_t){ 1 }, 8) == 8);
	for (int64_t end = case_ms() + 40000; __atomic_load_n(&pool.taken, __ATOMIC_SEQ_CST) < ROUNDS && case_ms() < end;)
		usleep(2000);
	EXPECT_EQ(add(pool.set, pool.stop, EPOLLIN, (uint64_t)pool.stop), 0);
	EXPECT_EQ(write(pool.stop, &(uint64_t){ 1 }, 8), 8);
	for (int i = 0; i < WORKERS; i++)
		sum += (long)case_join(threads[i]);
	EXPECT_EQ(sum, ROUNDS);
}

#define MANY	1000

/* As many as descriptors allow. */
CASE_LIMIT(thousand, "epoll_create1 epoll_ctl epoll_pwait", 60)
{
	static struct epoll_event events[MANY + 10];
	static int fds[MANY];
	struct rlimit limit;
	const int set = set_new();
	long sum = 0;
	int count = 0;

	MUST(getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= 1024);
	while (count < MANY && (fds[count] = eventfd(0, 0)) >= 0) {
		MUST(add(set, fds[count], EPOLLIN, (uint64_t)count) == 0);
		count++;
	}
	EXPECT_EQ(count, MANY);
	EXPECT_EQ(epoll_wait(set, events, MANY + 10, 0), 0);
	for (int i = 0; i < count; i += 3)
		EXPECT_EQ(write(fds[i], &(uint64_t){ 1 }, 8), 8);
	EXPECT_EQ(epoll_wait(set, events, MANY + 10, 0), (MANY + 2) / 3);
	for (int i = 0; i < (MANY + 2) / 3; i++)
		sum += events[i].data.u64;
	EXPECT_EQ(sum, 3l * 333 * 334 / 2);
	for (int i = 0; i < count; i++)
		EXPECT_EQ(epoll_ctl(set, i % 2 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD, fds[i], &(struct epoll_event){ .events = EPOLLOUT }), 0);
	EXPECT_EQ(epoll_wait(set, events, MANY + 10, 0), MANY / 2);
}
