/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What /dev/ringmaster_attack offers to a test program: what a Linux kernel under an attacker's control can do to the Secure
 * world. For tests only: a system that loads this module has no protection left between root and its memory.
 *
 * mmap(offset = physical address) maps any address, whatever is there. A load that the bus refuses raises SIGBUS.
 */
#ifndef RINGMASTER_ATTACK_H
#define RINGMASTER_ATTACK_H

#ifdef __KERNEL__
#include <linux/ioctl.h>
#else
#include <sys/ioctl.h>
#endif
#include <linux/types.h>

#define RM_ATTACK_DEVICE	"/dev/ringmaster_attack"
#define RM_ATTACK_MAGIC		0xB7

/* Physical address of an ordinary page of Linux's, zeroed, that lives as long as the file; mmap it by that address. */
#define RM_ATTACK_PAGE		_IOR(RM_ATTACK_MAGIC, 0, __u64)

/* Any SMC. */
struct rm_attack_smc {
	__u64 x[8];		/* in: x0-x7; out: x0-x3 */
};
#define RM_ATTACK_SMC		_IOWR(RM_ATTACK_MAGIC, 1, struct rm_attack_smc)

/*
 * Lets the virtio disk in PCI slot RM_ATTACK_SLOT read or write `size` bytes at any physical address. -ENODEV: the board
 * was started without that disk; -EIO: the device reported an error or broke off.
 */
struct rm_attack_dma {
	__u64 address;
	__u64 sector;
	__u32 size;		/* multiple of 512, at most 4096 */
	__u32 to_memory;	/* 1: disk to memory; 0: memory to disk */
};
#define RM_ATTACK_DMA		_IOW(RM_ATTACK_MAGIC, 2, struct rm_attack_dma)
#define RM_ATTACK_SLOT		0x1e

/* Masks all interrupts of this core and spins for that many milliseconds, at most RM_ATTACK_MASK_MAX. */
#define RM_ATTACK_MASK		_IOW(RM_ATTACK_MAGIC, 3, __u32)
#define RM_ATTACK_MASK_MAX	5000

#endif
