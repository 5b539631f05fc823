/* SPDX-License-Identifier: MIT */
/* Turns system calls of this process into stubs, by a filter of Linux's (seccomp). Native builds only use it. */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

#include "lib.h"

#define CALLS_MAX	32

static const struct {
	const char *name;
	unsigned number;
} numbers[] = {
#define LX(name, number) { #name, number },
#include "numbers.inc"
#undef LX
};

static unsigned number_of(const char *name)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (strcmp(numbers[i].name, name) == 0)
			return numbers[i].number;
	fprintf(stderr, "Linux has no system call '%s'\n", name);
	exit(99);
}

void stub_install(const char *calls, bool nosys)
{
	struct sock_filter filter[CALLS_MAX + 3];
	struct sock_fprog program = { .filter = filter };
	char list[400], *next = list, *name;
	unsigned wanted[CALLS_MAX], count = 0;

	snprintf(list, sizeof(list), "%s", calls);
	while ((name = strsep(&next, " ,")) != NULL && count < CALLS_MAX)
		if (*name)
			wanted[count++] = number_of(name);
	filter[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (unsigned i = 0; i < count; i++)
		filter[1 + i] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, wanted[i], (unsigned char)(count - i), 0);
	filter[1 + count] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	filter[2 + count] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (nosys ? ENOSYS : 0));
	program.len = (unsigned short)(count + 3);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
		perror("seccomp");
		exit(99);
	}
}
