/* SPDX-License-Identifier: MIT */
/* Threads: made, joined, detached, ended in each way; their attributes and numbers. */
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "case.h"

static void *give_back(void *arg)
{
	return arg;
}

static void *leave(void *arg)
{
	pthread_exit((char *)arg + 1);
}

CASE(create_join, "clone")
{
	void *result = NULL;
	pthread_t thread;

	MUST(pthread_create(&thread, NULL, give_back, (void *)17) == 0);
	EXPECT(pthread_join(thread, &result) == 0);
	EXPECT_EQ(result, 17);
}

CASE(exit_value, "clone exit")
{
	void *result = NULL;
	pthread_t thread;

	MUST(pthread_create(&thread, NULL, leave, (void *)17) == 0);
	EXPECT(pthread_join(thread, &result) == 0);
	EXPECT_EQ(result, 18);
}

static int ready, go, done;

static void *wait_for_go(void *arg)
{
	case_set(&ready, 1);
	case_until(&go, 1);
	case_set(&done, 1);
	return arg;
}

CASE(tryjoin, "clone futex")
{
	void *thread, *result = NULL;
	struct timespec until;

	ready = go = done = 0;
	thread = case_thread(wait_for_go, (void *)5);
	case_until(&ready, 1);
	EXPECT_ERROR(pthread_tryjoin_np((pthread_t)thread, &result), EBUSY);
	case_deadline(&until, CLOCK_REALTIME, 20);
	EXPECT_ERROR(pthread_timedjoin_np((pthread_t)thread, &result, &until), ETIMEDOUT);
	case_set(&go, 1);
	case_deadline(&until, CLOCK_REALTIME, 10000);
	EXPECT_ERROR(pthread_timedjoin_np((pthread_t)thread, &result, &until), 0);
	EXPECT_EQ(result, 5);
}

CASE(detached, "clone futex")
{
	pthread_attr_t attr;
	pthread_t thread;
	int state = -1;

	ready = go = done = 0;
	MUST(pthread_attr_init(&attr) == 0);
	EXPECT(pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED) == 0);
	EXPECT(pthread_attr_getdetachstate(&attr, &state) == 0 && state == PTHREAD_CREATE_DETACHED);
	EXPECT_ERROR(pthread_attr_setdetachstate(&attr, 77), EINVAL);
	case_set(&go, 1);
	MUST(pthread_create(&thread, &attr, wait_for_go, NULL) == 0);
	case_until(&done, 1);
	pthread_attr_destroy(&attr);
	done = 0;
	MUST(pthread_create(&thread, NULL, wait_for_go, NULL) == 0);
	EXPECT(pthread_detach(thread) == 0);
	case_until(&done, 1);
}

static void *tell_ids(void *arg)
{
	long *ids = arg;

	ids[0] = syscall(SYS_gettid);
	ids[1] = getpid();
	return NULL;
}

CASE(ids, "gettid getpid")
{
	long first[2], second[2];
	void *thread = case_thread(tell_ids, first);

	case_join(thread);
	case_join(case_thread(tell_ids, second));
	EXPECT_EQ(first[1], getpid());
	EXPECT_EQ(second[1], getpid());
	EXPECT(syscall(SYS_gettid) == getpid());
	EXPECT(first[0] != getpid() && first[0] > 0 && second[0] > 0);
}

static void *stack_is_large(void *arg)
{
	volatile char *large = __builtin_alloca(600 * 1024);

	for (size_t i = 0; i < 600 * 1024; i += 4096)
		large[i] = 1;
	large[600 * 1024 - 1] = 1;
	return arg;
}

CASE(stack_size, "clone mmap")
{
	pthread_attr_t attr;
	pthread_t thread;
	size_t size = 0, guard = 0;

	MUST(pthread_attr_init(&attr) == 0);
	EXPECT_ERROR(pthread_attr_setstacksize(&attr, 1), EINVAL);
	EXPECT_ERROR(pthread_attr_setstacksize(&attr, 1024 * 1024), 0);
	EXPECT_ERROR(pthread_attr_setguardsize(&attr, 8192), 0);
	EXPECT(pthread_attr_getstacksize(&attr, &size) == 0 && size == 1024 * 1024);
	EXPECT(pthread_attr_getguardsize(&attr, &guard) == 0 && guard == 8192);
	MUST(pthread_create(&thread, &attr, stack_is_large, NULL) == 0);
	EXPECT(pthread_join(thread, NULL) == 0);
	pthread_attr_destroy(&attr);
}

static char own_stack[256 * 1024] __attribute__((aligned(4096)));

static void *address_of_local(void *arg)
{
	char here;

	*(uintptr_t *)arg = (uintptr_t)&here;
	return NULL;
}

CASE(own_stack, "clone")
{
	pthread_attr_t attr;
	pthread_t thread;
	uintptr_t at = 0;

	MUST(pthread_attr_init(&attr) == 0);
	EXPECT_ERROR(pthread_attr_setstack(&attr, own_stack, sizeof(own_stack)), 0);
	MUST(pthread_create(&thread, &attr, address_of_local, &at) == 0);
	EXPECT(pthread_join(thread, NULL) == 0);
	EXPECT(at > (uintptr_t)own_stack && at < (uintptr_t)own_stack + sizeof(own_stack));
	pthread_attr_destroy(&attr);
}

CASE(getattr_np, "clone mmap")
{
	pthread_attr_t attr;
	char here;
	void *stack;
	size_t size;

	EXPECT(pthread_getattr_np(pthread_self(), &attr) == 0);
	EXPECT(pthread_attr_getstack(&attr, &stack, &size) == 0);
	EXPECT(&here >= (char *)stack && &here < (char *)stack + size);
	pthread_attr_destroy(&attr);
	case_join(case_thread(give_back, NULL));
}

HELPER(guard)
{
	pthread_t thread;

	(void)pthread_create(&thread, NULL, stack_is_large, NULL);	/* beyond musl's usual 128 KiB */
	pthread_join(thread, NULL);
	return 0;
}

CASE(guard_page, "clone mprotect")
{
	SAY("status %d", case_wait(case_same("guard", "")));
	case_join(case_thread(give_back, NULL));
}

/* What the main thread leaves behind it ends with the last thread. */
static void *outlive(void *arg)
{
	case_until(&go, 1);
	helper_say();
	_exit(arg != NULL ? 7 : 8);
}

HELPER(main_leaves)
{
	go = 0;
	case_thread(outlive, (void *)1);
	case_set(&go, 1);
	pthread_exit(NULL);
}

HELPER(last_leaves)
{
	case_thread(give_back, (void *)1);
	pthread_exit(NULL);
}

HELPER(exit_while_others_run)
{
	ready = go = 0;
	case_thread(wait_for_go, NULL);
	case_thread(wait_for_go, NULL);
	case_until(&ready, 1);
	return 9;
}

static void *exit_11(void *arg)
{
	(void)arg;
	exit(11);
}

HELPER(exit_by_thread)
{
	case_thread(exit_11, NULL);
	case_until(&go, 1);
	return 1;
}

CASE(main_leaves_first, "exit clone exit_group")
{
	EXPECT_EQ(case_wait(case_same("main_leaves", "")), 7 << 8);
	EXPECT_EQ(case_wait(case_same("last_leaves", "")), 0);
}

CASE(exit_while_others_run, "exit_group clone")
{
	EXPECT_EQ(case_wait(case_same("exit_while_others_run", "")), 9 << 8);
}

CASE(exit_by_a_thread, "exit_group clone")
{
	EXPECT_EQ(case_wait(case_same("exit_by_thread", "")), 11 << 8);
}

static int alive;

static void *count_alive(void *arg)
{
	__atomic_add_fetch(&alive, 1, __ATOMIC_SEQ_CST);
	case_set(&ready, __atomic_load_n(&alive, __ATOMIC_SEQ_CST));
	case_until(&go, 1);
	return arg;
}

CASE_LIMIT(forty_at_once, "clone futex", 60)
{
	pthread_t threads[40];
	long sum = 0;

	ready = go = alive = 0;
	for (long i = 0; i < 40; i++)
		MUST(pthread_create(&threads[i], NULL, count_alive, (void *)i) == 0);
	for (int seen = 0; (seen = __atomic_load_n(&alive, __ATOMIC_SEQ_CST)) < 40;)
		case_until(&ready, seen < 39 ? seen + 1 : 40);
	case_set(&go, 1);
	for (int i = 0; i < 40; i++) {
		void *result;

		EXPECT(pthread_join(threads[i], &result) == 0);
		sum += (long)result;
	}
	EXPECT_EQ(sum, 780);
}

CASE_LIMIT(hundred_in_a_row, "clone exit", 60)
{
	for (long i = 0; i < 100; i++) {
		void *result = NULL;
		pthread_t thread;

		MUST(pthread_create(&thread, NULL, i & 1 ? give_back : leave, (void *)i) == 0);
		MUST(pthread_join(thread, &result) == 0);
		EXPECT_EQ(result, i & 1 ? i : i + 1);
	}
}

/* Eight threads hash a share each: the same result wherever they run. */
#define WORK	200000
static uint64_t hashes[8];

static void *hash(void *arg)
{
	uint64_t h = 0xcbf29ce484222325u + (uintptr_t)arg;

	for (int i = 0; i < WORK; i++)
		h = (h ^ (h >> 29) ^ (uint64_t)i) * 0x100000001b3u;
	hashes[(uintptr_t)arg] = h;
	return NULL;
}

CASE_LIMIT(eight_hash, "clone", 60)
{
	void *threads[8];
	uint64_t all = 0;

	for (uintptr_t i = 0; i < 8; i++)
		threads[i] = case_thread(hash, (void *)i);
	for (int i = 0; i < 8; i++)
		case_join(threads[i]);
	for (int i = 0; i < 8; i++)
		all = (all ^ hashes[i]) * 0x100000001b3u;
	SAY("%016llx", (unsigned long long)all);
}

CASE(clone_flags, "clone")
{
	/* A thread must share its signal handlers, and those the memory. */
	EXPECT_ERRNO(syscall(SYS_clone, 0x10000 /* CLONE_THREAD */, 0, 0, 0, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_clone, 0x800 /* CLONE_SIGHAND */, 0, 0, 0, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_clone, 0x10000 | 0x800, 0, 0, 0, 0), EINVAL);
	case_join(case_thread(give_back, NULL));
}

static void *names(void *arg)
{
	char name[16] = "";

	EXPECT_ERROR(pthread_setname_np(pthread_self(), "a-thread"), 0);
	EXPECT_ERROR(pthread_getname_np(pthread_self(), name, sizeof(name)), 0);
	EXPECT_STR(name, "a-thread");
	return arg;
}

CASE(name, "prctl")
{
	char before[16] = "", after[16] = "";

	EXPECT_ERROR(pthread_getname_np(pthread_self(), before, sizeof(before)), 0);
	case_join(case_thread(names, NULL));
	EXPECT_ERROR(pthread_getname_np(pthread_self(), after, sizeof(after)), 0);
	EXPECT_STR(after, before);
	EXPECT_ERROR(pthread_setname_np(pthread_self(), "a-name-that-is-too-long"), ERANGE);
}

/* The process ends with its last thread, whichever that is, and with its status. */
static uint32_t leader_lives = 1;

static void *wait_for_end_of_first(void *arg)
{
	while (__atomic_load_n(&leader_lives, __ATOMIC_SEQ_CST))
		syscall(SYS_futex, &leader_lives, FUTEX_WAIT, 1, NULL, NULL, 0);
	syscall(SYS_exit, 3);
	return arg;
}

HELPER(leader_leaves)
{
	pthread_t thread;

	if (*arg == 'f' && (pthread_create(&thread, NULL, give_back, NULL) || pthread_join(thread, NULL)))
		return 1;
	if (*arg == 'l' && pthread_create(&thread, NULL, wait_for_end_of_first, NULL))
		return 1;
	syscall(SYS_set_tid_address, &leader_lives);
	syscall(SYS_exit, 9);
	return 2;
}

CASE(leader_leaves, "exit set_tid_address")
{
	EXPECT_EQ(case_wait(case_same("leader_leaves", "first")), 9 << 8);
	EXPECT_EQ(case_wait(case_same("leader_leaves", "last")), 3 << 8);
	EXPECT_ERRNO(syscall(SYS_clone, 0x10000, 0, 0, 0, 0), EINVAL);
}

/* More than there may be: the one too many is refused, what is there goes on, and there is room again when they have ended. */
HELPER(too_many)
{
	static pthread_t threads[100];
	int count = 0, error = 0;

	go = ready = 0;
	while (count < 100 && (error = pthread_create(&threads[count], NULL, count_alive, NULL)) == 0)
		count++;
	if (error != 0 && error != EAGAIN)
		return 1;
	case_set(&go, 1);
	for (int i = 0; i < count; i++)
		if (pthread_join(threads[i], NULL) != 0)
			return 2;
	return pthread_create(&threads[0], NULL, give_back, NULL) || pthread_join(threads[0], NULL) ? 3 : count < 60 ? 4 : 0;
}

CASE_LIMIT(too_many, "clone", 60)
{
	EXPECT_EQ(case_wait(case_same("too_many", "")), 0);
	case_join(case_thread(give_back, NULL));
}
