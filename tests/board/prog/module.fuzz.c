/* SPDX-License-Identifier: MIT */
/* limit: 120 s */
/*
 * Random calls of the device with structures that are right, half right or anything, on sessions and threads of several enclaves, memory that is there,
 * gone or a file's: each returns, all is given back when they are closed, and the next enclave runs.
 */
#include <signal.h>
#include <sys/time.h>

#include "device.h"
#include "spawn.h"

#define ROUNDS	20000
#define FDS	12

static uint64_t state = 2026;
static int fds[FDS];
static uint8_t *regions[3];

static uint64_t some(void)
{
	static const uint64_t values[] = { 0, 1, 2, 7, 63, 64, 255, 512, 4095, 4096, 8192, 1 << 20, 2 << 20, 1ul << 24, 0x7fffffff, 0xffffffff,
		1ul << 32, 1ul << 48, 1ul << 63, ~0ul, ~0ul - 4095 };
	const uint64_t r = t_random(&state);

	switch (r % 6) {
	case 0:
		return (uint64_t)regions[r / 8 % 3] + r / 64 % 2 * 4096;
	case 1:
		return r;
	default:
		return values[r / 8 % (sizeof(values) / sizeof(*values))];
	}
}

/* A structure of any call: words of it are anything. */
static void fill(uint64_t *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		words[i] = t_random(&state) % 4 ? some() : 0;
}

/* What gets further: an enclave, a thread with memory, a larger one, a window. */
static int likely(int fd)
{
	const uint64_t r = t_random(&state);
	struct rm_ioc_hello hello = { .abi_version = RM_ABI_VERSION };
	struct rm_ioc_create create = { .memory_limit = r / 8 % 64 << 16, .name = "fuzz" };
	struct rm_ioc_thread thread = { (uint64_t)regions[r / 8 % 3], (1 + r / 32 % 16) * 4096, DEVICE_REGION, r / 1024 % 8 ? 0 : (uint32_t)(r >> 40), 0 };
	struct rm_ioc_grow grow = { r / 8 % 600 * 4096 };
	struct rm_ioc_enter enter = { .flags = r / 8 % 2 };

	switch (r % 8) {
	case 0:
		return ioctl(fd, RM_IOC_HELLO, &hello);
	case 1:
		return ioctl(fd, RM_IOC_CREATE, &create);
	case 2:
		return ioctl(fd, RM_IOC_GROW, &grow);
	case 3:
		return ioctl(fd, RM_IOC_ENTER, &enter);
	default:
		return ioctl(fd, RM_IOC_THREAD, &thread);
	}
}

static void one_round(void)
{
	static const unsigned long calls[] = { RM_IOC_HELLO, RM_IOC_CREATE, RM_IOC_THREAD, RM_IOC_ENTER, RM_IOC_LIST, RM_IOC_STATS, RM_IOC_LOG,
		RM_IOC_WINDOW, RM_IOC_GROW, RM_IOC_ADOPT };
	const uint64_t r = t_random(&state);
	const unsigned at = r % FDS;
	uint64_t words[64];
	int result;

	if (r / 64 % 32 == 0) {		/* another session in its place */
		close(fds[at]);
		fds[at] = r / 4096 % 2 ? device_create() : device_open();
		return;
	}
	fill(words, sizeof(words) / sizeof(*words));
	if (r / 64 % 2)
		result = likely(fds[at]);
	else
		result = ioctl(fds[at], calls[r / 128 % (sizeof(calls) / sizeof(*calls))], r / 4096 % 16 ? (void *)words : (void *)some());
	/* A thread's descriptor. */
	if (result > 2 && result < 1024) {
		const unsigned other = t_random(&state) % FDS;

		close(fds[other]);
		fds[other] = result;
	}
	/* Memory goes while it is shared. */
	if (r / 64 % 64 == 1)
		MUST(mmap(regions[r / 4096 % 3], DEVICE_REGION, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED);
}

static void tick(int signal)
{
	(void)signal;
}

int main(void)
{
	const struct itimerval often = { { 0, 20000 }, { 0, 20000 } };

	for (int i = 0; i < 3; i++)
		regions[i] = device_region(DEVICE_REGION);
	for (int i = 0; i < FDS; i++)
		fds[i] = device_open();
	/* An enclave that is entered and has something to do ends its entry. */
	sigaction(SIGALRM, &(struct sigaction){ .sa_handler = tick }, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	for (int i = 0; i < ROUNDS; i++)
		one_round();
	setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
	for (int i = 0; i < FDS; i++)
		close(fds[i]);
	struct t_child *hello = t_spawn(t_run("hello"));
	CHECK(t_expect(hello, "hello, world\n", 20) && t_wait(hello, 10) == 0);
	return t_done();
}
