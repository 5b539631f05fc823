// SPDX-License-Identifier: GPL-2.0-only
/*
 * File windows: pages of Linux's page cache that an enclave reads where they are.
 *
 * The rule that everything here serves: the enclave reaches a page for as long as a mapping of the file in its proxy does, and not a moment
 * longer. So whatever makes Linux take a page from its mappings (truncation, direct writes, reclaim, migration, the end of the process)
 * takes it from the enclave before that goes on: the notifier's callback has the secure kernel unmap it. Nothing is pinned.
 *
 * One thing Linux does not take from mappings: the page that a truncation cuts in the middle. Its tail would be zeroes where read() finds
 * the end. Therefore the last page of a file never enters, and a notice for page n, which is the first one behind such a cut, withdraws n - 1
 * as well; so that the last page of a window has such a notice, the mapping goes one page further. docs/decisions says why that is enough.
 */
#include "module.h"

#include <linux/bitmap.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/hmm.h>
#include <linux/magic.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#define RM_WINDOW_PAGES		(RM_WINDOW_CHUNK >> PAGE_SHIFT)
#define RM_WINDOW_MAPPING	(RM_WINDOW_CHUNK + PAGE_SIZE)
#define RM_WINDOW_TRIES		8	/* as long as Linux changes the mapping at the same time */
#define RM_WINDOW_AROUND	16	/* pages that Linux maps with one fault, if it has them: its default. Another number costs time only */

static_assert(RM_WINDOW_MAX * sizeof(u64) <= PAGE_SIZE && RM_WINDOW_PAGES == 8 * 64);

struct rm_window {
	struct mmu_interval_notifier notifier;
	u64 handle;
	u32 place;
	unsigned long address;		/* of the mapping */
	spinlock_t lock;		/* what the secure kernel maps, and the notifier's sequence */
	DECLARE_BITMAP(mapped, RM_WINDOW_PAGES);
};

/* What one call needs, allocated before any lock is taken. */
struct rm_filling {
	struct file *file;		/* that is mapped, with a reference */
	unsigned long base;		/* the window's first page in it */
	u64 *list;			/* one page */
	unsigned long pfns[RM_WINDOW_MAX];
};

/* Under the lock. */
static void rm_window_unmap(struct rm_window *window, u32 first, u32 end)
{
	long ret;

	if (find_next_bit(window->mapped, end, first) >= end)
		return;
	ret = rm_smc_window_unmap(window->handle, window->place * RM_WINDOW_PAGES + first, end - first);
	WARN_ONCE(ret && ret != -ENOENT, "the secure kernel keeps a file window (%ld)\n", ret);
	bitmap_clear(window->mapped, first, end - first);
}

/* Any context in which memory management is at work: no sleep, no allocation. */
static bool rm_window_invalidate(struct mmu_interval_notifier *notifier, const struct mmu_notifier_range *range,
				 unsigned long sequence)
{
	struct rm_window *window = container_of(notifier, struct rm_window, notifier);
	unsigned long first = 0, end = RM_WINDOW_PAGES;

	/* Linux wants to hear of the next store (writeback): the page stays, and the enclave does not store. */
	if (range->event == MMU_NOTIFY_PROTECTION_PAGE)
		return true;
	if (range->start > window->address)
		first = (range->start - window->address) >> PAGE_SHIFT;
	if (first)
		first--;
	if (range->end < window->address + RM_WINDOW_CHUNK)
		end = DIV_ROUND_UP(range->end - window->address, PAGE_SIZE);
	spin_lock(&window->lock);
	mmu_interval_set_seq(notifier, sequence);
	if (first < end)
		rm_window_unmap(window, first, end);
	spin_unlock(&window->lock);
	return true;
}

static const struct mmu_interval_notifier_ops rm_window_ops = {
	.invalidate = rm_window_invalidate,
};

/* The caller's mapping of a file at an address, if a window can be made of it. Under mmap_lock. */
static struct vm_area_struct *rm_window_mapping(unsigned long address)
{
	struct vm_area_struct *vma = find_vma(current->mm, address);

	if (!vma || vma->vm_start > address || vma->vm_end - address < RM_WINDOW_MAPPING || !vma->vm_file)
		return NULL;
	if ((vma->vm_flags & (VM_READ | VM_WRITE | VM_MAYSHARE | VM_IO | VM_PFNMAP | VM_MIXEDMAP)) != (VM_READ | VM_MAYSHARE))
		return NULL;
	return vma;
}

static unsigned long rm_window_base(const struct vm_area_struct *vma, unsigned long address)
{
	return vma->vm_pgoff + ((address - vma->vm_start) >> PAGE_SHIFT);
}

/* File systems of which it is known how they change files under mappings. A backing file of another one is not what read() reads. */
static bool rm_window_permits(const struct file *file)
{
	const struct inode *inode = file_inode(file);

	if (!S_ISREG(inode->i_mode) || IS_DAX(inode) || (file->f_mode & FMODE_BACKING))
		return false;
	switch (inode->i_sb->s_magic) {
	case EXT4_SUPER_MAGIC:
	case XFS_SUPER_MAGIC:
	case TMPFS_MAGIC:
		return true;
	default:
		return false;
	}
}

/* Which file is mapped there. */
static int rm_window_look(struct rm_filling *filling, unsigned long address)
{
	struct vm_area_struct *vma;
	int ret = -EINVAL;

	mmap_read_lock(current->mm);
	vma = rm_window_mapping(address);
	if (vma) {
		ret = rm_window_permits(vma->vm_file) ? 0 : -EOPNOTSUPP;
		filling->file = get_file(vma->vm_file);
		filling->base = rm_window_base(vma, address);
	}
	mmap_read_unlock(current->mm);
	return ret;
}

/* Is the mapping the one that was looked at? Under mmap_lock. */
static bool rm_window_is_of(const struct rm_window *window, const struct rm_filling *filling)
{
	const struct vm_area_struct *vma = rm_window_mapping(window->address);

	return vma && vma->vm_file == filling->file && rm_window_base(vma, window->address) == filling->base;
}

static void rm_window_range(struct rm_window *window, struct rm_filling *filling, struct hmm_range *range, u32 first, u32 count,
			    unsigned long flags)
{
	*range = (struct hmm_range){
		.notifier = &window->notifier,
		.start = window->address + ((unsigned long)first << PAGE_SHIFT),
		.end = window->address + ((unsigned long)(first + count) << PAGE_SHIFT),
		.hmm_pfns = filling->pfns,
		.default_flags = flags,
	};
}

/* Finds out where pages are, and with HMM_PFN_REQ_FAULT faults in those that are not mapped. -EBUSY: the mapping changes at the same time. */
static int rm_window_find(struct rm_window *window, struct rm_filling *filling, struct hmm_range *range)
{
	int ret = -EINVAL;

	range->notifier_seq = mmu_interval_read_begin(&window->notifier);
	mmap_read_lock(current->mm);
	if (rm_window_is_of(window, filling))
		ret = hmm_range_fault(range);
	mmap_read_unlock(current->mm);
	return ret;
}

/* How many pages of the window stand before the file's last one. */
static u32 rm_window_limit(const struct rm_filling *filling)
{
	loff_t size = i_size_read(file_inode(filling->file));
	pgoff_t last = size > 0 ? (size - 1) >> PAGE_SHIFT : 0;

	return last > filling->base ? min(last - filling->base, RM_WINDOW_PAGES) : 0;
}

/*
 * Maps pages [page, page + count), which were found in a range that begins with `first`, unless they changed since. The size is read behind
 * that check: a later truncation gives notice later.
 */
static int rm_window_map(struct rm_window *window, struct rm_filling *filling, const struct hmm_range *range, u32 first, u32 page, u32 count)
{
	u32 i, limit;
	int ret = -EBUSY;

	spin_lock(&window->lock);
	if (!mmu_interval_read_retry(&window->notifier, range->notifier_seq)) {
		limit = rm_window_limit(filling);
		count = limit > page ? min(count, limit - page) : 0;
		for (i = 0; i < count; i++)
			filling->list[i] = PFN_PHYS(filling->pfns[page - first + i] & ~HMM_PFN_FLAGS);
		ret = count ? rm_smc_window_map(window->handle, virt_to_phys(filling->list), count,
						window->place * RM_WINDOW_PAGES + page) : 0;
		if (!ret)
			bitmap_set(window->mapped, page, count);
	}
	spin_unlock(&window->lock);
	return ret;
}

/* Found, and not in the window yet. Only rm_window_fill() sets bits of `mapped`. */
static bool rm_window_is_new(const struct rm_window *window, const struct rm_filling *filling, u32 first, u32 page)
{
	return (filling->pfns[page - first] & HMM_PFN_VALID) && !test_bit(page, window->mapped);
}

/* What was found of [first, first + count), run by run. */
static int rm_window_map_found(struct rm_window *window, struct rm_filling *filling, const struct hmm_range *range, u32 first, u32 count)
{
	u32 page = first, start, end = first + count;
	int ret = 0;

	while (!ret && page < end) {
		start = page;
		while (page < end && rm_window_is_new(window, filling, first, page))
			page++;
		if (page > start)
			ret = rm_window_map(window, filling, range, first, start, page - start);
		else
			page++;
	}
	return ret;
}

/* Pages of [first, first + count), RM_WINDOW_MAX at most: those that the proxy has mapped, or, with HMM_PFN_REQ_FAULT, all. */
static int rm_window_add(struct rm_window *window, struct rm_filling *filling, u32 first, u32 count, unsigned long flags)
{
	struct hmm_range range;
	int ret = -EBUSY, i;

	rm_window_range(window, filling, &range, first, count, flags);
	for (i = 0; i < RM_WINDOW_TRIES && ret == -EBUSY; i++) {
		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
		ret = rm_window_find(window, filling, &range);
		if (!ret)
			ret = rm_window_map_found(window, filling, &range, first, count);
	}
	return ret;
}

/*
 * Would a fault find the page without reading from a disk, and without making one where a file has a hole (tmpfs)? A hint: what happens
 * to the page afterwards is seen by the fault.
 */
static bool rm_window_resident(const struct rm_filling *filling, u32 page)
{
	struct folio *folio = filemap_get_folio(file_inode(filling->file)->i_mapping, filling->base + page);
	bool ready;

	if (IS_ERR(folio))
		return false;
	ready = folio_test_uptodate(folio);
	folio_put(folio);
	return ready;
}

/* The first page of [page, end) that is to be had and not in the window; or end. */
static u32 rm_window_wanted(const struct rm_window *window, const struct rm_filling *filling, u32 page, u32 end)
{
	while (page < end && (test_bit(page, window->mapped) || !rm_window_resident(filling, page)))
		page++;
	return page;
}

/* Has Linux map pages of [first, end): one fault for all around it. A fault that fails is made up for afterwards. */
static void rm_window_touch(struct rm_window *window, struct rm_filling *filling, u32 first, u32 end)
{
	const u32 offset = (window->address >> PAGE_SHIFT) % RM_WINDOW_AROUND;
	struct hmm_range range;
	u32 page, next;

	for (; first < end; first = next) {
		next = min(end, first + RM_WINDOW_AROUND - (first + offset) % RM_WINDOW_AROUND);
		page = rm_window_wanted(window, filling, first, next);
		if (page == next)
			continue;
		rm_window_range(window, filling, &range, page, 1, HMM_PFN_REQ_FAULT);
		rm_window_find(window, filling, &range);
	}
}

/* Pages that are in Linux's memory and that faults around them have left out. */
static int rm_window_add_left(struct rm_window *window, struct rm_filling *filling, u32 first, u32 end)
{
	u32 page;
	int ret = 0;

	while (!ret && (page = rm_window_wanted(window, filling, first, end)) < end) {
		for (first = page + 1; first < end && rm_window_wanted(window, filling, first, first + 1) == first;)
			first++;
		ret = rm_window_add(window, filling, page, first - page, HMM_PFN_REQ_FAULT);
	}
	return ret;
}

/* As much of [first, end) as there is; a part that cannot be had is left out. */
static int rm_window_fill(struct rm_window *window, struct rm_filling *filling, u32 first, u32 end)
{
	u32 count;
	int ret;

	for (end = min(end, rm_window_limit(filling)); first < end; first += count) {
		count = min(end - first, RM_WINDOW_MAX);
		rm_window_touch(window, filling, first, first + count);
		ret = rm_window_add(window, filling, first, count, 0);
		if (!ret || ret == -EBUSY || ret == -EFAULT)
			ret = rm_window_add_left(window, filling, first, first + count);
		if (ret == -ENOMEM || ret == -EINTR || ret == -ENOENT)
			return ret == -ENOENT ? -EBUSY : ret;
	}
	return 0;
}

static void rm_window_withdraw(struct rm_window *window)
{
	spin_lock(&window->lock);
	rm_window_unmap(window, 0, RM_WINDOW_PAGES);
	spin_unlock(&window->lock);
}

/* Nothing is mapped any more. */
static void rm_window_free(struct rm_window *window)
{
	mmu_interval_notifier_remove(&window->notifier);
	kfree(window);
}

static struct rm_window *rm_window_make(struct rm_enclave *enclave, const struct rm_ioc_window *args)
{
	struct rm_window *window = kzalloc(sizeof(*window), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!window)
		return ERR_PTR(-ENOMEM);
	window->handle = enclave->handle;
	window->place = args->place;
	window->address = args->address;
	spin_lock_init(&window->lock);
	ret = mmu_interval_notifier_insert(&window->notifier, current->mm, window->address, RM_WINDOW_MAPPING, &rm_window_ops);
	if (!ret)
		return window;
	kfree(window);
	return ERR_PTR(ret);
}

/* The place's window for this mapping; another one that it had is gone. */
static struct rm_window *rm_window_occupy(struct rm_enclave *enclave, const struct rm_ioc_window *args)
{
	struct rm_window **place = &enclave->windows[args->place], *window = *place;

	if (window && window->address == args->address && window->notifier.mm == current->mm)
		return window;
	if (window) {
		rm_window_withdraw(window);
		rm_window_free(window);
		*place = NULL;
	}
	if (!args->address)
		return NULL;
	window = rm_window_make(enclave, args);
	if (!IS_ERR(window))
		*place = window;
	return window;
}

static int rm_window_offer_with(struct rm_enclave *enclave, struct rm_ioc_window *args, struct rm_filling *filling)
{
	struct rm_window *window;
	int ret = args->address ? rm_window_look(filling, args->address) : 0;

	if (ret)
		return ret;
	window = rm_window_occupy(enclave, args);
	if (IS_ERR_OR_NULL(window))
		return PTR_ERR_OR_ZERO(window);
	ret = rm_window_fill(window, filling, args->first, args->count ? args->first + args->count : RM_WINDOW_PAGES);
	spin_lock(&window->lock);
	memcpy(args->present, window->mapped, sizeof(args->present));
	spin_unlock(&window->lock);
	return ret;
}

/*
 * rm_window_offer() - RM_IOC_WINDOW
 *
 * Context: process, may sleep; under session->lock.
 * Return: 0, with args->present; or a negative errno.
 */
int rm_window_offer(struct rm_enclave *enclave, struct rm_ioc_window *args)
{
	struct rm_filling *filling;
	int ret = -ENOMEM;

	if (args->place >= RM_WINDOW_CHUNKS || !PAGE_ALIGNED(args->address) || args->address > TASK_SIZE - RM_WINDOW_MAPPING ||
	    args->first >= RM_WINDOW_PAGES || args->count > RM_WINDOW_PAGES - args->first)
		return -EINVAL;
	memset(args->present, 0, sizeof(args->present));
	if (!enclave->windows)
		enclave->windows = kcalloc(RM_WINDOW_CHUNKS, sizeof(*enclave->windows), GFP_KERNEL_ACCOUNT);
	filling = kzalloc(sizeof(*filling), GFP_KERNEL_ACCOUNT);
	if (!enclave->windows || !filling)
		goto free_filling;
	filling->list = (u64 *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!filling->list)
		goto free_filling;
	ret = rm_window_offer_with(enclave, args, filling);
	if (filling->file)
		fput(filling->file);
	free_page((unsigned long)filling->list);
free_filling:
	kfree(filling);
	return ret;
}

/*
 * rm_windows_free() - of an enclave that the secure kernel has destroyed: until then the notifiers had to stay
 */
void rm_windows_free(struct rm_enclave *enclave)
{
	u32 i;

	for (i = 0; enclave->windows && i < RM_WINDOW_CHUNKS; i++)
		if (enclave->windows[i])
			rm_window_free(enclave->windows[i]);
	kfree(enclave->windows);
}
