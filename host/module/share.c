// SPDX-License-Identifier: GPL-2.0-only
/*
 * User pages shared with an enclave: pinned, accounted, mapped by the secure kernel, and all of that undone.
 *
 * The rule that everything here serves: a page goes back to Linux only after the secure kernel has said that it no longer
 * reaches it. Where it refuses, the pages stay pinned for good: a leak, and not memory with two owners.
 */
#include "module.h"

#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#define RM_SHARE_PAGES_MAX	(RM_SHARE_STRIDE >> PAGE_SHIFT)

static_assert(PAGE_SIZE == 4096, "the secure kernel's pages are 4 KiB");
static_assert(RM_SHARE_MAX * sizeof(u64) <= PAGE_SIZE);

static int rm_account(struct rm_share *share, u32 count)
{
	/* Refuses with -ENOMEM for one reason only, which deserves a name of its own. */
	if (account_locked_vm(current->mm, count, true))
		return -EDQUOT;
	share->mm = current->mm;
	mmgrab(share->mm);
	return 0;
}

/* By whichever process closed last; a creator that has left its address space has nothing to get back. */
static void rm_unaccount(struct rm_share *share, u32 count)
{
	if (mmget_not_zero(share->mm)) {
		account_locked_vm(share->mm, count, false);
		mmput(share->mm);
	}
	mmdrop(share->mm);
	share->mm = NULL;
}

static int rm_pin(struct rm_share *share, u32 count)
{
	while (share->count < count) {
		int n = pin_user_pages_fast(share->address + ((u64)share->count << PAGE_SHIFT), count - share->count,
					    FOLL_WRITE | FOLL_LONGTERM, share->pages + share->count);

		if (n <= 0)
			return n == -ENOMEM || n == -EINTR ? n : -EFAULT;
		share->count += n;
		cond_resched();
	}
	return 0;
}

/* Maps pages [*mapped, count); *mapped tells how many are, also when it fails half-way. */
static int rm_map(struct rm_share *share, u64 handle, u32 thread, u32 *mapped)
{
	u64 *list = (u64 *)get_zeroed_page(GFP_KERNEL);
	long ret = 0;

	if (!list)
		return -ENOMEM;
	while (*mapped < share->count) {
		u32 i, n = min(share->count - *mapped, RM_SHARE_MAX);

		for (i = 0; i < n; i++)
			list[i] = page_to_phys(share->pages[*mapped + i]);
		ret = rm_smc_share(handle, thread, virt_to_phys(list), n, *mapped);
		if (ret)
			break;
		*mapped += n;
	}
	free_page((unsigned long)list);
	return ret;
}

/* Unmaps pages [page, end), all of which are mapped. */
static int rm_unmap(u64 handle, u32 thread, u32 page, u32 end)
{
	while (page < end) {
		u32 n = min(end - page, RM_SHARE_MAX);
		long ret = rm_smc_unshare(handle, thread, page, n);

		if (ret) {
			pr_err_once("the secure kernel keeps shared pages (%ld); they are lost to Linux\n", ret);
			return ret;
		}
		page += n;
	}
	return 0;
}

/*
 * rm_share_grow() - shares more of the region, up to @size bytes
 * @share: shared at least as far as before on failure
 *
 * Context: process, may sleep; the caller keeps the enclave from ending, and others from this share.
 * Return: 0; -EINVAL: not such a size, or not the memory's address space; others as rm_share_make().
 */
int rm_share_grow(struct rm_share *share, u64 handle, u32 thread, u64 size)
{
	u32 before = share->count, count = size >> PAGE_SHIFT, mapped = before;
	int ret;

	if (!PAGE_ALIGNED(size) || size > (u64)share->limit << PAGE_SHIFT || share->mm != current->mm)
		return -EINVAL;
	if (count <= before)
		return 0;
	ret = rm_pin(share, count);
	if (!ret)
		ret = rm_map(share, handle, thread, &mapped);
	if (!ret)
		return 0;
	/* What the secure kernel does not let go of stays, as if it had been shared. */
	if (!rm_unmap(handle, thread, before, mapped))
		mapped = before;
	unpin_user_pages(share->pages + mapped, share->count - mapped);
	share->count = mapped;
	return ret;
}

/*
 * rm_share_make() - shares a piece of the caller's memory as the region of a thread
 * @share: filled in; untouched but for zero fields on failure
 * @handle: enclave
 * @args: thread and memory
 *
 * Context: process, may sleep; the caller keeps the enclave from ending.
 * Return: 0; -EDQUOT if RLIMIT_MEMLOCK is in the way; -EINVAL, -EFAULT, -ENOMEM, -ENOENT, -EEXIST, -EBUSY.
 */
int rm_share_make(struct rm_share *share, u64 handle, const struct rm_ioc_thread *args)
{
	int ret;

	memset(share, 0, sizeof(*share));
	if (!args->size || args->size > args->limit || args->limit > RM_SHARE_STRIDE || !PAGE_ALIGNED(args->address | args->size | args->limit))
		return -EINVAL;
	share->address = args->address;
	share->limit = args->limit >> PAGE_SHIFT;
	share->pages = kvcalloc(share->limit, sizeof(*share->pages), GFP_KERNEL_ACCOUNT);
	if (!share->pages)
		return -ENOMEM;
	ret = rm_account(share, share->limit);
	if (ret)
		goto free_pages;
	ret = rm_share_grow(share, handle, args->thread, args->size);
	if (!ret)
		return 0;
	if (share->count)	/* lost: the pins and their account stay */
		mmdrop(share->mm);
	else
		rm_unaccount(share, share->limit);
free_pages:
	kvfree(share->pages);
	memset(share, 0, sizeof(*share));
	return ret;
}

/*
 * rm_share_withdraw() - takes the pages back from a living enclave
 *
 * Return: 0, and rm_share_release() may follow; else it must not.
 */
int rm_share_withdraw(struct rm_share *share, u64 handle, u32 thread)
{
	return rm_unmap(handle, thread, 0, share->count);
}

/*
 * rm_share_release() - gives the pages back to Linux, once the Secure world does not reach them any more
 */
void rm_share_release(struct rm_share *share)
{
	if (!share->pages)
		return;
	unpin_user_pages_dirty_lock(share->pages, share->count, true);
	rm_unaccount(share, share->limit);
	kvfree(share->pages);
	memset(share, 0, sizeof(*share));
}
