/* SPDX-License-Identifier: MIT */
/* Every call of the device, in the wrong order and with wrong arguments: the error that the contract names. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "device.h"

static void check_handshake(void)
{
	struct rm_ioc_hello hello = { .abi_version = RM_ABI_VERSION + 1 };
	struct rm_ioc_create create = { .name = "early" };
	struct rm_ioc_list list = { 0 };
	int fd = device_open();

	CHECK_ERRNO(ioctl(fd, RM_IOC_CREATE, &create), EPROTO);
	CHECK_ERRNO(ioctl(fd, RM_IOC_LIST, &list), EPROTO);
	CHECK_ERRNO(ioctl(fd, RM_IOC_HELLO, &hello), EPROTO);
	CHECK(hello.abi_version == RM_ABI_VERSION);
	CHECK_ERRNO(ioctl(fd, RM_IOC_CREATE, &create), EPROTO);
	CHECK(ioctl(fd, RM_IOC_HELLO, &hello) == 0 && hello.memory_free <= hello.memory_total && hello.memory_total);
	CHECK_ERRNO(ioctl(fd, RM_IOC_HELLO, (void *)8), EFAULT);
	CHECK_ERRNO(ioctl(fd, _IO(RM_IOC_MAGIC, 99), 0), ENOTTY);
	CHECK_ERRNO(ioctl(fd, RM_IOC_ENTER, &hello), ENOTTY);
	close(fd);
}

static void check_create(void)
{
	struct rm_ioc_create create = { .name = "enclave" };
	int fd = device_greet();

	create.reserved = 1;
	CHECK_ERRNO(ioctl(fd, RM_IOC_CREATE, &create), EINVAL);
	create.reserved = 0;
	create.memory_limit = ~0ul;
	CHECK_ERRNO(ioctl(fd, RM_IOC_CREATE, &create), EINVAL);
	create.memory_limit = 0;
	memset(create.name, 'n', sizeof(create.name));
	CHECK_ERRNO(ioctl(fd, RM_IOC_CREATE, &create), EINVAL);
	create.name[3] = 0;
	CHECK_ERRNO(ioctl(fd, RM_IOC_CREATE, (void *)8), EFAULT);
	CHECK(ioctl(fd, RM_IOC_CREATE, &create) == 0 && create.id);
	CHECK_ERRNO(ioctl(fd, RM_IOC_CREATE, &create), EEXIST);
	close(fd);
}

static void check_thread(void)
{
	int without = device_greet(), fd = device_create();
	char *region = device_region(DEVICE_REGION);
	struct rm_ioc_thread reserved = { .address = (uint64_t)region, .size = DEVICE_REGION, .limit = DEVICE_REGION, .reserved = 1 };

	CHECK_ERRNO(device_thread(without, region, DEVICE_REGION, 0), EINVAL);
	CHECK_ERRNO(ioctl(fd, RM_IOC_THREAD, &reserved), EINVAL);
	CHECK_ERRNO(ioctl(fd, RM_IOC_THREAD, (void *)8), EFAULT);
	CHECK_ERRNO(device_thread(fd, region + 1, DEVICE_REGION, 0), EINVAL);
	CHECK_ERRNO(device_thread(fd, region, DEVICE_REGION - 1, 0), EINVAL);
	CHECK_ERRNO(device_thread(fd, region, 0, 0), EINVAL);
	CHECK_ERRNO(device_thread(fd, region, RM_SHARE_STRIDE + 4096, 0), EINVAL);
	CHECK_ERRNO(device_thread(fd, region, ~0ul << 12, 0), EINVAL);
	CHECK_ERRNO(device_thread(fd, region, 1ul << 63, 0), EINVAL);
	CHECK_ERRNO(device_thread(fd, region, DEVICE_REGION, 1), ENOENT);
	CHECK(device_thread(fd, region, DEVICE_REGION, 64) == -1 && device_thread(fd, region, DEVICE_REGION, ~0u) == -1);
	CHECK_ERRNO(device_thread(fd, (void *)(~0ul << 12), 4096, 0), EFAULT);
	CHECK_ERRNO(device_thread(fd, (void *)(1ul << 48), 4096, 0), EFAULT);
	int thread = device_thread(fd, region, DEVICE_REGION, 0);
	CHECK(thread >= 0 && fcntl(thread, F_GETFD) == FD_CLOEXEC);
	CHECK_ERRNO(device_thread(fd, region, DEVICE_REGION, 0), EEXIST);
	CHECK_ERRNO(ioctl(thread, RM_IOC_HELLO, region), ENOTTY);
	CHECK_ERRNO(read(thread, region, 8), EINVAL);
	close(thread);
	CHECK_ERRNO(device_thread(fd, region, DEVICE_REGION, 0), EEXIST);
	close(fd);
	close(without);
	munmap(region, DEVICE_REGION);
}

/* Memory that is not the caller's to give. */
static void check_memory_kinds(void)
{
	int fd = device_create(), self = open("/proc/self/exe", O_RDONLY);
	void *file = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, self, 0);
	void *read_only = mmap(NULL, 4096, PROT_READ, MAP_SHARED, self, 0);
	char *hole = device_region(3 * 4096);

	munmap(hole + 4096, 4096);
	CHECK_ERRNO(device_thread(fd, read_only, 4096, 0), EFAULT);
	CHECK_ERRNO(device_thread(fd, hole, 3 * 4096, 0), EFAULT);
	CHECK_ERRNO(device_thread(fd, hole + 4096, 4096, 0), EFAULT);
	(void)file;
	CHECK(device_thread(fd, hole, 4096, 0) >= 0);
	close(fd);
}

static long locked_kib(void)
{
	char line[256];
	long kib = -1;
	FILE *f = fopen("/proc/self/status", "r");

	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "VmLck: %ld", &kib);
	fclose(f);
	return kib;
}

/* Linux ends an enclave behind close(), and nothing tells when it has. */
static void check_unlocked(long before)
{
	for (int i = 0; i < 100 && locked_kib() != before; i++)
		usleep(10000);
	CHECK(locked_kib() == before);
}

static void check_account(void)
{
	long before = locked_kib();
	int fd = device_create(), thread;
	char *region = device_region(DEVICE_REGION);

	thread = device_thread(fd, region, DEVICE_REGION, 0);
	MUST(thread >= 0);
	CHECK(locked_kib() == before + (long)DEVICE_REGION / 1024);
	/* What was shared outlives its mapping here, and goes with the enclave. */
	munmap(region, DEVICE_REGION);
	close(thread);
	close(fd);
	check_unlocked(before);
}

static long grow(int thread, uint64_t size)
{
	struct rm_ioc_grow arguments = { .size = size };

	return ioctl(thread, RM_IOC_GROW, &arguments);
}

static uint64_t shared_pages(int fd)
{
	struct rm_ioc_stats stats = { .own = 1 };

	MUST(ioctl(fd, RM_IOC_STATS, &stats) == 0);
	return stats.stats[RM_STAT_SHARED_PAGES];
}

/* Counted whole from the start, shared as far as asked, by nobody but the owner of the memory. */
static void check_growth(void)
{
	long before = locked_kib();
	int fd = device_create(), thread, status;
	char *region = device_region(DEVICE_REGION);
	struct rm_ioc_thread first = { .address = (uint64_t)region, .size = 4096, .limit = 64 * 4096 }, wrong = first;

	wrong.limit = 0;
	CHECK_ERRNO(ioctl(fd, RM_IOC_THREAD, &wrong), EINVAL);
	wrong.limit = RM_SHARE_STRIDE + 4096;
	CHECK_ERRNO(ioctl(fd, RM_IOC_THREAD, &wrong), EINVAL);
	wrong.limit = 5000;
	CHECK_ERRNO(ioctl(fd, RM_IOC_THREAD, &wrong), EINVAL);
	CHECK(locked_kib() == before);
	thread = ioctl(fd, RM_IOC_THREAD, &first);
	MUST(thread >= 0);
	CHECK(shared_pages(fd) == 1 && locked_kib() == before + 64 * 4);
	CHECK(grow(thread, 40 * 4096) == 0 && shared_pages(fd) == 40);
	CHECK(grow(thread, 4096) == 0 && shared_pages(fd) == 40);
	CHECK_ERRNO(grow(thread, 65 * 4096), EINVAL);
	CHECK_ERRNO(grow(thread, 50 * 4096 + 1), EINVAL);
	CHECK_ERRNO(grow(thread, ~0ul << 12), EINVAL);
	CHECK_ERRNO(ioctl(thread, RM_IOC_GROW, (void *)8), EFAULT);
	CHECK_ERRNO(grow(fd, 50 * 4096), ENOTTY);
	if (fork() == 0)
		_exit(grow(thread, 50 * 4096) == -1 && errno == EINVAL ? 0 : 1);
	MUST(wait(&status) > 0);
	CHECK(status == 0);
	/* A page that cannot be shared: all stays as it was, and what stands before it can still be had. */
	munmap(region + 60 * 4096, 4096);
	CHECK_ERRNO(grow(thread, 64 * 4096), EFAULT);
	CHECK(shared_pages(fd) == 40 && locked_kib() == before + 64 * 4);
	CHECK(grow(thread, 60 * 4096) == 0 && shared_pages(fd) == 60);
	munmap(region, DEVICE_REGION);
	close(thread);
	close(fd);
	check_unlocked(before);
}

static void wake(int number)
{
	(void)number;
}

/* Nobody is there to be adopted, and nobody waits for it. */
static void check_adopt(void)
{
	const struct itimerval soon = { { 0, 20000 }, { 0, 20000 } }, never = { 0 };
	struct sigaction action = { .sa_handler = wake };
	struct rm_ioc_create create = { .name = "enclave" };
	struct rm_ioc_adopt adopt = { .id = ~0u };
	int early = device_open(), without = device_greet(), fd = device_greet();
	uint64_t threads;

	MUST(ioctl(fd, RM_IOC_CREATE, &create) == 0);
	CHECK_ERRNO(ioctl(early, RM_IOC_ADOPT, &adopt), EPROTO);
	CHECK_ERRNO(ioctl(early, RM_IOC_AWAITED, &threads), EINVAL);
	CHECK_ERRNO(ioctl(without, RM_IOC_AWAITED, &threads), EINVAL);
	CHECK_ERRNO(ioctl(without, RM_IOC_ADOPT, (void *)8), EFAULT);
	CHECK_ERRNO(ioctl(without, RM_IOC_ADOPT, &adopt), ESRCH);
	adopt.id = create.id;
	CHECK_ERRNO(ioctl(without, RM_IOC_ADOPT, &adopt), EBUSY);
	CHECK_ERRNO(ioctl(fd, RM_IOC_ADOPT, &adopt), EEXIST);
	adopt.reserved = 1;
	CHECK_ERRNO(ioctl(without, RM_IOC_ADOPT, &adopt), EINVAL);
	MUST(sigaction(SIGALRM, &action, NULL) == 0 && setitimer(ITIMER_REAL, &soon, NULL) == 0);
	CHECK_ERRNO(ioctl(fd, RM_IOC_AWAITED, &threads), EINTR);
	MUST(setitimer(ITIMER_REAL, &never, NULL) == 0);
	close(early);
	close(without);
	close(fd);
}

int main(void)
{
	check_handshake();
	check_create();
	check_thread();
	check_memory_kinds();
	check_account();
	check_growth();
	check_adopt();
	return t_done();
}
