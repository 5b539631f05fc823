/* SPDX-License-Identifier: MIT */
/*
 * An AVL tree, each node of which also knows what its subtree spans and the largest hole in it. Recursion is as deep as the tree
 * is high: at most TREE_HEIGHT for REGIONS_MAX nodes (1.45 * log2).
 */
#include "mm/region.h"
#include "arch/layout.h"
#include "lib/errno.h"
#include "lib/panic.h"
#include "mm/frame.h"

#define TREE_HEIGHT	24u

struct slab {
	paddr_t next;
	struct region nodes[(PAGE_SIZE - sizeof(paddr_t)) / sizeof(struct region)];
};

_Static_assert(sizeof(struct slab) <= PAGE_SIZE, "a slab is a frame");

void regions_init(struct regions *regions, unsigned int owner)
{
	*regions = (struct regions){ .owner = owner };
}

bool regions_destroy_step(struct regions *regions)
{
	if (!regions->slabs)
		return true;
	paddr_t next = ((struct slab *)kernel_pointer(regions->slabs))->next;

	frame_free(regions->slabs, regions->owner);
	*regions = (struct regions){ .owner = regions->owner, .slabs = next };
	return false;
}

/*
 * The tree.
 */

static uint32_t height(const struct region *n) { return n ? n->height : 0; }

static void update(struct region *n)
{
	const struct region *l = n->left, *r = n->right;

	n->height = 1 + (height(l) > height(r) ? height(l) : height(r));
	assert(n->height <= TREE_HEIGHT);
	n->any = n->flags | (l ? l->any : 0) | (r ? r->any : 0);
	n->first = l ? l->first : n->start;
	n->last = r ? r->last : n->end;
	n->hole = max_u64(l ? max_u64(l->hole, n->start - l->last) : 0, r ? max_u64(r->hole, r->first - n->end) : 0);
}

static struct region *rotate_right(struct region *n)
{
	struct region *top = n->left;

	n->left = top->right;
	top->right = n;
	update(n);
	update(top);
	return top;
}

static struct region *rotate_left(struct region *n)
{
	struct region *top = n->right;

	n->right = top->left;
	top->left = n;
	update(n);
	update(top);
	return top;
}

static struct region *balance(struct region *n)
{
	if (height(n->left) > height(n->right) + 1) {
		if (height(n->left->left) < height(n->left->right))
			n->left = rotate_left(n->left);
		return rotate_right(n);
	}
	if (height(n->right) > height(n->left) + 1) {
		if (height(n->right->right) < height(n->right->left))
			n->right = rotate_right(n->right);
		return rotate_left(n);
	}
	update(n);
	return n;
}

/* A node has changed, but not its place among the others: what the tree knows of it is made right. */
static void renew(struct region *tree, const struct region *n)
{
	assert(tree);
	if (n->start < tree->start)
		renew(tree->left, n);
	else if (n->start > tree->start)
		renew(tree->right, n);
	update(tree);
}

static struct region *insert(struct region *tree, struct region *n)
{
	if (!tree) {
		update(n);
		return n;
	}
	if (n->start < tree->start)
		tree->left = insert(tree->left, n);
	else
		tree->right = insert(tree->right, n);
	return balance(tree);
}

static struct region *take_lowest(struct region *tree, struct region **lowest)
{
	if (!tree->left) {
		*lowest = tree;
		return tree->right;
	}
	tree->left = take_lowest(tree->left, lowest);
	return balance(tree);
}

static struct region *extract(struct region *tree, const struct region *n)
{
	struct region *lowest;

	assert(tree);
	if (n->start < tree->start) {
		tree->left = extract(tree->left, n);
	} else if (n->start > tree->start) {
		tree->right = extract(tree->right, n);
	} else {
		assert(tree == n);
		if (!tree->left || !tree->right)
			return tree->left ? tree->left : tree->right;
		struct region *right = take_lowest(tree->right, &lowest);

		lowest->left = tree->left;
		lowest->right = right;
		tree = lowest;
	}
	return balance(tree);
}

/*
 * Nodes.
 */

static int grow(struct regions *regions)
{
	paddr_t frame = frame_alloc(regions->owner);

	if (frame == FRAME_NONE)
		return -ENOMEM;
	struct slab *slab = kernel_pointer(frame);

	slab->next = regions->slabs;
	regions->slabs = frame;
	for (size_t i = 0; i < array_count(slab->nodes); i++) {
		slab->nodes[i].left = regions->unused;
		regions->unused = &slab->nodes[i];
	}
	return 0;
}

/* Two nodes at hand are enough for any one operation; 0 to 2 are asked for. */
static int reserve(struct regions *regions, unsigned int nodes)
{
	if (nodes == 0)
		return 0;
	if (regions->count + nodes > REGIONS_MAX)
		return -ENOMEM;
	if (regions->unused && (nodes == 1 || regions->unused->left))
		return 0;
	return grow(regions);
}

static void put(struct regions *regions, struct region *n)
{
	assert(n->start < n->end);
	n->left = n->right = NULL;
	regions->root = insert(regions->root, n);
	regions->size += n->end - n->start;
}

static void take(struct regions *regions, struct region *n)
{
	regions->root = extract(regions->root, n);
	regions->size -= n->end - n->start;
}

static void put_new(struct regions *regions, vaddr_t start, vaddr_t end, uint32_t flags)
{
	struct region *n = regions->unused;

	assert(n);
	regions->unused = n->left;
	regions->count++;
	*n = (struct region){ .start = start, .end = end, .flags = flags };
	put(regions, n);
}

static void drop(struct regions *regions, struct region *n)
{
	take(regions, n);
	*n = (struct region){ .left = regions->unused };
	regions->unused = n;
	regions->count--;
}

/* Another stretch for a node that keeps its place. */
static void resize(struct regions *regions, struct region *n, vaddr_t start, vaddr_t end)
{
	assert(start < end);
	regions->size += (end - start) - (n->end - n->start);
	n->start = start;
	n->end = end;
	renew(regions->root, n);
}

/*
 * Makes two of r, which spans va: what is before va gets these flags, what is behind keeps r's. A node must be reserved. The new one's place is
 * below r and all that is above r, since no other region starts between: putting it there makes right what they know of r, too.
 */
static void cut(struct regions *regions, struct region *r, vaddr_t va, uint32_t flags)
{
	const vaddr_t end = r->end;
	const uint32_t behind = r->flags;

	assert(r->start < va && va < end);
	regions->size -= end - va;
	r->end = va;
	r->flags = flags;
	put_new(regions, va, end, behind);
}

/* Makes one region of the two that meet at va, if they are alike. */
static void join(struct regions *regions, vaddr_t va)
{
	struct region *high = (struct region *)regions_find(regions, va), *low;

	if (!high || high->start != va || (high->flags & REGION_CLOSING))
		return;
	low = (struct region *)regions_before(regions, va);
	if (!low || low->end != va || low->flags != high->flags)
		return;
	vaddr_t end = high->end;

	drop(regions, high);
	resize(regions, low, low->start, end);
}

/*
 * Operations.
 */

static bool is_range(vaddr_t start, vaddr_t end)
{
	return page_aligned(start) && page_aligned(end) && start < end;
}

int regions_add(struct regions *regions, vaddr_t start, vaddr_t end, uint32_t flags)
{
	assert(is_range(start, end) && regions_free(regions, start, end));
	int error = reserve(regions, 1);

	if (error)
		return error;
	put_new(regions, start, end, flags);
	join(regions, start);
	join(regions, end);
	return 0;
}

int regions_remove_first(struct regions *regions, vaddr_t start, vaddr_t end)
{
	assert(is_range(start, end));
	struct region *r = (struct region *)regions_next(regions, start);

	if (!r || r->start >= end)
		return 0;
	const vaddr_t low = r->start, high = r->end;

	if (low >= start && high <= end) {
		drop(regions, r);
		return 1;
	}
	if (reserve(regions, low < start && high > end) != 0)
		return -ENOMEM;
	if (low < start)
		resize(regions, r, low, start);
	else
		resize(regions, r, end, high);
	if (low < start && high > end)
		put_new(regions, end, high, r->flags);
	return 1;
}

int regions_remove(struct regions *regions, vaddr_t start, vaddr_t end)
{
	int result;

	while ((result = regions_remove_first(regions, start, end)) > 0)
		;
	return result;
}

int regions_set(struct regions *regions, vaddr_t start, vaddr_t end, uint32_t mask, uint32_t flags)
{
	struct region *r = (struct region *)regions_find(regions, start);

	assert(is_range(start, end) && r && r->end >= end && !(flags & ~mask));
	if ((r->flags & mask) == flags)
		return 0;
	int error = reserve(regions, (r->start < start) + (r->end > end));

	if (error)
		return error;
	if (r->start < start) {
		cut(regions, r, start, r->flags);
		r = (struct region *)regions_find(regions, start);
	}
	flags |= r->flags & ~mask;
	if (r->end > end) {
		cut(regions, r, end, flags);
	} else {
		r->flags = flags;
		renew(regions->root, r);
	}
	join(regions, start);
	join(regions, end);
	return 0;
}

const struct region *regions_next(const struct regions *regions, vaddr_t va)
{
	const struct region *best = NULL;

	for (const struct region *n = regions->root; n;)
		if (n->end > va) {
			best = n;
			n = n->left;
		} else {
			n = n->right;
		}
	return best;
}

const struct region *regions_before(const struct regions *regions, vaddr_t va)
{
	const struct region *best = NULL;

	for (const struct region *n = regions->root; n;)
		if (n->start < va) {
			best = n;
			n = n->right;
		} else {
			n = n->left;
		}
	return best;
}

const struct region *regions_find(const struct regions *regions, vaddr_t va)
{
	const struct region *r = regions_next(regions, va);

	return r && r->start <= va ? r : NULL;
}

bool regions_free(const struct regions *regions, vaddr_t start, vaddr_t end)
{
	const struct region *r = regions_next(regions, start);

	return !r || r->start >= end;
}

bool regions_covered(const struct regions *regions, vaddr_t start, vaddr_t end)
{
	return start >= end || regions_place(regions, PAGE_SIZE, start, end) == 0;
}

static uint32_t any_in(const struct region *n, vaddr_t start, vaddr_t end)
{
	if (!n || n->last <= start || n->first >= end)
		return 0;
	if (n->first >= start && n->last <= end)
		return n->any;
	return any_in(n->left, start, end) | any_in(n->right, start, end) | (n->start < end && n->end > start ? n->flags : 0);
}

uint32_t regions_any(const struct regions *regions, vaddr_t start, vaddr_t end)
{
	return any_in(regions->root, start, end);
}

/* Highest place in [low, high), where all regions that reach into it are in the tree n. */
static vaddr_t place(const struct region *n, uint64_t size, vaddr_t low, vaddr_t high)
{
	vaddr_t found;

	if (low >= high || high - low < size)
		return 0;
	if (!n || n->last <= low || n->first >= high)
		return high - size;
	/* The holes of the subtree, and those at its ends. */
	if (n->hole < size && (n->first < low || n->first - low < size) && (n->last > high || high - n->last < size))
		return 0;
	found = place(n->right, size, max_u64(low, n->end), high);
	return found ? found : place(n->left, size, low, min_u64(high, n->start));
}

vaddr_t regions_place(const struct regions *regions, uint64_t size, vaddr_t low, vaddr_t high)
{
	assert(size > 0);
	return place(regions->root, size, low, high);
}
