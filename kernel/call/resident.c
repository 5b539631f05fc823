/* SPDX-License-Identifier: MIT */
/*
 * Calls that have to do with time of one's own: becoming resident, waiting for devices, moving between reservations, the order to shut down, and the two of built-in threads.
 *
 * Attacks considered: what is asked for comes from the runtime, which took it from a signed manifest; it is checked all the same, and
 * what is admitted to is the sum of all. The nonce of an order is of this boot, and used once. A program that jumps to an svc of its runtime: what
 * reaches beyond its own enclave is refused as soon as it runs, since until then only the runtime, which checks signatures, has run.
 */
#include "arch/timer.h"
#include "board.h"
#include "call/svc.h"
#include "enclave/device.h"
#include "enclave/host.h"
#include "enclave/upcall.h"
#include "lib/errno.h"
#include "lib/print.h"
#include "lib/random.h"
#include "sched/latency.h"
#include "sched/resident.h"

static uint64_t nonce[2];

uint64_t resident_nonce(unsigned int word)
{
	if (!nonce[0] && !nonce[1])
		random_bytes(nonce, sizeof(nonce));
	return nonce[word];
}

static bool acceptable(const struct thread *t, const struct rm_resident *wanted)
{
	/* Linux may have ended it meanwhile, on another core. */
	if (t->enclave->state != ENCLAVE_LIVE || t->enclave->reservation_count || t->enclave->thread_count != 1)
		return false;
	return wanted->count > 0 && wanted->count <= RM_RESERVATIONS_MAX && wanted->deadline > 0 && wanted->attach < RM_ATTACH_COUNT;
}

/* From the next instruction on this thread's time is its own. Linux, which lent this core until now, enters once more and is told to wait. */
int64_t svc_resident(struct thread *t)
{
	struct rm_resident wanted;
	struct cpu *cpu = cpu_this();
	int error = space_read(&t->enclave->space, &wanted, t->context.x[0], sizeof(wanted));

	if (error)
		return error;
	if (t->enclave->started)
		return -EPERM;
	if (!acceptable(t, &wanted))
		return -EINVAL;
	error = devices_claim(t->enclave, wanted.devices);
	if (!error)
		error = resident_admit(t->enclave, &wanted);
	if (error)
		return error == RESIDENT_AGAIN ? SVC_AGAIN : error;
	print("enclave %u is resident on core %u\n", t->enclave->slot, t->enclave->core);
	devices_route(t->enclave);
	t->context.x[0] = 0;
	if (t->resident)	/* from the boot on, to load */
		resident_unbind(t);
	else
		sched_give_back(cpu, THREAD_READY, RM_EXIT_PREEMPTED, 0, 0, 0);
	resident_bind(t, &t->enclave->reservations[0]);
	return SVC_DONE;
}

int64_t svc_device_wait(struct thread *t)
{
	uint64_t devices = t->context.x[0], until = t->context.x[1];

	if (!t->resident || !devices || (devices & ~(uint64_t)t->enclave->devices))
		return -EINVAL;
	if (upcall_take(t))
		return -EINTR;
	t->context.x[0] = (uint64_t)-ETIMEDOUT;
	t->devices = (uint32_t)devices;
	thread_sleep(cpu_this(), t, until == UINT64_MAX ? WAIT_FOREVER : counter_from_ns(until), true);
	devices_listen(t);
	return SVC_DONE;
}

static struct reservation *find(struct enclave *e, uint64_t priority)
{
	struct reservation *found = NULL;

	for (unsigned int i = 0; i < e->reservation_count; i++) {
		struct reservation *r = &e->reservations[i];

		if (priority ? r->asked.priority == priority : !found || r->asked.priority < found->asked.priority)
			found = r;
	}
	return found;
}

int64_t svc_reserve(struct thread *t)
{
	uint64_t index = t->context.x[0];
	struct thread *other = index < RM_THREAD_MAX ? t->enclave->threads[index] : NULL;

	if (!t->resident)
		return -EINVAL;
	struct reservation *reservation = find(t->enclave, t->context.x[1]);

	if (!other || other->ended)
		return -ESRCH;
	if (!reservation)
		return -EPERM;
	if (other->resident)
		resident_move(other, reservation);
	else
		other->reservation = reservation;	/* that it is bound with */
	return 0;
}

int64_t svc_run(struct thread *t)
{
	uint64_t index = t->context.x[0], alone = t->context.x[1];
	struct thread *other = index < RM_THREAD_MAX ? t->enclave->threads[index] : NULL;

	if (!other || alone > 1 || (alone && !t->resident))
		return -EINVAL;
	/* It may have begun, and ended, and its index be another's whose maker is not ready. */
	if (alone && (other->entered || other->held))
		return 0;
	other->held = false;
	if (!alone)
		return 0;
	other->entered = true;
	other->context.x[2] = other->shared_end;
	other->host.state = other->shared_end ? HOST_SERVES : HOST_GONE;
	resident_bind(other, other->reservation);
	return 0;
}

int64_t svc_attach(struct thread *t)
{
	int64_t result = t->resident ? host_await(t) : -EINVAL;

	return result > 0 ? result | (int64_t)t->enclave->host_process << 32 : result;
}

/* An enclave a step; the nonce is spent with the last. */
int64_t svc_shutdown(struct thread *t)
{
	struct enclave *e = enclave_next_resident(NULL);

	if (t->enclave->started || t->context.x[0] != resident_nonce(0) || t->context.x[1] != resident_nonce(1))
		return -EPERM;
	if (e) {
		print("resident enclave %u is shut down by order\n", e->slot);
		enclave_end(e, RM_EXIT_KILLED, 0, 0, 0);
		return SVC_AGAIN;
	}
	random_bytes(nonce, sizeof(nonce));
	return 0;
}

/* What still tells, on the console of a machine whose Linux is gone, whether resident enclaves keep their time. */
static void report(uint64_t beats)
{
	print("heartbeat %lu, %lu releases, %lu missed, latest %lu ns, masked %lu ns\n", beats, enclave_stat(NULL, RM_STAT_RELEASES),
	      enclave_stat(NULL, RM_STAT_MISSES), latency_max(RM_HISTOGRAM_RELEASE), latency_max(RM_HISTOGRAM_MASKED));
}

int64_t svc_builtin(struct thread *t)
{
	switch (t->context.x[8]) {
	case RM_SVC_RESIDENT_WAIT:
		t->context.x[0] = 0;
		thread_stop(t, THREAD_WAITING, t->reservation->next);
		return SVC_DONE;
	case RM_SVC_REPORT:
		report(t->context.x[0]);
		return 0;
	default: return -ENOSYS;
	}
}
