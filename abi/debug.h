/* SPDX-License-Identifier: MIT */
/*
 * Contract 4c: what gdb is told, and by whom. With RM_BOOT_DEBUG in the boot page, the runtime answers gdb's remote protocol on the
 * descriptor debug_fd, a socket of the proxy that gdb is connected to; bytes that arrive there while the program runs are announced by a
 * record of signal 0 (hostcall.h). The end of the enclave is told by the proxy, which alone sees every kind of end.
 */
#ifndef RINGMASTER_ABI_DEBUG_H
#define RINGMASTER_ABI_DEBUG_H

/* A host call that is not Linux's, with RM_BOOT_CORE: CORE(RM_CORE_OPEN) opens the core file that the user asked for: a descriptor, or
 * -errno. CORE(RM_CORE_DONE), CORE(RM_CORE_FAILED): the runtime has written it whole, or not. */
#define RM_CALL_CORE		0x1181	/* none of svc.h, nor of spawn.h */
#define RM_CORE_OPEN		0
#define RM_CORE_DONE		1
#define RM_CORE_FAILED		2

/* gdb's number of a signal of Linux (gdb's include/gdb/signals.def); 143: it has none. */
static inline unsigned rm_gdb_signal(unsigned signal)
{
	static const unsigned char standard[32] = {
		0, 1, 2, 3, 4, 5, 6, 10, 8, 9, 30, 11, 31, 13, 14, 15, 143, 20, 19, 17, 18, 21, 22, 16, 24, 25, 26, 27, 28, 23, 32, 12,
	};

	if (signal < 32)
		return standard[signal];
	return signal == 32 ? 77 : signal == 64 ? 78 : signal < 64 ? signal + 12 : 143;
}

/* The other way round; 0: none. */
static inline unsigned rm_gdb_to_linux(unsigned number)
{
	for (unsigned signal = 1; signal <= 64; signal++)
		if (number != 143 && rm_gdb_signal(signal) == number)
			return signal;
	return 0;
}

#endif
