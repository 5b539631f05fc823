/* SPDX-License-Identifier: MIT */
/* Floating point: functions, rounding modes, exceptions, not-a-number. */
#include <complex.h>
#include <fenv.h>
#include <math.h>

#include "t.h"

static void print_functions(void)
{
	for (double x = -3; x <= 3; x += 0.37)
		printf("%.17g %.17g %.17g %.17g %.17g %.17g\n", sin(x), exp(x), atan2(x, 2), cbrt(x), tgamma(x + 4), erf(x));
	printf("%.17g %.17g %.9g\n", pow(2, 0.5), fma(1e16, 1.0000000001, -1e16), sqrtf(2));
	printf("%.33Lg %.33Lg\n", sqrtl(2.0L), 10.0L / 3);
	double complex z = cexp(I * 2.0);
	printf("%.17g %.17g\n", creal(z), cimag(z));
}

static void print_rounding(void)
{
	static const int modes[] = { FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO };
	volatile double one = 1, three = 3, half = 2.5;

	for (int i = 0; i < 4; i++) {
		CHECK(fesetround(modes[i]) == 0);
		printf("%a %a %ld\n", one / three, -one / three, lrint(half));
	}
	fesetround(FE_TONEAREST);
}

static void print_exceptions(void)
{
	volatile double zero = 0, huge = 1e308, r;

	feclearexcept(FE_ALL_EXCEPT);
	r = 1 / zero;
	printf("%d", !!fetestexcept(FE_DIVBYZERO));
	r = zero / zero;
	printf("%d %d", !!fetestexcept(FE_INVALID), r != r);
	r = huge * 10;
	printf("%d%d\n", !!fetestexcept(FE_OVERFLOW), !!fetestexcept(FE_UNDERFLOW));
}

int main(void)
{
	print_functions();
	print_rounding();
	print_exceptions();
	return t_done();
}
