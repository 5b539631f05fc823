/* SPDX-License-Identifier: MIT */
/*
 * Contract 6: what a program sees when it wants more than POSIX. Everything here also compiles and runs natively.
 */
#ifndef RINGMASTER_H
#define RINGMASTER_H

#include <errno.h>
#include <ringmaster/svc.h>
#include <sys/auxv.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Whether this program runs as an enclave. */
static inline int ringmaster_in_enclave(void)
{
	int saved = errno;
	int in = getauxval(RM_AT_ENTRY) != 0;

	errno = saved;
	return in;
}

/* Physical address of the byte at pointer, or 0 with errno set: EFAULT, nothing is mapped there; ENOSYS, not in an enclave. */
static inline unsigned long ringmaster_page_address(const volatile void *pointer)
{
	if (!ringmaster_in_enclave()) {
		errno = ENOSYS;
		return 0;
	}
	/* Declared here, not above: a call in between would be free to use the registers. */
	if (!ringmaster_in_enclave()) {
		errno = ENOSYS;
		return 0;
	}
	/* From here to the call nothing may use these registers. */
	register long x8 __asm__("x8") = RM_SVC_ADDRESS;
	register long x0 __asm__("x0") = (long)pointer;

	__asm__ __volatile__("svc #0" : "+r"(x0) : "r"(x8) : "memory");
	if (x0 < 0) {
		errno = (int)-x0;
		return 0;
	}
	return ((unsigned long)x0 & ~4095ul) | ((unsigned long)pointer & 4095);
}

#ifdef __cplusplus
}
#endif
#endif
