/* SPDX-License-Identifier: MIT */
/*
 * lied [-c COUNTER] ROUNDS: does a bit of everything for which it needs the host, while that lies (tests/liar), and believes nothing. Calls may
 * fail; but results must be such that the call can have, nothing may be written beside its buffers, a descriptor must not be had twice, and what
 * nobody but the enclave knows must stay as it is.
 *
 * How it went is the exit status, which comes by the secure kernel and not through the liar's hands: 40 all of that was so, 41 and the enclave
 * counted violations of that kind (enum rm_count; by its own memory, not by what the host shows of it), 1 something was not.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <spawn.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "ringmaster.h"
#include "runtime/ring/thread.h"

#define MARK		0x6c696100	/* tests/liar/liar.h */
#define ROOM		(512 * 1024)	/* around the buffers of a thread */
#define SECRET		(64 * 1024)
#define THREADS		2

static bool broken;
static pthread_t first;
static uint64_t counted;	/* by threads that are gone */
static int counter = -1;

#define MUST(condition) ((condition) ? (void)0 : fail(#condition, __LINE__))

static void fail(const char *what, int line)
{
	__atomic_store_n(&broken, true, __ATOMIC_RELAXED);
	fprintf(stderr, "lied: line %d: %s\n", line, what);
}

/*
 * What only we know
 */

static unsigned char *secret, in_data[4096] = { 1 };

static unsigned char pattern(size_t i)
{
	return (unsigned char)(i * 131 + (i >> 8) * 7 + 3);
}

static void keep_secrets(void)
{
	secret = malloc(SECRET);
	if (!secret)
		_exit(3);
	for (size_t i = 0; i < SECRET; i++)
		secret[i] = pattern(i);
	for (size_t i = 0; i < sizeof(in_data); i++)
		in_data[i] = pattern(i + 7);
}

static void check_secrets(void)
{
	size_t wrong = 0;

	for (size_t i = 0; i < SECRET; i++)
		wrong += secret[i] != pattern(i);
	for (size_t i = 0; i < sizeof(in_data); i++)
		wrong += in_data[i] != pattern(i + 7);
	MUST(wrong == 0);
}

/*
 * Buffers, between bytes that must not change
 */

struct self {
	int number;
	unsigned char *room;
	unsigned char *at;	/* the buffer of the call at hand */
	size_t size;
	uint64_t random;
	struct timespec last;
	sigjmp_buf beyond;
};

static _Thread_local struct self *volatile within;	/* touches a file that may have no such page */

static void on_bus_error(int number, siginfo_t *info, void *context)
{
	const ucontext_t *at = context;

	(void)number;
	if (!within) {
		fprintf(stderr, "lied: bus error at %p, pc %#lx\n", info->si_addr, (unsigned long)at->uc_mcontext.pc);
		_exit(1);
	}
	siglongjmp(within->beyond, 1);
}

static void *buffer(struct self *s, size_t size)
{
	s->random = s->random * 6364136223846793005u + 1442695040888963407u;
	s->at = s->room + 4096 + (s->random >> 40) % 2000 / 8 * 8;
	s->size = size;
	memset(s->at - 512, 0x5a, size + 1024);
	return s->at;
}

static void buffer_check(const struct self *s, int line)
{
	size_t wrong = 0;

	for (int i = 1; i <= 512; i++)
		wrong += s->at[-i] != 0x5a;
	for (size_t i = 0; i < 512; i++)
		wrong += s->at[s->size + i] != 0x5a;
	if (wrong)
		fail("bytes beside a buffer changed", line);
}
#define CHECK_BUFFER(s) buffer_check(s, __LINE__)

/* A result between 0 and the limit, or an error that there is. */
static long result_check(long result, long limit, int line)
{
	if (result < -1 || result > limit)
		fail("an impossible result", line);
	if (result == -1 && (errno < 1 || errno > 133))
		fail("an impossible error", line);
	return result;
}
#define POSSIBLE(call, limit) result_check((long)(call), limit, __LINE__)

/*
 * Descriptors
 */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool owned[1024] = { true, true, true };

static int got_at(int fd, int line)
{
	if (POSSIBLE(fd, 1023) < 0 || fd < 0 || fd > 1023)
		return -1;
	pthread_mutex_lock(&lock);
	if (owned[fd])
		fail("a descriptor that is open", line);
	owned[fd] = true;
	pthread_mutex_unlock(&lock);
	return fd;
}
#define GOT(call) got_at(call, __LINE__)

static void shut(int fd)
{
	if (fd < 3 || fd > 1023)
		return;
	pthread_mutex_lock(&lock);
	owned[fd] = false;
	pthread_mutex_unlock(&lock);
	POSSIBLE(close(fd), 0);
}

/*
 * Files
 */

static void file_io(struct self *s, const char *name)
{
	int fd = GOT(open(name, O_RDWR | O_CREAT | O_TRUNC, 0600));
	struct stat st;
	struct statfs fs;

	if (fd < 0)
		return;
	memset(buffer(s, 3000), 'a', 3000);
	POSSIBLE(write(fd, s->at, 3000), 3000);
	POSSIBLE(pwrite(fd, s->at, 3000, 100000), 3000);
	MUST(lseek(fd, 0, SEEK_CUR) >= -1);
	POSSIBLE(lseek(fd, 10, SEEK_SET), 1L << 62);
	POSSIBLE(read(fd, buffer(s, 700), 700), 700);
	CHECK_BUFFER(s);
	POSSIBLE(pread(fd, buffer(s, 200000), 200000, 0), 200000);
	CHECK_BUFFER(s);
	struct iovec parts[2] = { { buffer(s, 900), 400 }, { s->at + 400, 500 } };
	POSSIBLE(preadv(fd, parts, 2, 50), 900);
	CHECK_BUFFER(s);
	if (POSSIBLE(fstat(fd, &st), 0) == 0)
		MUST(st.st_size >= 0 && st.st_mtim.tv_nsec >= 0 && st.st_mtim.tv_nsec < 1000000000);
	POSSIBLE(fstatfs(fd, &fs), 0);
	POSSIBLE(ftruncate(fd, 70000), 0);
	POSSIBLE(fsync(fd), 0);
	POSSIBLE(posix_fallocate(fd, 0, 5000), 133);
	POSSIBLE(fchmod(fd, 0640), 0);
	POSSIBLE(fcntl(fd, F_GETFL), INT32_MAX);
	struct flock range = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10 };
	POSSIBLE(fcntl(fd, F_SETLK, &range), 0);
	POSSIBLE(flock(fd, LOCK_UN), 0);
	shut(GOT(dup(fd)));
	POSSIBLE(fsetxattr(fd, "user.a", "value", 5, 0), 0);
	POSSIBLE(fgetxattr(fd, "user.a", buffer(s, 5), 5), 5);
	CHECK_BUFFER(s);
	POSSIBLE(flistxattr(fd, buffer(s, 64), 64), 64);
	CHECK_BUFFER(s);
	volatile unsigned char *map = mmap(NULL, 20000, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (map != MAP_FAILED) {
		if (sigsetjmp(s->beyond, 1) == 0) {
			within = s;
			map[19999] = map[0];
		}
		within = NULL;
		POSSIBLE(munmap((void *)map, 20000), 0);
	}
	shut(fd);
}

static void file_names(struct self *s, const char *name)
{
	char other[40], *text;
	struct stat st;
	struct timespec times[2] = { { 1, 0 }, { 2, 0 } };
	ssize_t n;

	snprintf(other, sizeof(other), "%s.b", name);
	POSSIBLE(stat(name, &st), 0);
	POSSIBLE(link(name, other), 0);
	POSSIBLE(rename(other, name), 0);
	POSSIBLE(symlink("somewhere", other), 0);
	n = POSSIBLE(readlink(other, buffer(s, 50), 50), 50);
	CHECK_BUFFER(s);
	(void)n;
	POSSIBLE(unlink(other), 0);
	POSSIBLE(access(name, R_OK), 0);
	POSSIBLE(truncate(name, 10), 0);
	POSSIBLE(utimensat(AT_FDCWD, name, times, 0), 0);
	text = getcwd(buffer(s, 200), 200);
	CHECK_BUFFER(s);
	if (text)
		MUST(memchr(text, 0, 200) && text[0] == '/');
}

/* Records, as Linux has them: inode, offset, length, type, name. */
static void records_check(const unsigned char *at, long size)
{
	while (size > 0) {
		uint16_t length;

		if (size < 24) {
			MUST(!"a whole record");
			return;
		}
		memcpy(&length, at + 16, sizeof(length));
		MUST(length >= 24 && length <= size);
		if (length < 24 || length > size)
			return;
		MUST(memchr(at + 19, 0, length - 19u) != NULL && at[19] != 0);
		at += length;
		size -= length;
	}
}

static void directories(struct self *s, const char *file)
{
	char name[32];
	struct dirent *entry;
	DIR *dir;
	int fd, count = 0;

	(void)file;
	snprintf(name, sizeof(name), "d%d", s->number);
	POSSIBLE(mkdir(name, 0700), 0);
	for (int i = 0; i < 3; i++) {
		char below[64];

		snprintf(below, sizeof(below), "%s/entry.%d", name, i);
		shut(GOT(open(below, O_WRONLY | O_CREAT, 0600)));
	}
	fd = GOT(open(name, O_RDONLY | O_DIRECTORY));
	if (fd >= 0) {
		long n = POSSIBLE(syscall(SYS_getdents64, fd, buffer(s, 4000), 4000), 4000);

		CHECK_BUFFER(s);
		records_check(s->at, n);
		shut(fd);
	}
	dir = opendir(name);
	while (dir && count++ < 100 && (entry = readdir(dir)) != NULL)
		MUST(memchr(entry->d_name, 0, sizeof(entry->d_name)) && !strchr(entry->d_name, '/'));
	if (dir)
		closedir(dir);
	for (int i = 0; i < 3; i++) {
		char below[64];

		snprintf(below, sizeof(below), "%s/entry.%d", name, i);
		POSSIBLE(unlink(below), 0);
	}
	POSSIBLE(rmdir(name), 0);
}

static void copies(struct self *s, const char *name)
{
	int from = GOT(open(name, O_RDWR | O_CREAT, 0600)), to = GOT(open("copy", O_RDWR | O_CREAT, 0600)), ends[2];
	off_t at = 0;

	(void)s;
	if (from >= 0 && to >= 0) {
		POSSIBLE(copy_file_range(from, &at, to, NULL, 1000, 0), 1000);
		POSSIBLE(syscall(SYS_sendfile, to, from, NULL, 1000), 1000);
	}
	if (POSSIBLE(pipe2(ends, O_NONBLOCK), 0) == 0) {
		GOT(ends[0]);
		GOT(ends[1]);
		POSSIBLE(write(ends[1], "abcdef", 6), 6);
		POSSIBLE(read(ends[0], buffer(s, 6), 6), 6);
		CHECK_BUFFER(s);
		shut(ends[0]);
		shut(ends[1]);
	}
	shut(from);
	shut(to);
}

/*
 * Sockets. None of ours waits, since what was sent may not have been, and any descriptor may name another one of ours.
 */

static void name_check(const struct self *s, socklen_t size, socklen_t room)
{
	CHECK_BUFFER(s);
	MUST(size <= 128 || size <= room);
}

static void names(struct self *s, int fd)
{
	socklen_t size = 128;

	if (POSSIBLE(getsockname(fd, buffer(s, 128), &size), 0) == 0)
		name_check(s, size, 128);
	size = 20;
	if (POSSIBLE(getpeername(fd, buffer(s, 20), &size), 0) == 0)
		name_check(s, size, 128);
	size = 4;
	POSSIBLE(getsockopt(fd, SOL_SOCKET, SO_TYPE, buffer(s, 4), &size), 0);
	name_check(s, size, 4);
}

static void messages(struct self *s, int to, int from)
{
	union {
		struct cmsghdr head;
		char room[128];
	} control;
	struct iovec part = { .iov_base = buffer(s, 1000), .iov_len = 1000 };
	struct msghdr head = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = CMSG_SPACE(2 * sizeof(int)) };
	struct cmsghdr *c;
	const int two[2] = { to, from };

	memset(&control, 0, sizeof(control));
	control.head = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(two)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(&control.head), two, sizeof(two));
	POSSIBLE(sendmsg(to, &head, MSG_DONTWAIT | MSG_NOSIGNAL), 1000);
	part.iov_base = buffer(s, 1000);
	head = (struct msghdr){ .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof(control.room),
		.msg_name = s->at + 800, .msg_namelen = 128 };
	part.iov_len = 700;
	if (POSSIBLE(recvmsg(from, &head, MSG_DONTWAIT), 700) < 0)
		return;
	CHECK_BUFFER(s);
	MUST(head.msg_controllen <= sizeof(control.room) && head.msg_namelen <= 128);
	for (c = CMSG_FIRSTHDR(&head); c; c = CMSG_NXTHDR(&head, c)) {
		MUST(c->cmsg_len >= sizeof(*c) && c->cmsg_len <= head.msg_controllen);
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i + sizeof(int) <= c->cmsg_len - CMSG_LEN(0); i += sizeof(int)) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i, sizeof(fd));
			shut(GOT(fd));
		}
	}
}

static void pairs(struct self *s, const char *file)
{
	int fd[2];

	(void)file;
	if (POSSIBLE(socketpair(AF_UNIX, (s->number % 2 ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK, 0, fd), 0) < 0)
		return;
	GOT(fd[0]);
	GOT(fd[1]);
	memset(buffer(s, 30000), 's', 30000);
	POSSIBLE(send(fd[0], s->at, 30000, MSG_DONTWAIT | MSG_NOSIGNAL), 30000);
	POSSIBLE(recv(fd[1], buffer(s, 20000), 20000, MSG_DONTWAIT), 20000);
	CHECK_BUFFER(s);
	messages(s, fd[1], fd[0]);
	names(s, fd[0]);
	shut(fd[0]);
	shut(fd[1]);
}

static void datagrams(struct self *s, const char *file)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	socklen_t size = 110;
	int fd = GOT(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0));

	(void)file;
	if (fd < 0)
		return;
	snprintf(name.sun_path + 1, 40, "lied.%d.%d", getpid(), s->number);
	POSSIBLE(bind(fd, (struct sockaddr *)&name, 30), 0);
	POSSIBLE(sendto(fd, "hello", 5, MSG_NOSIGNAL, (struct sockaddr *)&name, 30), 5);
	if (POSSIBLE(recvfrom(fd, s->room, 100, MSG_DONTWAIT, buffer(s, 110), &size), 100) >= 0)
		name_check(s, size, 110);
	names(s, fd);
	shut(fd);
}

static void connections(struct self *s, const char *file)
{
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(name);
	int listener = GOT(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)), fd = GOT(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)), other;
	struct pollfd ready[2] = { { .fd = listener, .events = POLLIN }, { .fd = fd, .events = POLLOUT } };

	(void)file;
	POSSIBLE(bind(listener, (struct sockaddr *)&name, sizeof(name)), 0);
	POSSIBLE(listen(listener, 2), 0);
	if (POSSIBLE(getsockname(listener, (struct sockaddr *)&name, &size), 0) == 0) {
		POSSIBLE(connect(fd, (struct sockaddr *)&name, sizeof(name)), 0);
		if (POSSIBLE(poll(ready, 2, 20), 2) > 0)
			MUST(!(ready[0].revents & ~(POLLIN | POLLERR | POLLHUP | POLLNVAL)));
		size = 60;
		other = GOT(accept4(listener, buffer(s, 60), &size, SOCK_CLOEXEC));
		if (other >= 0) {
			name_check(s, size, 60);
			POSSIBLE(send(fd, "tcp", 3, MSG_DONTWAIT | MSG_NOSIGNAL), 3);
			POSSIBLE(recv(other, buffer(s, 10), 10, MSG_DONTWAIT), 10);
			CHECK_BUFFER(s);
			POSSIBLE(shutdown(other, SHUT_RDWR), 0);
		}
		shut(other);
	}
	shut(fd);
	shut(listener);
}

/*
 * Waiting
 */

static void readiness(struct self *s, const char *file)
{
	int ready = GOT(eventfd(3, EFD_NONBLOCK)), set = GOT(epoll_create1(0)), timer = GOT(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
	int watch = GOT(inotify_init1(IN_NONBLOCK));
	struct epoll_event events[4] = { { .events = EPOLLIN, .data.u64 = 0x1234567812345678 } };
	const struct itimerspec soon = { .it_value.tv_nsec = 1000 };
	uint64_t value;
	long n;

	(void)file;
	POSSIBLE(timerfd_settime(timer, 0, &soon, NULL), 0);
	POSSIBLE(epoll_ctl(set, EPOLL_CTL_ADD, ready, &events[0]), 0);
	POSSIBLE(epoll_ctl(set, EPOLL_CTL_ADD, timer, &events[0]), 0);
	n = POSSIBLE(epoll_wait(set, events, 4, 5), 4);
	for (long i = 0; i < n; i++)	/* what we registered, not what the host says */
		MUST(events[i].data.u64 == 0x1234567812345678);
	POSSIBLE(read(ready, &value, 8), 8);
	POSSIBLE(read(timer, &value, 8), 8);
	POSSIBLE(inotify_add_watch(watch, ".", IN_CREATE | IN_DELETE), INT32_MAX);
	shut(GOT(open("seen", O_WRONLY | O_CREAT, 0600)));
	POSSIBLE(unlink("seen"), 0);
	n = POSSIBLE(read(watch, buffer(s, 1000), 1000), 1000);
	CHECK_BUFFER(s);
	for (long at = 0; at < n;) {
		struct inotify_event event;

		memcpy(&event, s->at + at, sizeof(event));
		MUST(event.len <= (uint32_t)n && at + (long)sizeof(event) + (long)event.len <= n);
		at += (long)sizeof(event) + (long)event.len;
	}
	shut(watch);
	shut(timer);
	shut(set);
	shut(ready);
}

static void process(struct self *s, const char *file)
{
	static pid_t me;
	struct timespec now;
	struct sysinfo info;
	struct rusage usage;
	struct utsname *system = buffer(s, sizeof(*system));

	(void)file;
	if (!me)
		me = getpid();
	MUST(getpid() == me && me > 0);
	clock_gettime(CLOCK_MONOTONIC, &now);
	MUST(now.tv_nsec >= 0 && now.tv_nsec < 1000000000);
	MUST(now.tv_sec > s->last.tv_sec || (now.tv_sec == s->last.tv_sec && now.tv_nsec >= s->last.tv_nsec));
	s->last = now;
	if (POSSIBLE(uname(system), 0) == 0)
		MUST(memchr(system->release, 0, sizeof(system->release)) && memchr(system->nodename, 0, sizeof(system->nodename)));
	CHECK_BUFFER(s);
	POSSIBLE(sysinfo(&info), 0);
	POSSIBLE(getrusage(RUSAGE_SELF, &usage), 0);
	POSSIBLE(getgroups(16, buffer(s, 64)), 16);
	CHECK_BUFFER(s);
	POSSIBLE(syscall(SYS_sched_getaffinity, 0, 128, buffer(s, 128)), 128);
	CHECK_BUFFER(s);
}

static void signals(struct self *s, const char *file)
{
	const struct itimerval soon = { .it_value.tv_usec = 1000, .it_interval.tv_usec = 500000 };
	const struct timespec nap = { .tv_nsec = 3000000 };
	struct pollfd nobody = { .fd = -1 };

	(void)s;
	(void)file;
	POSSIBLE(setitimer(ITIMER_REAL, &soon, NULL), 0);
	nanosleep(&nap, NULL);
	if (s->number != 0)
		POSSIBLE(pthread_kill(first, SIGUSR1), 133);
	else
		POSSIBLE(poll(&nobody, 1, 5), 0);
	POSSIBLE(kill(getpid(), SIGUSR1), 0);
}

/* One that ends soon. What becomes of it is the host's word. */
static void children(void)
{
	char *words[] = { "true", NULL }, *none[] = { NULL };
	pid_t child = 0;
	int status;

	if (posix_spawn(&child, "/bin/true", NULL, NULL, words, none) == 0)
		MUST(child > 0);
	for (int i = 0; child > 0 && i < 20 && POSSIBLE(waitpid(child, &status, WNOHANG), INT32_MAX) == 0; i++)
		usleep(1000);
}

/*
 * Promises
 */

static void promises(struct self *s, const char *name)
{
	const struct ringmaster_options soon = { .deadline = 50000000 };
	ringmaster_promise p[8];
	int fd = GOT(open(name, O_RDWR | O_CREAT, 0600));
	long result;

	unsigned char *at = buffer(s, 8 * 4096);
	for (int i = 0; i < 8; i++)
		p[i] = i % 4 == 3 ? ringmaster_write(fd, "promised", 8, i * 4096, &soon) : ringmaster_read(fd, at + i * 4096, 4096, i * 1000, &soon);
	for (int i = 0; i < 8; i++)
		if (p[i] && ringmaster_take(p[i], &result) == 0)
			MUST(result >= -133 && result <= (i % 4 == 3 ? 8 : 4096));
	CHECK_BUFFER(s);
	p[0] = ringmaster_openat(AT_FDCWD, name, O_RDONLY, 0, &soon);
	if (p[0])
		shut(GOT((int)ringmaster_await(p[0])));
	p[0] = ringmaster_borrow(fd, 4096, 0, &soon);
	if (p[0]) {
		const volatile void *bytes;

		if (POSSIBLE(ringmaster_view(p[0], &bytes), 4096) > 0) {
			POSSIBLE(ringmaster_copy(buffer(s, 8), p[0], 0, 8), 0);
			CHECK_BUFFER(s);
			ringmaster_give_back(p[0]);
		}
	}
	/* What is not kept at once: nobody says that time is up but our own clock. */
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	const long began = now.tv_sec * 1000000000 + now.tv_nsec;

	p[0] = ringmaster_timeout(3000000, NULL);
	p[1] = ringmaster_timeout(2000000, NULL);
	if (p[0] && p[1]) {
		const long answer = POSSIBLE(ringmaster_await(p[0]), 0);
		clock_gettime(CLOCK_MONOTONIC, &now);
		MUST(answer != 0 || now.tv_sec * 1000000000 + now.tv_nsec - began >= 3000000);
		POSSIBLE(ringmaster_await(p[1]), 0);
	}
	shut(fd);
}

/*
 * All of it
 */

static const struct {
	const char *name;
	void (*run)(struct self *s, const char *file);
} areas[] = {
	{ "file_io", file_io }, { "file_names", file_names }, { "directories", directories }, { "copies", copies }, { "pairs", pairs },
	{ "datagrams", datagrams }, { "connections", connections }, { "readiness", readiness }, { "process", process }, { "promises", promises },
	{ "signals", signals },
};

static void once(struct self *s)
{
	char name[32];

	snprintf(name, sizeof(name), "f%d", s->number);
	for (size_t i = 0; i < sizeof(areas) / sizeof(areas[0]); i++) {
		if (getenv("LIED_TELL"))
			fprintf(stderr, "thread %d: %s\n", s->number, areas[i].name);
		areas[i].run(s, name);
	}
	POSSIBLE(unlink(name), 0);
}

static uint64_t counted_here(void)
{
	const struct rm_thread *self;

	if (counter < 0)
		return 0;
	__asm__ volatile("mrs %0, tpidrro_el0" : "=r"(self));
	return self->count[counter];
}

static pthread_t started[THREADS];
static bool alive[THREADS];

static void *thread(void *argument)
{
	struct self self = { .number = (int)(long)argument };

	self.room = malloc(ROOM);
	__atomic_store_n(&alive[self.number - 1], true, __ATOMIC_RELEASE);
	if (self.room)
		once(&self);
	__atomic_store_n(&alive[self.number - 1], false, __ATOMIC_RELEASE);
	free(self.room);
	__atomic_add_fetch(&counted, counted_here(), __ATOMIC_RELAXED);
	return NULL;
}

static bool is_started[THREADS];

static void start_threads(void)
{
	for (long i = 0; i < THREADS; i++)
		is_started[i] = pthread_create(&started[i], NULL, thread, (void *)(i + 1)) == 0;
}

/* One that was promised may never come: nobody can say so, and natively it would be waited for for ever. */
static void end_threads(void)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 3;
	for (int i = 0; i < THREADS; i++)
		if (is_started[i])
			pthread_timedjoin_np(started[i], NULL, &until);
}

static void on_signal(int number)
{
	(void)number;
}

/* What was to be a file or a socket of ours may be something for which Linux waits: every now and then all such waits end. */
static void on_alarm(int number)
{
	(void)number;
	if (!pthread_equal(pthread_self(), first))
		pthread_kill(first, SIGUSR1);
	for (int i = 0; i < THREADS; i++)
		if (__atomic_load_n(&alive[i], __ATOMIC_ACQUIRE))
			pthread_kill(started[i], SIGUSR1);
}

/* Without SA_RESTART. */
static void handle(int number, void (*handler)(int))
{
	const struct sigaction action = { .sa_handler = handler };

	sigaction(number, &action, NULL);
}

static void lies(int on)
{
	syscall(SYS_getpgid, MARK + on);
}

int main(int argc, char **argv)
{
	struct self self = { .room = malloc(ROOM) };
	int option = argc > 2 && strcmp(argv[1], "-c") == 0 ? 2 : 0;
	long rounds = argc > option + 1 ? atol(argv[option + 1]) : 1;

	counter = option ? atoi(argv[2]) : -1;
	if (!self.room || counter >= RM_COUNT_COUNT)
		return 3;
	keep_secrets();
	const struct itimerval often = { .it_value.tv_usec = 500000, .it_interval.tv_usec = 500000 };
	first = pthread_self();
	handle(SIGALRM, on_alarm);
	handle(SIGUSR1, on_signal);
	signal(SIGCHLD, on_signal);
	signal(SIGPIPE, SIG_IGN);
	const struct sigaction bus = { .sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO };
	sigaction(SIGBUS, &bus, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	lies(1);
	for (long i = 0; i < rounds; i++) {
		start_threads();
		once(&self);
		children();
		end_threads();
		check_secrets();
	}
	lies(0);
	check_secrets();
	if (broken)
		_exit(1);
	_exit(counted + counted_here() > 0 ? 41 : 40);
}
