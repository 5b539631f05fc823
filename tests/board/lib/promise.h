/* SPDX-License-Identifier: MIT */
/* For tests of promises. */
#ifndef T_PROMISE_H
#define T_PROMISE_H

#include "ringmaster.h"
#include "t.h"

/* Takes a result, and prints it as a word. */
T_UNUSED static void tell(const char *what, ringmaster_promise p)
{
	const long result = p ? ringmaster_await(p) : -1;

	if (result < 0)
		printf("%s: %s%s\n", what, p ? "" : "no promise: ", strerror(errno));
	else
		printf("%s: %ld\n", what, result);
}

#endif
