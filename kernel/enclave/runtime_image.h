/* SPDX-License-Identifier: MIT */
/* The runtime that is part of this kernel's image (abi/svc.h, struct rm_runtime_image) and its place in an enclave. */
#ifndef KERNEL_ENCLAVE_RUNTIME_IMAGE_H
#define KERNEL_ENCLAVE_RUNTIME_IMAGE_H

#include "svc.h"
#include "mm/space.h"

/* Checks the built-in image. Panics if it cannot be one. Boot core, once. */
void runtime_image_init(void);

const struct rm_runtime_image *runtime_image(void);

/* Maps text and read-only data (shared by all), copies data, reserves bss. -ENOMEM. */
int runtime_image_map(struct space *space);

static inline bool runtime_image_holds(uint64_t pc)
{
	return pc - RM_RUNTIME_BASE < runtime_image()->text_size;
}

#endif
