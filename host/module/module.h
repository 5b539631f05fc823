/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the module know of each other, grouped by file.
 *
 * Lock order: session->lock, registry (enclave.c), enclave->lock, xa_lock of the handles (enclave.c; taken with interrupts
 * off, by the doorbell as well). A window's lock (window.c) is taken with any locks of Linux's memory management held, and none within.
 */
#ifndef RINGMASTER_MODULE_H
#define RINGMASTER_MODULE_H

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <linux/wait.h>

#include "ioctl.h"
#include "resident.h"
#include "smc.h"
#include "svc.h"
#include "use.h"

struct file;
struct mm_struct;
struct rm_enclave;
struct page;
struct pid;

/* smc.c: the only file that leaves for the Secure world. Results are 0 or positive, or a negative errno. */
struct rm_answer {
	u64 x1, x2, x3;
};

bool rm_smc_present(void);
long rm_smc_version(struct rm_answer *answer);
long rm_smc_attach(void);
long rm_smc_create(u64 limit, u64 *handle);
long rm_smc_destroy(u64 handle);
long rm_smc_detach(u64 handle);
long rm_smc_adopt(u64 handle);
long rm_smc_awaited(u64 handle, u64 *threads);
long rm_smc_resident(u64 slot, u64 *handle, u32 *attach);
long rm_smc_name(u64 handle, char name[RM_RESIDENT_NAME]);
u64 rm_smc_core(void);
long rm_smc_share(u64 handle, u32 thread, phys_addr_t list, u32 count, u32 page);
long rm_smc_unshare(u64 handle, u32 thread, u32 page, u32 count);
long rm_smc_window_map(u64 handle, phys_addr_t list, u32 count, u32 page);
long rm_smc_window_unmap(u64 handle, u32 page, u32 count);
long rm_smc_enter(u64 handle, u32 thread, u32 flags, struct rm_answer *answer);
long rm_smc_wakes(u64 *handle, u64 *thread, bool *more);
long rm_smc_stat(u64 handle, u32 counter, u64 *value);

/* share.c: user pages lent to the region of a thread. */
struct rm_share {
	struct page **pages;
	u64 address;
	u32 count, limit;	/* pages that are pinned and shared; that there may be, which are accounted */
	struct mm_struct *mm;	/* whose memory it is, and whose RLIMIT_MEMLOCK pays */
};

int rm_share_make(struct rm_share *share, u64 handle, const struct rm_ioc_thread *args);
int rm_share_grow(struct rm_share *share, u64 handle, u32 thread, u64 size);
int rm_share_withdraw(struct rm_share *share, u64 handle, u32 thread);
void rm_share_release(struct rm_share *share);

/* use.c */
void rm_use_add(u64 *use, const struct rm_share *share);

/* window.c: pages of files that an enclave may read where they are. */
struct rm_window;

int rm_window_offer(struct rm_enclave *enclave, struct rm_ioc_window *args);
void rm_windows_free(struct rm_enclave *enclave);

/* thread.c: one hosted thread. Owned by its enclave; named by a descriptor while that is open. */
struct rm_thread {
	struct rm_enclave *enclave;
	u32 index;
	bool gone;			/* the secure kernel said RM_EXIT_THREAD; under enclave->lock */
	bool woken;			/* set by the doorbell, cleared before an entry */
	struct mutex entry;		/* held while a Linux thread is inside */
	wait_queue_head_t queue;
	struct rm_share share;
};

int rm_thread_open(struct rm_enclave *enclave, const struct rm_ioc_thread *args);
void rm_thread_wake(struct rm_thread *thread);
void rm_thread_free(struct rm_thread *thread);

/* enclave.c */
struct rm_enclave {
	struct kref ref;		/* the session and each thread descriptor */
	u64 handle;
	u32 id;
	struct pid *pid;		/* of the process that made it */
	kuid_t uid;
	u64 started_ns;
	char name[RM_NAME_SIZE];
	bool detached;			/* resident, and its process is gone: only its entry in the list is left; under the registry's lock */
	u32 attach;			/* detached: enum rm_attach */
	u32 stirs;			/* how often a thread without a descriptor was woken, or became one; */
	wait_queue_head_t queue;	/* RM_IOC_AWAITED waits for that */
	bool end_told;			/* the log knows how it ended; by xchg() */
	u32 log_lines;			/* said by the proxy; under session->lock */
	u64 use[RM_USE_MAX];		/* by threads that are gone; under the lock of the handles */
	struct mutex lock;
	struct rm_window **windows;	/* RM_WINDOW_CHUNKS, or NULL: there were none; under session->lock */
	struct rm_thread *threads[RM_THREAD_MAX];	/* see rm_enclave_set_thread() */
};

struct rm_enclave *rm_enclave_create(u64 limit, const char *name);
struct rm_enclave *rm_enclave_adopt(u32 id);
int rm_enclave_awaited(struct rm_enclave *enclave, u64 *threads);
int rm_enclave_find_residents(void);
void rm_enclave_get(struct rm_enclave *enclave);
void rm_enclave_put(struct rm_enclave *enclave);
void rm_enclave_set_thread(struct rm_enclave *enclave, u32 index, struct rm_thread *thread);
void rm_enclave_wake(u64 handle, u64 thread);
void rm_enclave_use(struct rm_enclave *enclave, u64 *use);
int rm_enclave_list(struct rm_ioc_list *list);
void rm_enclave_forget(void);

/* log.c */
int rm_log_start(void);
void rm_log_stop(void);
void rm_log(const struct rm_enclave *enclave, const char *format, ...) __printf(2, 3);
void rm_log_end(struct rm_enclave *enclave, const struct rm_ioc_enter *exit);
int rm_log_write(struct rm_enclave *enclave, const struct rm_ioc_log *line);
int rm_log_read(u64 from, u32 flags, struct rm_ioc_log *found);

/* session.c */
extern const struct file_operations rm_session_fops;

/* doorbell.c */
int rm_doorbell_start(u32 intid);
void rm_doorbell_stop(void);

/* cpu.c */
int rm_cpu_start(void);
void rm_cpu_stop(void);

/* main.c */
extern u32 rm_kernel_version;
extern u64 rm_memory_total;

#endif
