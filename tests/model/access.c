/* SPDX-License-Identifier: MIT */
/*
 * The accessors of ring/access.h for tests: plain copies, which the sanitizers watch, with the places where a shared page can be
 * gone or change.
 */
#include <errno.h>
#include <string.h>

#include "model/linux.h"
#include "posix/posix.h"
#include "ring/access.h"

static bool gone(const void *at, size_t size)
{
	const uintptr_t p = (uintptr_t)at, start = (uintptr_t)model.region, end = start + model.size;

	if (p + size <= start || p >= end)
		return false;
	/* The runtime may name only bytes inside the region. */
	if (p < start || size > end - p)
		__builtin_trap();
	model.withdrawn |= model_loses(LOSS_SHARED);
	return model.withdrawn || p + size > start + model.shared;
}

/* Of the program, while it makes a call: neither shared nor the runtime's own. */
static bool is_users(const void *at, size_t size)
{
	const char *p = at, *thread = (const char *)model.thread;

	if (!model.caller || size == 0 || (p >= (const char *)__builtin_frame_address(0) && p < model.caller))
		return false;
	return !(p >= (const char *)model.region && p < (const char *)model.region + model.size) && !(p >= thread && p < thread + 4096) &&
	       !(p >= (const char *)&rm_enclave && p < (const char *)(&rm_enclave + 1));
}

long rm_copy(void *to, const void *from, size_t size)
{
	long result;

	if (gone(to, size) || gone(from, size)) {
		model.thread->gone++;
		return -EIO;
	}
	if (model_window_copy(to, from, size, &result))
		return result;
	if ((is_users(to, size) || is_users(from, size)) && model_loses(LOSS_USER))
		return -EFAULT;
	/* What a test program's bad pointer is: the first page. */
	if (size > 0 && ((uintptr_t)to < 4096 || (uintptr_t)from < 4096))
		return -EFAULT;
	model_before_read(from, size);
	if (size > 0)
		memcpy(to, from, size);
	model_after_read(from, size);
	return 0;
}

long rm_load32(const void *from, uint32_t *value)
{
	return rm_copy(value, from, sizeof(*value));
}

long rm_load32_acquire(const void *from, uint32_t *value)
{
	return rm_copy(value, from, sizeof(*value));
}

long rm_store32_release(void *to, uint32_t value)
{
	return rm_copy(to, &value, sizeof(value));
}

long rm_load64_acquire(const void *from, uint64_t *value)
{
	return rm_copy(value, from, sizeof(*value));
}

long rm_set_bits(void *to, uint64_t bits)
{
	uint64_t word;
	long error = rm_copy(&word, to, sizeof(word));

	word |= bits;
	return error ? error : rm_copy(to, &word, sizeof(word));
}

long rm_clear_bits(void *to, uint64_t bits)
{
	uint64_t word, rest;
	long error = rm_copy(&word, to, sizeof(word));

	rest = word & ~bits;
	if (error == 0)
		error = rm_copy(to, &rest, sizeof(rest));
	return error ? error : (word & bits) != 0;
}

long rm_add64(void *to, uint64_t value)
{
	uint64_t sum;
	long error = rm_copy(&sum, to, sizeof(sum));

	sum += value;
	return error ? error : rm_copy(to, &sum, sizeof(sum));
}

long rm_store64(void *to, uint64_t value)
{
	return rm_copy(to, &value, sizeof(value));
}

void rm_barrier(void)
{
}
