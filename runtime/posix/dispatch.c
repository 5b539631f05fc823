/* SPDX-License-Identifier: MIT */
/*
 * From a number to its handler: one table, so that the way of a direct call is short. Calls of the secure kernel that come
 * in by a direct call are passed on; what nobody has is -ENOSYS, counted, and its number kept.
 */
#include "posix/posix.h"

#define NUMBERS	512u

/* The secure kernel's calls, unchanged. */
static long pass_on(struct rm_thread *t, const struct rm_args *args)
{
	(void)t;
	return rm_svc((long)args->number, args->a[0], args->a[1], args->a[2], args->a[3], args->a[4], args->a[5]);
}

static rm_handler *const handlers[NUMBERS] = {
	[LX_getcwd] = rm_sys_getcwd,
	[LX_dup] = rm_sys_dup,
	[LX_dup3] = rm_sys_dup3,
	[LX_fcntl] = rm_sys_fcntl,
	[LX_ioctl] = rm_sys_ioctl,
	[LX_flock] = rm_sys_host,
	[LX_mknodat] = rm_sys_host,
	[LX_mkdirat] = rm_sys_mkdirat,
	[LX_unlinkat] = rm_sys_unlinkat,
	[LX_symlinkat] = rm_sys_symlinkat,
	[LX_linkat] = rm_sys_linkat,
	[LX_renameat] = rm_sys_renameat,
	[LX_statfs] = rm_sys_host,
	[LX_fstatfs] = rm_sys_host,
	[LX_truncate] = rm_sys_host,
	[LX_ftruncate] = rm_sys_ftruncate,
	[LX_fallocate] = rm_sys_fallocate,
	[LX_faccessat] = rm_sys_host,
	[LX_chdir] = rm_sys_host,
	[LX_fchdir] = rm_sys_host,
	[LX_fchmod] = rm_sys_host,
	[LX_fchmodat] = rm_sys_host,
	[LX_fchownat] = rm_sys_host,
	[LX_fchown] = rm_sys_host,
	[LX_openat] = rm_sys_openat,
	[LX_close] = rm_sys_close,
	[LX_pipe2] = rm_sys_pipe2,
	[LX_getdents64] = rm_sys_getdents64,
	[LX_lseek] = rm_sys_lseek,
	[LX_read] = rm_sys_read,
	[LX_write] = rm_sys_write,
	[LX_readv] = rm_sys_readv,
	[LX_writev] = rm_sys_writev,
	[LX_pread64] = rm_sys_pread,
	[LX_pwrite64] = rm_sys_pwrite,
	[LX_preadv] = rm_sys_preadv,
	[LX_pwritev] = rm_sys_pwritev,
	[LX_pselect6] = rm_sys_pselect6,
	[LX_ppoll] = rm_sys_ppoll,
	[LX_readlinkat] = rm_sys_readlinkat,
	[LX_newfstatat] = rm_sys_newfstatat,
	[LX_fstat] = rm_sys_fstat,
	[LX_sync] = rm_sys_host,
	[LX_fsync] = rm_sys_fsync,
	[LX_fdatasync] = rm_sys_fdatasync,
	[LX_utimensat] = rm_sys_host,
	[LX_exit] = pass_on,
	[LX_exit_group] = pass_on,
	[LX_set_tid_address] = rm_sys_set_tid_address,
	[LX_futex] = pass_on,
	[LX_nanosleep] = pass_on,
	[LX_clock_gettime] = rm_sys_clock_gettime,
	[LX_clock_getres] = rm_sys_clock_getres,
	[LX_clock_nanosleep] = rm_sys_clock_nanosleep,
	[LX_sched_getaffinity] = rm_sys_host,
	[LX_sched_yield] = pass_on,
	[LX_kill] = rm_sys_kill,
	[LX_tkill] = rm_sys_tkill,
	[LX_tgkill] = rm_sys_tgkill,
	[LX_sigaltstack] = rm_sys_sigaltstack,
	[LX_rt_sigaction] = rm_sys_rt_sigaction,
	[LX_rt_sigprocmask] = rm_sys_rt_sigprocmask,
	[LX_rt_sigpending] = rm_sys_rt_sigpending,
	[LX_times] = rm_sys_times,
	[LX_setpgid] = rm_sys_host,
	[LX_setpriority] = rm_sys_host,
	[LX_getpriority] = rm_sys_host,
	[LX_getpgid] = rm_sys_host,
	[LX_getsid] = rm_sys_host,
	[LX_setsid] = rm_sys_host,
	[LX_getgroups] = rm_sys_host,
	[LX_uname] = rm_sys_uname,
	[LX_getrusage] = rm_sys_getrusage,
	[LX_umask] = rm_sys_host,
	[LX_prctl] = rm_sys_prctl,
	[LX_getcpu] = rm_sys_getcpu,
	[LX_gettimeofday] = rm_sys_gettimeofday,
	[LX_getpid] = rm_sys_getpid,
	[LX_getppid] = rm_sys_getppid,
	[LX_getuid] = rm_sys_getuid,
	[LX_geteuid] = rm_sys_geteuid,
	[LX_getgid] = rm_sys_getgid,
	[LX_getegid] = rm_sys_getegid,
	[LX_gettid] = rm_sys_gettid,
	[LX_sysinfo] = rm_sys_host,
	[LX_brk] = rm_sys_brk,
	[LX_munmap] = pass_on,
	[LX_mremap] = pass_on,
	[LX_clone] = rm_sys_clone,
	[LX_mmap] = rm_sys_mmap,
	[LX_fadvise64] = rm_sys_fadvise,
	[LX_mprotect] = pass_on,
	[LX_msync] = rm_sys_msync,
	[LX_madvise] = pass_on,
	[LX_wait4] = rm_sys_wait4,
	[LX_prlimit64] = rm_sys_host,
	[LX_renameat2] = rm_sys_renameat,
	[LX_getrandom] = pass_on,
	[LX_preadv2] = rm_sys_preadv2,
	[LX_pwritev2] = rm_sys_pwritev2,
	[LX_statx] = rm_sys_statx,
	[LX_faccessat2] = rm_sys_host,
};

static long unsupported(struct rm_thread *t, unsigned long number)
{
	struct rm_enclave *e = &rm_enclave;
	uint32_t i;

	t->count[RM_COUNT_UNSUPPORTED]++;
	rm_lock(&e->unsupported_lock);
	for (i = 0; i < e->unsupported_count && e->unsupported[i] != number; i++)
		;
	if (i == e->unsupported_count && i < RM_UNSUPPORTED_KEPT)
		e->unsupported[e->unsupported_count++] = (uint32_t)number;
	rm_unlock(&e->unsupported_lock);
	return -ENOSYS;
}

long rm_posix_call(struct rm_thread *t, const struct rm_args *args)
{
	if (args->number < NUMBERS && handlers[args->number])
		return handlers[args->number](t, args);
	if (args->number == RM_SVC_ADDRESS || args->number == RM_SVC_STAT)
		return pass_on(t, args);
	return unsupported(t, args->number);
}
