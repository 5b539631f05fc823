/* SPDX-License-Identifier: MIT */
/*
 * File windows: mappings of files whose pages the module shows to the enclave (abi/ioctl.h). Nothing here reads them.
 *
 * A mapping is made of the program's own descriptor, so that nothing is opened and nothing closed that Linux or other processes could notice (leases,
 * record locks). It holds the open file: the runtime has windows dropped before the last descriptor of a file is closed.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#include "proxy.h"

/* What a window needs: its bytes and a page more (abi/ioctl.h says why). */
#define MAPPING_SIZE (RM_WINDOW_CHUNK + PAGE_BYTES)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *mapped[RM_WINDOW_CHUNKS];	/* by place, under lock */

/* Linux takes the pages from the enclave before it takes them from us. */
static void drop(uint64_t place)
{
	if (mapped[place] != NULL)
		munmap(mapped[place], MAPPING_SIZE);
	mapped[place] = NULL;
}

static int map(uint64_t place, int fd, uint64_t chunk)
{
	void *p;

	if (chunk > INT64_MAX / RM_WINDOW_CHUNK - 1)
		return -EINVAL;
	p = mmap(NULL, MAPPING_SIZE, PROT_READ, MAP_SHARED, fd, (off_t)(chunk * RM_WINDOW_CHUNK));
	if (p == MAP_FAILED)
		return -errno;
	mapped[place] = p;
	return madvise(p, MAPPING_SIZE, MADV_DONTFORK) == 0 ? 0 : -errno;
}

/* pages: the first | their number << 16 */
static int offer(const struct proxy *proxy, uint64_t place, uint64_t pages, struct rm_window_pages *present)
{
	struct rm_ioc_window window = {
		.address = (uint64_t)(uintptr_t)mapped[place], .place = (uint32_t)place,
		.first = (uint16_t)pages, .count = (uint16_t)(pages >> 16),
	};

	if (ioctl(proxy->device, RM_IOC_WINDOW, &window) != 0)
		return -errno;
	memcpy(present->bits, window.present, sizeof(present->bits));
	return 0;
}

static int open_window(const struct proxy *proxy, const struct rm_host_call *call, struct rm_window_pages *present)
{
	const uint64_t place = call->arg[2];
	const bool again = call->arg[3] != 0 && mapped[place] != NULL;
	int ret = 0;

	if (!again) {
		drop(place);
		ret = map(place, (int)call->arg[0], call->arg[1]);
	}
	if (ret == 0)
		ret = offer(proxy, place, call->arg[5], present);
	if (ret != 0)
		drop(place);
	return ret;
}

static int drop_places(const struct rm_window_places *shared)
{
	struct rm_window_places places;

	memcpy(&places, shared, sizeof(places));
	for (uint64_t i = 0; i < RM_WINDOW_CHUNKS; i++)
		if (places.bits[i / 64] >> i % 64 & 1)
			drop(i);
	return 0;
}

/* The structure at an offset in the region, or NULL: it does not lie there. */
static void *argument(const struct region *region, uint64_t offset, size_t size)
{
	return offset % 8 == 0 && offset <= REGION_SIZE - size ? region->base + offset : NULL;
}

int64_t window_serve(const struct proxy *proxy, const struct rm_host_call *call, const struct region *region)
{
	const bool dropping = call->number == RM_CALL_WINDOW_DROP;
	void *shared = argument(region, call->arg[dropping ? 0 : 4], sizeof(struct rm_window_pages));
	int ret;

	if (!proxy->windows)
		return -EOPNOTSUPP;
	if (shared == NULL)
		return -EFAULT;
	if (!dropping && call->arg[2] >= RM_WINDOW_CHUNKS)
		return -EINVAL;
	pthread_mutex_lock(&lock);
	ret = dropping ? drop_places(shared) : open_window(proxy, call, shared);
	pthread_mutex_unlock(&lock);
	return ret;
}
