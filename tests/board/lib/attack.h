/* SPDX-License-Identifier: MIT */
/* What a hostile Linux does, as functions (tests/attack). */
#ifndef T_ATTACK_H
#define T_ATTACK_H

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../attack/attack.h"
#include "t.h"

#define ATTACK_PAGE 4096ul

static int attack_fd = -1;
static sigjmp_buf attack_escape;
static volatile sig_atomic_t attack_code;

T_UNUSED static void attack_on_sigbus(int signal, siginfo_t *info, void *context)
{
	(void)signal, (void)context;
	attack_code = info->si_code;
	siglongjmp(attack_escape, 1);
}

T_UNUSED static void attack_open(void)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = attack_on_sigbus;
	action.sa_flags = SA_SIGINFO;
	sigaction(SIGBUS, &action, NULL);
	attack_fd = open(RM_ATTACK_DEVICE, O_RDWR | O_SYNC | O_CLOEXEC);
	if (attack_fd < 0)
		t_skip("the attack module is not loaded");
}

/* Physical address of one more ordinary page. */
T_UNUSED static uint64_t attack_page(void)
{
	int fd = open(RM_ATTACK_DEVICE, O_RDWR | O_CLOEXEC);
	__u64 address;

	MUST(fd >= 0 && ioctl(fd, RM_ATTACK_PAGE, &address) == 0);
	return address;
}

/* The page at a physical address, as this process sees it. */
T_UNUSED static volatile uint64_t *attack_map(uint64_t address)
{
	void *p = mmap(NULL, ATTACK_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, attack_fd, (off_t)(address & ~(ATTACK_PAGE - 1)));

	MUST(p != MAP_FAILED);
	return (volatile uint64_t *)((char *)p + (address & (ATTACK_PAGE - 1)));
}

T_UNUSED static void attack_unmap(volatile uint64_t *p)
{
	munmap((void *)((uintptr_t)p & ~(ATTACK_PAGE - 1)), ATTACK_PAGE);
}

/* One load or store of 64 bits through the mapping. 0: it went through; 1: the bus refused it with an external abort. */
T_UNUSED static int attack_access(volatile uint64_t *p, uint64_t *value, int store)
{
	attack_code = 0;
	if (sigsetjmp(attack_escape, 1)) {
		CHECK(attack_code == BUS_OBJERR);
		return 1;
	}
	if (store)
		*p = *value;
	else
		*value = *p;
	__asm__ volatile("dsb sy" ::: "memory");
	return 0;
}

/* Both a load and a store at a physical address must be refused. */
T_UNUSED static void attack_must_abort(const char *what, uint64_t address)
{
	volatile uint64_t *p = attack_map(address);
	uint64_t value = 0xbadbadbadbadbad;

	if (!attack_access(p, &value, 0)) {
		T_FAIL("a load went through");
		fprintf(stderr, "\t%s at %#llx holds %#llx\n", what, (unsigned long long)address, (unsigned long long)value);
	}
	if (!attack_access(p, &value, 1)) {
		T_FAIL("a store went through");
		fprintf(stderr, "\t%s at %#llx\n", what, (unsigned long long)address);
	}
	attack_unmap(p);
}

/* A virtio disk reads or writes `size` bytes there. 0, or -1 with errno. */
T_UNUSED static int attack_dma(uint64_t address, uint64_t sector, uint32_t size, int to_memory)
{
	struct rm_attack_dma request = { .address = address, .sector = sector, .size = size, .to_memory = (uint32_t)to_memory };

	return ioctl(attack_fd, RM_ATTACK_DMA, &request);
}

/* Puts `size` bytes on the disk by way of an ordinary page; ends the test if even that does not work. */
T_UNUSED static void attack_disk_write(uint64_t sector, const void *bytes, uint32_t size)
{
	static uint64_t page;
	volatile uint64_t *p;

	if (!page)
		page = attack_page();
	p = attack_map(page);
	memcpy((void *)p, bytes, size);
	int result = attack_dma(page, sector, size, 0);
	if (result && errno == ENODEV)
		t_skip("the board was started without the disk for DMA");
	MUST(result == 0);
	attack_unmap(p);
}

T_UNUSED static void attack_disk_read(uint64_t sector, void *bytes, uint32_t size)
{
	static uint64_t page;
	volatile uint64_t *p;

	if (!page)
		page = attack_page();
	p = attack_map(page);
	memset((void *)p, 0x11, size);
	MUST(attack_dma(page, sector, size, 1) == 0);
	memcpy(bytes, (void *)p, size);
	attack_unmap(p);
}

/* Any SMC with up to five arguments; results in *result, x0 returned. Made again as long as it asks for that. */
T_UNUSED static long attack_smc(struct rm_attack_smc *result, uint64_t function, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
	uint64_t e)
{
	do {
		*result = (struct rm_attack_smc){ { function, a, b, c, d, e } };
		MUST(ioctl(attack_fd, RM_ATTACK_SMC, result) == 0);
	} while ((long)result->x[0] == -11);
	return (long)result->x[0];
}

#endif
