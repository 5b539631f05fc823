/* SPDX-License-Identifier: MIT */
/*
 * kexec IMAGE ADDRESS INITRD ADDRESS DTB ADDRESS STUB-ADDRESS: replaces the running Linux by another one, without asking anybody. All lie where the
 * firmware would have put them. The stub enters the image as the boot protocol wants it, with x0 at the device tree.
 */
#include <fcntl.h>
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE		4096ul
#define IMAGE_SIZE	2	/* 64-bit word of the image's header: its size in memory, with what is not in the file */
#define SEGMENTS	4

static const uint32_t stub_code[] = {
	0x580000c0,	/* ldr x0, device tree */
	0xd2800001,	/* mov x1, #0 */
	0xd2800002,	/* mov x2, #0 */
	0xd2800003,	/* mov x3, #0 */
	0x58000084,	/* ldr x4, image */
	0xd61f0080,	/* br x4 */
};

static struct kexec_segment segments[SEGMENTS];

static uint64_t number(const char *text)
{
	return strtoull(text, NULL, 0);
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void load(struct kexec_segment *segment, const char *path, uint64_t address)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &status))
		fail(path);
	segment->bufsz = (size_t)status.st_size;
	segment->buf = mmap(NULL, segment->bufsz, PROT_READ, MAP_PRIVATE, fd, 0);
	if (segment->buf == MAP_FAILED)
		fail(path);
	segment->mem = (const void *)address;
	segment->memsz = (segment->bufsz + PAGE - 1) & ~(PAGE - 1);
}

int main(int argc, char **argv)
{
	static uint64_t stub[8];

	if (argc != 8) {
		fprintf(stderr, "usage: kexec IMAGE ADDRESS INITRD ADDRESS DTB ADDRESS STUB-ADDRESS\n");
		return 2;
	}
	for (int i = 0; i < 3; i++)
		load(&segments[i], argv[1 + 2 * i], number(argv[2 + 2 * i]));
	segments[0].memsz = (((const uint64_t *)segments[0].buf)[IMAGE_SIZE] + PAGE - 1) & ~(PAGE - 1);
	memcpy(stub, stub_code, sizeof(stub_code));
	stub[3] = number(argv[6]);
	stub[4] = number(argv[2]);
	segments[3] = (struct kexec_segment){ .buf = stub, .bufsz = sizeof(stub), .mem = (const void *)number(argv[7]), .memsz = PAGE };
	if (syscall(SYS_kexec_load, number(argv[7]), (unsigned long)SEGMENTS, segments, (unsigned long)KEXEC_ARCH_AARCH64))
		fail("kexec_load");
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_KEXEC, NULL);
	fail("reboot");
}
