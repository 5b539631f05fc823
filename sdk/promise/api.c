/* SPDX-License-Identifier: MIT */
/* ringmaster.h: arguments into requests, which the runtime takes, or natively a ring of our own. */
#include "promise.h"

#include <stdint.h>

__attribute__((visibility("hidden"))) long __ringmaster_syscall(long, long, long, long, long, long, long);

static int in_enclave(void)
{
	static int known = -1;	/* threads find out the same */

	if (known < 0) {
		const int saved = errno;

		errno = 0;
		known = getauxval(RM_AT_ENTRY) != 0 || errno == 0;	/* 0 with a debugger */
		errno = saved;
	}
	return known;
}

static long raw_call(long number, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
	if (in_enclave())
		return __ringmaster_syscall((long)a, (long)b, (long)c, (long)d, 0, 0, number);
	return native_call(number, a, b, c, d);
}

static long call(long number, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
	const long result = raw_call(number, a, b, c, d);

	if (result >= 0)
		return result;
	errno = (int)-result;
	return -1;
}

static ringmaster_promise submit(struct rm_promise_request *request, const struct ringmaster_options *options)
{
	long handle;

	if (options) {
		if (options->flags & ~RINGMASTER_LINK) {
			errno = EINVAL;
			return 0;
		}
		request->flags |= (uint8_t)options->flags;
		request->deadline = options->deadline;
	}
	handle = call(RM_CALL_PROMISE_SUBMIT, (unsigned long)request, 0, 0, 0);
	return handle < 0 ? 0 : (ringmaster_promise)handle;
}

/* submit() of a request with these fields. */
#define SUBMIT(operation, ...) submit(&(struct rm_promise_request){ .op = RM_PROMISE_##operation, __VA_ARGS__ }, options)

ringmaster_promise ringmaster_read(int fd, void *buffer, size_t size, off_t offset, const struct ringmaster_options *options)
{
	return SUBMIT(READ, .fd = fd, .address = (uint64_t)buffer, .size = size, .offset = (uint64_t)offset);
}

ringmaster_promise ringmaster_write(int fd, const void *buffer, size_t size, off_t offset, const struct ringmaster_options *options)
{
	return SUBMIT(WRITE, .fd = fd, .address = (uint64_t)buffer, .size = size, .offset = (uint64_t)offset);
}

ringmaster_promise ringmaster_openat(int directory, const char *path, int flags, mode_t mode, const struct ringmaster_options *options)
{
	return SUBMIT(OPENAT, .fd = directory, .address = (uint64_t)path, .how = (uint32_t)flags, .mode = mode);
}

ringmaster_promise ringmaster_accept(int fd, struct sockaddr *name, socklen_t *size, int flags, const struct ringmaster_options *options)
{
	return SUBMIT(ACCEPT, .fd = fd, .address = (uint64_t)name, .offset = (uint64_t)size, .how = (uint32_t)flags);
}

ringmaster_promise ringmaster_connect(int fd, const struct sockaddr *name, socklen_t size, const struct ringmaster_options *options)
{
	return SUBMIT(CONNECT, .fd = fd, .address = (uint64_t)name, .size = size);
}

ringmaster_promise ringmaster_send(int fd, const void *buffer, size_t size, int flags, const struct ringmaster_options *options)
{
	return SUBMIT(SEND, .fd = fd, .address = (uint64_t)buffer, .size = size, .how = (uint32_t)flags);
}

ringmaster_promise ringmaster_recv(int fd, void *buffer, size_t size, int flags, const struct ringmaster_options *options)
{
	return SUBMIT(RECV, .fd = fd, .address = (uint64_t)buffer, .size = size, .how = (uint32_t)flags);
}

ringmaster_promise ringmaster_fsync(int fd, int data_only, const struct ringmaster_options *options)
{
	return SUBMIT(FSYNC, .fd = fd, .how = data_only != 0);
}

ringmaster_promise ringmaster_poll(int fd, short events, const struct ringmaster_options *options)
{
	return SUBMIT(POLL, .fd = fd, .how = (uint16_t)events);
}

ringmaster_promise ringmaster_timeout(unsigned long nanoseconds, const struct ringmaster_options *options)
{
	return SUBMIT(TIMEOUT, .offset = nanoseconds);
}

ringmaster_promise ringmaster_nop(const struct ringmaster_options *options)
{
	return SUBMIT(NOP, .fd = -1);
}

ringmaster_promise ringmaster_borrow(int fd, size_t size, off_t offset, const struct ringmaster_options *options)
{
	return SUBMIT(READ, .flags = RM_PROMISE_BORROW, .fd = fd, .size = size, .offset = (uint64_t)offset);
}

ringmaster_promise ringmaster_borrow_recv(int fd, size_t size, int flags, const struct ringmaster_options *options)
{
	return SUBMIT(RECV, .flags = RM_PROMISE_BORROW, .fd = fd, .size = size, .how = (uint32_t)flags);
}

static long posix(long result)
{
	if (result >= 0)
		return result;
	errno = (int)-result;
	return -1;
}

long ringmaster_view(ringmaster_promise promise, const volatile void **bytes)
{
	struct rm_promise_view view = { .result = 0 };

	*bytes = NULL;
	if (call(RM_CALL_PROMISE_VIEW, promise, (unsigned long)&view, 0, 0) != 0)
		return -1;
	if (view.result > 0)
		*bytes = (const volatile void *)(uintptr_t)view.address;
	return posix(view.result);
}

int ringmaster_give_back(ringmaster_promise promise)
{
	return (int)call(RM_CALL_PROMISE_GIVE_BACK, promise, 0, 0, 0);
}

int ringmaster_copy(void *to, ringmaster_promise promise, size_t offset, size_t size)
{
	return (int)call(RM_CALL_PROMISE_COPY, promise, offset, (unsigned long)to, size);
}

int ringmaster_take(ringmaster_promise promise, long *result)
{
	return (int)call(RM_CALL_PROMISE_TAKE, promise, (unsigned long)result, 0, 0);
}

long ringmaster_await(ringmaster_promise promise)
{
	long result;

	return ringmaster_take(promise, &result) == 0 ? posix(result) : -1;
}

int ringmaster_submit(const ringmaster_operation *operations, unsigned count, ringmaster_promise *promises)
{
	return (int)call(RM_CALL_PROMISE_SUBMIT_ALL, (unsigned long)operations, count, (unsigned long)promises, 0);
}

int ringmaster_take_all(const ringmaster_promise *promises, unsigned count, long *results)
{
	return (int)call(RM_CALL_PROMISE_TAKE_ALL, (unsigned long)promises, count, (unsigned long)results, 0);
}

_Static_assert(sizeof(struct ringmaster_view) == sizeof(struct rm_promise_view) &&
	       offsetof(struct ringmaster_view, bytes) == offsetof(struct rm_promise_view, address), "one record");

int ringmaster_view_all(const ringmaster_promise *promises, unsigned count, struct ringmaster_view *views)
{
	return (int)call(RM_CALL_PROMISE_VIEW_ALL, (unsigned long)promises, count, (unsigned long)views, 0);
}

int ringmaster_give_back_all(const ringmaster_promise *promises, unsigned count)
{
	return (int)call(RM_CALL_PROMISE_GIVE_BACK_ALL, (unsigned long)promises, count, 0, 0);
}

int ringmaster_wait(const ringmaster_promise *promises, unsigned count, unsigned least, long nanoseconds)
{
	return (int)call(RM_CALL_PROMISE_WAIT, (unsigned long)promises, count, least, nanoseconds < 0 ? ~0ul : (unsigned long)nanoseconds);
}

int ringmaster_kept(ringmaster_promise promise)
{
	return ringmaster_wait(&promise, 1, 0, 0);
}

int ringmaster_start(void)
{
	return (int)call(RM_CALL_PROMISE_START, 0, 0, 0, 0);
}

int ringmaster_cancel(ringmaster_promise promise)
{
	return (int)call(RM_CALL_PROMISE_CANCEL, promise, 0, 0, 0);
}

unsigned long ringmaster_host(void)
{
	const int saved = errno;
	const long changes = in_enclave() ? call(RM_CALL_HOST_CHANGES, 0, 0, 0, 0) : 0;

	errno = saved;
	return changes < 0 ? 0 : (unsigned long)changes;
}
