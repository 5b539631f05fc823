/* SPDX-License-Identifier: MIT */
/* A manifest for people, as TOML: what is printed could be packed again. */
#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "../../runtime/load/manifest.h"
#include "manifest/manifest.h"

static void print_string(FILE *out, const char *text, size_t size)
{
	fputc('"', out);
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < ' ' || c == 127)
			fprintf(out, "\\u%04x", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

static size_t length(const char *text)
{
	return (size_t)(rm_manifest_next(text) - text) - 1;
}

static void print_list(FILE *out, const struct rm_manifest *m, enum rm_manifest_list list, const char *key, uint32_t skip)
{
	const char *string = rm_manifest_strings(m, list);

	fprintf(out, "%s = [", key);
	for (uint32_t i = 0; i < m->count[list]; i++, string = rm_manifest_next(string)) {
		if (i < skip)
			continue;
		if (i > skip)
			fputs(", ", out);
		print_string(out, string, length(string));
	}
	fputs("]\n", out);
}

static void print_programs(FILE *out, const struct rm_manifest *m)
{
	const char *string = rm_manifest_strings(m, RM_LIST_SPAWN);

	fputs("spawn = [", out);
	for (uint32_t i = 0; i < m->count[RM_LIST_SPAWN]; i++, string = rm_manifest_next(string)) {
		fputs(i > 0 ? ", " : "", out);
		if (*string != '/')
			fputs("{ path = ", out);
		print_string(out, rm_manifest_path(string), length(rm_manifest_path(string)));
		if (*string != '/')
			fprintf(out, ", sha256 = \"%.64s\" }", string);
	}
	fputs("]\n", out);
}

static void print_signals(FILE *out, uint64_t signals)
{
	const char *between = "";

	fputs("signals = [", out);
	for (int i = 1; i <= 64; i++) {
		if (!(signals >> (i - 1) & 1))
			continue;
		if (i < 32)
			fprintf(out, "%s\"%s\"", between, sigabbrev_np(i));
		else
			fprintf(out, "%s%d", between, i);
		between = ", ";
	}
	fputs("]\n", out);
}

static void print_environment(FILE *out, const struct rm_manifest *m)
{
	const char *string = rm_manifest_strings(m, RM_LIST_SET);

	fputs("\n[environment]\n", out);
	print_list(out, m, RM_LIST_PASS, "pass", 0);
	if (m->count[RM_LIST_SET] > 0)
		fputs("\n[environment.set]\n", out);
	for (uint32_t i = 0; i < m->count[RM_LIST_SET]; i++, string = rm_manifest_next(string)) {
		size_t name = 0;

		while (string[name] != '=')
			name++;
		print_string(out, string, name);
		fputs(" = ", out);
		print_string(out, string + name + 1, length(string) - name - 1);
		fputc('\n', out);
	}
}

static void print_files(FILE *out, const struct rm_manifest *m, enum rm_manifest_list list, const char *access)
{
	const char *string = rm_manifest_strings(m, list);

	for (uint32_t i = 0; i < m->count[list]; i++, string = rm_manifest_next(string)) {
		fputs("\n[[files]]\npath = ", out);
		print_string(out, rm_manifest_path(string), length(rm_manifest_path(string)));
		fprintf(out, "\naccess = \"%s\"\n", access);
		if (*string != '/')
			fprintf(out, "sha256 = \"%.64s\"\n", string);
	}
}

static void print_devices(FILE *out, uint32_t devices)
{
	const char *between = "";

	fputs("devices = [", out);
	for (unsigned i = 0; i < 32; i++) {
		if (!(devices >> i & 1))
			continue;
		fprintf(out, "%s\"%s\"", between, manifest_device(1u << i));
		between = ", ";
	}
	fputs("]\n", out);
}

static void print_reservations(FILE *out, const struct rm_resident *resident)
{
	for (uint32_t i = 0; i < resident->count; i++)
		fprintf(out, "\n[[reservation]]\npriority = %" PRIu32 "\nperiod = \"%" PRIu32 "us\"\nbudget = \"%" PRIu32 "us\"\n",
			resident->reservation[i].priority, resident->reservation[i].period, resident->reservation[i].budget);
}

void manifest_print(FILE *out, const struct rm_manifest *m)
{
	fprintf(out, "debug = %s\n", m->flags & RM_MANIFEST_DEBUG ? "true" : "false");
	fprintf(out, "threads = %" PRIu32 "\n", m->threads);
	if (m->memory != 0)
		fprintf(out, "memory = %" PRIu64 "\n", m->memory);
	if (m->flags & RM_MANIFEST_ARGUMENTS) {
		fputs("# name: ", out);
		print_string(out, rm_manifest_strings(m, RM_LIST_ARGUMENTS), length(rm_manifest_strings(m, RM_LIST_ARGUMENTS)));
		fputc('\n', out);
		print_list(out, m, RM_LIST_ARGUMENTS, "arguments", 1);
	}
	if (m->deadline != 0)
		fprintf(out, "deadline = %" PRIu32 "\n", m->deadline);
	if (m->flags & RM_MANIFEST_SHUTDOWN)
		fprintf(out, "# an order to end all resident enclaves of the kernel %016" PRIx64 "%016" PRIx64 "\n", m->nonce[0], m->nonce[1]);
	if ((m->flags & RM_MANIFEST_RESIDENT) && m->resident.core != RM_CORE_ANY)
		fprintf(out, "core = %" PRIu32 "\n", m->resident.core);
	if (m->resident.devices != 0)
		print_devices(out, m->resident.devices);
	if (m->resident.attach != RM_ATTACH_NOBODY)
		fprintf(out, "attach = \"%s\"\n", manifest_attach(m->resident.attach));
	if (m->flags & RM_MANIFEST_SIGNALS)
		print_signals(out, m->signals);
	if (m->flags & RM_MANIFEST_SPAWN)
		print_programs(out, m);
	if ((m->flags & RM_MANIFEST_FILES) && m->count[RM_LIST_READ] + m->count[RM_LIST_WRITE] == 0)
		fputs("files = []\n", out);
	if (m->flags & RM_MANIFEST_ENVIRONMENT)
		print_environment(out, m);
	print_files(out, m, RM_LIST_READ, "read");
	print_files(out, m, RM_LIST_WRITE, "write");
	print_reservations(out, &m->resident);
}
