/* SPDX-License-Identifier: MIT */
/*
 * What of ring/access.h needs no fault handling of its own.
 */
#include "ring/access.h"

#include "lib/string.h"
#include "sys/linux.h"
#include "sys/svc.h"

/* Strings are read in pieces that never cross into a page that the string may not reach. */
#ifdef RM_HOSTED_TEST
size_t rm_string_piece = 1;	/* the sanitizer knows where a string ends */
#define PIECE rm_string_piece
#else
#define PIECE 128u
#endif

long rm_copy_string(char *to, const char *from, size_t size)
{
	size_t done = 0;

	while (done < size) {
		size_t piece = PIECE - ((uintptr_t)(from + done) & (PIECE - 1));
		const char *nul;

		if (piece > size - done)
			piece = size - done;
		if (!rm_user_range((unsigned long)(from + done), piece))
			return -EFAULT;
		if (rm_copy(to + done, from + done, piece) != 0)
			return -EFAULT;
		nul = memchr(to + done, 0, piece);
		if (nul)
			return nul - to;
		done += piece;
	}
	return -ENAMETOOLONG;
}
