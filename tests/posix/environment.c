/* SPDX-License-Identifier: MIT */
/* What a program finds when it starts: arguments, environment, auxiliary vector; and how it changes them. */
#include <elf.h>
#include <sys/auxv.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "case.h"

extern char **environ;

CASE(auxiliary_vector, "getuid geteuid getgid getegid getpid")
{
	EXPECT_EQ(getauxval(AT_PAGESZ), 4096);
	EXPECT_EQ(getauxval(AT_UID), getuid());
	EXPECT_EQ(getauxval(AT_EUID), geteuid());
	EXPECT_EQ(getauxval(AT_GID), getgid());
	EXPECT_EQ(getauxval(AT_EGID), getegid());
	EXPECT_EQ(getauxval(AT_SECURE), 0);
	EXPECT(getauxval(AT_RANDOM) && getauxval(AT_PHDR) && getauxval(AT_ENTRY));
	EXPECT_EQ(getauxval(AT_PHENT), sizeof(Elf64_Phdr));
	EXPECT(getauxval(AT_EXECFN) && strstr((const char *)getauxval(AT_EXECFN), "environment."));
	EXPECT_ERRNO(getauxval(99999) ? 0 : -1, ENOENT);
	/* The numbers above are 0 here, as a stub's would be. */
	EXPECT(syscall(178 /* gettid */) == getpid());
	EXPECT(getuid() == 0 && setenv("X", "y", 1) == 0);
}

HELPER(words)
{
	return strcmp(arg, "two  words and ' * $X") == 0 ? 4 : 5;
}

CASE(arguments, "exit exit_group")
{
	EXPECT_EQ(case_wait(case_same("words", "two  words and ' * $X")), 4 << 8);
	EXPECT_EQ(case_wait(case_same("words", "other")), 5 << 8);
}

CASE(variables, "uname")
{
	struct utsname names;
	char *text = getenv("PATH");

	EXPECT(text && *text == '/');
	EXPECT(setenv("NEW", "value", 1) == 0);
	EXPECT_STR(getenv("NEW"), "value");
	EXPECT(setenv("NEW", "other", 0) == 0);
	EXPECT_STR(getenv("NEW"), "value");
	EXPECT(unsetenv("NEW") == 0 && getenv("NEW") == NULL);
	EXPECT_ERRNO(setenv("A=B", "", 1), EINVAL);
	EXPECT(uname(&names) == 0);
	EXPECT_STR(names.sysname, "Linux");
	EXPECT_STR(names.machine, "aarch64");
}

CASE(uname, "uname")
{
	struct utsname names;
	char host[100] = "";

	memset(&names, 0xff, sizeof(names));
	EXPECT(uname(&names) == 0);
	EXPECT_STR(names.sysname, "Linux");
	EXPECT_STR(names.machine, "aarch64");
	EXPECT(strlen(names.release) > 3 && strlen(names.version) > 3);
	EXPECT(gethostname(host, sizeof(host)) == 0);
	EXPECT_STR(host, names.nodename);
	EXPECT_ERRNO(uname((void *)8), EFAULT);
	SAY("%s %s", names.release, names.version);
}

CASE(system_configuration, "sched_getaffinity sysinfo prlimit64")
{
	EXPECT_EQ(sysconf(_SC_PAGESIZE), 4096);
	EXPECT_EQ(sysconf(_SC_CLK_TCK), 100);
	EXPECT(sysconf(_SC_NPROCESSORS_ONLN) >= 1 && sysconf(_SC_OPEN_MAX) > 100);
	EXPECT(sysconf(_SC_PHYS_PAGES) > 1000);
	EXPECT_ERRNO(sysconf(-5), EINVAL);
	SAY("%ld processors, %ld descriptors", sysconf(_SC_NPROCESSORS_ONLN), sysconf(_SC_OPEN_MAX));
}

CASE(random_bytes, "getrandom")
{
	unsigned char first[64] = { 0 }, second[64] = { 0 };

	EXPECT(getentropy(first, sizeof(first)) == 0 && getentropy(second, sizeof(second)) == 0);
	EXPECT(memcmp(first, second, sizeof(first)) != 0);
	EXPECT_ERRNO(getentropy(first, 257), EIO);
	EXPECT_EQ(syscall(278, first, 64, 1), 64);
	EXPECT_EQ(syscall(278, first, 0, 0), 0);
	EXPECT_ERRNO(syscall(278, first, 64, 0x100), EINVAL);
	EXPECT_ERRNO(syscall(278, 8, 64, 0), EFAULT);
}
