// SPDX-License-Identifier: GPL-2.0-only
/* The interrupt controller by its registers in memory: what Linux's are is saved, spoilt and put back; the Secure world's are tried. */
#include <linux/bitops.h>
#include <linux/irqchip/arm-gic-v3.h>

#include "assault.h"

#define WORDS		32	/* words of a bit an interrupt: 1024 interrupts */
#define SPI_FIRST	32
#define SPI_END		1020

struct gic {
	u32 ctlr;
	u32 enable[WORDS], group[WORDS], priority[WORDS * 8], config[WORDS * 2];	/* words of GICR_* for the first 32 interrupts */
	u64 route[SPI_END];
	u32 words;		/* that this distributor has */
};

static void settle(struct assault *a)
{
	while (readl_relaxed(a->gicd + GICD_CTLR) & GICD_CTLR_RWP)
		;
}

/* Registers of the first 32 interrupts are the redistributor's. */
static void __iomem *bits(struct assault *a, u32 reg, u32 word)
{
	return word ? a->gicd + reg + 4 * word : a->sgi + reg;
}

static void __iomem *wide(struct assault *a, u32 reg, u32 word, u32 words_per_32)
{
	return word < words_per_32 ? a->sgi + reg + 4 * word : a->gicd + reg + 4 * word;
}

static int gic_begin(struct assault *a)
{
	struct gic *saved = a->saved;
	u32 n;

	if (!a->gicd || !a->sgi)
		return -EINVAL;
	saved->words = min_t(u32, (readl_relaxed(a->gicd + GICD_TYPER) & 0x1f) + 1, WORDS);
	saved->ctlr = readl_relaxed(a->gicd + GICD_CTLR);
	for (n = 0; n < saved->words; n++) {
		saved->enable[n] = readl_relaxed(bits(a, GICD_ISENABLER, n));
		saved->group[n] = readl_relaxed(bits(a, GICD_IGROUPR, n));
	}
	for (n = 0; n < saved->words * 8; n++)
		saved->priority[n] = readl_relaxed(wide(a, GICD_IPRIORITYR, n, 8));
	for (n = 0; n < saved->words * 2; n++)
		saved->config[n] = readl_relaxed(wide(a, GICD_ICFGR, n, 2));
	for (n = SPI_FIRST; n < min(saved->words * 32, SPI_END); n++)
		saved->route[n] = readq_relaxed(a->gicd + GICD_IROUTER + 8 * n);
	return 0;
}

/* The same word into all that has a bit or some an interrupt. */
static void spoil(struct assault *a, u32 value)
{
	static const u32 one_bit[] = {
		GICD_IGROUPR, GICD_IGRPMODR, GICD_ISENABLER, GICD_ICENABLER, GICD_ISPENDR, GICD_ICPENDR, GICD_ISACTIVER, GICD_ICACTIVER,
	};
	struct gic *saved = a->saved;
	u32 n, i;

	for (i = 0; i < ARRAY_SIZE(one_bit); i++)
		for (n = 0; n < saved->words; n++)
			writel_relaxed(value, bits(a, one_bit[i], n));
	for (n = 0; n < saved->words * 8; n++)
		writel_relaxed(value, wide(a, GICD_IPRIORITYR, n, 8));
	for (n = 0; n < saved->words * 2; n++) {
		writel_relaxed(value, wide(a, GICD_ICFGR, n, 2));
		writel_relaxed(value, wide(a, GICD_NSACR, n, 2));
	}
	for (n = SPI_FIRST; n < min(saved->words * 32, SPI_END); n++)
		writeq_relaxed(value ? BIT_ULL(31) : 0xff00ffffffull, a->gicd + GICD_IROUTER + 8 * n);
	writel_relaxed(value & 0x3ff, a->gicd + GICD_CLRSPI_SR);
	writel_relaxed(value & 0x3ff, a->gicd + GICD_SETSPI_SR);
	writel_relaxed(value & 0x3ff, a->gicd + GICD_CLRSPI_NSR);
	writel_relaxed(value, a->sgi - 0x10000 + GICR_WAKER);
	writel_relaxed(value & ~GICR_CTLR_ENABLE_LPIS, a->sgi - 0x10000 + GICR_CTLR);
}

static void all_off(struct assault *a)
{
	struct gic *saved = a->saved;
	u32 n;

	for (n = 0; n < saved->words; n++) {
		writel_relaxed(~0u, bits(a, GICD_ICENABLER, n));
		writel_relaxed(~0u, bits(a, GICD_ICPENDR, n));
		writel_relaxed(~0u, bits(a, GICD_ICACTIVER, n));
	}
	settle(a);
}

static bool gic_round(struct assault *a)
{
	struct gic *saved = a->saved;
	bool off;

	spoil(a, ~0u);
	spoil(a, 0xa5a5a5a5);
	spoil(a, 0);
	writel_relaxed(~0u, a->gicd + GICD_CTLR);
	all_off(a);
	off = !readl_relaxed(a->sgi + GICR_ISENABLER0);
	off = assault_tick_stands() && off;
	writel_relaxed(0, a->gicd + GICD_CTLR);
	settle(a);
	writel_relaxed(saved->enable[0], a->sgi + GICR_ISENABLER0);
	return assault_tick_stands() && off;
}

static void gic_end(struct assault *a)
{
	struct gic *saved = a->saved;
	u32 n;

	all_off(a);
	for (n = 0; n < saved->words * 8; n++)
		writel_relaxed(saved->priority[n], wide(a, GICD_IPRIORITYR, n, 8));
	for (n = 0; n < saved->words * 2; n++)
		writel_relaxed(saved->config[n], wide(a, GICD_ICFGR, n, 2));
	for (n = SPI_FIRST; n < min(saved->words * 32, SPI_END); n++)
		writeq_relaxed(saved->route[n], a->gicd + GICD_IROUTER + 8 * n);
	for (n = 0; n < saved->words; n++) {
		writel_relaxed(saved->group[n], bits(a, GICD_IGROUPR, n));
		writel_relaxed(saved->enable[n], bits(a, GICD_ISENABLER, n));
	}
	writel_relaxed(saved->ctlr, a->gicd + GICD_CTLR);
	settle(a);
}

static bool spi_round(struct assault *a)
{
	u64 intid = a->request->intid;

	if (!a->gicd || intid < SPI_FIRST || intid >= SPI_END)
		return false;
	writel_relaxed(BIT(intid % 32), a->gicd + GICD_ISPENDR + 4 * (intid / 32));
	return true;	/* /proc/interrupts tells whether they came */
}

const struct assault_kind assault_spi = { .open = true, .round = spi_round };
const struct assault_kind assault_gic = { .saved = sizeof(struct gic), .begin = gic_begin, .round = gic_round, .end = gic_end };
