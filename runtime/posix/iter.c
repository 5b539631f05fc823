/* SPDX-License-Identifier: MIT */
/*
 * Gather and scatter. The one copy between arena and program happens here.
 */
#include "posix/iter.h"

#include "ring/access.h"
#include "ring/use.h"
#include "sys/svc.h"

#include <stdbool.h>

long rm_iter_total(const struct lx_iovec *vector, unsigned count)
{
	uint64_t total = 0;

	for (unsigned i = 0; i < count; i++) {
		if (vector[i].len > INT64_MAX - total)
			return -EINVAL;
		if (vector[i].len > 0 && !rm_user_range(vector[i].base, vector[i].len))
			return -EFAULT;
		total += vector[i].len;
	}
	return (long)(total > LX_RW_MAX ? LX_RW_MAX : total);
}

static long walk(struct rm_iter *iter, char *shared, size_t size, bool in)
{
	while (size > 0 && iter->left > 0) {
		size_t piece = iter->at->len - iter->skip;
		char *user = (char *)(iter->at->base + iter->skip);
		long error;

		if (piece > size)
			piece = size;
		error = in ? rm_copy(shared, user, piece) : rm_copy(user, shared, piece);
		if (error)
			return error;
		shared += piece;
		size -= piece;
		iter->skip += piece;
		if (iter->skip == iter->at->len) {
			iter->at++;
			iter->left--;
			iter->skip = 0;
		}
	}
	return 0;
}

long rm_iter_gather(struct rm_iter *iter, void *to, size_t size)
{
	return walk(iter, to, size, true);
}

long rm_iter_scatter(struct rm_iter *iter, const void *from, size_t size)
{
	return walk(iter, (char *)(uintptr_t)from, size, false);
}

long rm_iter_to_arena(struct rm_thread *t, struct rm_iter *iter, void *to, size_t size)
{
	rm_use_out(t, size);
	return walk(iter, to, size, true);
}

long rm_iter_from_arena(struct rm_thread *t, struct rm_iter *iter, const void *from, size_t size)
{
	rm_use_in(t, size);
	return walk(iter, (char *)(uintptr_t)from, size, false);
}
