/* SPDX-License-Identifier: MIT */
/*
 * Resident enclaves: CPU time that Linux cannot take. What a manifest asks for (image.h), and what the runtime asks the secure kernel
 * for with it (svc.h, RM_SVC_RESIDENT).
 *
 * A reservation is a server of CPU time: in each of its periods its threads may use its budget, at any time of the period (a deferrable
 * server). Of all reservations on a core the one of the highest priority that has a thread to run and budget left has the core, in front of
 * Linux and hosted enclaves; within one the thread that became ready first. A thread whose reservation has used up its budget waits
 * for the next period, and that is counted. All threads of an enclave are bound to one core.
 *
 * Admission. On a core with reservations i = 1..n, highest priority first (equal ones hold each other up), R(i), the longest that i can take for its budget, is
 * the smallest fixed point of
 *	R = RM_RESIDENT_BLOCKING + C(i) + sum over all others of no lower priority: ceil((R + T(j) - C(j)) / T(j)) * C(j),	C = budget + RM_RESIDENT_SWITCH
 * (response times of deferrable servers: Strosnider, Lehoczky, Sha, IEEE Trans. Computers 44(1), 1995). Admitted if R(i) <= T(i) for each, and if all
 * together take no more than RM_RESIDENT_SHARE of the core, no more than RM_RESIDENT_LONGEST at a stretch, and in no RM_RESIDENT_WINDOW more than
 * RM_RESIDENT_EXTRA above their share (a budget may be used at the end of a period and again at the start of the next): so Linux gets at least the rest
 * of each 100 ms, less 5 %, and is never away for longer. The sums: admission.h.
 */
#ifndef RINGMASTER_ABI_RESIDENT_H
#define RINGMASTER_ABI_RESIDENT_H

#define RM_RESERVATIONS_MAX	8u		/* of an enclave */
#define RM_PRIORITY_MIN		1u		/* as SCHED_FIFO's; larger is more urgent */
#define RM_PRIORITY_MAX		99u
#define RM_PERIOD_MIN		200u		/* microseconds */
#define RM_PERIOD_MAX		10000000u
#define RM_BUDGET_MIN		20u
#define RM_RESIDENT_BLOCKING	50u		/* microseconds that the kernel may mask interrupts for */
#define RM_RESIDENT_SWITCH	10u		/* for changing to a thread and back */
#define RM_RESIDENT_SHARE	75u		/* percent of a core that all reservations may take */
#define RM_RESIDENT_LONGEST	20000u		/* microseconds that Linux may be away from a core */
#define RM_RESIDENT_WINDOW	100000u	/* microseconds */
#define RM_RESIDENT_EXTRA	5000u
#define RM_RESERVATIONS_CORE	32u	/* of a core */
#define RM_RESIDENT_THREADS	32u	/* of all resident enclaves of a core: the kernel looks through them with interrupts masked. More are EAGAIN */
#define RM_CORE_ANY		0xffffffffu
#define RM_RESIDENT_NAME	16u

#ifndef __ASSEMBLER__
#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdint.h>
#endif

struct rm_reservation {
	uint32_t priority;	/* RM_PRIORITY_MIN to RM_PRIORITY_MAX */
	uint32_t period;	/* microseconds, RM_PERIOD_MIN to RM_PERIOD_MAX */
	uint32_t budget;	/* microseconds, RM_BUDGET_MIN to period */
};

/* Operand of RM_SVC_RESIDENT. */
struct rm_resident {
	uint32_t core;		/* or RM_CORE_ANY: the first that admits it */
	uint32_t count;		/* reservations, 1 to RM_RESERVATIONS_MAX; the first thread gets the first */
	uint32_t deadline;	/* milliseconds within which Linux has to come back from a host call; at least 1 */
	uint32_t devices;	/* RM_DEVICE_* that the enclave has to itself */
	struct rm_reservation reservation[RM_RESERVATIONS_MAX];
	uint32_t attach;	/* enum rm_attach: whose process may take the place of the one that is gone */
	uint32_t reserved;	/* 0 */
	char name[RM_RESIDENT_NAME];	/* for people, who find it in lists when nothing else of it is known to Linux; NUL-terminated */
};

/*
 * Who on Linux may attach. "Nobody" is what the secure kernel sees to. Between users Linux alone can tell, as with everything that is a user's on Linux; one
 * that lies gains what it had before: an enclave trusts no host.
 */
enum rm_attach {
	RM_ATTACH_NOBODY,
	RM_ATTACH_ROOT,
	RM_ATTACH_USER,		/* whoever started it, and root */
	RM_ATTACH_COUNT
};

/*
 * Devices that a manifest can ask for; one enclave has them at a time, from becoming resident to its end (svc.h, RM_DEVICE_BASE, DEVICE_WAIT).
 * Which of them a board has: its board.h.
 */
#define RM_DEVICE_UART0		1u	/* a PL011 in the Secure world, /dev/secure/uart0 */
#define RM_DEVICE_GPIO0		2u	/* a PL061 in the Secure world, /dev/secure/gpio0 */
#define RM_DEVICE_ALL		3u
#define RM_DEVICES		2u

_Static_assert(sizeof(struct rm_resident) == 136, "contract");
#endif

#endif
