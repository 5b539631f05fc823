/* SPDX-License-Identifier: MIT */
/* Reads standard input in every way stdio offers. */
#include <unistd.h>

#include "t.h"

int main(void)
{
	char line[256];
	int number, c;
	double real;
	long count = 0;

	MUST(fgets(line, sizeof(line), stdin));
	printf("fgets: %s", line);
	CHECK(scanf("%d %lf %255s", &number, &real, line) == 3);
	printf("scanf: %d %g %s\n", number, real, line);
	c = getchar();
	ungetc(c, stdin);
	printf("ungetc: %d\n", getchar());
	while ((c = getchar()) != EOF)
		count += c;
	printf("sum of the rest: %ld\n", count);
	CHECK(feof(stdin) && !ferror(stdin));
	clearerr(stdin);
	CHECK(getchar() == EOF);
	CHECK(read(0, line, sizeof(line)) == 0);
	return t_done();
}
