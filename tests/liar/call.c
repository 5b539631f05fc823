/* SPDX-License-Identifier: MIT */
/* Lies about host calls: they are done, and the answer is another one. */
#include <asm-generic/unistd.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "liar.h"

__typeof__(call_serve) __real_call_serve, __wrap_call_serve;
__typeof__(call_serve_late) __real_call_serve_late, __wrap_call_serve_late;

static int64_t handed[8];	/* descriptors, round and round */
static unsigned handed_next;

void lie_remember(int64_t fd)
{
	if (fd >= 0)
		handed[__atomic_fetch_add(&handed_next, 1, __ATOMIC_RELAXED) % 8] = fd;
}

int64_t lie_alias(void)
{
	return plan_random() % 3 == 0 ? (int64_t)(plan_random() % 8) : handed[plan_random() % 8];
}

/* Not what the messages go to, which tell what became of it. */
int64_t lie_spared(int64_t fd)
{
	return fd == 1 || fd == 2 ? 0 : fd;
}

int64_t lie_result(enum lie lie, int64_t result, uint64_t asked)
{
	const uint64_t any = plan_random();

	switch (lie) {
	case LIE_RESULT:
		return (int64_t)(any >> any % 64);
	case LIE_MORE:
		return (int64_t)asked + 1;
	case LIE_LESS:
		return result > 0 ? result / 2 : result;
	case LIE_ZERO:
		return 0;
	case LIE_ERRNO:
		return -1 - (int64_t)(any % 133);
	case LIE_NO_ERRNO:
		return -134 - (int64_t)(any % 100000);
	case LIE_EINTR:
		return -EINTR;
	case LIE_ALIAS:
		return lie_alias();
	default:
		return result;
	}
}

void lie_bytes(uint8_t *at, size_t size)
{
	for (size_t i = 0; i < size; i++)
		at[i] = (uint8_t)(plan_random() >> 7);
}

void lie_name(uint8_t *name, uint32_t *size)
{
	static const uint32_t sizes[] = { 0, 1, 2, 3, 15, 109, 110, 111, 128, 129, 4096, INT32_MAX, 1u << 31, UINT32_MAX };

	*size = sizes[plan_random() % (sizeof(sizes) / sizeof(sizes[0]))];
	memset(name, 'n', 128);
	name[0] = (uint8_t)(plan_random() % 50);
	name[1] = (uint8_t)(plan_random() % 4 == 0);
}

static void put16(uint8_t *at, uint16_t value)
{
	memcpy(at, &value, sizeof(value));
}

/* struct linux_dirent64: ino, off, length (16 bits at 16), type, name. */
void lie_directory(uint8_t *records, size_t size)
{
	static const uint16_t lengths[] = { 0, 1, 18, 19, 20, 23, 25, 4096, 32768, UINT16_MAX };

	if (size < 24)
		return;
	switch (plan_random() % 5) {
	case 0:
		put16(records + 16, lengths[plan_random() % (sizeof(lengths) / sizeof(lengths[0]))]);
		break;
	case 1:		/* no end of the name */
		memset(records + 19, 'x', size - 19);
		break;
	case 2:		/* of another folder */
		memcpy(records + 19, "a/b", 4);
		break;
	case 3:
		records[19] = 0;
		break;
	default:
		put16(records + 16, (uint16_t)(size + 8));
		break;
	}
}

void lie_string(uint8_t *text, size_t size)
{
	memset(text, plan_random() % 2 == 0 ? 'y' : 0x80, size);
}

/* struct msghdr of 64-bit Linux, with the proxy's pointers: `there` is the address of `base` for the enclave. */
void lie_message(uint8_t *base, uint64_t there, uint64_t offset)
{
	struct msghdr head;
	struct cmsghdr control = { .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
	const uint64_t any = plan_random();
	uint64_t at;

	memcpy(&head, base + offset, sizeof(head));
	at = (uint64_t)(uintptr_t)head.msg_control - there;
	switch (any % 6) {
	case 0:
		head.msg_namelen = (socklen_t)(any >> any % 32);
		break;
	case 1:
		head.msg_controllen = any >> any % 64;
		break;
	case 2:
		head.msg_flags = (int)(any >> 8);
		break;
	case 3:
		head.msg_iovlen = any;
		break;
	default:	/* descriptors that there are not, in a message whose size cannot be */
		if (head.msg_control == NULL || at > REGION_SIZE - 64 || at < REGION_ARENA)
			break;
		control.cmsg_len = any % 2 ? sizeof(control) + any % 40 : any >> any % 64;
		memcpy(base + at, &control, sizeof(control));
		lie_bytes(base + at + sizeof(control), 16);
		head.msg_controllen = any % 3 ? 64 : any % 200;
		break;
	}
	memcpy(base + offset, &head, sizeof(head));
}

/* Which argument has the size of what it is about; 0: none. */
static unsigned size_argument(const struct rm_host_call *call)
{
	switch (call->number) {
	case __NR_getcwd:
	case __NR_ppoll:
		return 1;
	case __NR_readlinkat:
	case __NR_getxattr:
	case __NR_lgetxattr:
	case __NR_fgetxattr:
		return 3;
	case __NR_read:
	case __NR_write:
	case __NR_pread64:
	case __NR_pwrite64:
	case __NR_preadv2:
	case __NR_pwritev2:
	case __NR_getdents64:
	case __NR_listxattr:
	case __NR_llistxattr:
	case __NR_flistxattr:
	case __NR_sendto:
	case __NR_recvfrom:
	case __NR_epoll_pwait2:
	case __NR_sched_getaffinity:
		return 2;
	case __NR3264_sendfile:
		return 3;
	case __NR_copy_file_range:
	case __NR_splice:
		return 4;
	default:
		return 0;
	}
}

static bool makes_descriptor(const struct rm_host_call *call)
{
	switch (call->number) {
	case __NR_openat:
	case __NR_openat2:
	case __NR_socket:
	case __NR_accept4:
	case __NR_eventfd2:
	case __NR_epoll_create1:
	case __NR_timerfd_create:
	case __NR_inotify_init1:
	case __NR_memfd_create:
	case __NR_pidfd_open:
	case __NR_dup:
		return true;
	default:
		return false;
	}
}

static uint8_t *argument(uint8_t *base, const struct rm_host_call *call, unsigned i, size_t size)
{
	return call->arg[i] >= REGION_ARENA && call->arg[i] <= REGION_SIZE - size ? base + call->arg[i] : NULL;
}

static void absurd_name(uint8_t *base, const struct rm_host_call *call, unsigned name, unsigned size)
{
	uint8_t *at = argument(base, call, name, 128), *length = argument(base, call, size, sizeof(uint32_t));

	if (at != NULL && length != NULL)
		lie_name(at, (uint32_t *)(void *)length);
}

/* Junk, where anything could have been written. */
static void junk(uint8_t *base, const struct rm_host_call *call)
{
	for (unsigned i = 0; i < 6; i++) {
		uint8_t *at = argument(base, call, i, 512);

		if (at != NULL && plan_random() % 2 == 0)
			lie_bytes(at + plan_random() % 64, plan_random() % 400);
	}
}

static void absurd_pair(uint8_t *base, const struct rm_host_call *call, unsigned i)
{
	const int32_t same = (int32_t)lie_spared(lie_alias());
	const int32_t pairs[][2] = { { -1, 5 }, { 5, INT32_MAX }, { INT32_MIN, -7 }, { same, same } };
	uint8_t *at = argument(base, call, i, sizeof(pairs[0]));

	if (at != NULL)
		memcpy(at, pairs[plan_random() % 4], sizeof(pairs[0]));
}

static void absurd(uint8_t *base, struct rm_host_call *call)
{
	const unsigned size = size_argument(call);
	uint8_t *at;

	switch (call->number) {
	case __NR_getdents64:
		at = argument(base, call, 1, call->arg[2]);
		if (at != NULL && call->result > 0)
			lie_directory(at, (size_t)call->result);
		break;
	case __NR_getcwd:
	case __NR_readlinkat:
	case __NR_listxattr:
	case __NR_llistxattr:
	case __NR_flistxattr:
		at = argument(base, call, size == 1 ? 0 : size - 1, call->arg[size]);
		if (at != NULL && call->arg[size] > 0)
			lie_string(at, call->arg[size]);
		call->result = (int64_t)(plan_random() % 2 ? call->arg[size] : plan_random() % (call->arg[size] + 2));
		break;
	case __NR_getsockname:
	case __NR_getpeername:
	case __NR_accept4:
		absurd_name(base, call, 1, 2);
		break;
	case __NR_recvfrom:
		absurd_name(base, call, 4, 5);
		break;
	case __NR_getsockopt:
		at = argument(base, call, 4, sizeof(uint32_t));
		if (at != NULL)
			lie_bytes(at, sizeof(uint32_t));
		break;
	case __NR_pipe2:
		absurd_pair(base, call, 0);
		break;
	case __NR_socketpair:
		absurd_pair(base, call, 3);
		break;
	default:
		junk(base, call);
		break;
	}
}

/* Of a call that would not come back, or has begun something that must be seen. */
static bool must_be_true(const struct rm_host_call *call)
{
	return call->number == __NR_rt_sigaction;
}

/* At `base`, where the call was done. `before` is how it was asked for. */
static void distort(uint8_t *base, uint64_t offset, const struct rm_host_call *before, enum lie lie)
{
	struct rm_host_call call = *before;
	struct rm_host_call *shared = (struct rm_host_call *)(void *)(base + offset);
	const unsigned size = size_argument(before);

	call.result = __atomic_load_n(&shared->result, __ATOMIC_ACQUIRE);
	if (lie == LIE_BYTES)
		junk(base, &call);
	else if (lie == LIE_ABSURD)
		absurd(base, &call);
	else
		call.result = lie_result(lie, call.result, size != 0 ? call.arg[size] : (uint64_t)(call.result > 0 ? call.result : 0));
	if (makes_descriptor(before))
		call.result = lie_spared(call.result);
	__atomic_store_n(&shared->result, call.result, __ATOMIC_RELEASE);
}

/* The request, as it is now; no number: there is none there. */
static struct rm_host_call look(const struct region *region, uint64_t offset)
{
	struct rm_host_call call = { 0 };

	if (offset % 8 == 0 && offset <= REGION_SIZE - sizeof(call))
		memcpy(&call, region->base + offset, sizeof(call));
	return call;
}

/* What Linux owes by the manifest's deadline. Silence about anything else is waited for. */
static bool owed(const struct rm_host_call *call)
{
	switch (call->number) {
	case __NR_getdents64:
	case __NR_getcwd:
	case __NR_pread64:
	case __NR_pwrite64:
	case __NR3264_ftruncate:
	case __NR3264_truncate:
	case __NR_fchmod:
	case __NR_utimensat:
	case __NR_readlinkat:
	case __NR3264_fstatfs:
	case __NR_faccessat:
	case __NR_faccessat2:
	case __NR_fsetxattr:
	case __NR_fgetxattr:
	case __NR_flistxattr:
	case __NR_copy_file_range:
		return true;
	default:
		return false;
	}
}

static enum lie plan(const struct rm_host_call *call)
{
	uint64_t set = LIES_RESULT | LIES(LIE_EINTR) | LIES(LIE_BYTES) | LIES(LIE_ABSURD);

	if (must_be_true(call) || plan_spares(owed(call)))
		return LIE_COUNT;
	if (makes_descriptor(call))
		set |= LIES(LIE_ALIAS);
	if (owed(call))
		set |= LIES(LIE_DROP);
	return plan_next(set);
}

/* What the victim says about the lies to come. */
static bool is_mark(const struct rm_host_call *call)
{
	if (call->number != __NR_getpgid || (call->arg[0] & ~0xfful) != LIAR_MARK)
		return false;
	plan_arm(call->arg[0] & 1);
	return true;
}

/* The thread waits in the proxy and sees nothing until it is back. */
void __wrap_call_serve(const struct proxy *proxy, struct region *region, uint64_t offset)
{
	const struct rm_host_call before = look(region, offset);
	const enum lie lie = is_mark(&before) ? LIE_COUNT : plan(&before);

	if (lie == LIE_DROP)
		return;
	__real_call_serve(proxy, region, offset);
	if (makes_descriptor(&before))
		lie_remember(look(region, offset).result);
	if (lie < LIE_COUNT)
		distort(region->base, offset, &before, lie);
}

/* Words that changed in the copy, the result last. */
static void publish(uint8_t *to, const uint8_t *copy, const uint8_t *before, uint64_t offset)
{
	const uint64_t result = offset + offsetof(struct rm_host_call, result);

	for (uint64_t at = 0; at < REGION_SIZE; at += 8)
		if (at != result && memcmp(copy + at, before + at, 8) != 0)
			memcpy(to + at, copy + at, 8);
	__atomic_store_n((int64_t *)(void *)(to + result), *(const int64_t *)(const void *)(copy + result), __ATOMIC_RELEASE);
}

/* The thread may watch: the lie is made in a copy, and shown as if it were the truth. */
void __wrap_call_serve_late(const struct proxy *proxy, const struct region *region, uint64_t offset)
{
	const struct rm_host_call before = look(region, offset);
	const enum lie lie = is_mark(&before) ? LIE_COUNT : plan(&before);
	struct region false_region = *region;
	uint8_t *copies;

	if (lie == LIE_DROP)
		return;
	copies = lie < LIE_COUNT ? malloc(2 * REGION_SIZE) : NULL;
	if (copies == NULL) {
		__real_call_serve_late(proxy, region, offset);
		if (makes_descriptor(&before))
			lie_remember(look(region, offset).result);
		return;
	}
	memcpy(copies, region->base, REGION_SIZE);
	memcpy(copies + REGION_SIZE, copies, REGION_SIZE);
	false_region.base = copies;
	__real_call_serve_late(proxy, &false_region, offset);
	distort(copies, offset, &before, lie);
	publish(region->base, copies, copies + REGION_SIZE, offset);
	free(copies);
}
