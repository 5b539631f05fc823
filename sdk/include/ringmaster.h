/* SPDX-License-Identifier: MIT */
/*
 * Contract 6: what a program sees when it wants more than POSIX. Everything here also compiles and runs natively, on Linux 6.1 or newer.
 *
 * Promises. A promise stands for an operation that was submitted and is kept when its result is there. Submitting costs no trap, and no exit
 * to Linux: what was submitted begins when the thread waits for one of its promises, or says ringmaster_start(), all at once; with
 * `ringmaster run --poll`, at once. So 32 reads cost one exit.
 *
 *	ringmaster_promise p = ringmaster_read(fd, buffer, 4096, 0, NULL);
 *	long n = p ? ringmaster_await(p) : -1;
 *
 * Threads: a promise belongs to the thread that submitted it (EPERM elsewhere). It is spent when its result was taken, and from then on
 * EINVAL, as what never was a promise is; it never becomes another one. A thread that ends gives up what it has; so does the program.
 * None of these functions is a cancellation point or may be called by a handler of a signal.
 *
 * Room: a thread can have RINGMASTER_PROMISES promises at a time, with RINGMASTER_BYTES bytes of data together, a multiple of 4096 each.
 * Calls of POSIX go on working beside them. A descriptor may be closed once its
 * operations have begun.
 *
 * Memory: buffers, paths and names must stay, and stay as they are, until the result was taken: they may be read at any time until then (in
 * an enclave at the submission). What a read or recv brings is in the buffer then; before, that holds anything.
 *
 * Results are those of the POSIX call of the same name, one by one, with these differences. A promise waits, whatever O_NONBLOCK or
 * SO_RCVTIMEO say, but with MSG_DONTWAIT (datagrams of AF_UNIX are always sent with it). Never more than RINGMASTER_BYTES are moved by one.
 * EINTR is no result. In an enclave SIGPIPE is not raised. Operations of one thread may be done in any order, but for linked ones.
 */
#ifndef RINGMASTER_H
#define RINGMASTER_H

#include <errno.h>
#include <ringmaster/promise.h>
#include <ringmaster/svc.h>
#include <stddef.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Whether this program runs as an enclave. */
static inline int ringmaster_in_enclave(void)
{
	int saved = errno;
	int in = getauxval(RM_AT_ENTRY) != 0;

	errno = saved;
	return in;
}

/* Physical address of the byte at pointer, or 0 with errno set: EFAULT, nothing is mapped there; ENOSYS, not in an enclave. */
static inline unsigned long ringmaster_page_address(const volatile void *pointer)
{
	if (!ringmaster_in_enclave()) {
		errno = ENOSYS;
		return 0;
	}
	/* Declared here, not above: a call in between would be free to use the registers. */
	register long x8 __asm__("x8") = RM_SVC_ADDRESS;
	register long x0 __asm__("x0") = (long)pointer;

	__asm__ __volatile__("svc #0" : "+r"(x0) : "r"(x8) : "memory");
	if (x0 < 0) {
		errno = (int)-x0;
		return 0;
	}
	return ((unsigned long)x0 & ~4095ul) | ((unsigned long)pointer & 4095);
}

typedef unsigned long ringmaster_promise;	/* never 0 */

#define RINGMASTER_PROMISES	RM_TICKETS
#define RINGMASTER_BYTES	RM_TICKET_BYTES

#define RINGMASTER_LINK		RM_PROMISE_LINK
struct ringmaster_options {
	/*
	 * RINGMASTER_LINK: what the thread submits next begins only when this has succeeded, and is ECANCELED if it does not, or reads or
	 * writes less than asked; and so on along a chain, which ends with the first submission without the flag, or when the thread waits,
	 * takes a result or starts. A chain gives an order; no bytes go from one of its operations to the next, as each has its own at the
	 * submission.
	 */
	unsigned flags;
	/*
	 * Nanoseconds from the submission after which the result is ETIMEDOUT, as soon as somebody waits for it; 0: none. Linux is asked to
	 * give the operation up; one that is under way and cannot be (a write to a disk that hangs) may still be done. It keeps its place
	 * among promises and bytes until then, so that nothing late is written over something new.
	 */
	unsigned long deadline;
};

/*
 * Submissions: a promise, or 0 with errno set: EAGAIN, no room at the moment; EINVAL, unknown flags; ENOMEM; ENOSYS, neither an enclave
 * nor a Linux with io_uring. What is wrong with the operation itself (EBADF, EFAULT, ...) is its result. options may be NULL.
 */

/* pread(), pwrite(); with offset -1, read() and write(): of a file that this enclave opened the position moves at the submission, by
 * `size`, and back when a result that is less is taken, so that several in a row read one after the other. EOPNOTSUPP:
 * epoll, timerfd, signalfd, inotify; files of /proc/self in a chain; offset -1 on inherited files that are on no local block device.
 * With an offset, what is no file is ESPIPE (natively io_uring ignores it). */
ringmaster_promise ringmaster_read(int fd, void *buffer, size_t size, off_t offset, const struct ringmaster_options *options);
ringmaster_promise ringmaster_write(int fd, const void *buffer, size_t size, off_t offset, const struct ringmaster_options *options);
/* openat() and accept4(): the result is a descriptor, made when it is taken. */
ringmaster_promise ringmaster_openat(int directory, const char *path, int flags, mode_t mode, const struct ringmaster_options *options);
ringmaster_promise ringmaster_accept(int fd, struct sockaddr *name, socklen_t *size, int flags, const struct ringmaster_options *options);
/* A socket whose connection failed cannot be used for a second one. */
ringmaster_promise ringmaster_connect(int fd, const struct sockaddr *name, socklen_t size, const struct ringmaster_options *options);
ringmaster_promise ringmaster_send(int fd, const void *buffer, size_t size, int flags, const struct ringmaster_options *options);
ringmaster_promise ringmaster_recv(int fd, void *buffer, size_t size, int flags, const struct ringmaster_options *options);
/* fsync(), or fdatasync() if data_only. */
ringmaster_promise ringmaster_fsync(int fd, int data_only, const struct ringmaster_options *options);
/* poll() of one descriptor: the result is its revents. */
ringmaster_promise ringmaster_poll(int fd, short events, const struct ringmaster_options *options);
/* Kept with result 0 after so many nanoseconds, counted from when it begins. */
ringmaster_promise ringmaster_timeout(unsigned long nanoseconds, const struct ringmaster_options *options);
/* Kept with result 0 by Linux as soon as it sees it. */
ringmaster_promise ringmaster_nop(const struct ringmaster_options *options);

/*
 * Borrowed reads: the bytes stay where Linux put them, ringmaster_view() says where, and the program uses them there until it gives
 * them back. Never more than `size`.
 *
 * In an enclave that memory is shared with Linux, which may change it at any time: read each byte once. Never look at it to check it and
 * look again to use it: what was right may be wrong by then, and compilers read twice on their own. Hash it, decrypt it (with
 * an authenticated cipher, into memory of your own, whose result is checked before use), or copy it, and look at the outcome. It
 * is no argument for system calls (EFAULT). If Linux takes the page away, a touch is a SIGSEGV or SIGBUS; ringmaster_copy() fails with EIO.
 */
ringmaster_promise ringmaster_borrow(int fd, size_t size, off_t offset, const struct ringmaster_options *options);
ringmaster_promise ringmaster_borrow_recv(int fd, size_t size, int flags, const struct ringmaster_options *options);
/* As ringmaster_await() for those, and *bytes is where they are. Above 0: the promise stays, to be given back. */
long ringmaster_view(ringmaster_promise promise, const volatile void **bytes);
/* 0, or -1: EINVAL (also if nothing is lent), EPERM. */
int ringmaster_give_back(ringmaster_promise promise);
/* Copies lent bytes, each read once: 0, or -1: ERANGE, there are fewer; EIO, Linux took them away; EINVAL, EPERM, EFAULT. */
int ringmaster_copy(void *to, ringmaster_promise promise, size_t offset, size_t size);

/*
 * Copies and hashes (SHA-256) in one pass: what is hashed is what stands in `to`. `to` may be NULL: only hashes. Errors as
 * ringmaster_copy(); the hash is of no use then.
 */
struct ringmaster_sha256 {
	unsigned long state[24];
};
void ringmaster_sha256_start(struct ringmaster_sha256 *hash);
int ringmaster_sha256_copy(struct ringmaster_sha256 *hash, void *to, ringmaster_promise promise, size_t offset, size_t size);
void ringmaster_sha256_end(struct ringmaster_sha256 *hash, unsigned char digest[32]);

/*
 * Many in one call, RINGMASTER_PROMISES at most: the cheapest way, as each call costs as much as a small operation. An operation is described by
 * its fields, as <ringmaster/promise.h> says for each RM_PROMISE_*; those not named there are 0, but `flags` (RINGMASTER_LINK, RM_PROMISE_BORROW)
 * and `deadline` may stand in any.
 *
 *	ringmaster_operation o = { .op = RM_PROMISE_READ, .fd = fd, .address = (uint64_t)buffer, .size = 4096, .offset = 0 };
 *
 * ringmaster_submit(): how many of them were submitted, which is fewer if there is no room for more, or one cannot be; -1 with errno if that is
 * the first. The others wait until all are kept: 0, and what the calls for one do was done to each; or -1, and nothing happened to any: EINTR, EINVAL (one
 * is none, is not of that kind, stands there twice), EPERM. Results are as the POSIX call has them, or -errno.
 */
typedef struct rm_promise_request ringmaster_operation;
struct ringmaster_view {
	long result;
	const volatile void *bytes;	/* above 0: where they are, to be given back; else NULL */
};
int ringmaster_submit(const ringmaster_operation *operations, unsigned count, ringmaster_promise *promises);
int ringmaster_take_all(const ringmaster_promise *promises, unsigned count, long *results);
int ringmaster_view_all(const ringmaster_promise *promises, unsigned count, struct ringmaster_view *views);
int ringmaster_give_back_all(const ringmaster_promise *promises, unsigned count);

/*
 * Waits. A signal that a handler has ends each with EINTR, and nothing happened to the promises. Likewise ETIMEDOUT in a resident enclave whose
 * host is lost.
 */

/* The result as the POSIX call has it: the promise is spent. Of EINVAL and EPERM nobody can tell whether promise or call was meant. */
long ringmaster_await(ringmaster_promise promise);
/* The same with 0 and *result = the call's result or -errno; or -1, and the promise is what it was: EINTR, EINVAL, EPERM. */
int ringmaster_take(ringmaster_promise promise, long *result);
/*
 * Until `least` of the promises are kept (their results are to be taken; 0: only looks) or so many nanoseconds have passed (negative:
 * without end): how many are kept, which may be fewer if time is up. -1: EINTR, EINVAL (one is none, or
 * there are more than RINGMASTER_PROMISES), EPERM.
 */
int ringmaster_wait(const ringmaster_promise *promises, unsigned count, unsigned least, long nanoseconds);
/* Whether it is kept, by what has come in by now; leaves to nobody: 1, 0, or -1: EINVAL, EPERM. */
int ringmaster_kept(ringmaster_promise promise);
/* Begins what was submitted, and does not wait: 0, or -1: ENOSYS. */
int ringmaster_start(void);
/* Asks Linux to give it up: 0, and the result will be ECANCELED, or what was done before that came through. -1: EAGAIN, EINVAL, EPERM. */
int ringmaster_cancel(ringmaster_promise promise);

/*
 * Linux, as a resident enclave sees it: how often it was lost and came back, so odd while it is lost. Lost: it did not come back from a call within the
 * deadline of the manifest; calls that need it fail with ETIMEDOUT at once, but one in a deadline that asks whether it is there again. A program that
 * looks from time to time misses neither event. Its process may also be gone: then Linux is back when another one attached (ringmaster-attach(1)), which a call that
 * fails for want of it finds out, and descriptors from before are EBADF. Never waits, nor asks. 0 in a hosted enclave and natively.
 */
unsigned long ringmaster_host(void);

#ifdef __cplusplus
}
#endif
#endif
