/* SPDX-License-Identifier: MIT */
/* Locks: flock, records by process, records by description. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include "case.h"

#ifndef F_OFD_GETLK
#define F_OFD_GETLK	36
#define F_OFD_SETLK	37
#define F_OFD_SETLKW	38
#endif

static int lock(int fd, int command, int type, long start, long length)
{
	struct flock l = { .l_type = (short)type, .l_whence = SEEK_SET, .l_start = start, .l_len = length };

	return fcntl(fd, command, &l);
}

/* Type of the lock in the way, or F_UNLCK. */
static int probe(int fd, int command, int type, long start, long length, struct flock *l)
{
	*l = (struct flock){ .l_type = (short)type, .l_whence = SEEK_SET, .l_start = start, .l_len = length };
	return fcntl(fd, command, l) == 0 ? l->l_type : -1;
}

static int make(const char *name)
{
	case_write_file(name, "0123456789", 10);
	return open(name, O_RDWR);
}

CASE(flock_excludes, "flock")
{
	int a = make("file"), b = open("file", O_RDWR), c = dup(a);

	EXPECT_EQ(flock(a, LOCK_EX), 0);
	EXPECT_ERRNO(flock(b, LOCK_EX | LOCK_NB), EWOULDBLOCK);
	EXPECT_ERRNO(flock(b, LOCK_SH | LOCK_NB), EWOULDBLOCK);
	EXPECT_EQ(flock(c, LOCK_EX | LOCK_NB), 0);
	EXPECT_EQ(close(a), 0);
	EXPECT_ERRNO(flock(b, LOCK_EX | LOCK_NB), EWOULDBLOCK);
	EXPECT_EQ(flock(c, LOCK_UN), 0);
	EXPECT_EQ(flock(b, LOCK_EX | LOCK_NB), 0);
}

CASE(flock_shares, "flock")
{
	int a = make("file"), b = open("file", O_RDONLY);

	EXPECT_EQ(flock(a, LOCK_SH), 0);
	EXPECT_EQ(flock(b, LOCK_SH | LOCK_NB), 0);
	EXPECT_ERRNO(flock(a, LOCK_EX | LOCK_NB), EWOULDBLOCK);
	EXPECT_EQ(close(b), 0);
	EXPECT_EQ(flock(a, LOCK_EX | LOCK_NB), 0);
}

CASE(flock_errors, "flock")
{
	int fd = make("file");

	EXPECT_ERRNO(flock(99, LOCK_SH), EBADF);
	EXPECT_ERRNO(flock(fd, 0), EINVAL);
	EXPECT_ERRNO(flock(fd, LOCK_SH | LOCK_EX), EINVAL);
	EXPECT_ERRNO(flock(open("file", O_PATH), LOCK_SH), EBADF);
}

static int step;

static void *wait_for_flock(void *arg)
{
	int fd = *(int *)arg;

	case_set(&step, 1);
	EXPECT_EQ(flock(fd, LOCK_EX), 0);
	case_set(&step, 2);
	return NULL;
}

CASE(flock_waits, "flock")
{
	int a = make("file"), b = open("file", O_RDWR);
	void *thread;

	step = 0;
	EXPECT_EQ(flock(a, LOCK_EX), 0);
	thread = case_thread(wait_for_flock, &b);
	case_until(&step, 1);
	usleep(50000);
	EXPECT_EQ(step, 1);
	EXPECT_EQ(flock(a, LOCK_UN), 0);
	case_join(thread);
	EXPECT_EQ(step, 2);
}

HELPER(holder)
{
	int fd = open("file", O_RDWR);

	if (lock(fd, F_SETLK, F_WRLCK, 2, 3) != 0)
		return 1;
	helper_say();
	helper_hear();
	return 0;
}

CASE(record_of_another, "fcntl")
{
	int fd = make("file");
	long h = case_native("holder", "");
	struct flock l;

	case_hear(h);
	EXPECT_ERRNO(lock(fd, F_SETLK, F_RDLCK, 0, 0), EAGAIN);
	EXPECT_EQ(lock(fd, F_SETLK, F_WRLCK, 5, 0), 0);
	EXPECT_EQ(probe(fd, F_GETLK, F_WRLCK, 0, 0, &l), F_WRLCK);
	EXPECT_EQ(l.l_pid, h);
	EXPECT_EQ(l.l_start, 2);
	EXPECT_EQ(l.l_len, 3);
	case_tell(h);
	EXPECT_EQ(case_wait(h), 0);
	EXPECT_EQ(lock(fd, F_SETLK, F_WRLCK, 0, 0), 0);
}

HELPER(asks)
{
	struct flock l;
	int fd = open("file", O_RDWR);

	/* Of whom, and whether it goes away. */
	if (probe(fd, F_GETLK, F_RDLCK, 0, 1, &l) != F_WRLCK || l.l_pid != atoi(arg))
		return 1;
	helper_say();
	helper_hear();
	return probe(fd, F_GETLK, F_RDLCK, 0, 1, &l) == F_UNLCK ? 0 : 2;
}

/* The second argument of a helper's life: is our lock gone after what `drop` does? */
static void seen_outside(void (*drop)(int fd))
{
	char pid[16];
	int fd = make("file");
	long h;

	EXPECT_EQ(lock(fd, F_SETLK, F_WRLCK, 0, 1), 0);
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	h = case_native("asks", pid);
	case_hear(h);
	drop(fd);
	case_tell(h);
	EXPECT_EQ(case_wait(h), 0);
}

static void unlock(int fd) { EXPECT_EQ(lock(fd, F_SETLK, F_UNLCK, 0, 0), 0); }
static void close_it(int fd) { EXPECT_EQ(close(fd), 0); }
static void close_other(int fd) { (void)fd; EXPECT_EQ(close(open("file", O_RDONLY)), 0); }
static void close_copy(int fd) { EXPECT_EQ(close(dup(fd)), 0); }
static void replace_copy(int fd) { EXPECT_EQ(dup2(2, dup(fd)) > 2, 1); }

CASE(record_unlocked, "fcntl") { seen_outside(unlock); }
CASE(record_dropped_by_close, "fcntl close") { seen_outside(close_it); }
CASE(record_dropped_by_other, "fcntl close") { seen_outside(close_other); }
CASE(record_dropped_by_copy, "fcntl close") { seen_outside(close_copy); }
CASE(record_dropped_by_dup2, "fcntl dup3") { seen_outside(replace_copy); }

CASE(record_of_ourselves, "fcntl")
{
	int a = make("file"), b = open("file", O_RDWR);
	struct flock l;

	EXPECT_EQ(lock(a, F_SETLK, F_WRLCK, 0, 5), 0);
	EXPECT_EQ(lock(b, F_SETLK, F_WRLCK, 3, 5), 0);
	EXPECT_EQ(probe(b, F_GETLK, F_WRLCK, 0, 0, &l), F_UNLCK);
}

CASE(record_relative, "fcntl")
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_CUR, .l_start = 1, .l_len = 2 };
	int fd = make("file"), other = open("file", O_RDWR);

	EXPECT_EQ(lseek(fd, 4, SEEK_SET), 4);
	EXPECT_EQ(fcntl(fd, F_OFD_SETLK, &l), 0);
	EXPECT_EQ(probe(other, F_OFD_GETLK, F_RDLCK, 0, 0, &l), F_WRLCK);
	EXPECT_EQ(l.l_start, 5);
	EXPECT_EQ(l.l_len, 2);
	l = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_END, .l_start = -1, .l_len = 1 };
	EXPECT_EQ(fcntl(fd, F_OFD_SETLK, &l), 0);
	EXPECT_EQ(probe(other, F_OFD_GETLK, F_RDLCK, 8, 0, &l), F_WRLCK);
	EXPECT_EQ(l.l_start, 9);
}

CASE(record_errors, "fcntl")
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = 9 };
	int fd = make("file"), ro = open("file", O_RDONLY), wo = open("file", O_WRONLY), pipes[2];

	EXPECT_ERRNO(lock(ro, F_SETLK, F_WRLCK, 0, 0), EBADF);
	EXPECT_ERRNO(lock(wo, F_SETLK, F_RDLCK, 0, 0), EBADF);
	EXPECT_ERRNO(lock(99, F_SETLK, F_RDLCK, 0, 0), EBADF);
	EXPECT_ERRNO(lock(fd, F_SETLK, 77, 0, 0), EINVAL);
	EXPECT_ERRNO(lock(fd, F_SETLK, F_RDLCK, -1, 0), EINVAL);
	EXPECT_ERRNO(fcntl(fd, F_SETLK, &l), EINVAL);
	EXPECT_ERRNO(fcntl(fd, F_SETLK, 8), EFAULT);
	l = (struct flock){ .l_type = F_WRLCK, .l_pid = 1 };
	EXPECT_ERRNO(fcntl(fd, F_OFD_SETLK, &l), EINVAL);
	MUST(pipe(pipes) == 0);
	EXPECT_EQ(lock(pipes[1], F_SETLK, F_WRLCK, 0, 0), 0);
}

CASE(description_records, "fcntl")
{
	int a = make("file"), b = open("file", O_RDWR), c = dup(a);
	struct flock l;

	EXPECT_EQ(lock(a, F_OFD_SETLK, F_WRLCK, 0, 5), 0);
	EXPECT_ERRNO(lock(b, F_OFD_SETLK, F_RDLCK, 0, 1), EAGAIN);
	EXPECT_EQ(lock(c, F_OFD_SETLK, F_WRLCK, 0, 1), 0);
	EXPECT_EQ(probe(b, F_OFD_GETLK, F_RDLCK, 0, 1, &l), F_WRLCK);
	EXPECT_EQ(l.l_pid, -1);
	EXPECT_EQ(close(open("file", O_RDONLY)), 0);
	EXPECT_EQ(close(a), 0);
	EXPECT_ERRNO(lock(b, F_OFD_SETLK, F_RDLCK, 0, 1), EAGAIN);
	EXPECT_EQ(close(c), 0);
	EXPECT_EQ(lock(b, F_OFD_SETLK, F_RDLCK, 0, 1), 0);
}

static void *wait_for_record(void *arg)
{
	int fd = *(int *)arg;

	case_set(&step, 1);
	EXPECT_EQ(lock(fd, F_OFD_SETLKW, F_WRLCK, 0, 0), 0);
	case_set(&step, 2);
	return NULL;
}

CASE(description_record_waits, "fcntl")
{
	int a = make("file"), b = open("file", O_RDWR);
	void *thread;

	step = 0;
	EXPECT_EQ(lock(a, F_OFD_SETLK, F_WRLCK, 0, 0), 0);
	thread = case_thread(wait_for_record, &b);
	case_until(&step, 1);
	usleep(50000);
	EXPECT_EQ(step, 1);
	EXPECT_EQ(lock(a, F_OFD_SETLK, F_UNLCK, 0, 0), 0);
	case_join(thread);
	EXPECT_EQ(step, 2);
}

static void nothing(int number) { (void)number; }

CASE(waits_are_interrupted, "fcntl flock")
{
	struct sigaction action = { .sa_handler = nothing };
	struct flock l = { .l_type = F_WRLCK };
	int a = make("file"), b = open("file", O_RDWR);

	MUST(sigaction(SIGALRM, &action, NULL) == 0);
	EXPECT_EQ(flock(a, LOCK_EX), 0);
	ualarm(200000, 0);
	EXPECT_ERRNO(flock(b, LOCK_EX), EINTR);
	EXPECT_EQ(lock(a, F_OFD_SETLK, F_WRLCK, 0, 0), 0);
	ualarm(200000, 0);
	EXPECT_ERRNO(fcntl(b, F_OFD_SETLKW, &l), EINTR);
}

CASE(lockf, "fcntl")
{
	int fd = make("file");

	EXPECT_EQ(lockf(fd, F_TLOCK, 5), 0);
	EXPECT_EQ(lockf(fd, F_TEST, 5), 0);
	EXPECT_EQ(lockf(fd, F_ULOCK, 0), 0);
	EXPECT_ERRNO(lockf(fd, 99, 0), EINVAL);
}
