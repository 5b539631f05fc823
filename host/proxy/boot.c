/* SPDX-License-Identifier: MIT */
/* The boot page of the first thread: what a program finds on its stack when it starts natively. */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "proxy.h"

/* Appends strings to the arena. */
struct strings {
	char *start;
	size_t size;
};

static int append(struct strings *strings, const char *text)
{
	size_t length = strlen(text) + 1;

	if (length > RM_ARENA_SIZE - strings->size)
		return -E2BIG;
	memcpy(strings->start + strings->size, text, length);
	strings->size += length;
	return 0;
}

static int append_list(struct strings *strings, char **list, uint32_t *count)
{
	for (*count = 0; list[*count] != NULL; (*count)++) {
		if (append(strings, list[*count]) != 0)
			return -E2BIG;
	}
	return 0;
}

/* Behind the strings. */
static int append_manifest(struct strings *strings, const struct manifest *manifest, struct rm_boot *boot)
{
	if (manifest->size > RM_ARENA_SIZE - strings->size)
		return -E2BIG;
	memcpy(strings->start + strings->size, manifest->bytes, manifest->size);
	boot->manifest = (uint32_t)(REGION_ARENA + strings->size);
	boot->manifest_size = (uint32_t)manifest->size;
	strings->size += manifest->size;
	return 0;
}

static uint64_t counter(void)
{
#ifdef __aarch64__
	uint64_t value;

	__asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(value));
	return value;
#else
	return 0;	/* tests on the build machine */
#endif
}

static uint64_t realtime_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint32_t stack_limit_kib(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
	    limit.rlim_cur / 1024 > UINT32_MAX)
		return 0;
	return (uint32_t)(limit.rlim_cur / 1024);
}

static uint64_t soft_limit(int resource)
{
	struct rlimit limit;

	return getrlimit((__rlimit_resource_t)resource, &limit) == 0 ? limit.rlim_cur : RLIM_INFINITY;
}

static uint32_t file_mask(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return mask;
}

static void fill_identity(struct rm_boot *boot)
{
	boot->pid = (uint32_t)getpid();
	boot->ppid = (uint32_t)getppid();
	boot->uid = getuid();
	boot->euid = geteuid();
	boot->gid = getgid();
	boot->egid = getegid();
	boot->umask = file_mask();
	boot->stack_limit = stack_limit_kib();
	boot->file_limit = soft_limit(RLIMIT_FSIZE);
	boot->descriptor_limit = soft_limit(RLIMIT_NOFILE);
}

unsigned boot_slots(const struct region *region)
{
	const struct rm_boot *boot = region_boot(region);

	return (boot->strings_size + boot->manifest_size + RM_SLOT_SIZE - 1) / RM_SLOT_SIZE;
}

int boot_fill(const struct proxy *proxy, const struct region *region, char **environment)
{
	struct rm_boot *boot = region_boot(region);
	struct strings strings = { .start = (char *)region->base + REGION_ARENA };

	if (append_list(&strings, proxy->arguments, &boot->argc) != 0 ||
	    append_list(&strings, environment, &boot->envc) != 0)
		return -E2BIG;
	boot->exec_name = strings.size;
	if (append(&strings, proxy->path) != 0)
		return -E2BIG;
	if (proxy->manifest != NULL && append_manifest(&strings, proxy->manifest, boot) != 0)
		return -E2BIG;
	boot->strings = REGION_ARENA;
	boot->strings_size = (uint32_t)(boot->manifest_size != 0 ? boot->manifest - REGION_ARENA : strings.size);
	boot->flags |= proxy->image ? RM_BOOT_IMAGE : 0;
	boot->flags |= proxy->windows ? RM_BOOT_WINDOWS : 0;
	boot->exec_fd = (uint32_t)proxy->exec_fd;
	memcpy(boot->fds, proxy->inherited, sizeof(boot->fds));
	fill_identity(boot);
	boot->ignored = proxy->ignored;
	boot->blocked = proxy->blocked;
	boot->boot_counter = counter();
	boot->realtime_ns = realtime_ns();
	return 0;
}
