/* SPDX-License-Identifier: MIT */
/*
 * The report of a program that a signal ended (struct rm_death), which its runtime sends if its manifest permits debugging: registers
 * and backtrace, with names from the program's file.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../cli/message.h"
#include "../report/lines.h"
#include "../report/symbols.h"
#include "proxy.h"

struct program {
	const uint8_t *bytes;	/* of the ELF file; null: it cannot be read */
	size_t size;
	const char *path;	/* null: no file of its own (an image) */
};

static void open_program(const struct proxy *proxy, struct program *program)
{
	int fd = open(proxy->path, O_RDONLY | O_CLOEXEC);
	struct rm_image image;
	struct stat status;
	void *at;

	*program = (struct program){ 0 };
	if (fd < 0)
		return;
	at = fstat(fd, &status) == 0 && status.st_size > 0 ? mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
	close(fd);
	if (at == MAP_FAILED)
		return;
	program->bytes = at;
	program->size = (size_t)status.st_size;
	program->path = proxy->path;
	if (!proxy->image || program->size < sizeof(image))
		return;
	memcpy(&image, at, sizeof(image));
	program->path = NULL;
	if (image.program_offset < program->size) {
		program->bytes += image.program_offset;
		program->size -= image.program_offset;
	}
}

/* An address as "0x... main+0x24 (file.c:12)"; back: it is a return address, and the call stands before it. */
static void describe(const struct program *program, const struct rm_death *death, uint64_t address, int back, char *text, size_t size)
{
	uint64_t in_file = address - death->bias;
	struct symbol symbol;
	char line[200];
	int used = snprintf(text, size, "%#" PRIx64, address);

	if (address < death->start || address >= death->end || program->bytes == NULL)
		return;
	if (symbol_find(program->bytes, program->size, in_file - (uint64_t)back, &symbol) == 0 && (size_t)used < size)
		used += snprintf(text + used, size - (size_t)used, " %.120s+%#" PRIx64, symbol.name, symbol.offset + (uint64_t)back);
	if (program->path != NULL && (size_t)used < size && line_find(program->path, in_file - (uint64_t)back, line, sizeof(line)) == 0)
		snprintf(text + used, size - (size_t)used, " (%s)", line);
}

/* The name of the function that holds an address; null: nobody knows. */
static const char *function(const struct program *program, const struct rm_death *death, uint64_t address)
{
	struct symbol symbol;

	if (address < death->start || address >= death->end || program->bytes == NULL ||
	    symbol_find(program->bytes, program->size, address - death->bias, &symbol) != 0)
		return NULL;
	return symbol.name;
}

/*
 * A function without a frame of its own has its caller in x30 only. One that has a frame may have left there where its last call came
 * back: then that is in the function itself.
 */
static bool caller_in_link(const struct program *program, const struct rm_death *death)
{
	const char *here = function(program, death, death->pc), *link = function(program, death, death->x[30] - 4);

	return here != NULL && link != NULL && here != link && (death->frames < 2 || death->frame[1] != death->x[30]);
}

static void print_frame(const struct proxy *proxy, const struct program *program, const struct rm_death *death, unsigned number,
			uint64_t address)
{
	char text[512];

	describe(program, death, address, number == 0 ? 0 : 4, text, sizeof(text));
	dprintf(STDERR_FILENO, "  #%-2u %s\n", number, text);
	if (number < 8)
		log_line(proxy, RM_LOG_PROXY, "#%u %.120s", number, text);
}

static void print_registers(const struct rm_death *d)
{
	for (unsigned i = 0; i < 31; i += 4) {
		char line[160];
		int used = 0;

		for (unsigned r = i; r < i + 4 && r < 31; r++)
			used += snprintf(line + used, sizeof(line) - (size_t)used, "  x%-2u %016" PRIx64, r, d->x[r]);
		if (i == 28)
			used += snprintf(line + used, sizeof(line) - (size_t)used, "  sp  %016" PRIx64, d->sp);
		dprintf(STDERR_FILENO, "%s\n", line);
	}
	dprintf(STDERR_FILENO, "  pc  %016" PRIx64 "  pstate %08" PRIx64 "\n", d->pc, d->pstate);
}

/* RM_HOST_DEATH: the report stands at `offset` of the region. */
void death_report(const struct proxy *proxy, const struct region *region, uint64_t offset)
{
	struct program program;
	struct rm_death death;
	unsigned number = 0;

	if (offset % 8 != 0 || offset > REGION_SIZE - sizeof(death))
		return;
	memcpy(&death, region->base + offset, sizeof(death));
	open_program(proxy, &program);
	warn("%s (enclave %u): thread %u died by signal %u (%s), address %#" PRIx64, proxy->program, proxy->id, region->index, death.signal,
	     death.signal < NSIG && strsignal((int)death.signal) != NULL ? strsignal((int)death.signal) : "?", death.address);
	print_registers(&death);
	for (uint32_t i = 0; i < death.frames && i < RM_DEATH_FRAMES; i++) {
		print_frame(proxy, &program, &death, number++, death.frame[i]);
		if (i == 0 && caller_in_link(&program, &death))
			print_frame(proxy, &program, &death, number++, death.x[30]);
	}
}
