/* SPDX-License-Identifier: MIT */
/* Who a process is: users, groups, capabilities, process groups, prctl. What changes them for good is done in helpers. */
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "case.h"

CASE(same_as_resuid, "getuid geteuid getgid getegid getresuid getresgid")
{
	uid_t r = 9, e = 9, s = 9;
	struct stat st;

	case_write_file("mine", "x", 1);
	MUST(stat("mine", &st) == 0);
	EXPECT_EQ(getresuid(&r, &e, &s), 0);
	EXPECT_EQ(getuid(), r);
	EXPECT_EQ(geteuid(), e);
	EXPECT_EQ(st.st_uid, e);
	EXPECT_EQ(s, e);
	EXPECT_EQ(getresgid(&r, &e, &s), 0);
	EXPECT_EQ(getgid(), r);
	EXPECT_EQ(getegid(), e);
	EXPECT_EQ(st.st_gid, e);
	EXPECT_ERRNO(getresuid((uid_t *)8, &e, &s), EFAULT);
}

HELPER(setuid)
{
	struct stat st;
	uid_t r, e, s;

	if (setgid(100) != 0 || setuid(1000) != 0)
		return 1;
	if (getuid() != 1000 || geteuid() != 1000 || getgid() != 100 || getegid() != 100)
		return 2;
	if (getresuid(&r, &e, &s) != 0 || r != 1000 || e != 1000 || s != 1000)
		return 3;
	if (setuid(0) != -1 || errno != EPERM || setgid(0) != -1 || errno != EPERM)
		return 4;
	if (mkdir("open/mine", 0700) != 0 || stat("open/mine", &st) != 0 || st.st_uid != 1000 || st.st_gid != 100)
		return 5;
	return geteuid() == 1000 ? 0 : 6;
}

CASE(setuid, "setuid setgid")
{
	EXPECT_EQ(chmod(".", 0755), 0);
	umask(0);
	EXPECT_EQ(mkdir("open", 0777), 0);
	EXPECT_EQ(case_wait(case_same("setuid", "")), 0);
}

HELPER(setres)
{
	uid_t r, e, s;

	if (setresgid(1, 2, 3) != 0 || setresuid(10, 20, 30) != 0)
		return 1;
	if (getresuid(&r, &e, &s) != 0 || r != 10 || e != 20 || s != 30 || getuid() != 10 || geteuid() != 20)
		return 2;
	if (getresgid(&r, &e, &s) != 0 || r != 1 || e != 2 || s != 3 || getegid() != 2)
		return 3;
	if (setresuid(-1, 30, -1) != 0 || geteuid() != 30)
		return 4;
	if (setresuid(40, -1, -1) != -1 || errno != EPERM)
		return 5;
	return setreuid(30, 10) == 0 && getuid() == 30 && geteuid() == 10 ? 0 : 6;
}

CASE(setresuid, "setresuid setresgid setreuid")
{
	EXPECT_EQ(case_wait(case_same("setres", "")), 0);
}

HELPER(setre)
{
	if (setregid(5, 6) != 0 || getgid() != 5 || getegid() != 6)
		return 1;
	if (setreuid(7, 8) != 0 || getuid() != 7 || geteuid() != 8)
		return 2;
	return setreuid(9, -1) == -1 && errno == EPERM ? 0 : 3;
}

CASE(setreuid, "setreuid setregid")
{
	EXPECT_EQ(case_wait(case_same("setre", "")), 0);
}

HELPER(filesystem_user)
{
	struct stat st;

	if (setfsgid(100) != 0 || setfsuid(1000) != 0)
		return 1;
	if (setfsuid(-1) != 1000 || setfsgid(-1) != 100 || geteuid() != 0)
		return 2;
	if (mkdir("open/fs", 0700) != 0 || stat("open/fs", &st) != 0 || st.st_uid != 1000 || st.st_gid != 100)
		return 3;
	return open("secret", O_RDONLY) == -1 && errno == EACCES ? 0 : 4;
}

CASE(setfsuid, "setfsuid setfsgid")
{
	case_write_file("secret", "x", 1);
	EXPECT_EQ(chmod("secret", 0600), 0);
	EXPECT_EQ(chmod(".", 0755), 0);
	umask(0);
	EXPECT_EQ(mkdir("open", 0777), 0);
	EXPECT_EQ(case_wait(case_same("filesystem_user", "")), 0);
}

HELPER(groups)
{
	const gid_t set[3] = { 30, 10, 20 };
	gid_t got[8];

	if (setgroups(3, set) != 0 || getgroups(0, NULL) != 3 || getgroups(8, got) != 3)
		return 1;
	if (got[0] + got[1] + got[2] != 60)
		return 2;
	if (getgroups(2, got) != -1 || errno != EINVAL)
		return 3;
	if (syscall(SYS_setgroups, 65537, set) != -1 || errno != EINVAL)
		return 4;
	if (syscall(SYS_setgroups, 3, 8) != -1 || errno != EFAULT)
		return 5;
	if (setgid(10) != 0 || setuid(1000) != 0)
		return 6;
	if (setgroups(0, NULL) != -1 || errno != EPERM)
		return 7;
	return open("group", O_RDONLY) > 2 ? 0 : 8;
}

CASE(groups, "setgroups getgroups")
{
	case_write_file("group", "x", 1);
	EXPECT_EQ(chown("group", 0, 20), 0);
	EXPECT_EQ(chmod("group", 0640), 0);
	EXPECT_EQ(chmod(".", 0755), 0);
	EXPECT_EQ(case_wait(case_same("groups", "")), 0);
}

HELPER(capabilities)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) != 0 || !(data[0].effective & 1u << CAP_CHOWN))
		return 1;
	data[0].effective &= ~(1u << CAP_CHOWN);
	if (syscall(SYS_capset, &header, data) != 0)
		return 2;
	memset(data, 0xff, sizeof(data));
	if (syscall(SYS_capget, &header, data) != 0 || (data[0].effective & 1u << CAP_CHOWN))
		return 3;
	if (chown("file", 5, 5) != -1 || errno != EPERM)
		return 4;
	data[0].permitted |= 1u << 31;
	header.version = 0x12345678;
	if (syscall(SYS_capget, &header, data) != -1 || errno != EINVAL || header.version != _LINUX_CAPABILITY_VERSION_3)
		return 5;
	return syscall(SYS_capget, 8, data) == -1 && errno == EFAULT ? 0 : 6;
}

CASE(capabilities, "capget capset")
{
	case_write_file("file", "x", 1);
	EXPECT_EQ(case_wait(case_same("capabilities", "")), 0);
}

HELPER(session)
{
	if (setpgid(0, 0) != 0 || getpgrp() != getpid() || getpgid(0) != getpid() || getpgid(getpid()) != getpid())
		return 1;
	if (setsid() != -1 || errno != EPERM)
		return 2;
	if (setpgid(0, 0x3fffffff) != -1 || errno != EPERM)
		return 3;
	if (setpgid(0, -1) != -1 || errno != EINVAL)
		return 4;
	if (getpgid(0x3fffffff) != -1 || errno != ESRCH)
		return 5;
	return getsid(0) == getsid(getpid()) && getsid(0) != getpid() ? 0 : 6;
}

CASE(process_group, "setpgid getpgid getsid setsid")
{
	EXPECT_EQ(case_wait(case_same("session", "")), 0);
}

CASE(name, "prctl")
{
	char name[17] = "";

	EXPECT_EQ(prctl(PR_SET_NAME, "short"), 0);
	EXPECT_EQ(prctl(PR_GET_NAME, name), 0);
	EXPECT_STR(name, "short");
	EXPECT_EQ(prctl(PR_SET_NAME, "a name that is much too long"), 0);
	EXPECT_EQ(prctl(PR_GET_NAME, name), 0);
	EXPECT_STR(name, "a name that is ");
	EXPECT_ERRNO(prctl(PR_SET_NAME, 8), EFAULT);
	EXPECT_ERRNO(prctl(9999, 0, 0, 0, 0), EINVAL);
}

CASE(first_name, "prctl")
{
	char name[17] = "";

	EXPECT_EQ(case_wait(case_same("named", "")), 0);
	EXPECT_EQ(prctl(PR_SET_NAME, "x"), 0);
	EXPECT_EQ(prctl(PR_GET_NAME, name), 0);
	EXPECT_STR(name, "x");
}

HELPER(named)
{
	char name[17] = "";

	/* A process is called as its file: identity.native or identity.enclave, cut to fifteen. */
	if (prctl(PR_GET_NAME, name) != 0)
		return 1;
	return strncmp(name, "identity.", 9) == 0 && strlen(name) == 15 ? 0 : 2;
}

HELPER(options)
{
	int number = 99;

	if (prctl(PR_GET_DUMPABLE) != 1 || prctl(PR_SET_DUMPABLE, 0) != 0 || prctl(PR_GET_DUMPABLE) != 0)
		return 1;
	if (prctl(PR_SET_DUMPABLE, 7) != -1 || errno != EINVAL)
		return 2;
	if (prctl(PR_SET_PDEATHSIG, SIGUSR1) != 0 || prctl(PR_GET_PDEATHSIG, &number) != 0 || number != SIGUSR1)
		return 3;
	if (prctl(PR_SET_PDEATHSIG, 999) != -1 || errno != EINVAL)
		return 4;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return 5;
	if (prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0) != -1 || errno != EINVAL)
		return 6;
	if (prctl(PR_SET_KEEPCAPS, 1) != 0 || prctl(PR_GET_KEEPCAPS) != 1)
		return 7;
	if (prctl(PR_CAPBSET_READ, CAP_CHOWN) != 1 || prctl(PR_CAPBSET_READ, 999) != -1 || errno != EINVAL)
		return 8;
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 || prctl(PR_GET_CHILD_SUBREAPER, &number) != 0 || number != 1)
		return 9;
	return prctl(PR_GET_PDEATHSIG, 8) == -1 && errno == EFAULT ? 0 : 10;
}

CASE(options, "prctl")
{
	EXPECT_EQ(case_wait(case_same("options", "")), 0);
}

