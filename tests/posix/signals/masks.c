/* SPDX-License-Identifier: MIT */
/* Masks, signals that wait, and waiting for them. */
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "case.h"

static volatile sig_atomic_t count, order[16];

static void counted(int signal)
{
	order[count++ % 16] = signal;
}

static void set(int signal)
{
	struct sigaction action = { .sa_handler = counted };

	sigfillset(&action.sa_mask);
	MUST(sigaction(signal, &action, NULL) == 0);
	count = 0;
}

static sigset_t only(int signal)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal);
	return set;
}

CASE(blocked, "rt_sigprocmask rt_sigaction tkill")
{
	sigset_t usr1 = only(SIGUSR1), old;

	set(SIGUSR1);
	EXPECT(sigprocmask(SIG_BLOCK, &usr1, &old) == 0);
	EXPECT(!sigismember(&old, SIGUSR1));
	raise(SIGUSR1);
	raise(SIGUSR1);
	EXPECT_EQ(count, 0);
	EXPECT(sigprocmask(SIG_UNBLOCK, &usr1, &old) == 0);
	EXPECT_EQ(count, 1);		/* before the call returned, and once */
	EXPECT(sigismember(&old, SIGUSR1));
	EXPECT_ERRNO(sigprocmask(77, &usr1, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &usr1, NULL, 4), EINVAL);
	EXPECT_ERRNO(syscall(SYS_rt_sigprocmask, SIG_BLOCK, 8, NULL, 8), EFAULT);
}

CASE(unblockable, "rt_sigprocmask")
{
	sigset_t all, now;

	sigfillset(&all);
	sigfillset(&now);
	EXPECT(sigprocmask(SIG_SETMASK, &all, NULL) == 0);
	EXPECT(sigprocmask(SIG_SETMASK, NULL, &now) == 0);
	EXPECT(!sigismember(&now, SIGKILL) && !sigismember(&now, SIGSTOP) && sigismember(&now, SIGTERM));
}

CASE(pending, "rt_sigpending rt_sigprocmask tkill kill")
{
	sigset_t two = only(SIGUSR1), now;

	sigaddset(&two, SIGUSR2);
	sigprocmask(SIG_BLOCK, &two, NULL);
	set(SIGUSR1);
	set(SIGUSR2);
	EXPECT(sigpending(&now) == 0 && !sigismember(&now, SIGUSR1));
	raise(SIGUSR1);
	kill(getpid(), SIGUSR2);
	EXPECT(sigpending(&now) == 0 && sigismember(&now, SIGUSR1) && sigismember(&now, SIGUSR2) && !sigismember(&now, SIGHUP));
	signal(SIGUSR1, SIG_IGN);	/* forgets it */
	EXPECT(sigpending(&now) == 0 && !sigismember(&now, SIGUSR1) && sigismember(&now, SIGUSR2));
	sigprocmask(SIG_UNBLOCK, &two, NULL);
	EXPECT_EQ(count, 1);
	EXPECT_ERRNO(sigpending((sigset_t *)8), EFAULT);
}

CASE(realtime_queue, "rt_sigqueueinfo rt_sigtimedwait rt_sigprocmask")
{
	sigset_t set = only(SIGRTMIN + 1);
	siginfo_t info;

	sigaddset(&set, SIGRTMIN);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (int i = 0; i < 10; i++)
		EXPECT(sigqueue(getpid(), SIGRTMIN + 1, (union sigval){ .sival_int = i }) == 0);
	EXPECT(sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = 100 }) == 0);
	raise(SIGUSR1);
	EXPECT_EQ(sigwaitinfo(&set, &info), SIGUSR1);
	EXPECT_EQ(sigwaitinfo(&set, &info), SIGRTMIN);
	EXPECT_EQ(info.si_value.sival_int, 100);
	for (int i = 0; i < 10; i++) {
		EXPECT_EQ(sigwaitinfo(&set, &info), SIGRTMIN + 1);
		EXPECT(info.si_value.sival_int == i && info.si_code == SI_QUEUE && info.si_signo == SIGRTMIN + 1);
	}
	EXPECT_ERRNO(sigtimedwait(&set, &info, &(struct timespec){ 0, 0 }), EAGAIN);
}

CASE(timedwait_times_out, "rt_sigtimedwait")
{
	sigset_t usr1 = only(SIGUSR1);
	int64_t start = case_ms();

	sigprocmask(SIG_BLOCK, &usr1, NULL);
	EXPECT_ERRNO(sigtimedwait(&usr1, NULL, &(struct timespec){ 0, 50000000 }), EAGAIN);
	EXPECT(case_ms() - start >= 49);
	EXPECT_ERRNO(sigtimedwait(&usr1, NULL, &(struct timespec){ 0, 1000000000 }), EINVAL);
	EXPECT_ERRNO(syscall(SYS_rt_sigtimedwait, &usr1, NULL, NULL, 4), EINVAL);
	EXPECT_ERRNO(syscall(SYS_rt_sigtimedwait, 8, NULL, NULL, 8), EFAULT);
}

static int ready;
static pthread_t first;

static void *send_later(void *signal)
{
	case_until(&ready, 1);
	usleep(20000);
	pthread_kill(first, (int)(long)signal);
	return NULL;
}

static void *send_to_all(void *signal)
{
	case_until(&ready, 1);
	usleep(20000);
	kill(getpid(), (int)(long)signal);
	return NULL;
}

CASE(sigwait_other_thread, "rt_sigtimedwait kill rt_sigprocmask")
{
	sigset_t usr1 = only(SIGUSR1);
	int got = 0;
	void *thread;

	sigprocmask(SIG_BLOCK, &usr1, NULL);
	ready = 0;
	thread = case_thread(send_to_all, (void *)SIGUSR1);
	case_set(&ready, 1);
	EXPECT(sigwait(&usr1, &got) == 0);
	EXPECT_EQ(got, SIGUSR1);
	case_join(thread);
}

CASE(sigsuspend, "rt_sigsuspend rt_sigprocmask rt_sigaction")
{
	sigset_t usr1 = only(SIGUSR1), none, now;
	void *thread;

	sigprocmask(SIG_BLOCK, &usr1, NULL);
	set(SIGUSR1);
	first = pthread_self();
	ready = 0;
	thread = case_thread(send_later, (void *)SIGUSR1);
	case_set(&ready, 1);
	sigemptyset(&none);
	EXPECT_ERRNO(sigsuspend(&none), EINTR);
	EXPECT_EQ(count, 1);
	EXPECT(sigprocmask(SIG_BLOCK, NULL, &now) == 0 && sigismember(&now, SIGUSR1));
	case_join(thread);
	raise(SIGUSR1);
	EXPECT_ERRNO(sigsuspend(&none), EINTR);		/* waits already */
	EXPECT_EQ(count, 2);
	EXPECT_ERRNO(syscall(SYS_rt_sigsuspend, &none, 4), EINVAL);
	EXPECT_ERRNO(syscall(SYS_rt_sigsuspend, 8, 8), EFAULT);
}

static volatile sig_atomic_t by_thread;
static pthread_t taker;

static void who(int signal)
{
	counted(signal);
	by_thread = pthread_equal(pthread_self(), taker);
}

static void *spin_until(void *unused)
{
	case_set(&ready, 1);
	while (count == 0)
		;
	return unused;
}

/* The first thread does not want it: a thread that only computes takes it. */
CASE(goes_to_another_thread, "kill rt_sigprocmask rt_sigaction")
{
	struct sigaction action = { .sa_handler = who };
	sigset_t usr1 = only(SIGUSR1);

	count = ready = 0;
	sigaction(SIGUSR1, &action, NULL);
	taker = (pthread_t)case_thread(spin_until, NULL);
	case_until(&ready, 1);
	pthread_sigmask(SIG_BLOCK, &usr1, NULL);
	EXPECT(kill(getpid(), SIGUSR1) == 0);
	case_join((void *)taker);
	EXPECT_EQ(count, 1);
	EXPECT_EQ(by_thread, 1);
}

CASE(pthread_kill_running, "tkill rt_sigaction")
{
	struct sigaction action = { .sa_handler = who };

	count = ready = 0;
	sigaction(SIGUSR1, &action, NULL);
	taker = (pthread_t)case_thread(spin_until, NULL);
	case_until(&ready, 1);
	EXPECT(pthread_kill(taker, 0) == 0);
	EXPECT(pthread_kill(taker, SIGUSR1) == 0);
	case_join((void *)taker);
	EXPECT_EQ(by_thread, 1);
	EXPECT_ERROR(pthread_kill(pthread_self(), 65), EINVAL);
}

static void *mask_of_new(void *unused)
{
	sigset_t now;

	(void)unused;
	pthread_sigmask(SIG_BLOCK, NULL, &now);
	return (void *)(long)sigismember(&now, SIGUSR2);
}

CASE(mask_inherited, "rt_sigprocmask clone")
{
	sigset_t usr2 = only(SIGUSR2);

	EXPECT_EQ(case_join(case_thread(mask_of_new, NULL)), 0);
	pthread_sigmask(SIG_BLOCK, &usr2, NULL);
	EXPECT_EQ(case_join(case_thread(mask_of_new, NULL)), 1);
}
