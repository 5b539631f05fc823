// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test module: gives a test program the powers of a hostile Linux kernel (attack.h).
 */
#include <linux/arm-smccc.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#include "assault.h"
#include "attack.h"
#include "dma.h"

static int attack_open(struct inode *inode, struct file *file)
{
	file->private_data = (void *)get_zeroed_page(GFP_KERNEL);
	return file->private_data ? 0 : -ENOMEM;
}

static int attack_release(struct inode *inode, struct file *file)
{
	free_page((unsigned long)file->private_data);
	return 0;
}

static int attack_mmap(struct file *file, struct vm_area_struct *vma)
{
	return remap_pfn_range(vma, vma->vm_start, vma->vm_pgoff, vma->vm_end - vma->vm_start, vma->vm_page_prot);
}

static long attack_page(struct file *file, void __user *arg)
{
	u64 address = virt_to_phys(file->private_data);

	return copy_to_user(arg, &address, sizeof(address)) ? -EFAULT : 0;
}

static long attack_smc(void __user *arg)
{
	struct rm_attack_smc call;
	struct arm_smccc_res res;

	if (copy_from_user(&call, arg, sizeof(call)))
		return -EFAULT;
	arm_smccc_smc(call.x[0], call.x[1], call.x[2], call.x[3], call.x[4], call.x[5], call.x[6], call.x[7], &res);
	call.x[0] = res.a0;
	call.x[1] = res.a1;
	call.x[2] = res.a2;
	call.x[3] = res.a3;
	return copy_to_user(arg, &call, sizeof(call)) ? -EFAULT : 0;
}

static long attack_dma(void __user *arg)
{
	struct rm_attack_dma request;

	if (copy_from_user(&request, arg, sizeof(request)))
		return -EFAULT;
	return attack_dma_transfer(&request);
}

static long attack_assault(void __user *arg)
{
	struct rm_attack_assault request;
	long result;

	if (copy_from_user(&request, arg, sizeof(request)))
		return -EFAULT;
	result = attack_assault_run(&request);
	return !result && copy_to_user(arg, &request, sizeof(request)) ? -EFAULT : result;
}

static long attack_now(void __user *arg)
{
	u64 now = assault_now();

	return copy_to_user(arg, &now, sizeof(now)) ? -EFAULT : 0;
}

static long attack_ioctl(struct file *file, unsigned int command, unsigned long arg)
{
	void __user *user = (void __user *)arg;

	switch (command) {
	case RM_ATTACK_PAGE:
		return attack_page(file, user);
	case RM_ATTACK_SMC:
		return attack_smc(user);
	case RM_ATTACK_DMA:
		return attack_dma(user);
	case RM_ATTACK_ASSAULT:
		return attack_assault(user);
	case RM_ATTACK_NOW:
		return attack_now(user);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations attack_operations = {
	.owner = THIS_MODULE,
	.open = attack_open,
	.release = attack_release,
	.mmap = attack_mmap,
	.unlocked_ioctl = attack_ioctl,
};

static struct miscdevice attack_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "ringmaster_attack",
	.fops = &attack_operations,
	.mode = 0600,
};

static int __init attack_init(void)
{
	attack_dma_open();
	return misc_register(&attack_device);
}

static void __exit attack_exit(void)
{
	misc_deregister(&attack_device);
	attack_dma_close();
}

module_init(attack_init);
module_exit(attack_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ringmaster's test module: what a hostile Linux can do");
