/* SPDX-License-Identifier: MIT */
#include "sched/boot.h"
#include "arch/layout.h"
#include "arch/mmu.h"
#include "arch/timer.h"
#include "image.h"
#include "lib/lock.h"
#include "lib/panic.h"
#include "lib/print.h"
#include "sched/resident.h"
#include "sched/sched.h"

extern const char boot_images[];	/* sched/blobs.S: one behind the other, each from a page on; then a page of zeroes */
extern const char vector_page[];

/* While they load: all the time there is, and no admission. They have no other until they are resident as their manifests want. */
static struct reservation loading;

static const struct rm_image *image_at(const char *at)
{
	const struct rm_image *image = (const struct rm_image *)(const void *)at;

	return image->magic == RM_IMAGE_MAGIC ? image : NULL;
}

static uint64_t size_of(const struct rm_image *image)
{
	return image->program_offset + image->program_size;
}

static void start(struct cpu *cpu, const struct rm_image *image)
{
	struct enclave *e;
	uint64_t pages = page_up(size_of(image)) / PAGE_SIZE;

	if (enclave_create(0, &e) || enclave_load(e) ||
	    space_map_image(&e->space, RM_IMAGE_BASE, kernel_physical(image), pages, PROT_READ))
		panic("no memory for a boot enclave");
	struct thread *t = e->threads[0];

	e->resident = e->detached = true;
	e->core = cpu->index;
	t->entered = true;
	t->host.state = HOST_GONE;
	t->context.x[3] = size_of(image);
	resident_bind(t, &loading);
}

void boot_enclaves_start(struct cpu *cpu)
{
	const struct rm_reservation all = { RM_PRIORITY_MIN, RM_PERIOD_MAX, RM_PERIOD_MAX };
	const struct rm_image *image;

	reservation_init(&loading, &all, counter());
	for (const char *at = boot_images; (image = image_at(at)); at += page_up(size_of(image)))
		start(cpu, image);
	if (!loading.ready)
		return;
	cpu->booting = true;
	cpu->masked_since = counter();
	sched_leave(cpu);
}

_Noreturn void boot_finish(struct cpu *cpu)
{
	assert(cpu->booting && !cpu->running && !loading.ready);
	cpu->booting = false;
	cpu->current = NULL;
	mmu_switch(mmu_identity(), 0);
	console_flush();
	kernel_unlock();
	monitor_call(OPTEED_ENTRY_DONE, kernel_physical(vector_page), 0, 0, 0);
}
