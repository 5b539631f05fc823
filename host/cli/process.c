/* SPDX-License-Identifier: MIT */
#include "process.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

long process_ticks(uint32_t pid)
{
	char path[64], line[1024], *end;
	unsigned long user, system;
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%u/stat", pid);
	file = fopen(path, "re");
	if (file == NULL)
		return -1;
	n = fread(line, 1, sizeof(line) - 1, file);
	fclose(file);
	line[n] = '\0';
	end = strrchr(line, ')');	/* the name before it may hold anything */
	if (end == NULL ||
	    sscanf(end + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
		return -1;
	return (long)(user + system);
}

long process_seconds(uint32_t pid)
{
	const long ticks = process_ticks(pid);

	return ticks < 0 ? -1 : ticks / sysconf(_SC_CLK_TCK);
}
