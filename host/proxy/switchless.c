/* SPDX-License-Identifier: MIT */
/*
 * The server of switchless calls (struct rm_switchless): one thread that watches the regions that asked for it, does what is posted there, and
 * sleeps when nothing was for a while. It takes only time that nobody else on its CPU wants (SCHED_IDLE). There is at most one that takes calls; one whose rights are no longer the process's ends.
 *
 * A region, and the right to take calls, are given up by a store. The server says by `busy` which region it looks at, and looks again whether it
 * may after that; whoever took something away waits until that is let go.
 */
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "proxy.h"

#define STACK_SIZE	(256 * 1024)
#define WATCH_NS	2000000		/* in vain, before it sleeps */
#define ROUNDS		64		/* between two beats, and looks at the clock */

struct server {
	const struct proxy *proxy;
	const struct region *busy;	/* written by the server only */
	uint32_t beat;		/* what it tells of itself: odd */
	int tid;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;	/* who starts, and ends, the server; its CPUs */
static struct server *current;					/* that takes calls; or NULL */
static struct region *watched[RM_THREAD_MAX];			/* by thread of the enclave; or NULL */
static unsigned reach;						/* none was there from this one on; grows only */
static uint32_t wanted;						/* futex: how often somebody asked */
static uint32_t let_go, awaited;				/* futex: how often a server let a region go that somebody waits for */

#define LOAD(p)		__atomic_load_n(p, __ATOMIC_SEQ_CST)
#define GLANCE(p)	__atomic_load_n(p, __ATOMIC_RELAXED)
#define STORE(p, v)	__atomic_store_n(p, v, __ATOMIC_SEQ_CST)

static struct rm_switchless *words(const struct region *region)
{
	return (struct rm_switchless *)(void *)(region->base + RM_SWITCHLESS_OFFSET);
}

static void futex_wake(uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, INT32_MAX, NULL, NULL, 0);
}

static struct rm_host_call *call_at(const struct region *region, uint64_t offset)
{
	return (struct rm_host_call *)(void *)(region->base + offset);
}

/* The upper half of a result: an errno, a count and "not answered" differ in it. */
static uint32_t *upper_half(struct rm_host_call *call)
{
	return (uint32_t *)(void *)&call->result + 1;
}

#define UNANSWERED	0x80000000u	/* in the upper half */

static void serve_slot(const struct server *server, struct region *region, unsigned slot)
{
	const uint64_t offset = REGION_ARENA + (uint64_t)slot * RM_SLOT_SIZE;

	call_serve_late(server->proxy, region, offset);
	if (LOAD(&region->awaiting))
		futex_wake(upper_half(call_at(region, offset)));
}

static void let_region_go(struct server *server)
{
	if (server->busy == NULL)
		return;
	STORE(&server->busy, NULL);
	if (LOAD(&awaited)) {
		__atomic_fetch_add(&let_go, 1, __ATOMIC_SEQ_CST);
		futex_wake(&let_go);
	}
}

/* The region of a thread that asked, which stays as long as we look at it; or NULL. */
static struct region *look_at(struct server *server, unsigned index)
{
	struct region *region = __atomic_load_n(&watched[index], __ATOMIC_ACQUIRE);

	if (region == server->busy)
		return region;
	let_region_go(server);
	if (region == NULL)
		return NULL;
	STORE(&server->busy, region);
	if (LOAD(&watched[index]) == region && LOAD(&current) == server)
		return region;
	let_region_go(server);
	return NULL;
}

/* One call of one region, if there is any. */
static bool serve_region(struct server *server, unsigned index)
{
	struct region *region = look_at(server, index);
	uint64_t posted, bit;

	if (region == NULL)
		return false;
	if (GLANCE(&words(region)->awake) != server->beat)
		STORE(&words(region)->awake, server->beat);
	posted = GLANCE(&words(region)->posted);
	bit = posted & -posted;
	if (bit == 0 || LOAD(&current) != server || (__atomic_fetch_and(&words(region)->posted, ~bit, __ATOMIC_SEQ_CST) & bit) == 0)
		return false;
	serve_slot(server, region, (unsigned)__builtin_ctzll(bit));
	return true;
}

static bool serve_all(struct server *server)
{
	bool any = false;

	for (unsigned i = 0; i < GLANCE(&reach); i++)
		any |= serve_region(server, i);
	return any;
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* Until nothing was posted for a while, or it shall end. Who waits for it sees by the beat whether it has a CPU. */
static void watch(struct server *server)
{
	uint64_t last = now(), time;

	while (GLANCE(&current) == server) {
		bool any = false;

		server->beat += 2;
		for (int i = 0; i < ROUNDS; i++)
			any |= serve_all(server);
		time = now();
		if (any)
			last = time;
		else if (time - last > WATCH_NS)
			return;
	}
}

/* Under lock: nobody is told that it watches; regions ask again when they want it. */
static void forget_regions(void)
{
	for (unsigned i = 0; i < RM_THREAD_MAX; i++) {
		struct region *region = watched[i];

		if (region == NULL)
			continue;
		STORE(&words(region)->awake, 0);
		STORE(&watched[i], NULL);
	}
}

static void *server_main(void *argument)
{
	struct server *server = argument;
	const struct sched_param none = { 0 };

	rseq_leave();
	sched_setscheduler(0, SCHED_IDLE, &none);
	STORE(&server->tid, gettid());
	for (;;) {
		uint32_t asked;

		watch(server);
		let_region_go(server);
		pthread_mutex_lock(&lock);
		if (current != server)
			break;
		forget_regions();
		asked = wanted;
		pthread_mutex_unlock(&lock);
		/* What was posted meanwhile is taken back by the runtime. */
		while (LOAD(&wanted) == asked && LOAD(&current) == server)
			syscall(SYS_futex, &wanted, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, asked, NULL, NULL, 0);
	}
	pthread_mutex_unlock(&lock);
	free(server);
	return NULL;
}

/* With the rights that the calling thread has now, and without any signals. Under lock. */
static struct server *make(const struct proxy *proxy, const cpu_set_t *cpus)
{
	struct server *server = calloc(1, sizeof(*server));
	pthread_attr_t attributes;
	pthread_t thread;
	sigset_t old;
	int ret;

	if (server == NULL)
		return NULL;
	server->proxy = proxy;
	server->beat = 1;
	STORE(&current, server);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	pthread_attr_setaffinity_np(&attributes, sizeof(*cpus), cpus);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	kick_hold(&old);
	ret = pthread_create(&thread, &attributes, server_main, server);
	kick_release(&old);
	pthread_attr_destroy(&attributes);
	if (ret == 0)
		return server;
	STORE(&current, NULL);
	free(server);
	return NULL;
}

/* All CPUs but that of the calling thread, which goes on in the Secure world at once. False: there is none. */
static bool other_cpus(cpu_set_t *cpus)
{
	const int here = sched_getcpu();

	if (sched_getaffinity(0, sizeof(*cpus), cpus) != 0 || here < 0)
		return false;
	CPU_CLR((size_t)here, cpus);
	return CPU_COUNT(cpus) != 0;
}

/* The server, on one of those; or NULL. Under lock. */
static struct server *place(const struct proxy *proxy, const cpu_set_t *cpus)
{
	int tid;

	if (current == NULL)
		return make(proxy, cpus);
	tid = LOAD(&current->tid);
	/* It has no number before it first ran. */
	return tid == 0 || sched_setaffinity(tid, sizeof(*cpus), cpus) == 0 ? current : NULL;
}

/* It goes on here, where its caller is about to sleep: others may have its own CPU for long. Under lock. */
static void bring_here(const struct server *server)
{
	const int here = sched_getcpu(), tid = LOAD(&server->tid);
	cpu_set_t cpus;

	if (here < 0 || tid == 0)
		return;
	CPU_ZERO(&cpus);
	CPU_SET((size_t)here, &cpus);
	sched_setaffinity(tid, sizeof(cpus), &cpus);
}

/* Until the server does not look at a region that was taken from it; NULL: at any. Under lock. */
static void until_let_go(const struct server *server, const struct region *region)
{
	STORE(&awaited, 1);
	for (;;) {
		const uint32_t before = LOAD(&let_go);
		const struct region *busy = LOAD(&server->busy);

		if (busy == NULL || (region != NULL && busy != region))
			break;
		bring_here(server);
		syscall(SYS_futex, &let_go, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, before, NULL, NULL, 0);
	}
	STORE(&awaited, 0);
}

void switchless_wake(const struct proxy *proxy, struct region *region)
{
	cpu_set_t cpus;

	if (!other_cpus(&cpus))
		return;
	pthread_mutex_lock(&lock);
	if (place(proxy, &cpus) != NULL) {
		STORE(&watched[region->index], region);
		if (region->index >= reach)
			STORE(&reach, region->index + 1);
		STORE(&wanted, wanted + 1);
		futex_wake(&wanted);
	}
	pthread_mutex_unlock(&lock);
}

/* The caller's rights have changed: what it asks for next is not for a server that has the old ones. */
void switchless_forget(void)
{
	struct server *server;

	pthread_mutex_lock(&lock);
	server = current;
	STORE(&current, NULL);
	if (server != NULL)
		until_let_go(server, NULL);
	forget_regions();
	STORE(&wanted, wanted + 1);
	futex_wake(&wanted);
	pthread_mutex_unlock(&lock);
}

/* The region is about to go. Its thread has no call under way: what it posted it has the answer of, or took back. */
void switchless_leave(const struct region *region)
{
	pthread_mutex_lock(&lock);
	if (watched[region->index] == region) {
		STORE(&watched[region->index], NULL);
		if (current != NULL)
			until_let_go(current, region);
	}
	pthread_mutex_unlock(&lock);
}

void switchless_await(struct region *region, uint64_t offset)
{
	uint32_t *half;

	if (offset % 8 != 0 || offset > REGION_SIZE - sizeof(struct rm_host_call))
		return;
	half = upper_half(call_at(region, offset));
	pthread_mutex_lock(&lock);
	if (current != NULL)
		bring_here(current);
	pthread_mutex_unlock(&lock);
	STORE(&region->awaiting, true);
	while (LOAD(half) == UNANSWERED &&
	       kick_call(&region->kick.pending, SYS_futex, (uint64_t)(uintptr_t)half, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, UNANSWERED, 0, 0, 0) == 0)
		;
	STORE(&region->awaiting, false);
}
