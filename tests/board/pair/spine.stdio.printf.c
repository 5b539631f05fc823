/* SPDX-License-Identifier: MIT */
/* printf of everything, and where its output goes. */
#include <float.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <wchar.h>

#include "t.h"

static void print_integers(void)
{
	printf("%d %i %u %o %x %X %c %%\n", INT_MIN, INT_MAX, UINT_MAX, 0755, 0xbeef, 0xCAFE, 'z');
	printf("[%5d] [%-5d] [%05d] [%+d] [% d] [%#x] [%#o] [%.3d] [%*d]\n", 42, 42, 42, 42, 42, 42, 42, 4, 7, 42);
	printf("%hhd %hd %ld %lld %zu %td %jd\n", (signed char)-3, (short)-4, LONG_MIN, LLONG_MAX, sizeof(long), (ptrdiff_t)-9,
		INTMAX_MIN);
	printf("%" PRIu64 " %" PRIx32 "\n", UINT64_MAX, UINT32_MAX);
}

static void print_floats(void)
{
	static const double values[] = { 0.0, -0.0, 1.0, 0.1, 1e300, -2.5e-310, DBL_MAX, DBL_MIN, 123456789.987654321 };

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		printf("%f %.3f %e %g %a %.17g %10.2f|%-12.1e|\n", values[i], values[i], values[i], values[i], values[i], values[i],
			values[i], values[i]);
	printf("%f %F %g %f\n", INFINITY, -INFINITY, fabs(NAN), 1.0 / 3);
	printf("%Lf %.30Lg %La %Le\n", 1.0L / 3, 1.0L / 7, 1.0L / 3, LDBL_MAX);
}

static void print_strings(void)
{
	char buffer[16];

	printf("[%s] [%10s] [%-10s] [%.2s] [%ls]\n", "text", "right", "left", "cut", L"wide");
	const char *volatile longer = "longer than the buffer is";

	CHECK(snprintf(buffer, sizeof(buffer), "%s", longer) == 25);
	puts(buffer);
	printf("%s\n", strerror(ENOENT));
}

int main(void)
{
	print_integers();
	print_floats();
	print_strings();
	fflush(stdout);
	fputs("this goes to stderr\n", stderr);
	setvbuf(stdout, NULL, _IONBF, 0);
	printf("unbuffered %d\n", 1);
	putchar('.');
	fwrite("\n", 1, 1, stdout);
	return t_done();
}
