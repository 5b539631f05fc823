/* SPDX-License-Identifier: MIT */
#include "enclave/runtime_image.h"
#include "arch/layout.h"
#include "lib/errno.h"
#include "lib/panic.h"

extern const char runtime_blob[], runtime_blob_end[];

const struct rm_runtime_image *runtime_image(void)
{
	return (const struct rm_runtime_image *)runtime_blob;
}

void runtime_image_init(void)
{
	const struct rm_runtime_image *image = runtime_image();
	uint64_t file = image->text_size + image->rodata_size + image->data_size;

	assert(image->magic == RM_RUNTIME_MAGIC);
	assert(page_aligned(image->text_size) && page_aligned(image->rodata_size));
	assert(page_aligned(image->data_size) && page_aligned(image->bss_size));
	assert(file <= page_up((uint64_t)(runtime_blob_end - runtime_blob)) && file + image->bss_size <= RM_RUNTIME_MAX);
}

static int map_shared(struct space *space, uint64_t offset, uint64_t size, uint32_t protection)
{
	return space_map_image(space, RM_RUNTIME_BASE + offset, kernel_physical(runtime_blob + offset), size / PAGE_SIZE, protection);
}

static int map_data(struct space *space, uint64_t offset, uint64_t size, uint64_t zeroes)
{
	int error = 0;

	if (size + zeroes)
		error = regions_add(&space->regions, RM_RUNTIME_BASE + offset, RM_RUNTIME_BASE + offset + size + zeroes,
				    PROT_READ | PROT_WRITE);
	for (uint64_t end = offset + size; offset < end && !error; offset += PAGE_SIZE)
		error = space_write(space, RM_RUNTIME_BASE + offset, runtime_blob + offset, PAGE_SIZE);
	return error;
}

int runtime_image_map(struct space *space)
{
	const struct rm_runtime_image *image = runtime_image();
	int error = map_shared(space, 0, image->text_size, PROT_READ | PROT_EXEC);

	if (!error)
		error = map_shared(space, image->text_size, image->rodata_size, PROT_READ);
	if (!error)
		error = map_data(space, image->text_size + image->rodata_size, image->data_size, image->bss_size);
	return error;
}
