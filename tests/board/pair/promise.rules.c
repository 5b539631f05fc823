/* SPDX-License-Identifier: MIT */
/* What holds for all promises: order and chains, deadlines, cancellation, time, handles, room, threads, signals, the end. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include "promise.h"

#define MS 1000000ul

static char got[500000];
static int fds[2];

static const struct ringmaster_options linked = { .flags = RINGMASTER_LINK };

static void chains(void)
{
	const int fd = open("chain", O_RDWR | O_CREAT, 0600);
	ringmaster_promise p[5];

	p[0] = ringmaster_write(fd, "hello", 5, 0, &linked);
	p[1] = ringmaster_fsync(fd, 0, &linked);
	p[2] = ringmaster_read(fd, got, 5, 0, &linked);
	p[3] = ringmaster_nop(NULL);
	for (int i = 0; i < 4; i++)
		tell("chain", p[i]);
	printf("%.5s\n", got);
	/* It ends when something is waited for. */
	p[0] = ringmaster_write(fd, "H", 1, 0, &linked);
	tell("open chain", p[0]);
	/* A short read breaks it. */
	p[0] = ringmaster_nop(&linked);
	p[1] = ringmaster_read(fd, got, 100, 0, &linked);
	p[2] = ringmaster_nop(&linked);
	p[3] = ringmaster_write(fd, "never", 5, 0, NULL);
	p[4] = ringmaster_nop(NULL);
	for (int i = 0; i < 5; i++)
		tell("broken", p[i]);
	/* So does what cannot even begin. */
	p[0] = ringmaster_nop(&linked);
	p[1] = ringmaster_read(-1, got, 1, 0, &linked);
	p[2] = ringmaster_write(fd, "never", 5, 0, NULL);
	for (int i = 0; i < 3; i++)
		tell("impossible", p[i]);
	/* A call of POSIX in the middle is none of it. */
	p[0] = ringmaster_read(fd, got, 100, 0, &linked);
	MUST(pwrite(fd, "J", 1, 0) == 1);
	p[1] = ringmaster_nop(NULL);
	tell("around a call", p[1]);
	tell("around a call", p[0]);
	printf("%.5s\n", got);
	/* A pause, then what was to wait for it. */
	p[0] = ringmaster_timeout(20 * MS, &linked);
	p[1] = ringmaster_nop(NULL);
	int64_t start = t_now_ns();
	tell("after a pause", p[1]);
	tell("the pause", p[0]);
	CHECK(t_now_ns() - start >= (int64_t)(19 * MS));
	close(fd);
}

static void deadlines(void)
{
	const struct ringmaster_options soon = { .deadline = 30 * MS }, later = { .deadline = 20000 * MS };
	int64_t start = t_now_ns();
	ringmaster_promise p[3];

	tell("deadline", ringmaster_read(fds[0], got, 10, -1, &soon));
	CHECK(t_now_ns() - start >= (int64_t)(30 * MS));
	p[0] = ringmaster_read(fds[0], got, 10, -1, &later);
	MUST(write(fds[1], "in time", 7) == 7);
	tell("in time", p[0]);
	/* What was given up takes no byte from what comes. */
	p[0] = ringmaster_read(fds[0], got, 10, -1, &soon);
	p[1] = ringmaster_nop(NULL);
	printf("any: %d\n", ringmaster_wait(p, 2, 1, -1));
	tell("the other", p[1]);
	printf("both: %d\n", ringmaster_wait(p, 1, 1, -1));
	tell("deadline", p[0]);
	MUST(write(fds[1], "later", 5) == 5);
	tell("later", ringmaster_read(fds[0], got, 10, -1, NULL));
	p[0] = ringmaster_read(fds[0], got, 10, -1, NULL);
	start = t_now_ns();
	printf("wait in vain: %d\n", ringmaster_wait(p, 1, 1, 30 * MS));
	CHECK(t_now_ns() - start >= (int64_t)(30 * MS));
	CHECK(ringmaster_cancel(p[0]) == 0);
	tell("given up", p[0]);
}

static void cancels(void)
{
	ringmaster_promise p = ringmaster_read(fds[0], got, 10, -1, NULL), q = ringmaster_timeout(100000 * MS, NULL);

	CHECK(ringmaster_start() == 0);
	CHECK(ringmaster_kept(p) == 0);
	CHECK(ringmaster_cancel(p) == 0 && ringmaster_cancel(q) == 0);
	tell("cancelled", p);
	tell("cancelled time", q);
	p = ringmaster_nop(NULL);
	CHECK(ringmaster_wait(&p, 1, 1, -1) == 1 && ringmaster_kept(p) == 1);
	CHECK(ringmaster_cancel(p) == 0);
	tell("too late", p);
	MUST(write(fds[1], "x", 1) == 1);
	tell("not lost", ringmaster_read(fds[0], got, 10, -1, NULL));
	int64_t start = t_now_ns();
	tell("time", ringmaster_timeout(25 * MS, NULL));
	CHECK(t_now_ns() - start >= (int64_t)(25 * MS));
}

static void handles(void)
{
	const struct ringmaster_options unknown = { .flags = 8 };
	ringmaster_promise p = ringmaster_nop(NULL), old = p;
	long result = 7;

	CHECK_ERRNO(ringmaster_take(0, &result), EINVAL);
	CHECK_ERRNO(ringmaster_take(p + 0x100000000, &result), EINVAL);
	CHECK_ERRNO(ringmaster_take(p + 200, &result), EINVAL);
	CHECK(result == 7);
	CHECK(ringmaster_take(p, &result) == 0 && result == 0);
	CHECK_ERRNO(ringmaster_take(old, &result), EINVAL);
	CHECK_ERRNO(ringmaster_kept(old), EINVAL);
	CHECK_ERRNO(ringmaster_cancel(old), EINVAL);
	p = ringmaster_nop(NULL);
	CHECK(p != old);
	CHECK_ERRNO(ringmaster_take(old, &result), EINVAL);
	CHECK_ERRNO(ringmaster_wait(&old, 1, 0, 0), EINVAL);
	CHECK_ERRNO(ringmaster_wait(&p, 1, 2, -1), EINVAL);
	CHECK(ringmaster_take(p, &result) == 0);
	CHECK(ringmaster_nop(&unknown) == 0 && errno == EINVAL);
	CHECK(ringmaster_wait(NULL, 0, 0, 0) == 0);
	puts("handles");
}

static void room(void)
{
	ringmaster_promise p[RINGMASTER_PROMISES];
	const int fd = open("room", O_RDWR | O_CREAT, 0600);
	unsigned count = 0;

	MUST(ftruncate(fd, 2000000) == 0);
	while (count < RINGMASTER_PROMISES && (p[count] = ringmaster_read(fds[0], got + count, 1, -1, NULL)) != 0)
		count++;
	printf("promises: %u\n", count);
	CHECK(ringmaster_nop(NULL) == 0 && errno == EAGAIN);
	/* What POSIX has goes on, the largest pieces too. */
	printf("beside them: %zd %zd\n", pwrite(fd, got, sizeof(got), 0), pread(fd, got, sizeof(got), 1000));
	for (unsigned i = 0; i < count; i++)
		CHECK(ringmaster_cancel(p[i]) == 0);
	for (unsigned i = 0; i < count; i++)
		CHECK_ERRNO(ringmaster_await(p[i]), ECANCELED);
	for (count = 0; count < RINGMASTER_PROMISES && (p[count] = ringmaster_borrow(fd, 100000, 0, NULL)) != 0;)
		count++;
	printf("of 100000 bytes: %u, %s\n", count, strerror(errno));
	for (unsigned i = 0; i < count; i++)
		CHECK(ringmaster_await(p[i]) == 100000);
	printf("more than there is: %d\n", ringmaster_await(ringmaster_read(fd, got, 1000000, 0, NULL)) == RINGMASTER_BYTES);
	close(fd);
}

static void *elsewhere(void *argument)
{
	const ringmaster_promise *p = argument;
	long result;

	CHECK_ERRNO(ringmaster_take(*p, &result), EPERM);
	CHECK_ERRNO(ringmaster_wait(p, 1, 1, -1), EPERM);
	CHECK_ERRNO(ringmaster_cancel(*p), EPERM);
	/* Its own work, and some that it leaves behind. */
	tell("thread", ringmaster_nop(NULL));
	MUST(ringmaster_read(fds[0], got, 10, -1, NULL) && ringmaster_timeout(100000 * MS, NULL));
	MUST(ringmaster_openat(AT_FDCWD, "room", O_RDONLY, 0, NULL) && ringmaster_nop(&linked));
	CHECK(ringmaster_start() == 0);
	MUST(ringmaster_write(fds[1], "", 0, -1, NULL));
	return NULL;
}

static void threads(void)
{
	ringmaster_promise p = ringmaster_nop(NULL);
	pthread_t thread;

	for (int i = 0; i < 5; i++) {
		MUST(pthread_create(&thread, NULL, elsewhere, &p) == 0);
		MUST(pthread_join(thread, NULL) == 0);
	}
	tell("mine", p);
	MUST(write(fds[1], "mine", 4) == 4);
	tell("nobody took it", ringmaster_read(fds[0], got, 10, -1, NULL));
}

static volatile int handled;

static void handler(int signal)
{
	handled = signal;
}

static void signals(void)
{
	const struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };
	struct itimerval soon = { .it_value.tv_usec = 50000 };
	ringmaster_promise p = ringmaster_read(fds[0], got, 10, -1, NULL);

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	CHECK_ERRNO(ringmaster_await(p), EINTR);
	printf("handled %d\n", handled);
	MUST(write(fds[1], "still", 5) == 5);
	tell("still there", p);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	MUST(pipe(fds) == 0);
	chains();
	deadlines();
	cancels();
	handles();
	room();
	threads();
	signals();
	fflush(stdout);
	/* The end, with some of each kind under way. */
	ringmaster_read(fds[0], got, 10, -1, NULL);
	ringmaster_timeout(100000 * MS, NULL);
	ringmaster_start();
	ringmaster_nop(&linked);
	return t_done();
}
