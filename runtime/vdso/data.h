/* SPDX-License-Identifier: MIT */
/* What the vDSO's code knows: a page at RM_VDSO_DATA (abi/svc.h), read-only to the program, written once by the runtime. */
#ifndef RUNTIME_VDSO_DATA_H
#define RUNTIME_VDSO_DATA_H

#include <stdint.h>

struct rm_vdso_data {
	uint64_t hz;		/* of the system counter */
	uint64_t boot_counter;	/* the counter when it was ... */
	uint64_t realtime_ns;	/* ... this time of day, by Linux's word */
};

/* Maps it and the image, and returns where the image stands, for AT_SYSINFO_EHDR; 0 if there is no memory for it. */
uint64_t rm_vdso_map(void);
/* Where in it a handler of a signal returns to. */
uint64_t rm_vdso_sigreturn(void);

#endif
