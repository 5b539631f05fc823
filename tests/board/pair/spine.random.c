/* SPDX-License-Identifier: MIT */
/* Random bytes: no two the same, every length, no stuck bit. */
#include <sys/random.h>
#include <unistd.h>

#include "t.h"

int main(void)
{
	unsigned char a[256], b[256], ones[256] = { 0 }, zeros[256] = { 0 };

	for (int i = 0; i < 200; i++) {
		CHECK(getrandom(a, sizeof(a), 0) == sizeof(a));
		CHECK(getrandom(b, sizeof(b), GRND_NONBLOCK) == sizeof(b));
		CHECK(memcmp(a, b, sizeof(a)) != 0);
		for (int k = 0; k < 256; k++) {
			ones[k] |= a[k];
			zeros[k] |= (unsigned char)~a[k];
		}
	}
	for (int k = 0; k < 256; k++)
		CHECK(ones[k] == 255 && zeros[k] == 255);
	CHECK(getrandom(a, 0, 0) == 0);
	CHECK(getrandom(a, 3, 0) == 3);
	CHECK(getentropy(a, 100) == 0);
	CHECK_ERRNO(getrandom(a, 1, 0x8000), EINVAL);
	CHECK_ERRNO(getrandom((void *)8, 64, 0), EFAULT);
	return t_done();
}
