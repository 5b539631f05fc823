/* SPDX-License-Identifier: MIT */
/* What happens when the kernel's own invariants do not hold. Never for outside input. */
#ifndef KERNEL_LIB_PANIC_H
#define KERNEL_LIB_PANIC_H

/* Prints the message, the core and the registers of the last exception on the secure console and stops the machine's
 * Secure world. The kernel lock stays taken, so no other core goes on either. Any interrupt state, any locks. */
_Noreturn void panic(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define assert(condition) \
	((condition) ? (void)0 : panic("%s:%d: assertion failed: %s", __FILE__, __LINE__, #condition))

#endif
