/* SPDX-License-Identifier: MIT */
/* Any text as a manifest: what is compiled passes the enclave's check and can be printed. */
#include <stdio.h>
#include <stdlib.h>

#include "../../runtime/load/manifest.h"
#include "manifest/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct manifest manifest;
	char error[512], *text = NULL;
	size_t text_size;
	FILE *out;

	/* A key of many dots goes as deep as it has dots, and toml11 with it. */
	if (size > 4096 || manifest_compile((const char *)data, size, "prog", &manifest, error, sizeof(error)) != 0)
		return 0;
	if (rm_manifest_check(manifest.bytes, manifest.size) != 0)
		__builtin_trap();
	out = open_memstream(&text, &text_size);
	manifest_print(out, manifest_head(&manifest));
	fclose(out);
	/* What is printed is the same manifest again, but for the name and what is sorted already. */
	if (manifest_compile(text, text_size, "prog", &manifest, error, sizeof(error)) != 0)
		__builtin_trap();
	free(text);
	return 0;
}
