/* SPDX-License-Identifier: MIT */
/*
 * File windows of the model: the honest proxy's mappings, and what a copy out of a window finds. Tests take pages away with
 * model_window_take(), as Linux would. A hostile host shows what it likes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "model/linux.h"

#define PAGE 4096ul

static void drop(struct model_place *place)
{
	if (place->map)
		munmap(place->map, RM_WINDOW_CHUNK);
	memset(place, 0, sizeof(*place));
}

void model_window_take(unsigned number, unsigned first, unsigned count)
{
	for (unsigned i = first; i < first + count; i++)
		model.place[number].bits[i / 64] &= ~(1ul << i % 64);
}

/* All wanted pages before the file's last one. */
static int open_window(const struct rm_host_call *call)
{
	struct model_place *place = &model.place[call->arg[2]];
	const uint64_t start = call->arg[1] * RM_WINDOW_CHUNK;
	const unsigned first = call->arg[5] & 0xffff, count = (unsigned)(call->arg[5] >> 16);
	struct stat file;

	model.windows_filled++;
	if (call->arg[2] >= RM_WINDOW_CHUNKS || (call->arg[3] && !place->map))
		abort();
	if (!call->arg[3])
		drop(place);
	if (model.window_error)
		return -model.window_error;
	if (!place->map) {
		place->map = mmap(NULL, RM_WINDOW_CHUNK, PROT_READ, MAP_SHARED, (int)call->arg[0], (off_t)start);
		if (place->map == MAP_FAILED) {
			place->map = NULL;
			return -errno;
		}
	}
	if (fstat((int)call->arg[0], &file) != 0)
		return -errno;
	if (first + count > RM_WINDOW_CHUNK / PAGE || count == 0)
		abort();
	for (unsigned i = first; i < first + count; i++)
		if (start + (i + 1) * PAGE < (uint64_t)file.st_size)
			place->bits[i / 64] |= 1ul << i % 64;
	return 0;
}

bool model_window_call(const struct rm_host_call *call, int64_t *result)
{
	struct rm_window_places places;

	switch (call->number) {
	case RM_CALL_WINDOW:
		*result = open_window(call);
		if (*result == 0)
			memcpy(model_there(model.boot.address + call->arg[4], sizeof(struct rm_window_pages)), model.place[call->arg[2]].bits,
			       sizeof(struct rm_window_pages));
		return true;
	case RM_CALL_WINDOW_DROP:
		memcpy(&places, model_there(model.boot.address + call->arg[0], sizeof(places)), sizeof(places));
		for (unsigned i = 0; i < RM_WINDOW_CHUNKS; i++)
			if (places.bits[i / 64] >> i % 64 & 1)
				drop(&model.place[i]);
		model.windows_dropped++;
		*result = 0;
		return true;
	default:
		return false;
	}
}

void model_windows_stop(void)
{
	for (unsigned i = 0; i < RM_WINDOW_CHUNKS; i++)
		drop(&model.place[i]);
}

/* Whatever stands there; or it was never there. */
static bool hostile_copy(uint8_t *to, size_t size)
{
	if (model_byte() & 1)
		return false;
	for (size_t i = 0; i < size; i++)
		to[i] = model_byte();
	return true;
}

bool model_window_copy(void *to, const void *from, size_t size, long *result)
{
	const uint64_t at = (uint64_t)from - RM_WINDOW_BASE;
	const struct model_place *place;
	void (*meanwhile)(void) = model.meanwhile;

	if ((uint64_t)from < RM_WINDOW_BASE || at >= RM_WINDOW_CHUNKS * RM_WINDOW_CHUNK)
		return false;
	place = &model.place[at / RM_WINDOW_CHUNK];
	/* The runtime may name only bytes inside one place. */
	if (size > RM_WINDOW_CHUNK - at % RM_WINDOW_CHUNK)
		abort();
	model.meanwhile = NULL;
	if (meanwhile)
		meanwhile();
	*result = -EFAULT;
	if ((uintptr_t)to < PAGE)
		return true;
	*result = 0;
	for (size_t done = 0, n; done < size; done += n) {
		const uint64_t page = (at + done) % RM_WINDOW_CHUNK / PAGE;

		n = PAGE - (at + done) % PAGE;
		n = n < size - done ? n : size - done;
		if (place->map && place->bits[page / 64] >> page % 64 & 1)
			memcpy((uint8_t *)to + done, place->map + (at + done) % RM_WINDOW_CHUNK, n);
		else if (!(model.hostile || model.hostile_at) || !hostile_copy((uint8_t *)to + done, n))
			*result = -EIO;
	}
	return true;
}
