/* SPDX-License-Identifier: MIT */
#include "arch/gic.h"
#include "arch/cpu.h"
#include "arch/io.h"
#include "arch/sysreg.h"
#include "arch/timer.h"
#include "board.h"
#include "lib/panic.h"

#define GICD_CTLR		0x0000
#define GICD_CTLR_GRP1S		(1u << 2)
#define GICD_CTLR_RWP		(1u << 31)
#define GICD_IGROUPR		0x0080
#define GICD_ISENABLER		0x0100
#define GICD_ICENABLER		0x0180
#define GICD_ISPENDR		0x0200
#define GICD_IPRIORITYR		0x0400
#define GICD_ICFGR		0x0c00
#define GICD_IGRPMODR		0x0d00
#define GICD_IROUTER		0x6000
#define GICD_IROUTER_AFFINITY	0xff00fffffful

#define DEVICE_PRIORITY		0x40	/* behind the timer, in front of all that Linux has */

#define GICR_TYPER		0x0008
#define GICR_TYPER_LAST		(1ul << 4)
#define GICR_FRAME		0x20000
#define GICR_SGI		0x10000
#define GICR_IGROUPR0		0x0080
#define GICR_ISENABLER0		0x0100
#define GICR_IPRIORITYR		0x0400
#define GICR_IGRPMODR0		0x0d00

static void distributor_wait(void)
{
	while (io_read32(BOARD_GICD + GICD_CTLR) & GICD_CTLR_RWP)
		;
}

void gic_init(void)
{
	io_write32(BOARD_GICD + GICD_CTLR, io_read32(BOARD_GICD + GICD_CTLR) | GICD_CTLR_GRP1S);
	distributor_wait();
}

/* The redistributor whose affinity is this core's. */
static paddr_t redistributor(void)
{
	uint64_t mpidr = read_sysreg(mpidr_el1);
	uint64_t affinity = (mpidr & 0xffffff) | ((mpidr >> 8) & 0xff000000);

	for (paddr_t r = BOARD_GICR; r < BOARD_GICR + BOARD_GICR_SIZE; r += GICR_FRAME) {
		uint64_t type = io_read64(r + GICR_TYPER);

		if (type >> 32 == affinity)
			return r;
		if (type & GICR_TYPER_LAST)
			break;
	}
	panic("no redistributor for core %lx", affinity);
}

void gic_init_core(void)
{
	paddr_t sgi = redistributor() + GICR_SGI;
	uint32_t bits = 1u << TIMER_INTID | 1u << KICK_INTID;

	cpu_this()->affinity = read_sysreg(mpidr_el1) & GICD_IROUTER_AFFINITY;

	/* Group 1 Secure: group 0, modifier 1. Group 0 proper would go to EL3, which has no handler. */
	io_write32(sgi + GICR_IGROUPR0, io_read32(sgi + GICR_IGROUPR0) & ~bits);
	io_write32(sgi + GICR_IGRPMODR0, io_read32(sgi + GICR_IGRPMODR0) | bits);
	io_write8(sgi + GICR_IPRIORITYR + TIMER_INTID, 0);
	io_write8(sgi + GICR_IPRIORITYR + KICK_INTID, 0);
	io_write32(sgi + GICR_ISENABLER0, bits);
	write_icc(ICC_SRE, 1);
	isb();
	write_icc(ICC_IGRPEN1, 1);
	isb();
}

/* ICC_SGI1R_EL1 written in the Secure state: a Group 1 Secure SGI (IHI 0069, 12.2.20). */
void gic_kick(unsigned int core)
{
	uint64_t affinity = cpus[core].affinity;

	assert(core < CORES_MAX);
	if (!cpus[core].online)
		return;
	uint64_t clusters = (affinity >> 32 & 0xff) << 48 | (affinity >> 16 & 0xff) << 32 | (affinity >> 8 & 0xff) << 16;

	write_icc(ICC_SGI1R, clusters | (uint64_t)KICK_INTID << 24 | 1ul << (affinity & 0xf));
	isb();
}

/* Interrupts of the Normal world have the lower half of the priorities. */
void gic_ignore_normal(void)
{
	write_icc(ICC_PMR, 0x80);
	isb();
}

uint32_t gic_acknowledge(void)
{
	return (uint32_t)read_icc(ICC_IAR1) & 0xffffff;
}

void gic_end(uint32_t intid)
{
	write_icc(ICC_EOIR1, intid);
	isb();
}

bool gic_pending(void)
{
	return (read_sysreg(isr_el1) & ISR_PENDING) != 0;
}

/* Linux set a route of its own when it asked for the interrupt; this one stands until Linux sets another. */
static unsigned int doorbell_core = CORES_MAX;

static void doorbell_route(unsigned int core)
{
	io_write64(BOARD_GICD + GICD_IROUTER + 8 * BOARD_DOORBELL, cpus[core].affinity);
	doorbell_core = core;
}

void gic_doorbell(unsigned int core)
{
	assert(core < CORES_MAX);
	if (core != doorbell_core && cpus[core].online)
		doorbell_route(core);
	io_write32(BOARD_GICD + GICD_ISPENDR + 4 * (BOARD_DOORBELL / 32), 1u << (BOARD_DOORBELL % 32));
}

void gic_doorbell_leave(unsigned int core)
{
	for (unsigned int i = 0; core == doorbell_core && i < CORES_MAX; i++)
		if (i != core && cpus[i].online)
			doorbell_route(i);
}

/* The register of a bit for each interrupt, and that bit. */
static paddr_t word_of(uint32_t registers, uint32_t intid)
{
	return BOARD_GICD + registers + 4 * (intid / 32);
}

static uint32_t bit_of(uint32_t intid)
{
	return 1u << (intid % 32);
}

void gic_device_init(uint32_t intid)
{
	paddr_t group = word_of(GICD_IGROUPR, intid), modifier = word_of(GICD_IGRPMODR, intid);
	paddr_t configuration = BOARD_GICD + GICD_ICFGR + 4 * (intid / 16);

	assert(intid >= 32 && intid < 1020);
	gic_device_disable(intid);
	io_write32(group, io_read32(group) & ~bit_of(intid));
	io_write32(modifier, io_read32(modifier) | bit_of(intid));
	io_write8(BOARD_GICD + GICD_IPRIORITYR + intid, DEVICE_PRIORITY);
	io_write32(configuration, io_read32(configuration) & ~(2u << 2 * (intid % 16)));
}

void gic_device_route(uint32_t intid, unsigned int core)
{
	assert(core < CORES_MAX);
	io_write64(BOARD_GICD + GICD_IROUTER + 8 * intid, cpus[core].affinity);
}

void gic_device_enable(uint32_t intid)
{
	io_write32(word_of(GICD_ISENABLER, intid), bit_of(intid));
}

void gic_device_disable(uint32_t intid)
{
	io_write32(word_of(GICD_ICENABLER, intid), bit_of(intid));
	distributor_wait();
}
