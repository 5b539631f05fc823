/* SPDX-License-Identifier: MIT */
/* Finds a program as a shell does. */
#include "lookup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* 0, or why the file cannot be executed. */
static int check(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode) || faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) != 0)
		return -EACCES;
	return 0;
}

/* path = directory/name; an empty directory is the current one. */
static int join(const char *directory, size_t length, const char *name, char *path, size_t path_size)
{
	int n = length == 0 ? snprintf(path, path_size, "./%s", name) :
			      snprintf(path, path_size, "%.*s/%s", (int)length, directory, name);

	return n < 0 || (size_t)n >= path_size ? -ENAMETOOLONG : 0;
}

/*
 * search: the PATH to use, null for the usual one. 0 and the path; -ENOENT; or the reason of the first file of that name
 * that cannot be executed (-EACCES, -EISDIR, ...).
 */
int lookup_program(const char *name, const char *search, char *path, size_t path_size)
{
	int result = -ENOENT;

	if (strchr(name, '/') != NULL) {
		if (strlen(name) >= path_size)
			return -ENAMETOOLONG;
		strcpy(path, name);
		return check(path);
	}
	for (const char *p = search != NULL ? search : "/usr/local/bin:/usr/bin:/bin";; p++) {
		size_t length = strcspn(p, ":");
		int ret = join(p, length, name, path, path_size);

		if (ret == 0)
			ret = check(path);
		if (ret == 0)
			return 0;
		/* A shell passes over a directory of that name, and remembers a file that it may not execute. */
		if (ret == -EACCES && result == -ENOENT)
			result = ret;
		p += length;
		if (*p == '\0')
			return result;
	}
}
