/* SPDX-License-Identifier: MIT */
/*
 * A core file (`ringmaster run --core`): an ELF file of what the program had when a signal ended it, in Linux's format (fs/binfmt_elf.c):
 * first the notes, then its regions, of which pages that were never touched are holes.
 *
 * Attacks considered: all of it goes to Linux in the clear, which is what the user asked for and the manifest permits. Linux may
 * refuse, shorten or change it. Only memory of the program is read. What the host answers is a descriptor or an error, and a count.
 */
#include "debug/inside.h"

#include "abi/debug.h"
#include "lib/string.h"
#include "load/policy.h"
#include "ring/access.h"
#include "ring/arena.h"

#define PIECE		(3 * RM_PAGE)	/* bytes of memory in one write: what fits into a slot */
#define REGIONS_MAX	65000u		/* program headers; the field has 16 bits */
#define SCAN_PAGES	4096u		/* that one mincore() looks at; its answer fills a page */

enum { NT_PRSTATUS = 1, NT_PRFPREG = 2, NT_PRPSINFO = 3, NT_AUXV = 6, NT_SIGINFO = 0x53494749, NT_FILE = 0x46494c45 };
enum { ET_CORE = 4, PT_LOAD = 1, PT_NOTE = 4, EM_AARCH64 = 183 };

struct ehdr {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct phdr {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

struct note {
	uint32_t name_size, size, type;
	char name[8];
};

/* Linux's struct elf_prstatus of AArch64. */
struct prstatus {
	int32_t signo, code, error;
	uint16_t current, pad;
	uint64_t pending, held;
	uint32_t pid, ppid, pgrp, sid;
	uint64_t times[8];
	struct rm_context registers;
	uint32_t fp_valid, pad2;
};

struct fpregs {
	uint64_t v[64];
	uint32_t fpsr, fpcr, reserved[2];
};

struct psinfo {
	char state, name, zombie, nice;
	uint32_t pad;
	uint64_t flags;
	uint32_t uid, gid, pid, ppid, pgrp, sid;
	char program[16], arguments[80];
};
_Static_assert(sizeof(struct prstatus) == 392 && sizeof(struct fpregs) == 528 && sizeof(struct psinfo) == 136 && sizeof(struct ehdr) == 64 &&
	       sizeof(struct phdr) == 56 && sizeof(struct note) == 20, "Linux's ABI");

struct core {
	struct rm_thread *t;
	int fd;
	bool failed;
	uint64_t at;			/* where the next bytes go */
	uint64_t scan;			/* a page of ours in the program's memory, for mincore() */
	const struct rm_siginfo *info;
	char name[RM_THREAD_NAME];	/* of the program; with NUL */
	char buffer[2048];
	size_t used;
};

static struct rm_hostcall call_in_slot(struct core *c, uint32_t number)
{
	return (struct rm_hostcall){ .t = c->t, .slot = c->t->debug_slot, .slots = 1, .used = sizeof(struct rm_host_call),
				     .message = { .number = number } };
}

static long make(struct rm_hostcall *h, enum rm_rule rule, uint64_t limit)
{
	long result;

	do {
		result = rm_hostcall_try(h, rule, limit);
	} while (result == -EINTR);
	return result;
}

/* Memory of ours or of the program at a place in the file. */
static void write_at(struct core *c, uint64_t offset, const void *from, size_t size)
{
	while (size > 0 && !c->failed) {
		struct rm_hostcall h = call_in_slot(c, LX_pwrite64);
		const size_t piece = rm_smaller(size, PIECE);
		long result = rm_hostcall_put(&h, 1, from, piece);

		h.message.arg[0] = (uint64_t)c->fd;
		h.message.arg[2] = piece;
		h.message.arg[3] = offset;
		if (result >= 0)
			result = make(&h, RM_RULE_COUNT, piece);
		if (result <= 0) {
			c->failed = true;
			return;
		}
		from = (const uint8_t *)from + result;
		offset += (uint64_t)result;
		size -= (size_t)result;
	}
}

static void flush(struct core *c)
{
	write_at(c, c->at, c->buffer, c->used);
	c->at += c->used;
	c->used = 0;
}

static void put(struct core *c, const void *from, size_t size)
{
	while (size > 0) {
		const size_t piece = rm_smaller(size, sizeof(c->buffer) - c->used);

		memcpy(c->buffer + c->used, from, piece);
		c->used += piece;
		from = (const uint8_t *)from + piece;
		size -= piece;
		if (c->used == sizeof(c->buffer))
			flush(c);
	}
}

static size_t note_size(size_t size)
{
	return sizeof(struct note) + ((size + 3) & ~3ul);
}

static void put_note(struct core *c, uint32_t type, const void *from, size_t size)
{
	const struct note note = { 5, (uint32_t)size, type, "CORE" };
	const uint32_t zero = 0;

	put(c, &note, sizeof(note));
	put(c, from, size);
	put(c, &zero, (4 - size % 4) % 4);
}

/*
 * Notes.
 */

static void put_thread(struct core *c, uint32_t index)
{
	const struct rm_thread *t = rm_thread_block(index);
	struct prstatus status = { .pid = rm_enclave.pid + index, .ppid = rm_enclave.ppid, .registers = t->context, .fp_valid = 1 };

	status.signo = c->info->signo;		/* of all threads, as Linux has it */
	status.current = (uint16_t)c->info->signo;
	status.held = t->signal.mask;
	put_note(c, NT_PRSTATUS, &status, sizeof(status));
}

static void put_fp(struct core *c, uint32_t index)
{
	const struct rm_fp *fp = &rm_thread_block(index)->fp;
	struct fpregs regs = { .fpsr = fp->fpsr, .fpcr = fp->fpcr };

	memcpy(regs.v, fp->v, sizeof(regs.v));
	put_note(c, NT_PRFPREG, &regs, sizeof(regs));
}

static void put_program(struct core *c)
{
	struct psinfo info = { .name = 'R', .uid = rm_enclave.uid, .gid = rm_enclave.gid, .pid = rm_enclave.pid, .ppid = rm_enclave.ppid };
	const size_t size = rm_smaller(rm_enclave.args_end - rm_enclave.args_start, sizeof(info.arguments) - 1);

	memcpy(info.program, c->name, sizeof(info.program));
	if (rm_get_user(info.arguments, rm_enclave.args_start, size) != 0)
		memset(info.arguments, 0, sizeof(info.arguments));
	for (size_t i = 0; i + 1 < size; i++)
		if (info.arguments[i] == 0)
			info.arguments[i] = ' ';
	put_note(c, NT_PRPSINFO, &info, sizeof(info));
}

static void put_siginfo(struct core *c)
{
	uint8_t bytes[LX_SIGINFO_SIZE] = { 0 };

	memcpy(bytes, c->info, sizeof(*c->info));
	put_note(c, NT_SIGINFO, bytes, sizeof(bytes));
}

#define AUX_MAX	512u

static size_t aux_size(void)
{
	return rm_smaller(rm_enclave.aux_size, AUX_MAX);
}

static void put_aux(struct core *c)
{
	uint8_t aux[AUX_MAX] = { 0 };

	rm_debug_peek(aux, rm_enclave.aux_start, aux_size());
	put_note(c, NT_AUXV, aux, aux_size());
}

/* Which addresses are of which file: the program's. */
struct files {
	uint64_t count, page, start, end, offset;
	char name[RM_THREAD_NAME];
};

static size_t files_size(const struct core *c)
{
	return offsetof(struct files, name) + strlen(c->name) + 1;
}

static void put_files(struct core *c)
{
	struct files files = { 1, RM_PAGE, rm_enclave.exec_start, rm_enclave.exec_end, 0, { 0 } };

	memcpy(files.name, c->name, sizeof(files.name));
	put_note(c, NT_FILE, &files, files_size(c));
}

/* The thread that died stands first, as gdb expects it. */
static void put_notes(struct core *c)
{
	put_thread(c, c->t->index);
	put_program(c);
	put_siginfo(c);
	put_aux(c);
	put_files(c);
	put_fp(c, c->t->index);
	for (uint32_t i = 0; i < RM_THREAD_MAX; i++) {
		if (i == c->t->index || rm_debug_state(i) == RM_DEBUG_ABSENT)
			continue;
		put_thread(c, i);
		put_fp(c, i);
	}
}

static size_t notes_size(const struct core *c)
{
	const size_t thread = note_size(sizeof(struct prstatus)) + note_size(sizeof(struct fpregs));
	size_t all = note_size(sizeof(struct psinfo)) + note_size(LX_SIGINFO_SIZE) + note_size(aux_size()) +
		     note_size(files_size(c)) + thread;

	for (uint32_t i = 0; i < RM_THREAD_MAX; i++)
		if (i != c->t->index && rm_debug_state(i) != RM_DEBUG_ABSENT)
			all += thread;
	return all;
}

/*
 * Regions.
 */

/* The next region behind an address that belongs into the file. */
static bool next_region(const struct core *c, uint64_t address, struct rm_region *region)
{
	while (rm_svc2(RM_SVC_REGIONS, address, region) == 1) {
		if (region->start != c->scan)
			return true;
		address = region->end;
	}
	return false;
}

/* What of a region has bytes in the file. */
static uint64_t in_file(const struct rm_region *region)
{
	return (region->flags & RM_REGION_READ) && !(region->flags & RM_REGION_BEYOND) ? region->end - region->start : 0;
}

static uint32_t count_regions(const struct core *c)
{
	struct rm_region region = { 0 };
	uint32_t count = 0;

	while (count < REGIONS_MAX && next_region(c, region.end, &region))
		count++;
	return count;
}

static void put_headers(struct core *c, uint32_t regions, uint64_t data)
{
	struct ehdr ehdr = { .ident = "\177ELF\2\1\1", .type = ET_CORE, .machine = EM_AARCH64, .version = 1, .phoff = sizeof(ehdr),
			     .ehsize = sizeof(ehdr), .phentsize = sizeof(struct phdr), .phnum = (uint16_t)(regions + 1) };
	struct phdr phdr = { .type = PT_NOTE, .offset = sizeof(ehdr) + (regions + 1) * sizeof(phdr), .filesz = notes_size(c), .align = 4 };
	struct rm_region region = { 0 };

	put(c, &ehdr, sizeof(ehdr));
	put(c, &phdr, sizeof(phdr));
	for (uint32_t i = 0; i < regions; i++) {
		if (!next_region(c, region.end, &region))	/* a call that went on has unmapped it */
			region = (struct rm_region){ .start = region.end, .end = region.end };
		phdr = (struct phdr){ .type = PT_LOAD, .offset = data, .vaddr = region.start, .filesz = in_file(&region),
				      .memsz = region.end - region.start, .align = RM_PAGE };
		phdr.flags = (region.flags & RM_REGION_READ ? 4u : 0) | (region.flags & RM_REGION_WRITE ? 2u : 0) |
			     (region.flags & RM_REGION_EXEC ? 1u : 0);
		put(c, &phdr, sizeof(phdr));
		data += phdr.filesz;
	}
}

/* Pages that are there, in runs. */
static void put_pages(struct core *c, uint64_t start, uint64_t pages, uint64_t offset)
{
	const uint8_t *present = (const uint8_t *)c->scan;
	uint64_t first;

	if (rm_svc3(LX_mincore, start, pages * RM_PAGE, c->scan) != 0)
		return;
	for (uint64_t i = 0; i < pages && !c->failed; i++) {
		for (first = i; i < pages && present[i]; i++)
			;
		write_at(c, offset + first * RM_PAGE, (const void *)(start + first * RM_PAGE), (i - first) * RM_PAGE);
	}
}

/* Where the file ends. */
static uint64_t put_regions(struct core *c, uint32_t regions, uint64_t data)
{
	struct rm_region region = { 0 };

	for (uint32_t i = 0; i < regions && next_region(c, region.end, &region); i++) {
		const uint64_t pages = in_file(&region) / RM_PAGE;

		for (uint64_t done = 0; done < pages; done += SCAN_PAGES)
			put_pages(c, region.start + done * RM_PAGE, rm_smaller(pages - done, SCAN_PAGES), data + done * RM_PAGE);
		data += pages * RM_PAGE;
	}
	return data;
}

static void cut(struct core *c, uint64_t size)
{
	struct rm_hostcall h = call_in_slot(c, LX_ftruncate);

	h.message.arg[0] = (uint64_t)c->fd;
	h.message.arg[1] = size;
	if (make(&h, RM_RULE_ZERO, 0) != 0)
		c->failed = true;
}

/* RM_CALL_CORE: the host's file, or what became of it. */
static long core_call(struct core *c, uint64_t operation)
{
	struct rm_hostcall h = call_in_slot(c, RM_CALL_CORE);

	h.message.arg[0] = operation;
	return make(&h, operation == RM_CORE_OPEN ? RM_RULE_FD : RM_RULE_ZERO, 0);
}

static void dump(struct core *c)
{
	const uint32_t regions = count_regions(c);
	const uint64_t head = sizeof(struct ehdr) + (regions + 1) * sizeof(struct phdr) + notes_size(c);
	const uint64_t data = rm_page_up(head);

	put_headers(c, regions, data);
	put_notes(c);
	flush(c);
	cut(c, put_regions(c, regions, data));
}

void rm_core_write(struct rm_thread *t, const struct rm_siginfo *info)
{
	struct core c = { .t = t, .info = info };
	long scan;

	if (!rm_debugger.core || t->debug_slot < 0 || t->dead)
		return;
	rm_debug_stop(t);
	memcpy(c.name, rm_thread_block(rm_debug_state(0) != RM_DEBUG_ABSENT ? 0 : t->index)->name, sizeof(c.name) - 1);
	rm_fp_save(&t->fp);
	scan = rm_svc(LX_mmap, 0, RM_PAGE, LX_PROT_READ | LX_PROT_WRITE, LX_MAP_PRIVATE | LX_MAP_ANONYMOUS, (unsigned long)-1, 0);
	if (scan < 0)
		return;
	c.scan = (uint64_t)scan;
	c.fd = (int)core_call(&c, RM_CORE_OPEN);
	if (c.fd < 0)
		return;
	dump(&c);
	core_call(&c, c.failed ? RM_CORE_FAILED : RM_CORE_DONE);
}
