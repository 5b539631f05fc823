/* SPDX-License-Identifier: MIT */
/* Any bytes as a manifest or the head of an image: what is accepted stays within itself and is in order. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "load/manifest.h"
#include "abi/admission.h"

static void check(int condition)
{
	if (!condition)
		__builtin_trap();
}

static const char *path_of(unsigned list, const char *string)
{
	return list >= RM_LIST_READ ? rm_manifest_path(string) : string;
}

static void walk(const struct rm_manifest *m, const char *end)
{
	for (unsigned l = 0; l < RM_LIST_COUNT; l++) {
		const char *string = rm_manifest_strings(m, (enum rm_manifest_list)l), *before = NULL;

		for (uint32_t i = 0; i < m->count[l]; i++, string = rm_manifest_next(string)) {
			check(string < end && string + strlen(string) < end);
			if (before && (l == RM_LIST_PASS || l >= RM_LIST_READ))
				check(strcmp(path_of(l, before), path_of(l, string)) < 0);
			before = string;
		}
	}
	rm_manifest_names(m, RM_LIST_PASS, "PATH=x");
	rm_manifest_names(m, RM_LIST_SET, "PATH=x");
	rm_manifest_allows(m, RM_LIST_READ, "/etc/passwd");
	rm_manifest_hash(m, RM_LIST_SPAWN, "/etc/passwd");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rm_manifest *m = malloc(size + 1);
	struct rm_image image;

	memcpy(m, data, size);
	if (size >= sizeof(image)) {
		memcpy(&image, data, sizeof(image));
		image.magic = RM_IMAGE_MAGIC;
		image.version = RM_IMAGE_VERSION;
		if (rm_image_check(&image, ~0ul) == 0)
			check(image.program_offset >= sizeof(image) + image.manifest_size && image.program_offset % RM_IMAGE_ALIGN == 0);
	}
	/* The bytes behind the head change an honest one, so that more than the first check is reached. */
	if (size >= sizeof(*m) && size <= RM_MANIFEST_MAX && data[0] != 'R') {
		m->magic = RM_MANIFEST_MAGIC;
		m->version = RM_MANIFEST_VERSION;
		m->size = (uint32_t)size;
		m->flags &= RM_MANIFEST_ALL;
		m->threads = m->threads % 64 + 1;
		m->reserved = 0;
		m->deadline %= RM_MANIFEST_DEADLINE_MAX;
		if (!(m->flags & RM_MANIFEST_SIGNALS))
			m->signals = 0;
		m->resident.deadline = m->flags & RM_MANIFEST_RESIDENT ? m->deadline : 0;
		m->resident.count %= RM_RESERVATIONS_MAX + 2;
		for (unsigned i = 0; i < RM_RESERVATIONS_MAX; i++)
			if (i >= m->resident.count)
				m->resident.reservation[i] = (struct rm_reservation){ 0 };
		if (!(m->flags & RM_MANIFEST_SHUTDOWN))
			m->nonce[0] = m->nonce[1] = 0;
		for (unsigned l = 0; l < RM_LIST_COUNT; l++)
			m->count[l] %= 4;
	}
	if (rm_manifest_check(m, size) == 0) {
		check(m->size == size);
		walk(m, (const char *)m + size);
		check(!(m->flags & RM_MANIFEST_SHUTDOWN) || m->flags == RM_MANIFEST_SHUTDOWN);
		if (m->flags & RM_MANIFEST_RESIDENT) {
			struct rm_admission why;

			check(m->deadline > 0 && m->resident.count > 0);
			check(rm_admission(m->resident.reservation, m->resident.count, &why) == (why.limit == RM_ADMISSION_GOOD));
			check(why.limit != RM_ADMISSION_VALUES && why.limit != RM_ADMISSION_COUNT);
		}
	}
	free(m);
	return 0;
}
