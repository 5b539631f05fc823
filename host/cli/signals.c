/* SPDX-License-Identifier: MIT */
/* Signals by name or number. */
#include "signals.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* TERM, SIGTERM, term, 15: the number; -1 if it is none. 0 is allowed, as kill(1) has it. */
int signal_parse(const char *text)
{
	char *end;
	long number;

	if (*text >= '0' && *text <= '9') {
		number = strtol(text, &end, 10);
		return *end == '\0' && number < NSIG ? (int)number : -1;
	}
	if (strncasecmp(text, "SIG", 3) == 0)
		text += 3;
	for (int i = 1; i < NSIG; i++) {
		const char *name = sigabbrev_np(i);

		if (name != NULL && strcasecmp(name, text) == 0)
			return i;
	}
	return -1;
}
