/* SPDX-License-Identifier: MIT */
/* Any bytes as trace records: parsed and printed, they must stay within themselves. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct trace_call first, call;
	char *text = NULL;
	size_t text_size;
	FILE *out = open_memstream(&text, &text_size);
	int step;

	memset(&first, 0, sizeof(first));
	for (; (step = trace_parse(data, size, &call)) > 0; data += step, size -= (size_t)step) {
		trace_print_call(out, &call, NULL);
		trace_print_call(out, &call, &call);
		if (first.record.size != 0)
			trace_print_call(out, &first, &call);
		trace_print_result(out, &call, &call);
		trace_copy(&first, &call);
	}
	fclose(out);
	free(text);
	return 0;
}
