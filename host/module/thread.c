// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hosted threads: the descriptor of one, and the loop that lends it the core.
 *
 * A Linux thread inside RM_IOC_ENTER is an ordinary thread to Linux: interrupts for Linux end the entry, and before each
 * new one it does what any thread does on its way to user space (as KVM does before it enters a guest).
 */
#include "module.h"

#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

/*
 * Work that Linux has for this thread. What only happens on the way to user space sends it there: a signal by a restart
 * (so that stop and continue leave no trace, and a fatal one kills), other work by -EINTR, since nothing would restart.
 */
static int rm_thread_linux_work(void)
{
	unsigned long flags = read_thread_flags();

	if (flags & (_TIF_SIGPENDING | _TIF_NOTIFY_SIGNAL))
		return -ERESTARTSYS;
	if (flags & _TIF_NOTIFY_RESUME)
		return -EINTR;
	cond_resched();
	return 0;
}

static int rm_thread_wait(struct rm_thread *thread, u64 ns)
{
	ktime_t timeout = ns < KTIME_MAX ? ns_to_ktime(ns) : KTIME_MAX;
	int ret = wait_event_interruptible_hrtimeout(thread->queue, READ_ONCE(thread->woken), timeout);

	return ret == -ETIME ? 0 : ret;
}

/* Lends the core until the thread needs the proxy. Under thread->entry. */
static int rm_thread_run(struct rm_thread *thread, struct rm_ioc_enter *exit)
{
	struct rm_answer answer;
	u32 flags = exit->flags;
	long reason;
	int ret;

	for (;;) {
		ret = rm_thread_linux_work();
		if (ret)
			return ret;
		/*
		 * Before the call: the secure kernel sees every wake that came earlier, and a wake that comes during the
		 * call sets the word again.
		 */
		WRITE_ONCE(thread->woken, false);
		reason = rm_smc_enter(thread->enclave->handle, thread->index, flags, &answer);
		flags = 0;
		if (reason == RM_EXIT_PREEMPTED)
			continue;
		if (reason == -ESRCH)	/* taken back before it began */
			reason = RM_EXIT_THREAD;
		if (reason != RM_EXIT_WAIT)
			break;
		ret = rm_thread_wait(thread, answer.x1);
		if (ret)
			return ret;
	}
	if (reason < 0 || reason >= RM_EXIT_COUNT)
		return reason == -EBUSY ? -EBUSY : -EIO;
	exit->reason = reason;
	exit->arg[0] = answer.x1;
	exit->arg[1] = answer.x2;
	exit->arg[2] = answer.x3;
	return 0;
}

static long rm_thread_enter(struct rm_thread *thread, struct rm_ioc_enter __user *user)
{
	struct rm_ioc_enter exit;
	int ret;

	if (copy_from_user(&exit, user, sizeof(exit)))
		return -EFAULT;
	if (exit.flags & ~RM_ENTER_NOTIFY)
		return -EINVAL;
	if (!mutex_trylock(&thread->entry))
		return -EBUSY;
	ret = rm_thread_run(thread, &exit);
	if (!ret && exit.reason == RM_EXIT_THREAD) {
		mutex_lock(&thread->enclave->lock);
		thread->gone = true;
		mutex_unlock(&thread->enclave->lock);
	}
	if (!ret)
		rm_log_end(thread->enclave, &exit);
	mutex_unlock(&thread->entry);
	if (!ret && copy_to_user(user, &exit, sizeof(exit)))
		ret = -EFAULT;
	return ret;
}

static long rm_thread_grow(struct rm_thread *thread, const struct rm_ioc_grow __user *user)
{
	struct rm_enclave *enclave = thread->enclave;
	struct rm_ioc_grow grow;
	long ret;

	if (copy_from_user(&grow, user, sizeof(grow)))
		return -EFAULT;
	mutex_lock(&enclave->lock);
	ret = thread->gone ? -ENOENT : rm_share_grow(&thread->share, enclave->handle, thread->index, grow.size);
	mutex_unlock(&enclave->lock);
	return ret;
}

static long rm_thread_ioctl(struct file *file, unsigned int command, unsigned long arg)
{
	switch (command) {
	case RM_IOC_ENTER:
		return rm_thread_enter(file->private_data, (void __user *)arg);
	case RM_IOC_GROW:
		return rm_thread_grow(file->private_data, (void __user *)arg);
	default:
		return -ENOTTY;
	}
}

static __poll_t rm_thread_poll(struct file *file, poll_table *table)
{
	struct rm_thread *thread = file->private_data;

	poll_wait(file, &thread->queue, table);
	return READ_ONCE(thread->woken) ? EPOLLIN | EPOLLRDNORM : 0;
}

/* A thread that ended makes room for another of its index; a living one keeps its pages for as long as its enclave. */
static int rm_thread_close(struct inode *inode, struct file *file)
{
	struct rm_thread *thread = file->private_data;
	struct rm_enclave *enclave = thread->enclave;

	mutex_lock(&enclave->lock);
	if (thread->gone && !rm_share_withdraw(&thread->share, enclave->handle, thread->index)) {
		rm_enclave_set_thread(enclave, thread->index, NULL);
		rm_thread_free(thread);
	}
	mutex_unlock(&enclave->lock);
	rm_enclave_put(enclave);
	return 0;
}

static const struct file_operations rm_thread_fops = {
	.owner = THIS_MODULE,
	.release = rm_thread_close,
	.unlocked_ioctl = rm_thread_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.poll = rm_thread_poll,
	.llseek = noop_llseek,
};

/* Frees a thread that the Secure world no longer reaches; nobody may find it any more. */
void rm_thread_free(struct rm_thread *thread)
{
	rm_share_release(&thread->share);
	kfree(thread);
}

static struct rm_thread *rm_thread_make(struct rm_enclave *enclave, const struct rm_ioc_thread *args)
{
	struct rm_thread *thread = kzalloc(sizeof(*thread), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!thread)
		return ERR_PTR(-ENOMEM);
	thread->enclave = enclave;
	thread->index = args->thread;
	mutex_init(&thread->entry);
	init_waitqueue_head(&thread->queue);
	ret = rm_share_make(&thread->share, enclave->handle, args);
	if (ret) {
		kfree(thread);
		return ERR_PTR(ret);
	}
	return thread;
}

/* Under enclave->lock. The new file owns a reference to the enclave. */
static int rm_thread_open_locked(struct rm_enclave *enclave, const struct rm_ioc_thread *args, int fd)
{
	struct rm_thread *thread;
	struct file *file;

	if (enclave->threads[args->thread])
		return -EEXIST;
	thread = rm_thread_make(enclave, args);
	if (IS_ERR(thread))
		return PTR_ERR(thread);
	rm_enclave_set_thread(enclave, args->thread, thread);
	file = anon_inode_getfile("[ringmaster-thread]", &rm_thread_fops, thread, O_RDWR | O_CLOEXEC);
	if (!IS_ERR(file)) {
		rm_enclave_get(enclave);
		fd_install(fd, file);
		return fd;
	}
	if (!rm_share_withdraw(&thread->share, enclave->handle, thread->index)) {
		rm_enclave_set_thread(enclave, args->thread, NULL);
		rm_thread_free(thread);
	}
	return PTR_ERR(file);
}

/*
 * rm_thread_open() - RM_IOC_THREAD
 *
 * Return: a new descriptor, or a negative errno.
 */
int rm_thread_open(struct rm_enclave *enclave, const struct rm_ioc_thread *args)
{
	int fd, ret;

	if (args->reserved)
		return -EINVAL;
	if (args->thread >= RM_THREAD_MAX)
		return -ENOENT;
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	mutex_lock(&enclave->lock);
	ret = rm_thread_open_locked(enclave, args, fd);
	mutex_unlock(&enclave->lock);
	if (ret < 0)
		put_unused_fd(fd);
	return ret;
}

/* Doorbell; under the spinlock of the handles. */
void rm_thread_wake(struct rm_thread *thread)
{
	WRITE_ONCE(thread->woken, true);
	wake_up_poll(&thread->queue, EPOLLIN | EPOLLRDNORM);
}
