/* SPDX-License-Identifier: MIT */
/*
 * Attacks considered: an enclave that asks for what another has, that makes its device interrupt without end, or that leaves it interrupting
 * at its end; Linux, to which these interrupts and registers do not exist.
 */
#include "enclave/device.h"
#include "arch/cpu.h"
#include "arch/gic.h"
#include "arch/io.h"
#include "board.h"
#include "lib/errno.h"
#include "lib/panic.h"

static struct device {
	uint32_t name;			/* RM_DEVICE_* */
	uint32_t intid;
	paddr_t page;
	uint32_t mask;			/* offset of the register that is 0 when it may not interrupt */
	const struct enclave *owner;	/* NULL: nobody */
} devices[] = {
#define DEVICE(device, registers, interrupt, offset)	{ .name = device, .page = registers, .intid = interrupt, .mask = offset },
	BOARD_DEVICES(DEVICE)
#undef DEVICE
};
#define DEVICES	(sizeof(devices) / sizeof(devices[0]))

_Static_assert(RM_DEVICE_ALL == (1u << RM_DEVICES) - 1, "a bit each");

void devices_init(void)
{
	for (struct device *d = devices; d < devices + DEVICES; d++)
		gic_device_init(d->intid);
}

static struct device *find(uint32_t name)
{
	for (struct device *d = devices; d < devices + DEVICES; d++)
		if (d->name == name)
			return d;
	return NULL;
}

static int claim(struct enclave *e, unsigned int bit)
{
	struct device *d = find(1u << bit);

	if (!d)
		return -ENODEV;
	if (d->owner == e)
		return 0;
	if (d->owner)
		return -EBUSY;
	int error = space_map_device(&e->space, RM_DEVICE_BASE + bit * PAGE_SIZE, d->page);

	if (error)
		return error;
	d->owner = e;
	e->devices |= d->name;
	return 0;
}

int devices_claim(struct enclave *e, uint32_t wanted)
{
	int error = wanted & ~RM_DEVICE_ALL ? -ENODEV : 0;

	assert(e->state == ENCLAVE_LIVE);
	for (unsigned int bit = 0; bit < RM_DEVICES && !error; bit++)
		if (wanted >> bit & 1)
			error = claim(e, bit);
	return error;
}

void devices_route(const struct enclave *e)
{
	assert(e->resident);
	for (const struct device *d = devices; d < devices + DEVICES; d++)
		if (d->owner == e)
			gic_device_route(d->intid, e->core);
}

void devices_release(struct enclave *e)
{
	assert(e->state == ENCLAVE_ENDED && !e->running && !e->bound);
	for (struct device *d = devices; d < devices + DEVICES && e->devices; d++)
		if (d->owner == e) {
			gic_device_disable(d->intid);
			io_write32(d->page + d->mask, 0);
			d->owner = NULL;
			e->devices &= ~d->name;
		}
}

void devices_listen(const struct thread *t)
{
	assert(t->resident && t->state == THREAD_WAITING && t->devices && !(t->devices & ~t->enclave->devices));
	for (const struct device *d = devices; d < devices + DEVICES; d++)
		if (d->name & t->devices)
			gic_device_enable(d->intid);
}

void device_interrupt(struct cpu *cpu, uint32_t intid)
{
	uint32_t name = 0;

	for (const struct device *d = devices; d < devices + DEVICES; d++)
		if (d->intid == intid)
			name = d->name;
	if (!name)
		return;
	gic_device_disable(intid);
	for (struct thread *t = cpu->resident; t; t = t->resident_next)
		if (t->state == THREAD_WAITING && (t->devices & name))
			thread_wake(t, 0);
}
