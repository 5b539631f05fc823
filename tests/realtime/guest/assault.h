/* SPDX-License-Identifier: MIT */
/*
 * Attacks on the time of resident enclaves. Each goes on for so long and counts what proves that it is an attack: a core whose clock stood
 * still, a call that was refused, an interrupt that came. Proof 0 fails the attack, whatever the enclaves did.
 */
#ifndef ASSAULT_H
#define ASSAULT_H

#include <stdbool.h>

#include "board.h"
#include "hostile.h"

#define CORES_MAX 16

struct assault {
	const char *name;
	uint64_t (*run)(uint64_t ms);	/* returns the proof */
};

/* Tables that end with a NULL name. */
extern const struct assault assaults_module[];	/* by the attacking module: the core, its interrupts and timers */
extern const struct assault assaults_power[];	/* PSCI by raw SMCs; the watchdog */
extern const struct assault assaults_flood[];	/* SMCs in numbers; a second instance of the module */
extern const struct assault assaults_load[];	/* what an ordinary process can do */

/* attack.h is made for programs of one file: each file of this one opens the device for itself. */
__attribute__((constructor)) static void assault_open(void)
{
	attack_open();
}

/* Physical counter, nanoseconds. */
uint64_t assault_now(void);

/* Binds the caller to a core. */
void assault_pin(unsigned int core);

/* Runs the function on all cores at once, each bound to its own; returns the sum of what they return. */
uint64_t assault_everywhere(uint64_t (*run)(unsigned int core, uint64_t until), uint64_t ms);

/* Results of the module's assaults for the report; several cores are added up. */
void assault_note(const struct rm_attack_assault *result);

#endif
