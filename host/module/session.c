// SPDX-License-Identifier: GPL-2.0-only
/*
 * An open /dev/ringmaster: the calls of abi/ioctl.h on it. Everything that a caller passes is copied once, then checked.
 */
#include "module.h"

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

struct rm_session {
	struct mutex lock;
	bool greeted;
	struct rm_enclave *enclave;	/* set once, under lock */
};

static int rm_session_open(struct inode *inode, struct file *file)
{
	struct rm_session *session = kzalloc(sizeof(*session), GFP_KERNEL_ACCOUNT);

	if (!session)
		return -ENOMEM;
	mutex_init(&session->lock);
	file->private_data = session;
	return nonseekable_open(inode, file);
}

static int rm_session_close(struct inode *inode, struct file *file)
{
	struct rm_session *session = file->private_data;

	if (session->enclave)
		rm_enclave_put(session->enclave);
	kfree(session);
	return 0;
}

static long rm_session_hello(struct rm_session *session, struct rm_ioc_hello __user *user)
{
	struct rm_ioc_hello hello;
	u64 frames;
	bool same;

	if (copy_from_user(&hello, user, sizeof(hello)))
		return -EFAULT;
	same = hello.abi_version == RM_ABI_VERSION;
	rm_smc_stat(0, RM_STAT_FRAMES_FREE, &frames);
	hello.abi_version = RM_ABI_VERSION;
	hello.kernel_version = rm_kernel_version;
	hello.memory_total = rm_memory_total;
	hello.memory_free = frames << PAGE_SHIFT;
	if (copy_to_user(user, &hello, sizeof(hello)))
		return -EFAULT;
	if (!same)
		return -EPROTO;
	session->greeted = true;
	return 0;
}

static long rm_session_create(struct rm_session *session, struct rm_ioc_create __user *user)
{
	struct rm_ioc_create create;
	struct rm_enclave *enclave;

	if (copy_from_user(&create, user, sizeof(create)))
		return -EFAULT;
	if (create.reserved || strnlen(create.name, sizeof(create.name)) == sizeof(create.name))
		return -EINVAL;
	if (session->enclave)
		return -EEXIST;
	enclave = rm_enclave_create(create.memory_limit, create.name);
	if (IS_ERR(enclave))
		return PTR_ERR(enclave);
	create.id = enclave->id;
	if (copy_to_user(user, &create, sizeof(create))) {
		rm_enclave_put(enclave);
		return -EFAULT;
	}
	smp_store_release(&session->enclave, enclave);
	return 0;
}

static long rm_session_adopt(struct rm_session *session, struct rm_ioc_adopt __user *user)
{
	struct rm_ioc_adopt adopt;
	struct rm_enclave *enclave;

	if (copy_from_user(&adopt, user, sizeof(adopt)))
		return -EFAULT;
	if (adopt.reserved)
		return -EINVAL;
	if (session->enclave)
		return -EEXIST;
	enclave = rm_enclave_adopt(adopt.id);
	if (IS_ERR(enclave))
		return PTR_ERR(enclave);
	strscpy_pad(adopt.name, enclave->name, sizeof(adopt.name));
	if (copy_to_user(user, &adopt, sizeof(adopt))) {
		rm_enclave_put(enclave);
		return -EFAULT;
	}
	smp_store_release(&session->enclave, enclave);
	return 0;
}

static long rm_session_thread(struct rm_session *session, const struct rm_ioc_thread __user *user)
{
	struct rm_ioc_thread thread;

	if (copy_from_user(&thread, user, sizeof(thread)))
		return -EFAULT;
	if (!session->enclave)
		return -EINVAL;
	return rm_thread_open(session->enclave, &thread);
}

static long rm_session_list(struct rm_ioc_list __user *user)
{
	struct rm_ioc_list list;
	int ret;

	if (copy_from_user(&list, user, sizeof(list)))
		return -EFAULT;
	ret = rm_enclave_list(&list);
	if (!ret && copy_to_user(user, &list, sizeof(list)))
		ret = -EFAULT;
	return ret;
}

static long rm_session_stats(struct rm_session *session, struct rm_ioc_stats __user *user)
{
	struct rm_ioc_stats stats;
	u64 handle = 0;
	long ret;
	u32 i, own;

	static_assert(ARRAY_SIZE(stats.stats) >= RM_STAT_COUNT);
	if (get_user(own, &user->own))
		return -EFAULT;
	if (own > 1)
		return -EINVAL;
	if (own && !session->enclave)
		return -ENOENT;
	if (own)
		handle = session->enclave->handle;
	memset(&stats, 0, sizeof(stats));
	stats.own = own;
	if (own)
		rm_enclave_use(session->enclave, stats.use);
	stats.count = own ? RM_STAT_ENCLAVE_COUNT : RM_STAT_COUNT;
	for (i = 0; i < stats.count; i++) {
		ret = rm_smc_stat(handle, i, &stats.stats[i]);
		if (ret)
			return ret == -ENOENT ? -ENOENT : -EIO;
	}
	return copy_to_user(user, &stats, sizeof(stats)) ? -EFAULT : 0;
}

static long rm_session_log(struct rm_session *session, const struct rm_ioc_log __user *user)
{
	struct rm_ioc_log line;

	if (copy_from_user(&line, user, sizeof(line)))
		return -EFAULT;
	if (!session->enclave)
		return -ENOENT;
	return rm_log_write(session->enclave, &line);
}

/* Waits without the session's lock, which it does not need. */
static long rm_session_log_read(struct rm_ioc_log __user *user)
{
	struct rm_ioc_log line;
	int ret;

	if (copy_from_user(&line, user, sizeof(line)))
		return -EFAULT;
	ret = rm_log_read(line.sequence, line.flags, &line);
	if (!ret && copy_to_user(user, &line, sizeof(line)))
		ret = -EFAULT;
	return ret;
}

/* A session's enclave stays its own: what is seen once is good until the session is closed. */
static long rm_session_awaited(struct rm_session *session, u64 __user *user)
{
	struct rm_enclave *enclave = smp_load_acquire(&session->enclave);
	u64 threads;
	u32 stirs;
	int ret;

	if (!enclave)
		return -EINVAL;
	do {
		stirs = READ_ONCE(enclave->stirs);
		ret = rm_enclave_awaited(enclave, &threads);
		if (!ret)
			return put_user(threads, user);
		if (ret == -EAGAIN)
			ret = wait_event_interruptible(enclave->queue, READ_ONCE(enclave->stirs) != stirs);
	} while (!ret);
	return ret;
}

static long rm_session_window(struct rm_session *session, struct rm_ioc_window __user *user)
{
	struct rm_ioc_window window;
	int ret;

	if (copy_from_user(&window, user, sizeof(window)))
		return -EFAULT;
	if (!session->enclave)
		return -EINVAL;
	ret = rm_window_offer(session->enclave, &window);
	return !ret && copy_to_user(user, &window, sizeof(window)) ? -EFAULT : ret;
}

static long rm_session_dispatch(struct rm_session *session, unsigned int command, void __user *user)
{
	if (command == RM_IOC_HELLO)
		return rm_session_hello(session, user);
	if (!session->greeted)
		return -EPROTO;
	switch (command) {
	case RM_IOC_CREATE:
		return rm_session_create(session, user);
	case RM_IOC_ADOPT:
		return rm_session_adopt(session, user);
	case RM_IOC_THREAD:
		return rm_session_thread(session, user);
	case RM_IOC_LIST:
		return rm_session_list(user);
	case RM_IOC_STATS:
		return rm_session_stats(session, user);
	case RM_IOC_LOG:
		return rm_session_log(session, user);
	case RM_IOC_WINDOW:
		return rm_session_window(session, user);
	default:
		return -ENOTTY;
	}
}

static long rm_session_ioctl(struct file *file, unsigned int command, unsigned long arg)
{
	struct rm_session *session = file->private_data;
	void __user *user = (void __user *)arg;
	long ret;

	/* What waits does so without the session's lock. */
	if (command == RM_IOC_LOG_READ)
		return READ_ONCE(session->greeted) ? rm_session_log_read(user) : -EPROTO;
	if (command == RM_IOC_AWAITED)
		return rm_session_awaited(session, user);
	if (mutex_lock_interruptible(&session->lock))
		return -ERESTARTSYS;
	ret = rm_session_dispatch(session, command, user);
	mutex_unlock(&session->lock);
	return ret;
}

const struct file_operations rm_session_fops = {
	.owner = THIS_MODULE,
	.open = rm_session_open,
	.release = rm_session_close,
	.unlocked_ioctl = rm_session_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};
