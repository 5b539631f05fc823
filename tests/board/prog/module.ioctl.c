/* SPDX-License-Identifier: MIT */
/* The device's requests, used wrongly: each has the errno that abi/ioctl.h promises, and nothing stays pinned. */
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ioctl.h"
#include "smc.h"
#include "svc.h"
#include "t.h"

#define PAGE 4096ul
#define PAGES 300ul	/* more than one call of the secure kernel takes */

static void *const nowhere = (void *)8;

static int open_device(void)
{
	int fd = open("/dev/ringmaster", O_RDWR | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		t_skip("no /dev/ringmaster");
	MUST(fd >= 0);
	return fd;
}

static int session(void)
{
	struct rm_ioc_hello hello = { .abi_version = RM_ABI_VERSION };
	int fd = open_device();

	MUST(ioctl(fd, RM_IOC_HELLO, &hello) == 0);
	CHECK(hello.memory_free <= hello.memory_total && hello.memory_total > 0);
	return fd;
}

static int session_with_enclave(void)
{
	struct rm_ioc_create create = { .name = "test" };
	int fd = session();

	MUST(ioctl(fd, RM_IOC_CREATE, &create) == 0);
	CHECK(create.id > 0);
	return fd;
}

static char *memory(unsigned long pages)
{
	char *p = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(p != MAP_FAILED);
	return p;
}

static int thread(int fd, void *address, unsigned long size, unsigned index)
{
	struct rm_ioc_thread args = { .address = (unsigned long)address, .size = size, .thread = index };

	return ioctl(fd, RM_IOC_THREAD, &args);
}

static void check_hello(void)
{
	struct rm_ioc_hello hello = { .abi_version = RM_ABI_VERSION + 1 };
	struct rm_ioc_create create = { .name = "early" };
	int fd = open_device();

	CHECK_ERRNO(ioctl(fd, RM_IOC_CREATE, &create), EPROTO);
	CHECK_ERRNO(ioctl(fd, RM_IOC_HELLO, nowhere), EFAULT);
	CHECK_ERRNO(ioctl(fd, RM_IOC_HELLO, &hello), EPROTO);
	CHECK(hello.abi_version == RM_ABI_VERSION);
	CHECK_ERRNO(ioctl(fd, RM_IOC_CREATE, &create), EPROTO);
	CHECK(ioctl(fd, RM_IOC_HELLO, &hello) == 0);
	CHECK_ERRNO(ioctl(fd, _IO(RM_IOC_MAGIC, 99), 0), ENOTTY);
	CHECK_ERRNO(ioctl(fd, RM_IOC_ENTER, &hello), ENOTTY);
	close(fd);
}

static void check_create(void)
{
	struct rm_ioc_create create = { .name = "test" }, bad;
	int fd = session();

	CHECK_ERRNO(thread(fd, memory(1), PAGE, 0), EINVAL);	/* no enclave yet */
	CHECK_ERRNO(ioctl(fd, RM_IOC_CREATE, nowhere), EFAULT);
	bad = create;
	bad.reserved = 1;
	CHECK_ERRNO(ioctl(fd, RM_IOC_CREATE, &bad), EINVAL);
	memset(bad.name, 'x', sizeof(bad.name));
	bad.reserved = 0;
	CHECK_ERRNO(ioctl(fd, RM_IOC_CREATE, &bad), EINVAL);
	bad = create;
	bad.memory_limit = ~0ul;
	CHECK_ERRNO(ioctl(fd, RM_IOC_CREATE, &bad), EINVAL);
	CHECK(ioctl(fd, RM_IOC_CREATE, &create) == 0);
	CHECK_ERRNO(ioctl(fd, RM_IOC_CREATE, &create), EEXIST);
	close(fd);
}

static void check_thread(void)
{
	int fd = session_with_enclave(), t;
	char *p = memory(PAGES);
	struct rm_ioc_thread args = { .address = (unsigned long)p, .size = PAGE, .reserved = 1 };
	struct pollfd ready;

	CHECK_ERRNO(ioctl(fd, RM_IOC_THREAD, nowhere), EFAULT);
	CHECK_ERRNO(ioctl(fd, RM_IOC_THREAD, &args), EINVAL);
	CHECK_ERRNO(thread(fd, p + 1, PAGE, 0), EINVAL);
	CHECK_ERRNO(thread(fd, p, 0, 0), EINVAL);
	CHECK_ERRNO(thread(fd, p, PAGE + 1, 0), EINVAL);
	CHECK_ERRNO(thread(fd, p, RM_SHARE_STRIDE + PAGE, 0), EINVAL);
	CHECK_ERRNO(thread(fd, p, ~0ul << 12, 0), EINVAL);
	CHECK_ERRNO(thread(fd, p, PAGE, RM_THREAD_MAX), EINVAL);
	CHECK_ERRNO(thread(fd, p, PAGE, ~0u), EINVAL);
	CHECK_ERRNO(thread(fd, p, PAGE, 1), ENOENT);
	CHECK_ERRNO(thread(fd, NULL, PAGE, 0), EFAULT);
	CHECK_ERRNO(thread(fd, (void *)(~0ul << 12), PAGE, 0), EFAULT);
	munmap(p + (PAGES - 1) * PAGE, PAGE);
	CHECK_ERRNO(thread(fd, p, PAGES * PAGE, 0), EFAULT);	/* a hole at the end */
	t = thread(fd, p, (PAGES - 1) * PAGE, 0);
	MUST(t >= 0);
	CHECK(fcntl(t, F_GETFD) == FD_CLOEXEC);
	CHECK_ERRNO(thread(fd, p, PAGE, 0), EEXIST);
	CHECK_ERRNO(ioctl(t, RM_IOC_HELLO, p), ENOTTY);
	ready = (struct pollfd){ .fd = t, .events = POLLIN };
	CHECK(poll(&ready, 1, 0) == 0);
	close(t);
	CHECK_ERRNO(thread(fd, p, PAGE, 0), EEXIST);	/* the thread lives, without a descriptor */
	close(fd);
}

/* Text, device memory and read-only pages are no memory to share. */
static void check_what_can_be_shared(void)
{
	int fd = session_with_enclave(), file;
	char *p = memory(2);

	mprotect(p, PAGE, PROT_READ);
	CHECK_ERRNO(thread(fd, p, 2 * PAGE, 0), EFAULT);
	file = open("/proc/self/exe", O_RDONLY);
	p = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, file, 0);
	CHECK_ERRNO(thread(fd, p, PAGE, 0), EFAULT);
	close(file);
	close(fd);
}

static void check_limit(void)
{
	int fd = session_with_enclave();
	pid_t child = fork();

	if (child == 0) {
		struct rlimit limit = { 16 * PAGE, 16 * PAGE };

		setrlimit(RLIMIT_MEMLOCK, &limit);
		if (setgid(990) != 0 || setuid(1000) != 0)
			_exit(1);
		CHECK_ERRNO(thread(fd, memory(17), 17 * PAGE, 0), EDQUOT);
		CHECK(thread(fd, memory(16), 16 * PAGE, 0) >= 0);
		_exit(t_done());
	}
	int status = -1;

	CHECK(waitpid(child, &status, 0) == child && status == 0);
	close(fd);
}

/* Entered without a boot page, the runtime gives up; the end is told as often as it is asked for. */
static void check_enter(void)
{
	struct rm_ioc_enter last;
	struct rm_ioc_stats stats = { .own = 1 };
	int fd = session_with_enclave(), t = thread(fd, memory(16), 16 * PAGE, 0);

	MUST(t >= 0);
	CHECK_ERRNO(ioctl(t, RM_IOC_ENTER, nowhere), EFAULT);
	for (int i = 0; i < 2; i++) {
		CHECK(ioctl(t, RM_IOC_ENTER, &last) == 0);
		CHECK(last.reason == RM_EXIT_FAILED);
	}
	CHECK(ioctl(fd, RM_IOC_STATS, &stats) == 0);
	CHECK(stats.count == RM_STAT_ENCLAVE_COUNT && stats.stats[RM_STAT_ENTRIES] > 0);
	close(fd);
	CHECK(ioctl(t, RM_IOC_ENTER, &last) == 0);	/* the enclave lives as long as the thread's descriptor */
	close(t);
}

static void check_stats_and_list(void)
{
	struct rm_ioc_stats stats = { .own = 1 };
	struct rm_ioc_list list = { 0 };
	int fd = session(), found = 0;

	CHECK_ERRNO(ioctl(fd, RM_IOC_STATS, &stats), ENOENT);
	stats.own = 2;
	CHECK_ERRNO(ioctl(fd, RM_IOC_STATS, &stats), EINVAL);
	stats.own = 0;
	CHECK(ioctl(fd, RM_IOC_STATS, &stats) == 0 && stats.count == RM_STAT_COUNT);
	CHECK_ERRNO(ioctl(fd, RM_IOC_STATS, nowhere), EFAULT);
	CHECK_ERRNO(ioctl(fd, RM_IOC_LIST, nowhere), EFAULT);
	int other = session_with_enclave();

	while (ioctl(fd, RM_IOC_LIST, &list) == 0)
		found += strcmp(list.name, "test") == 0 && list.pid == (unsigned)getpid();
	CHECK(errno == ENOENT && found == 1);
	list.id = ~0u;
	CHECK_ERRNO(ioctl(fd, RM_IOC_LIST, &list), ENOENT);
	close(other);
	close(fd);
}

/* Pages pinned for good by anybody, less those given back. */
static long pinned(void)
{
	char line[128];
	long value, balance = 0;
	FILE *refresh = fopen("/proc/sys/vm/stat_refresh", "w"), *file;

	if (refresh) {
		fputs("1\n", refresh);
		fclose(refresh);
	}
	file = fopen("/proc/vmstat", "r");
	MUST(file);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "nr_foll_pin_acquired %ld", &value) == 1)
			balance += value;
		if (sscanf(line, "nr_foll_pin_released %ld", &value) == 1)
			balance -= value;
	}
	fclose(file);
	return balance;
}

int main(void)
{
	long before = pinned();

	check_hello();
	check_create();
	check_thread();
	check_what_can_be_shared();
	check_limit();
	check_enter();
	check_stats_and_list();
	CHECK(pinned() == before);
	return t_done();
}
