/* SPDX-License-Identifier: MIT */
/* Writes 100 MB; the pair's comparison of what was left behind checks every byte. */
#include <fcntl.h>
#include <unistd.h>

#include "t.h"

int main(void)
{
	static uint64_t block[8192];
	uint64_t state = 11;
	int fd = open("written", O_CREAT | O_WRONLY, 0644);

	MUST(fd >= 0);
	for (int i = 0; i < 1600; i++) {
		for (int k = 0; k < 8192; k += 16)
			block[k] = t_random(&state);
		MUST(write(fd, block, sizeof(block)) == (ssize_t)sizeof(block));
	}
	CHECK(lseek(fd, 0, SEEK_CUR) == 1600l * 65536);
	CHECK(close(fd) == 0);
	return t_done();
}
