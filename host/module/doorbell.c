// SPDX-License-Identifier: GPL-2.0-only
/*
 * The doorbell: a spare shared interrupt that the secure kernel sets pending when a sleeping thread of an enclave can go
 * on. No firmware table describes it; it is mapped through the interrupt controller's node.
 */
#include "module.h"

#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/of.h>
#include <linux/of_irq.h>
#include <linux/sched.h>

#define RM_SPI_FIRST	32
#define RM_SPI_LAST	1019
#define RM_WAKES_AT_ONCE 16	/* calls of the secure kernel in the handler; the rest go to the interrupt's thread */

static unsigned int rm_doorbell_irq;

/* Returns whether there may be more. */
static bool rm_doorbell_drain(int bound)
{
	u64 handle, thread;
	bool more = true;

	while (more && bound--) {
		if (rm_smc_wakes(&handle, &thread, &more))
			return false;
		rm_enclave_wake(handle, thread);
	}
	return more;
}

static irqreturn_t rm_doorbell_rings(int irq, void *data)
{
	return rm_doorbell_drain(RM_WAKES_AT_ONCE) ? IRQ_WAKE_THREAD : IRQ_HANDLED;
}

static irqreturn_t rm_doorbell_thread(int irq, void *data)
{
	while (rm_doorbell_drain(RM_WAKES_AT_ONCE))
		cond_resched();
	return IRQ_HANDLED;
}

static const struct of_device_id rm_gics[] = {
	{ .compatible = "arm,gic-v3" },
	{ .compatible = "arm,gic-400" },
	{ .compatible = "arm,cortex-a15-gic" },
	{ .compatible = "arm,cortex-a7-gic" },
	{}
};

static unsigned int rm_doorbell_map(u32 intid)
{
	struct of_phandle_args spec = { .args = { 0, intid - RM_SPI_FIRST, IRQ_TYPE_EDGE_RISING } };
	unsigned int irq = 0;
	u32 cells;

	spec.np = of_find_matching_node(NULL, rm_gics);
	if (!spec.np)
		return 0;
	if (!of_property_read_u32(spec.np, "#interrupt-cells", &cells) && cells >= 3 && cells <= MAX_PHANDLE_ARGS) {
		spec.args_count = cells;
		irq = irq_create_of_mapping(&spec);
	}
	of_node_put(spec.np);
	return irq;
}

/* Without it enclaves that sleep would never wake, so a failure keeps the module from loading. */
int rm_doorbell_start(u32 intid)
{
	int ret;

	if (intid < RM_SPI_FIRST || intid > RM_SPI_LAST) {
		pr_err("the doorbell interrupt %u is not a shared interrupt\n", intid);
		return -EINVAL;
	}
	rm_doorbell_irq = rm_doorbell_map(intid);
	if (!rm_doorbell_irq) {
		pr_err("the doorbell interrupt %u cannot be mapped: no GIC that it belongs to in the device tree\n", intid);
		return -ENXIO;
	}
	ret = request_threaded_irq(rm_doorbell_irq, rm_doorbell_rings, rm_doorbell_thread, 0, "ringmaster",
				   &rm_doorbell_irq);
	if (ret) {
		pr_err("the doorbell interrupt %u is taken (%d)\n", intid, ret);
		irq_dispose_mapping(rm_doorbell_irq);
	}
	return ret;
}

void rm_doorbell_stop(void)
{
	free_irq(rm_doorbell_irq, &rm_doorbell_irq);
	irq_dispose_mapping(rm_doorbell_irq);
}
