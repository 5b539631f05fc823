/* SPDX-License-Identifier: MIT */
/* yes: writes lines until something stops it; status 3 if that was an error. */
#include <stdio.h>

int main(void)
{
	for (;;)
		if (puts("y") < 0)
			return 3;
}
