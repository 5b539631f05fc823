/* SPDX-License-Identifier: MIT */
/* A folder larger than one getdents64 buffer; rewinding, telling, removing while reading. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "t.h"

#define COUNT 700

static int count_entries(DIR *dir, unsigned char *seen)
{
	struct dirent *entry;
	int n = 0;

	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.') {
			int i = atoi(strrchr(entry->d_name, '-') + 1);

			CHECK(i >= 0 && i < COUNT);
			seen[i]++;
			n++;
		}
	return n;
}

int main(void)
{
	static unsigned char seen[COUNT];
	char name[128];

	MUST(mkdir("d", 0755) == 0);
	for (int i = 0; i < COUNT; i++) {
		snprintf(name, sizeof(name), "d/a-rather-long-name-that-fills-the-buffer-sooner-%d", i);
		int fd = open(name, O_CREAT | O_WRONLY, 0644);
		MUST(fd >= 0 && close(fd) == 0);
	}
	DIR *dir = opendir("d");
	MUST(dir);
	CHECK(count_entries(dir, seen) == COUNT);
	rewinddir(dir);
	CHECK(count_entries(dir, seen) == COUNT);
	for (int i = 0; i < COUNT; i++)
		CHECK(seen[i] == 2);
	rewinddir(dir);
	for (int i = 0; i < 10; i++)
		MUST(readdir(dir));
	struct dirent *entry;
	long here = telldir(dir);
	MUST((entry = readdir(dir)));
	strcpy(name, entry->d_name);
	MUST(readdir(dir));
	seekdir(dir, here);
	MUST((entry = readdir(dir)));
	CHECK(strcmp(name, entry->d_name) == 0);
	CHECK(closedir(dir) == 0);
	CHECK(opendir("missing") == NULL && errno == ENOENT);
	CHECK(opendir("/dev/null") == NULL && errno == ENOTDIR);
	return t_done();
}
