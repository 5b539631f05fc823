// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ringmaster: lends CPU time and shared pages of Linux to enclaves in the Arm TrustZone Secure world.
 * This file: loading, the handshake with the secure kernel, the device node.
 */
#include "module.h"

#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/reboot.h>

u32 rm_kernel_version;
u64 rm_memory_total;

static struct miscdevice rm_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "ringmaster",
	.fops = &rm_session_fops,
	.mode = 0660,
};

static int rm_handshake(u32 *doorbell)
{
	struct rm_answer answer;
	long ret;

	if (!rm_smc_present()) {
		pr_err("no Ringmaster kernel in the Secure world; boot firmware that has it as BL32\n");
		return -ENODEV;
	}
	ret = rm_smc_version(&answer);
	if (ret) {
		pr_err("the secure kernel does not tell its version (%ld)\n", ret);
		return -EPROTO;
	}
	if (answer.x1 != RM_ABI_VERSION) {
		pr_err("the secure kernel speaks version %llu, this module version %u; build both from one tree\n",
		       answer.x1, RM_ABI_VERSION);
		return -EPROTO;
	}
	rm_kernel_version = answer.x1;
	rm_memory_total = answer.x3;
	*doorbell = answer.x2;
	return 0;
}

/*
 * This Linux's memory is about to be another one's (kexec) or nobody's: nothing of it stays shared. Hosted enclaves end; those that Linux cannot end
 * go on without it.
 */
static int rm_leaves(struct notifier_block *block, unsigned long action, void *unused)
{
	long ret = rm_smc_attach();

	if (ret)
		pr_err("the secure kernel does not give Linux's memory back (%ld)\n", ret);
	return NOTIFY_DONE;
}

static struct notifier_block rm_reboot = { .notifier_call = rm_leaves };

static int __init rm_init(void)
{
	u32 doorbell;
	long attached;
	int ret;

	ret = rm_handshake(&doorbell);
	if (ret)
		return ret;
	/* First of all: from here on no share of an earlier instance lives. */
	attached = rm_smc_attach();
	if (attached) {
		pr_err("the secure kernel refuses this module (%ld)\n", attached);
		return -EPROTO;
	}
	ret = rm_log_start();
	if (ret)
		return ret;
	ret = rm_doorbell_start(doorbell);
	if (ret)
		goto stop_log;
	ret = rm_cpu_start();
	if (ret)
		goto stop_doorbell;
	/* Before anybody can make one: all that there are now have no process. */
	if (rm_enclave_find_residents())
		pr_warn("no memory to list all resident enclaves\n");
	ret = misc_register(&rm_device);
	if (ret) {
		pr_err("cannot make /dev/ringmaster (%d)\n", ret);
		goto forget;
	}
	register_reboot_notifier(&rm_reboot);	/* returns 0, always */
	pr_info("secure kernel version %u, %llu MiB for enclaves, doorbell interrupt %u\n", rm_kernel_version,
		rm_memory_total >> 20, doorbell);
	return 0;

forget:
	rm_enclave_forget();
	rm_cpu_stop();
stop_doorbell:
	rm_doorbell_stop();
stop_log:
	rm_log_stop();
	return ret;
}

static void __exit rm_exit(void)
{
	misc_deregister(&rm_device);
	unregister_reboot_notifier(&rm_reboot);
	rm_cpu_stop();
	rm_doorbell_stop();
	rm_enclave_forget();
	rm_log_stop();
}

module_init(rm_init);
module_exit(rm_exit);
MODULE_DESCRIPTION("Ringmaster: enclaves in the Arm TrustZone Secure world");
MODULE_AUTHOR("Ringmaster project");
MODULE_LICENSE("GPL");
