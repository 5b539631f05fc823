/* SPDX-License-Identifier: MIT */
/* Enclaves entered by a proxy that prepared nothing, or lies at every turn: they end, Linux and the next enclave go on. */
#include <poll.h>
#include <pthread.h>
#include <signal.h>

#include "device.h"
#include "spawn.h"

static int enter(int thread, struct rm_ioc_enter *left)
{
	int result;

	do
		result = ioctl(thread, RM_IOC_ENTER, left);
	while (result < 0 && errno == EINTR);
	return result;
}

/* An empty region: the runtime refuses it. */
static void check_empty(void)
{
	struct rm_ioc_enter left = { 0 };
	int fd = device_create();
	void *region = device_region(DEVICE_REGION);
	int thread = device_thread(fd, region, DEVICE_REGION, 0);

	MUST(thread >= 0);
	CHECK(enter(thread, &left) == 0 && left.reason == RM_EXIT_FAILED && left.arg[0] == RM_FAIL_HOST);
	CHECK(enter(thread, &left) != 0 || left.reason != RM_EXIT_HOST);
	close(thread);
	close(fd);
	munmap(region, DEVICE_REGION);
}

/* Fills in a boot page as a proxy does, so that random values get as deep as possible. */
static void fill_boot(struct rm_boot *boot, void *region, uint64_t *state)
{
	static const char strings[] = "program\0ONE=1\0/proc/self/exe";

	memset(boot, 0, sizeof(*boot));
	boot->magic = RM_BOOT_MAGIC;
	boot->version = RM_ABI_VERSION;
	boot->ring = (struct rm_ring_layout){ 4096, 4100, 4104, RM_RING_ENTRIES, 4108, 4112, 4116, 2 * RM_RING_ENTRIES, 8192,
		12288 };
	boot->arena = 32768;
	boot->strings = 32768;
	boot->strings_size = sizeof(strings);
	boot->argc = boot->envc = 1;
	boot->exec_fd = 3;
	memcpy((char *)region + 32768, strings, sizeof(strings));
	for (uint64_t n = t_random(state) % 4; n; n--) {
		uint32_t *words = (uint32_t *)boot;

		words[t_random(state) % (sizeof(*boot) / 4)] = t_random(state) % 2 ? (uint32_t)t_random(state) :
			(uint32_t)(1ul << t_random(state) % 33) - 1;
	}
}

/* Answers nothing that it is asked for, and writes over all that is shared. */
static void lie(char *region, uint64_t *state)
{
	for (int i = 0; i < 64; i++) {
		uint64_t at = t_random(state) % 16384;

		region[at] = (char)t_random(state);
	}
}

static void check_lies(uint64_t *state)
{
	struct rm_ioc_enter left = { 0 };
	int fd = device_create();
	char *region = device_region(DEVICE_REGION);
	int thread;

	fill_boot((struct rm_boot *)region, region, state);
	thread = device_thread(fd, region, DEVICE_REGION, 0);
	MUST(thread >= 0);
	alarm(5);
	for (int i = 0; i < 50; i++) {
		if (enter(thread, &left) || left.reason != RM_EXIT_HOST)
			break;
		lie(region, state);
	}
	alarm(0);
	close(thread);
	close(fd);
	munmap(region, DEVICE_REGION);
}

static int shared_thread;
static volatile int busy;

static void *enter_too(void *unused)
{
	struct rm_ioc_enter left = { 0 };

	for (int i = 0; i < 200; i++)
		if (ioctl(shared_thread, RM_IOC_ENTER, &left) < 0 && errno == EBUSY)
			busy = 1;
	return unused;
}

/* Two Linux threads in one thread of an enclave: one is told that it is busy, or finds it ended. */
static void check_two_at_once(void)
{
	pthread_t other;
	uint64_t state = 4;
	char *region = device_region(DEVICE_REGION);
	int fd = device_create();

	fill_boot((struct rm_boot *)region, region, &state);
	shared_thread = device_thread(fd, region, DEVICE_REGION, 0);
	MUST(shared_thread >= 0);
	MUST(pthread_create(&other, NULL, enter_too, NULL) == 0);
	enter_too(NULL);
	pthread_join(other, NULL);
	close(shared_thread);
	close(fd);
}

/* Closed by another thread while it runs. */
static void check_close_while_inside(void)
{
	struct t_child *loop = t_spawn(t_run("loop"));
	char path[64];

	MUST(t_expect(loop, "looping\n", 20));
	for (int i = 3; i < 64; i++) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", loop->pid, i);
		/* Opening it anew is a session of its own: nothing of the enclave's may come with it. */
		int fd = open(path, O_RDWR | O_CLOEXEC);
		struct rm_ioc_stats stats = { .own = 1 };

		if (fd >= 0 && ioctl(fd, RM_IOC_STATS, &stats) == 0)
			T_FAIL("a session was shared");
		if (fd >= 0)
			close(fd);
	}
	kill(loop->pid, SIGKILL);
	CHECK(t_wait(loop, 5) == 137);
}

int main(void)
{
	uint64_t state = 77;
	struct t_child *hello;

	if (!t_enclaves())
		t_skip("needs enclaves");
	check_empty();
	for (int i = 0; i < 150; i++)
		check_lies(&state);
	check_two_at_once();
	check_close_while_inside();
	hello = t_spawn(t_run("hello"));
	CHECK(t_expect(hello, "hello, world\n", 20) && t_wait(hello, 10) == 0);
	return t_done();
}
