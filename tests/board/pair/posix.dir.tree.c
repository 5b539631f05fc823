/* SPDX-License-Identifier: MIT */
/* A tree of files made, walked, renamed, walked again, half of it removed. */
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "t.h"

static void make_tree(const char *path, int depth)
{
	char name[256];

	MUST(mkdir(path, 0755) == 0);
	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "%s/file%d", path, i);
		FILE *f = fopen(name, "w");
		MUST(f && fprintf(f, "%s at depth %d\n", name, depth) > 0 && fclose(f) == 0);
	}
	for (int i = 0; depth && i < 3; i++) {
		snprintf(name, sizeof(name), "%s/dir%d", path, i);
		make_tree(name, depth - 1);
	}
}

static int compare(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void list(const char *path, int depth)
{
	struct dirent **entries;
	char name[512];
	int n = scandir(path, &entries, NULL, compare);

	MUST(n >= 0);
	for (int i = 0; i < n; i++) {
		printf("%*s%s %d\n", depth * 2, "", entries[i]->d_name, entries[i]->d_type);
		snprintf(name, sizeof(name), "%s/%s", path, entries[i]->d_name);
		if (entries[i]->d_type == DT_DIR && entries[i]->d_name[0] != '.')
			list(name, depth + 1);
		free(entries[i]);
	}
	free(entries);
}

static int files, folders;

static int count(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)path, (void)st, (void)where;
	files += type == FTW_F;
	folders += type == FTW_DP;
	return 0;
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st, (void)where;
	return type == FTW_DP ? rmdir(path) : unlink(path);
}

int main(void)
{
	make_tree("tree", 3);
	list("tree", 0);
	CHECK(rename("tree/dir0", "tree/renamed") == 0);
	CHECK(rename("tree/dir1/dir1", "tree/renamed/moved") == 0);
	CHECK(rename("tree/file0", "tree/renamed/file3") == 0);
	CHECK(nftw("tree", count, 16, FTW_DEPTH | FTW_PHYS) == 0);
	printf("%d files, %d folders\n", files, folders);
	CHECK(nftw("tree/renamed", drop, 16, FTW_DEPTH | FTW_PHYS) == 0);
	list("tree", 0);
	return t_done();
}
