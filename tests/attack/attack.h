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

/*
 * An assault: what a hostile kernel does on the caller's core for so long. With all of DAIF masked, unless it lives of interrupts. What it
 * changed of Linux's own state is put back at the end.
 */
enum rm_assault {
	RM_ASSAULT_MASK,	/* only that all is masked; the one that watches whether time goes missing */
	RM_ASSAULT_SGI,		/* interrupts open; SGI 0 to this core and all others, at each round */
	RM_ASSAULT_SPI,		/* interrupts open; makes interrupt `intid` pending at each round */
	RM_ASSAULT_TICK,	/* interrupts open; makes the physical and the virtual timer due at each round */
	RM_ASSAULT_GIC,		/* hostile values into all of the distributor and this core's redistributor */
	RM_ASSAULT_ICC,		/* the same, the CPU interface */
	RM_ASSAULT_TIMERS,	/* the same, the timers, those included that are not Linux's */
	RM_ASSAULT_DEBUG,	/* breakpoints and watchpoints at `address`, for all worlds and levels */
	RM_ASSAULT_MAINTAIN,	/* invalidates TLBs and caches of all cores at each round */
	RM_ASSAULT_EL2_SPIN,	/* the core stays at EL2, all masked. This and those below: -EOPNOTSUPP without a hyp stub */
	RM_ASSAULT_EL2_STORM,	/* at EL2, interrupts open and routed there, never acknowledged; SMCs and timers trapped */
	RM_ASSAULT_EL2_OFFSET,	/* shifts the virtual counter (CNTVOFF_EL2) at each round */
	RM_ASSAULT_COUNT
};

struct rm_attack_assault {
	__u32 kind;		/* enum rm_assault */
	__u32 ms;		/* 0: for ever */
	__u64 gicd, gicr;	/* physical addresses, for those that need them */
	__u64 intid;
	__u64 address;
	/* out */
	__u64 from, to;		/* nanoseconds of the physical counter */
	__u64 rounds;
	__u64 proof;		/* rounds that were seen to do what they are for; 0: this was no attack */
	__u64 ticks;		/* of Linux's clock (HZ) meanwhile */
	/* Of RM_ASSAULT_MASK: times longer than 1 us in which this core was somebody else's. Nanoseconds. */
	__u64 stolen, longest, worst;	/* in all; the longest; most in one of the 100 ms */
};
#define RM_ATTACK_ASSAULT	_IOWR(RM_ATTACK_MAGIC, 4, struct rm_attack_assault)

/* Nanoseconds of the physical counter. */
#define RM_ATTACK_NOW		_IOR(RM_ATTACK_MAGIC, 5, __u64)

#endif
