/* SPDX-License-Identifier: MIT */
/* cat: stdin to stdout, as it comes. */
#include <unistd.h>

int main(void)
{
	static char bytes[65536];
	ssize_t n;

	while ((n = read(0, bytes, sizeof(bytes))) > 0)
		for (ssize_t done = 0, w; done < n; done += w)
			if ((w = write(1, bytes + done, (size_t)(n - done))) < 0)
				return 1;
	return n < 0;
}
