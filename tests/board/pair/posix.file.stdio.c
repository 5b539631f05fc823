/* SPDX-License-Identifier: MIT */
/* Files through stdio: modes, seeking, reading back what was written, temporary files. */
#include <unistd.h>

#include "t.h"

int main(void)
{
	char line[128];
	FILE *f = fopen("file", "w+");

	MUST(f);
	for (int i = 0; i < 1000; i++)
		fprintf(f, "line %d of a thousand\n", i);
	printf("%ld\n", ftell(f));
	rewind(f);
	for (int i = 0; fgets(line, sizeof(line), f); i++)
		if (i % 333 == 0)
			fputs(line, stdout);
	CHECK(feof(f));
	CHECK(fseek(f, 5, SEEK_SET) == 0 && fputs("ZERO", f) >= 0 && fflush(f) == 0);
	CHECK(fseek(f, 0, SEEK_SET) == 0 && fgets(line, sizeof(line), f));
	fputs(line, stdout);
	CHECK(fclose(f) == 0);

	CHECK(!fopen("missing", "r") && errno == ENOENT);
	f = fopen("file", "r");
	MUST(f);
	CHECK(fputc('x', f) == EOF && ferror(f));
	fclose(f);

	f = tmpfile();
	MUST(f);
	CHECK(fwrite(line, 1, sizeof(line), f) == sizeof(line) && fseek(f, 0, SEEK_END) == 0 && ftell(f) == sizeof(line));
	fclose(f);

	strcpy(line, "made-XXXXXX");
	int fd = mkstemp(line);
	CHECK(fd >= 0 && write(fd, "x", 1) == 1 && unlink(line) == 0);
	return t_done();
}
