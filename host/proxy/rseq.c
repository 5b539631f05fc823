/* SPDX-License-Identifier: MIT */
/*
 * glibc registers every thread for restartable sequences. Linux then sends a thread through user space each time it was
 * scheduled, which costs a thread that lives inside the enclave an exit for nothing. So the registration is given back.
 */
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "proxy.h"

void rseq_leave(void)
{
	char *area = (char *)__builtin_thread_pointer() + __rseq_offset;
	static const unsigned first_size = 32;	/* what all glibc before 2.41 registers, whatever it says */

	if (__rseq_size == 0)
		return;
	if (syscall(SYS_rseq, area, first_size, RSEQ_FLAG_UNREGISTER, RSEQ_SIG) != 0)
		syscall(SYS_rseq, area, __rseq_size, RSEQ_FLAG_UNREGISTER, RSEQ_SIG);
}
