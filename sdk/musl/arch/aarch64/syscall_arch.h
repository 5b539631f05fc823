/* SPDX-License-Identifier: MIT */
/*
 * Replaces musl's file of the same name: every system call of the C code goes out of line through one function, which the
 * object that ringmaster-cc links in provides (sdk/call).
 */
#define __SYSCALL_LL_E(x) (x)
#define __SYSCALL_LL_O(x) (x)

hidden long __ringmaster_syscall(long a, long b, long c, long d, long e, long f, long n);

static inline long __syscall0(long n)
{
	return __ringmaster_syscall(0, 0, 0, 0, 0, 0, n);
}

static inline long __syscall1(long n, long a)
{
	return __ringmaster_syscall(a, 0, 0, 0, 0, 0, n);
}

static inline long __syscall2(long n, long a, long b)
{
	return __ringmaster_syscall(a, b, 0, 0, 0, 0, n);
}

static inline long __syscall3(long n, long a, long b, long c)
{
	return __ringmaster_syscall(a, b, c, 0, 0, 0, n);
}

static inline long __syscall4(long n, long a, long b, long c, long d)
{
	return __ringmaster_syscall(a, b, c, d, 0, 0, n);
}

static inline long __syscall5(long n, long a, long b, long c, long d, long e)
{
	return __ringmaster_syscall(a, b, c, d, e, 0, n);
}

static inline long __syscall6(long n, long a, long b, long c, long d, long e, long f)
{
	return __ringmaster_syscall(a, b, c, d, e, f, n);
}

#define VDSO_USEFUL
#define VDSO_CGT_SYM "__kernel_clock_gettime"
#define VDSO_CGT_VER "LINUX_2.6.39"

#define IPC_64 0
