/* SPDX-License-Identifier: MIT */
/* Any bytes as a boot page: what is accepted must lie inside the region, part by part. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/linux.h"
#include "ring/ring.h"

static void check(int condition)
{
	if (!condition)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes change an honest page, so that more than the first check is reached. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rm_boot boot;
	const struct rm_thread *t;

	model_start(false, 7);
	for (; size >= 3; data += 3, size -= 3)
		model.region[(data[0] | data[1] << 8) % sizeof(struct rm_boot)] = data[2];
	t = model.thread;
	if (rm_ring_attach(model.thread, 0, model.region, model.size, &boot) == 0) {
		const struct rm_ring *r = &t->ring;
		const uint32_t words[] = { r->sq_head, r->sq_tail, r->sq_flags, r->cq_head, r->cq_tail };

		for (unsigned i = 0; i < 5; i++)
			check(words[i] % 4 == 0 && words[i] <= model.size - 4 && words[i] >= sizeof(boot));
		check(r->sqes + (uint64_t)r->sq_entries * 64 <= model.size);
		check(r->cqes + (uint64_t)r->cq_entries * 16 <= model.size);
		check(r->sq_entries >= RM_PROMISES && (r->sq_entries & (r->sq_entries - 1)) == 0);
		check(t->arena + (uint64_t)RM_ARENA_SIZE <= RM_SHARE_STRIDE);
		check(t->slots == t->absent && (t->absent & 1) == 0 && (t->absent == 0 || t->arena + (uint64_t)RM_ARENA_SIZE > model.size));
		check((uint64_t)boot.strings + boot.strings_size <= model.size && boot.exec_name < boot.strings_size);
		rm_posix_init(&boot);
	}
	model_stop();
	return 0;
}
