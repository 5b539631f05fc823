// SPDX-License-Identifier: GPL-2.0-only
/*
 * Enclaves: made by a session, ended by the last of the descriptors that name them, found by number (for people) and by
 * handle (for the doorbell).
 */
#include "module.h"

#include <linux/cred.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/user_namespace.h>
#include <linux/xarray.h>

static DEFINE_MUTEX(registry);			/* rm_ids, and that its enclaves stay while somebody looks */
static DEFINE_XARRAY_ALLOC1(rm_ids);
static u32 rm_next_id;
static DEFINE_XARRAY_FLAGS(rm_handles, XA_FLAGS_LOCK_IRQ);	/* its lock also covers each threads[] */

static int rm_enclave_publish(struct rm_enclave *enclave)
{
	int ret;

	mutex_lock(&registry);
	ret = xa_alloc_cyclic(&rm_ids, &enclave->id, enclave, XA_LIMIT(1, U32_MAX), &rm_next_id, GFP_KERNEL_ACCOUNT);
	if (ret >= 0) {
		ret = xa_err(xa_store_irq(&rm_handles, enclave->handle, enclave, GFP_KERNEL_ACCOUNT));
		if (ret)
			xa_erase(&rm_ids, enclave->id);
	}
	mutex_unlock(&registry);
	return ret < 0 ? ret : 0;
}

static void rm_enclave_free(struct rm_enclave *enclave)
{
	put_pid(enclave->pid);
	mutex_destroy(&enclave->lock);
	kfree(enclave);
}

static void rm_enclave_withdraw(struct rm_enclave *enclave)
{
	mutex_lock(&registry);
	xa_erase(&rm_ids, enclave->id);
	xa_erase_irq(&rm_handles, enclave->handle);
	mutex_unlock(&registry);
}

/* What its manifest says of who may attach. */
static u32 rm_enclave_attach(u64 handle)
{
	u32 attach;
	u64 found;

	return !rm_smc_resident(handle & 0xff, &found, &attach) && found == handle ? attach : RM_ATTACH_NOBODY;
}

/* What the list shows of a resident enclave without a process; nothing, if there is no memory for that. */
static void rm_enclave_keep(struct rm_enclave *enclave)
{
	put_pid(enclave->pid);
	enclave->pid = NULL;
	memset(enclave->threads, 0, sizeof(enclave->threads));
	enclave->attach = rm_enclave_attach(enclave->handle);
	enclave->detached = true;
	mutex_lock(&registry);
	if (xa_insert(&rm_ids, enclave->id, enclave, GFP_KERNEL))
		rm_enclave_free(enclave);
	mutex_unlock(&registry);
}

static struct rm_enclave *rm_enclave_alloc(const char *name)
{
	struct rm_enclave *enclave = kzalloc(sizeof(*enclave), GFP_KERNEL_ACCOUNT);

	if (!enclave)
		return NULL;
	kref_init(&enclave->ref);
	mutex_init(&enclave->lock);
	init_waitqueue_head(&enclave->queue);
	strscpy(enclave->name, name, sizeof(enclave->name));
	return enclave;
}

static void rm_enclave_begin(struct rm_enclave *enclave)
{
	enclave->pid = get_task_pid(current, PIDTYPE_TGID);
	enclave->uid = current_uid();
	enclave->started_ns = ktime_get_boottime_ns();
}

/*
 * rm_enclave_create() - RM_IOC_CREATE
 *
 * Return: an enclave with one reference, the caller's; or an ERR_PTR.
 */
struct rm_enclave *rm_enclave_create(u64 limit, const char *name)
{
	struct rm_enclave *enclave = rm_enclave_alloc(name);
	long ret;

	if (!enclave)
		return ERR_PTR(-ENOMEM);
	rm_enclave_begin(enclave);
	ret = rm_smc_create(limit, &enclave->handle);
	if (!ret) {
		ret = rm_enclave_publish(enclave);
		if (!ret) {
			rm_log(enclave, "started by user %u", from_kuid_munged(&init_user_ns, enclave->uid));
			return enclave;
		}
		rm_smc_destroy(enclave->handle);
	} else if (ret != -EINVAL && ret != -ENOMEM && ret != -ENOSPC) {
		ret = -EIO;
	}
	rm_enclave_free(enclave);
	return ERR_PTR(ret);
}

/* Of an enclave that an earlier instance of this module knew, or nobody: whose it was is not known, so it is root's. */
static int rm_enclave_recall(u64 handle, u32 attach)
{
	char name[RM_RESIDENT_NAME + 1] = "";
	struct rm_enclave *enclave;
	int ret;

	rm_smc_name(handle, name);
	enclave = rm_enclave_alloc(name);
	if (!enclave)
		return -ENOMEM;
	enclave->handle = handle;
	enclave->attach = attach;
	enclave->detached = true;
	mutex_lock(&registry);
	ret = xa_alloc_cyclic(&rm_ids, &enclave->id, enclave, XA_LIMIT(1, U32_MAX), &rm_next_id, GFP_KERNEL_ACCOUNT);
	mutex_unlock(&registry);
	if (ret < 0)
		rm_enclave_free(enclave);
	else
		rm_log(enclave, "found: it runs without a process");
	return ret < 0 ? ret : 0;
}

/*
 * rm_enclave_find_residents() - what runs in the Secure world since before this module was loaded
 *
 * Return: 0, or -ENOMEM: not all are in the list.
 */
int rm_enclave_find_residents(void)
{
	u64 handle, slot = 0;
	u32 attach;
	int ret = 0;

	while (!ret && !rm_smc_resident(slot, &handle, &attach)) {
		ret = rm_enclave_recall(handle, attach);
		slot = (handle & 0xff) + 1;
	}
	return ret;
}

/* Under the registry's lock. */
static int rm_enclave_may_adopt(const struct rm_enclave *enclave)
{
	if (!enclave)
		return -ESRCH;
	if (!enclave->detached)
		return -EBUSY;
	if (uid_eq(current_uid(), GLOBAL_ROOT_UID))
		return 0;
	return enclave->attach == RM_ATTACH_USER && uid_eq(current_uid(), enclave->uid) ? 0 : -EPERM;
}

static int rm_enclave_adopt_locked(struct rm_enclave *enclave)
{
	long ret = rm_enclave_may_adopt(enclave);

	if (!ret)
		ret = rm_smc_adopt(enclave->handle);
	if (ret)
		return ret == -ENOENT ? -ESRCH : ret;
	ret = xa_err(xa_store_irq(&rm_handles, enclave->handle, enclave, GFP_KERNEL_ACCOUNT));
	if (ret) {
		rm_smc_detach(enclave->handle);
		return ret;
	}
	kref_init(&enclave->ref);
	enclave->pid = get_task_pid(current, PIDTYPE_TGID);
	enclave->detached = false;
	return 0;
}

/*
 * rm_enclave_adopt() - RM_IOC_ADOPT: the caller's process in the place of the one that is gone
 *
 * Return: the enclave with one reference, the caller's; or an ERR_PTR.
 */
struct rm_enclave *rm_enclave_adopt(u32 id)
{
	struct rm_enclave *enclave;
	int ret;

	mutex_lock(&registry);
	enclave = xa_load(&rm_ids, id);
	ret = rm_enclave_adopt_locked(enclave);
	mutex_unlock(&registry);
	if (ret)
		return ERR_PTR(ret);
	rm_log(enclave, "a process of user %u attached", from_kuid_munged(&init_user_ns, current_uid()));
	return enclave;
}

void rm_enclave_get(struct rm_enclave *enclave)
{
	kref_get(&enclave->ref);
}

/*
 * A resident enclave cannot be ended from here. It lets go of what is Linux's, and goes on; of what is known of it, the list keeps what
 * people want to see.
 */
static long rm_enclave_detach(struct rm_enclave *enclave)
{
	long ret = rm_smc_detach(enclave->handle);

	if (!ret)
		rm_log(enclave, "its process is gone; it goes on in the Secure world");
	return ret;
}

static void rm_enclave_end(struct kref *ref)
{
	struct rm_enclave *enclave = container_of(ref, struct rm_enclave, ref);
	bool detached = false;
	long ret;
	u32 i;

	rm_enclave_withdraw(enclave);
	ret = rm_smc_destroy(enclave->handle);
	if (ret == -EPERM) {
		ret = rm_enclave_detach(enclave);
		detached = !ret;
	}
	if (!detached && !xchg(&enclave->end_told, true))
		rm_log(enclave, "ended: its process is gone");
	if (ret && ret != -ENOENT) {
		pr_err("enclave %u cannot be ended (%ld); its shared pages are lost to Linux\n", enclave->id, ret);
		__module_get(THIS_MODULE);	/* its windows' notifiers stay */
		return;
	}
	rm_windows_free(enclave);
	for (i = 0; i < RM_THREAD_MAX; i++)
		if (enclave->threads[i])
			rm_thread_free(enclave->threads[i]);
	if (detached)
		rm_enclave_keep(enclave);
	else
		rm_enclave_free(enclave);
}

/* The last one ends the enclave; may sleep. Nobody is inside then: being inside takes an open descriptor. */
void rm_enclave_put(struct rm_enclave *enclave)
{
	kref_put(&enclave->ref, rm_enclave_end);
}

/* Under the lock of the handles. */
static void rm_enclave_stir(struct rm_enclave *enclave)
{
	WRITE_ONCE(enclave->stirs, enclave->stirs + 1);
	wake_up(&enclave->queue);
}

/* Under enclave->lock. What a thread that leaves has counted stays the enclave's. */
void rm_enclave_set_thread(struct rm_enclave *enclave, u32 index, struct rm_thread *thread)
{
	lockdep_assert_held(&enclave->lock);
	xa_lock_irq(&rm_handles);
	if (!thread && enclave->threads[index])
		rm_use_add(enclave->use, &enclave->threads[index]->share);
	enclave->threads[index] = thread;
	if (!thread)
		rm_enclave_stir(enclave);
	xa_unlock_irq(&rm_handles);
}

/*
 * rm_enclave_awaited() - which threads want a descriptor
 *
 * Return: 0; -EAGAIN if there is none, until enclave->stirs changes; -ENOENT if the enclave has ended.
 */
int rm_enclave_awaited(struct rm_enclave *enclave, u64 *threads)
{
	long ret = rm_smc_awaited(enclave->handle, threads);
	u32 i;

	if (ret)
		return ret;
	xa_lock_irq(&rm_handles);
	for (i = 0; i < RM_THREAD_MAX; i++)
		if (enclave->threads[i])
			*threads &= ~BIT_ULL(i);
	xa_unlock_irq(&rm_handles);
	return *threads ? 0 : -EAGAIN;
}

/* Any context. A name that is not (or no longer) ours is ignored: the thread ended meanwhile. */
void rm_enclave_wake(u64 handle, u64 thread)
{
	struct rm_enclave *enclave;
	unsigned long flags;

	if (thread >= RM_THREAD_MAX)
		return;
	xa_lock_irqsave(&rm_handles, flags);
	enclave = xa_load(&rm_handles, handle);
	if (enclave && enclave->threads[thread]) {
		rm_thread_wake(enclave->threads[thread]);
	} else if (enclave) {
		rm_enclave_stir(enclave);
	}
	xa_unlock_irqrestore(&rm_handles, flags);
}

static u32 rm_enclave_threads(struct rm_enclave *enclave)
{
	u32 i, count = 0;

	xa_lock_irq(&rm_handles);
	for (i = 0; i < RM_THREAD_MAX; i++)
		if (enclave->threads[i] && !READ_ONCE(enclave->threads[i]->gone))
			count++;
	xa_unlock_irq(&rm_handles);
	return count;
}

/* What all its threads have counted so far (abi/use.h). */
void rm_enclave_use(struct rm_enclave *enclave, u64 *use)
{
	u32 i;

	xa_lock_irq(&rm_handles);
	memcpy(use, enclave->use, sizeof(enclave->use));
	for (i = 0; i < RM_THREAD_MAX; i++)
		if (enclave->threads[i])
			rm_use_add(use, &enclave->threads[i]->share);
	xa_unlock_irq(&rm_handles);
}

/* A detached one that has ended since. Under the registry's lock, as the next. */
static bool rm_enclave_is_over(struct rm_enclave *enclave)
{
	return enclave->detached && rm_smc_destroy(enclave->handle) != -EPERM;
}

static void rm_enclave_drop(struct rm_enclave *enclave)
{
	xa_erase(&rm_ids, enclave->id);
	rm_enclave_free(enclave);
}

/* The module goes: what is detached stays, unknown to Linux. */
void rm_enclave_forget(void)
{
	struct rm_enclave *enclave;
	unsigned long id;

	mutex_lock(&registry);
	xa_for_each(&rm_ids, id, enclave)
		rm_enclave_drop(enclave);
	mutex_unlock(&registry);
}

/*
 * rm_enclave_list() - RM_IOC_LIST: the first enclave after list->id
 *
 * Takes no reference, so that a reader never is the one who has to end an enclave.
 *
 * Return: 0, or -ENOENT.
 */
int rm_enclave_list(struct rm_ioc_list *list)
{
	struct rm_enclave *enclave;
	unsigned long id = list->id;
	int ret = -ENOENT;
	u32 i;

	static_assert(ARRAY_SIZE(list->stats) >= RM_STAT_ENCLAVE_COUNT);
	memset(list, 0, sizeof(*list));
	mutex_lock(&registry);
	enclave = xa_find_after(&rm_ids, &id, U32_MAX, XA_PRESENT);
	while (enclave && rm_enclave_is_over(enclave)) {
		rm_enclave_drop(enclave);
		enclave = xa_find_after(&rm_ids, &id, U32_MAX, XA_PRESENT);
	}
	if (enclave) {
		list->id = enclave->id;
		list->pid = pid_vnr(enclave->pid);
		list->uid = from_kuid_munged(current_user_ns(), enclave->uid);
		list->threads = rm_enclave_threads(enclave);
		list->started_ns = enclave->started_ns;
		strscpy(list->name, enclave->name, sizeof(list->name));
		for (i = 0; i < RM_STAT_ENCLAVE_COUNT; i++)
			rm_smc_stat(enclave->handle, i, &list->stats[i]);
		rm_enclave_use(enclave, list->use);
		ret = 0;
	}
	mutex_unlock(&registry);
	return ret;
}
