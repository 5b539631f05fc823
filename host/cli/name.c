/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "../proxy/proxy.h"

const char *program_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}
