/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RINGMASTER_ATTACK_ASSAULT_H
#define RINGMASTER_ATTACK_ASSAULT_H

#include <linux/io.h>
#include <linux/types.h>

#include "attack.h"

/* One assault while it goes on. */
struct assault {
	struct rm_attack_assault *request;
	void __iomem *gicd, *sgi;	/* distributor; this core's redistributor, second frame */
	u64 until;			/* physical counter; ~0: for ever */
	void *saved;			/* what begin() kept for end() */
};

/*
 * begin() saves what round() spoils and end() puts back; all three run on one core, without a change of task in between. round() returns
 * true if it saw that it did something. Any of begin and end may be missing.
 */
struct assault_kind {
	bool open;			/* with interrupts open */
	size_t saved;			/* bytes of assault.saved */
	int (*begin)(struct assault *a);
	bool (*round)(struct assault *a);
	void (*end)(struct assault *a);
};

extern const struct assault_kind assault_spi, assault_gic;		/* gic.c */
extern const struct assault_kind assault_sgi, assault_icc;		/* registers.c */
extern const struct assault_kind assault_debug, assault_maintain;
extern const struct assault_kind assault_tick, assault_timers;		/* timers.c */
extern const struct assault_kind assault_el2_spin, assault_el2_storm, assault_el2_offset;	/* el2.c */

/* The caller's core does it; it must be bound to that core. -EINVAL: there is no such kind. */
long attack_assault_run(struct rm_attack_assault *request);

u64 assault_counter(void);	/* physical */
u64 assault_ticks(u64 ns);	/* nanoseconds in ticks of it */
u64 assault_now(void);		/* it in nanoseconds */

/* Opens the interrupts for two of Linux's ticks. True if Linux's clock stood still nevertheless. */
bool assault_tick_stands(void);

/*
 * The caller has masked all. Runs attempt(argument); instructions that raise an exception are skipped. Returns how many did.
 */
u64 assault_guarded(void (*attempt)(void *argument), void *argument);

#endif
