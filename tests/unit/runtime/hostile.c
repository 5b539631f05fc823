/* SPDX-License-Identifier: MIT */
/* Programs of areas whose own tests have no program for a host that lies: folders, signals as descriptors, what is asked of Linux in between. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "model/program.h"
#include "posix/signal.h"

static void test_folder(void **state)
{
	uint8_t entries[512];
	char name[32], here[LX_PATH_MAX];
	long fd, size, count = 0;
	uint16_t length;

	(void)state;
	EXPECT(CALL3(mkdirat, LX_AT_FDCWD, "folder", 0755), 0);
	EXPECT(CALL3(mkdirat, LX_AT_FDCWD, "folder", 0755), -EEXIST);
	for (int i = 0; i < 12; i++) {
		snprintf(name, sizeof(name), "folder/f%d", i);
		CALL1(close, open_file(name, LX_O_CREAT | LX_O_WRONLY));
	}
	fd = open_file("folder", LX_O_DIRECTORY);
	while ((size = CALL3(getdents64, fd, entries, 200)) > 0 && count < 100) {
		for (long done = 0; done < size; done += length) {
			memcpy(&length, entries + done + 16, sizeof(length));
			count++;
		}
	}
	EXPECT(count, 14);
	EXPECT(CALL3(lseek, fd, 0, LX_SEEK_SET), 0);
	EXPECT(CALL3(getdents64, fd, entries, sizeof(entries)) > 0, 1);
	EXPECT(CALL1(fchdir, fd), 0);
	EXPECT(CALL3(getcwd, here, sizeof(here), 0) > 0, 1);
	EXPECT(CALL4(symlinkat, "f1", LX_AT_FDCWD, "link", 0), 0);
	EXPECT(CALL4(readlinkat, LX_AT_FDCWD, "link", here, sizeof(here)), 2);
	EXPECT(CALL6(linkat, LX_AT_FDCWD, "f2", LX_AT_FDCWD, "hard", 0, 0), 0);
	EXPECT(CALL4(renameat, LX_AT_FDCWD, "hard", LX_AT_FDCWD, "soft"), 0);
	EXPECT(CALL3(unlinkat, LX_AT_FDCWD, "soft", 0), 0);
	EXPECT(CALL1(chdir, ".."), 0);
	EXPECT(CALL1(close, fd), 0);
}

static void test_asked(void **state)
{
	struct lx_stat stat;
	struct lx_statx statx;
	uint8_t bytes[512], cpus[128];
	uint64_t limits[2];
	uint32_t ids[64];
	const long fd = open_file("asked", LX_O_RDWR | LX_O_CREAT | LX_O_TRUNC);

	(void)state;
	EXPECT(CALL2(fstat, fd, &stat), 0);
	EXPECT(stat.size, 0);
	EXPECT(CALL4(newfstatat, LX_AT_FDCWD, "asked", &stat, LX_AT_SYMLINK_NOFOLLOW), 0);
	EXPECT(CALL6(statx, fd, "", LX_AT_EMPTY_PATH, LX_STATX_BASIC, &statx, 0), 0);
	EXPECT(CALL2(statfs, "asked", bytes), 0);
	EXPECT(CALL3(faccessat, LX_AT_FDCWD, "asked", 4), 0);
	EXPECT(CALL2(fchmod, fd, 0640), 0);
	EXPECT(CALL1(umask, 022) <= 0777, 1);
	EXPECT(CALL4(fallocate, fd, 0, 0, 10000), 0);
	EXPECT(CALL2(ftruncate, fd, 20000), 0);
	EXPECT(CALL4(fadvise64, fd, 0, 0, LX_FADV_DONTNEED), 0);
	EXPECT(CALL1(fsync, fd), 0);
	EXPECT(CALL1(fdatasync, fd), 0);
	EXPECT(CALL3(lseek, fd, 0, LX_SEEK_END), 20000);
	EXPECT(CALL6(setxattr, "asked", "user.a", "value", 5, 0, 0) <= 0, 1);
	CALL4(getxattr, "asked", "user.a", bytes, sizeof(bytes));
	CALL3(listxattr, "asked", bytes, sizeof(bytes));
	CALL4(fgetxattr, fd, "user.a", bytes, 5);
	CALL3(flistxattr, fd, bytes, 3);
	CALL2(removexattr, "asked", "user.a");
	EXPECT(CALL3(sched_getaffinity, 0, sizeof(cpus), cpus) > 0, 1);
	EXPECT(CALL4(prlimit64, 0, 7, 0, limits), 0);
	EXPECT(CALL3(getresuid, ids, ids + 1, ids + 2), 0);
	EXPECT(CALL3(getresgid, ids, ids + 1, ids + 2), 0);
	EXPECT(CALL1(uname, bytes), 0);
	EXPECT(CALL1(close, fd), 0);
}

static void test_signalfd(void **state)
{
	const uint64_t set = 1ul << (12 - 1);
	struct lx_pollfd polled = { .events = 1 };
	const struct lx_timespec now = { 0, 0 };
	uint8_t info[128];
	long fd;

	(void)state;
	EXPECT(CALL4(rt_sigprocmask, 0, &set, 0, 8), 0);
	fd = CALL4(signalfd4, -1, &set, 8, LX_O_NONBLOCK);
	polled.fd = (int32_t)fd;
	EXPECT(CALL4(ppoll, &polled, 1, &now, 0), 0);
	EXPECT(CALL3(read, fd, info, sizeof(info)), -EAGAIN);
	EXPECT(CALL3(tgkill, rm_enclave.pid, rm_enclave.pid, 12), 0);
	EXPECT(CALL4(ppoll, &polled, 1, &now, 0), 1);
	EXPECT(CALL3(read, fd, info, sizeof(info)), 128);
	EXPECT(info[0], 12);
	EXPECT(CALL4(ppoll, &polled, 1, &now, 0), 0);
	EXPECT(CALL1(close, fd), 0);
	EXPECT(CALL4(rt_sigprocmask, 1, &set, 0, 8), 0);
}

/* A name that the host gives, a connection, and a message larger than one operation. */
static void test_network(void **state)
{
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } }, other;
	const long listener = CALL3(socket, AF_INET, SOCK_STREAM, 0), client = CALL3(socket, AF_INET, SOCK_STREAM, 0);
	uint32_t size = sizeof(name);
	int32_t value = 0;
	uint8_t *data = make_pattern(50000), *back = calloc(1, 50000);
	long peer, total = 0, came;

	(void)state;
	EXPECT(CALL3(bind, listener, &name, sizeof(name)), 0);
	EXPECT(CALL2(listen, listener, 3), 0);
	EXPECT(CALL3(getsockname, listener, &name, &size), 0);
	EXPECT(CALL3(connect, client, &name, sizeof(name)), 0);
	size = sizeof(other);
	peer = CALL4(accept4, listener, &other, &size, 0);
	EXPECT(CALL3(getpeername, client, &other, &size), 0);
	EXPECT(other.sin_port, name.sin_port);
	size = sizeof(value);
	EXPECT(CALL6(getsockopt, client, SOL_SOCKET, LX_SO_TYPE, &value, &size, 0), 0);
	EXPECT(value, SOCK_STREAM);
	EXPECT(CALL6(sendto, client, data, 50000, LX_MSG_NOSIGNAL, 0, 0), 50000);
	while (total < 50000 && (came = CALL6(recvfrom, peer, back + total, 50000 - total, 0, 0, 0)) > 0)
		total += came;
	EXPECT(total, 50000);
	if (!quiet)
		expect_pattern(back, 0, 50000);
	EXPECT(CALL1(close, peer), 0);
	EXPECT(CALL1(close, client), 0);
	EXPECT(CALL1(close, listener), 0);
	free(data);
	free(back);
}

static void test_hostile(void **state)
{
	(void)state;
	program_every_hostile(test_folder);
	program_every_hostile(test_asked);
	program_every_hostile(test_signalfd);
	program_every_hostile(test_network);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, program_start, program_stop)
#define POLLED(f) { "polled." #f, f, program_start_polled, program_stop, NULL }

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_folder), TEST(test_asked), TEST(test_signalfd), TEST(test_network), POLLED(test_folder), POLLED(test_asked),
		POLLED(test_network), cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests_name("runtime.hostile", tests, program_make_folder, program_remove_folder);
}
