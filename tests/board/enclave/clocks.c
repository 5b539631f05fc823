/* SPDX-License-Identifier: MIT */
/*
 * clocks: finds the vDSO's functions as a dynamic linker would, and tells how many system calls 100,000 uses of each took; natively, 0.
 */
#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/time.h>
#include <time.h>

#include <ringmaster.h>

#define CALLS 100000
#define STAT_SVCS 3	/* RM_STAT_SVCS */

static long svcs(void)
{
	if (!ringmaster_in_enclave())
		return 0;
	register long x8 __asm__("x8") = RM_SVC_STAT;
	register long x0 __asm__("x0") = STAT_SVCS;

	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x8) : "memory");
	return x0;
}

/* By name and version, through the hash table's count of symbols. */
static void *find(const char *name)
{
	const char *base = (const char *)getauxval(AT_SYSINFO_EHDR), *strings = NULL;
	const Elf64_Ehdr *head = (const Elf64_Ehdr *)base;
	const Elf64_Phdr *segment = (const Elf64_Phdr *)(base + (base ? head->e_phoff : 0));
	const Elf64_Dyn *dynamic = NULL;
	const Elf64_Sym *symbols = NULL;
	const unsigned *hash = NULL;

	for (int i = 0; base && i < head->e_phnum; i++)
		if (segment[i].p_type == PT_DYNAMIC)
			dynamic = (const Elf64_Dyn *)(base + segment[i].p_offset);
	for (; dynamic && dynamic->d_tag; dynamic++) {
		if (dynamic->d_tag == DT_STRTAB)
			strings = base + dynamic->d_un.d_ptr;
		if (dynamic->d_tag == DT_SYMTAB)
			symbols = (const Elf64_Sym *)(base + dynamic->d_un.d_ptr);
		if (dynamic->d_tag == DT_HASH)
			hash = (const unsigned *)(base + dynamic->d_un.d_ptr);
	}
	for (unsigned i = 0; strings && symbols && hash && i < hash[1]; i++)
		if (symbols[i].st_shndx && strcmp(strings + symbols[i].st_name, name) == 0)
			return (void *)(base + symbols[i].st_value);
	return NULL;
}

static int (*gettime)(clockid_t, struct timespec *);
static int (*getday)(struct timeval *, void *);
static int (*getres)(clockid_t, struct timespec *);

static void tell(const char *what, long before, long after)
{
	/* The two calls that count are calls themselves. */
	printf("%s: %ld\n", what, ringmaster_in_enclave() ? after - before - 1 : 0);
}

int main(void)
{
	struct timespec a, b;
	struct timeval day;
	long before;
	int failed = 0;

	gettime = (int (*)(clockid_t, struct timespec *))find("__kernel_clock_gettime");
	getday = (int (*)(struct timeval *, void *))find("__kernel_gettimeofday");
	getres = (int (*)(clockid_t, struct timespec *))find("__kernel_clock_getres");
	if (!gettime || !getday || !getres || !find("__kernel_rt_sigreturn")) {
		puts("no vDSO");
		return 1;
	}
	clock_gettime(CLOCK_MONOTONIC, &a);
	before = svcs();
	for (int i = 0; i < CALLS; i++) {
		clock_gettime(CLOCK_MONOTONIC, &b);
		failed += b.tv_sec < a.tv_sec || (b.tv_sec == a.tv_sec && b.tv_nsec < a.tv_nsec);
		a = b;
	}
	tell("clock_gettime", before, svcs());
	before = svcs();
	for (int i = 0; i < CALLS; i++)
		failed += gettime(i % 2 ? CLOCK_REALTIME : CLOCK_BOOTTIME, &a) != 0;
	tell("__kernel_clock_gettime", before, svcs());
	before = svcs();
	for (int i = 0; i < CALLS; i++)
		failed += getday(&day, NULL) != 0 || getres(CLOCK_MONOTONIC, &b) != 0 || b.tv_nsec != 1;
	tell("__kernel_gettimeofday", before, svcs());
	/* Both ways to the same clock agree, and other clocks are still there. */
	clock_gettime(CLOCK_REALTIME, &a);
	failed += day.tv_sec > a.tv_sec || a.tv_sec - day.tv_sec > 5;
	failed += gettime(CLOCK_PROCESS_CPUTIME_ID, &a) != 0 || gettime(77, &a) == 0;
	printf("failed: %d\n", failed);
	return failed != 0;
}
