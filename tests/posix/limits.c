/* SPDX-License-Identifier: MIT */
/* Resource limits, and what the system tells of itself. */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "case.h"

static rlim_t swap_limit(int resource, rlim_t soft)
{
	struct rlimit limit;
	rlim_t old;

	MUST(getrlimit(resource, &limit) == 0);
	old = limit.rlim_cur;
	limit.rlim_cur = soft;
	MUST(setrlimit(resource, &limit) == 0);
	return old;
}

CASE(get_set, "prlimit64")
{
	struct rlimit limit, now;

	MUST(getrlimit(RLIMIT_CORE, &limit) == 0);
	limit.rlim_cur = 12345;
	EXPECT_EQ(setrlimit(RLIMIT_CORE, &limit), 0);
	EXPECT_EQ(getrlimit(RLIMIT_CORE, &now), 0);
	EXPECT_EQ(now.rlim_cur, 12345);
	EXPECT_EQ(now.rlim_max, limit.rlim_max);
	limit.rlim_cur = 0;
	EXPECT_EQ(prlimit(getpid(), RLIMIT_CORE, &limit, &now), 0);
	EXPECT_EQ(now.rlim_cur, 12345);
}

CASE(older_calls, "getrlimit setrlimit")
{
	struct rlimit limit = { 0, 0 }, now;

	EXPECT_EQ(syscall(SYS_getrlimit, RLIMIT_CORE, &limit), 0);
	limit.rlim_cur = limit.rlim_max < 4096 ? limit.rlim_max : 4096;
	EXPECT_EQ(syscall(SYS_setrlimit, RLIMIT_CORE, &limit), 0);
	EXPECT_EQ(getrlimit(RLIMIT_CORE, &now), 0);
	EXPECT_EQ(now.rlim_cur, limit.rlim_cur);
	EXPECT_ERRNO(syscall(SYS_getrlimit, 99, &limit), EINVAL);
	EXPECT_ERRNO(syscall(SYS_getrlimit, RLIMIT_CORE, 8), EFAULT);
	EXPECT_ERRNO(syscall(SYS_setrlimit, RLIMIT_CORE, 8), EFAULT);
}

CASE(errors, "prlimit64")
{
	struct rlimit limit = { 100, 50 };

	EXPECT_ERRNO(setrlimit(RLIMIT_CORE, &limit), EINVAL);
	EXPECT_ERRNO(getrlimit(99, &limit), EINVAL);
	EXPECT_ERRNO(syscall(SYS_prlimit64, 0, RLIMIT_CORE, NULL, (void *)8), EFAULT);
	EXPECT_ERRNO(syscall(SYS_prlimit64, 0, RLIMIT_CORE, (void *)8, NULL), EFAULT);
}

CASE(descriptors, "prlimit64 openat dup dup3 fcntl")
{
	rlim_t old = swap_limit(RLIMIT_NOFILE, 20);
	int last = -1, fd;

	while ((fd = open("/dev/null", O_RDONLY)) >= 0)
		last = fd;
	EXPECT_EQ(errno, EMFILE);
	EXPECT_EQ(last, 19);
	EXPECT_ERRNO(dup(2), EMFILE);
	EXPECT_ERRNO(dup2(2, 20), EBADF);
	EXPECT_ERRNO(fcntl(2, F_DUPFD, 20), EINVAL);
	EXPECT_ERRNO(fcntl(2, F_DUPFD, 19), EMFILE);
	int pipes[2];
	EXPECT_ERRNO(pipe(pipes), EMFILE);
	EXPECT_EQ(close(18), 0);
	EXPECT_ERRNO(pipe(pipes), EMFILE);
	EXPECT_EQ(open("/dev/null", O_RDONLY), 18);
	swap_limit(RLIMIT_NOFILE, old);
	EXPECT_EQ(open("/dev/null", O_RDONLY), 20);
}

CASE(many_descriptors, "prlimit64 openat")
{
	rlim_t old = swap_limit(RLIMIT_NOFILE, 1000);
	int count = 0, fd, last = -1;

	while ((fd = open("/dev/null", O_RDONLY)) >= 0) {
		last = fd;
		count++;
	}
	EXPECT_EQ(errno, EMFILE);
	EXPECT_EQ(last, 999);
	EXPECT(count > 900);
	for (int i = 10; i < 1000; i++)
		close(i);
	swap_limit(RLIMIT_NOFILE, old);
}

static int caught;

static void note(int number)
{
	caught = number;
}

CASE(file_size, "prlimit64 write")
{
	struct sigaction action = { .sa_handler = note };
	rlim_t old = swap_limit(RLIMIT_FSIZE, 100);
	char data[80] = "";
	int fd = open("file", O_RDWR | O_CREAT, 0600);

	caught = 0;
	MUST(sigaction(SIGXFSZ, &action, NULL) == 0);
	EXPECT_EQ(write(fd, data, 80), 80);
	EXPECT_EQ(caught, 0);
	EXPECT_EQ(write(fd, data, 80), 20);
	EXPECT_EQ(caught, 0);
	EXPECT_ERRNO(write(fd, data, 80), EFBIG);
	EXPECT_EQ(caught, SIGXFSZ);
	caught = 0;
	EXPECT_ERRNO(pwrite(fd, data, 1, 500), EFBIG);
	EXPECT_EQ(caught, SIGXFSZ);
	caught = 0;
	EXPECT_ERRNO(ftruncate(fd, 101), EFBIG);
	EXPECT_EQ(caught, SIGXFSZ);
	caught = 0;
	EXPECT_ERRNO(truncate("file", 101), EFBIG);
	EXPECT_EQ(caught, SIGXFSZ);
	EXPECT_EQ(ftruncate(fd, 50), 0);
	swap_limit(RLIMIT_FSIZE, old);
	EXPECT_EQ(pwrite(fd, data, 1, 500), 1);
}

CASE(file_size_append, "prlimit64 write")
{
	rlim_t old;
	char data[80] = "";
	int fd;

	case_write_file("file", data, 80);
	signal(SIGXFSZ, SIG_IGN);
	old = swap_limit(RLIMIT_FSIZE, 100);
	fd = open("file", O_WRONLY | O_APPEND);
	EXPECT_EQ(write(fd, data, 80), 20);
	EXPECT_ERRNO(write(fd, data, 1), EFBIG);
	swap_limit(RLIMIT_FSIZE, old);
}

HELPER(too_large)
{
	struct rlimit limit = { 10, 10 };
	int fd = open("file", O_RDWR | O_CREAT, 0600);

	signal(SIGXFSZ, SIG_DFL);
	if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
		return 1;
	pwrite(fd, "x", 1, 10);
	return 2;
}

CASE(file_size_kills, "prlimit64 setrlimit")
{
	struct rlimit core = { 0, 0 };

	MUST(setrlimit(RLIMIT_CORE, &core) == 0);
	EXPECT_EQ(case_wait(case_same("too_large", "")) & 0x7f, SIGXFSZ);
}

HELPER(raises)
{
	struct rlimit limit, now;

	if (setgid(65534) != 0 || setuid(65534) != 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 1;
	limit.rlim_max--;
	limit.rlim_cur = limit.rlim_max < 100 ? limit.rlim_max : 100;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 2;
	limit.rlim_max++;
	if (setrlimit(RLIMIT_NOFILE, &limit) != -1 || errno != EPERM)
		return 3;
	if (prlimit(1, RLIMIT_CORE, NULL, &now) != -1 || errno != EPERM)
		return 4;
	return 0;
}

CASE(hard_limit, "prlimit64 setuid")
{
	EXPECT_EQ(case_wait(case_same("raises", "")), 0);
}

CASE(names_of_system, "uname")
{
	struct utsname name;

	memset(&name, 'x', sizeof(name));
	EXPECT_EQ(uname(&name), 0);
	SAY("%s %s %s %s %s", name.sysname, name.nodename, name.release, name.machine, name.domainname);
	EXPECT_STR(name.sysname, "Linux");
	EXPECT_STR(name.machine, "aarch64");
	EXPECT_ERRNO(uname((struct utsname *)8), EFAULT);
}

CASE(host_name, "sethostname setdomainname uname")
{
	struct utsname before, now;
	char name[80];

	memset(name, 'h', sizeof(name));
	MUST(uname(&before) == 0);
	EXPECT_EQ(sethostname("enclave", 7), 0);
	EXPECT_EQ(setdomainname("example.org", 11), 0);
	EXPECT_EQ(uname(&now), 0);
	EXPECT_STR(now.nodename, "enclave");
	EXPECT_STR(now.domainname, "example.org");
	EXPECT_ERRNO(sethostname(name, 65), EINVAL);
	EXPECT_ERRNO(sethostname((char *)8, 5), EFAULT);
	EXPECT_EQ(sethostname(before.nodename, strlen(before.nodename)), 0);
	EXPECT_EQ(setdomainname(before.domainname, strlen(before.domainname)), 0);
}

CASE(system_info, "sysinfo")
{
	struct sysinfo info;

	memset(&info, 0, sizeof(info));
	EXPECT_EQ(sysinfo(&info), 0);
	EXPECT(info.uptime > 0);
	EXPECT(info.totalram * info.mem_unit > (64 << 20));
	EXPECT(info.procs > 1);
	EXPECT_ERRNO(sysinfo((struct sysinfo *)8), EFAULT);
}

CASE(priority, "getpriority setpriority")
{
	EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 0);
	EXPECT_EQ(setpriority(PRIO_PROCESS, 0, 7), 0);
	EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 7);
	EXPECT_EQ(getpriority(PRIO_PROCESS, getpid()), 7);
	EXPECT_EQ(setpriority(PRIO_PROCESS, getpid(), 0), 0);
	EXPECT_EQ(nice(3), 3);
	EXPECT_EQ(nice(-3), 0);
	EXPECT_ERRNO(getpriority(99, 0), EINVAL);
	EXPECT_ERRNO(setpriority(PRIO_PROCESS, 0x3fffffff, 0), ESRCH);
}

CASE(scheduler, "sched_getscheduler sched_setscheduler sched_getparam sched_setparam sched_rr_get_interval")
{
	struct sched_param param = { .sched_priority = 5 };
	struct timespec interval;

	EXPECT_EQ(syscall(SYS_sched_getscheduler, 0), SCHED_OTHER);
	EXPECT_EQ(syscall(SYS_sched_getparam, 0, &param), 0);
	EXPECT_EQ(param.sched_priority, 0);
	EXPECT_EQ(syscall(SYS_sched_setscheduler, 0, SCHED_BATCH, &param), 0);
	EXPECT_EQ(syscall(SYS_sched_getscheduler, getpid()), SCHED_BATCH);
	EXPECT_EQ(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &param), 0);
	EXPECT_EQ(syscall(SYS_sched_rr_get_interval, 0, &interval), 0);
	param.sched_priority = 5;
	EXPECT_ERRNO(syscall(SYS_sched_setparam, 0, &param), EINVAL);
	EXPECT_ERRNO(syscall(SYS_sched_setscheduler, 0, 99, &param), EINVAL);
	EXPECT_ERRNO(syscall(SYS_sched_getscheduler, 0x3fffffff), ESRCH);
	EXPECT_ERRNO(syscall(SYS_sched_getparam, 0, NULL), EINVAL);
}

CASE(io_priority, "ioprio_get ioprio_set")
{
	EXPECT_EQ(syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 5), 0);
	EXPECT_EQ(syscall(SYS_ioprio_get, 1, 0), 2 << 13 | 5);
	EXPECT_EQ(syscall(SYS_ioprio_set, 1, 0, 0), 0);
	EXPECT_ERRNO(syscall(SYS_ioprio_get, 99, 0), EINVAL);
}

