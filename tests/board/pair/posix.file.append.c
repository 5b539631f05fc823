/* SPDX-License-Identifier: MIT */
/* O_APPEND writes at the end, whoever made the file longer. */
#include <fcntl.h>
#include <unistd.h>

#include "t.h"

int main(void)
{
	char bytes[64] = { 0 };
	int one = open("log", O_CREAT | O_WRONLY | O_APPEND, 0644), two = open("log", O_WRONLY | O_APPEND), in = open("log", O_RDWR);

	MUST(one >= 0 && two >= 0 && in >= 0);
	CHECK(write(one, "first ", 6) == 6);
	CHECK(write(two, "second ", 7) == 7);
	CHECK(lseek(one, 0, SEEK_SET) == 0);
	CHECK(write(one, "third", 5) == 5);
	CHECK(lseek(one, 0, SEEK_CUR) == 18);
	CHECK(read(in, bytes, sizeof(bytes)) == 18);
	puts(bytes);
	CHECK(fcntl(one, F_GETFL) & O_APPEND);
	CHECK(fcntl(in, F_SETFL, O_APPEND) == 0);
	CHECK(lseek(in, 0, SEEK_SET) == 0);
	CHECK(write(in, "!", 1) == 1);
	CHECK(lseek(in, 0, SEEK_END) == 19);
	FILE *f = fopen("log", "a");
	MUST(f && fprintf(f, " and %d", 4) == 6 && fclose(f) == 0);
	CHECK(lseek(in, 0, SEEK_END) == 25);
	return t_done();
}
