/* SPDX-License-Identifier: MIT */
/* Checks that compare, and what else cases share. */
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "lib.h"

void case_errno(const char *file, int line, const char *what, long result, int error)
{
	const int got = errno;

	if (result != -1)
		case_fail(file, line, "%s did not fail, expected: %s", what, strerror(error));
	else if (got != error)
		case_fail(file, line, "%s failed with: %s, expected: %s", what, strerror(got), strerror(error));
}

void case_error(const char *file, int line, const char *what, int result, int error)
{
	if (result != error)
		case_fail(file, line, "%s returned: %s, expected: %s", what, strerror(result), strerror(error));
}

void case_equal(const char *file, int line, const char *what, long got, long expected)
{
	if (got != expected)
		case_fail(file, line, "%s is %ld, expected %ld", what, got, expected);
}

void case_string(const char *file, int line, const char *what, const char *got, const char *expected)
{
	if (!got || strcmp(got, expected) != 0)
		case_fail(file, line, "%s is '%.120s', expected '%.120s'", what, got ? got : "(null)", expected);
}

void *case_thread(void *(*body)(void *), void *arg)
{
	pthread_t thread;

	MUST(pthread_create(&thread, NULL, body, arg) == 0);
	return (void *)thread;
}

void *case_join(void *thread)
{
	void *result = NULL;

	MUST(pthread_join((pthread_t)thread, &result) == 0);
	return result;
}

void case_set(int *word, int value)
{
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

void case_until(int *word, int value)
{
	int seen;

	while ((seen = __atomic_load_n(word, __ATOMIC_SEQ_CST)) < value)
		syscall(SYS_futex, word, FUTEX_WAIT, seen, NULL, NULL, 0);
}

int64_t case_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void case_deadline(struct timespec *out, int clock, long milliseconds)
{
	clock_gettime(clock, out);
	out->tv_sec += milliseconds / 1000;
	out->tv_nsec += milliseconds % 1000 * 1000000;
	if (out->tv_nsec >= 1000000000) {
		out->tv_sec++;
		out->tv_nsec -= 1000000000;
	}
}

void case_write_file(const char *name, const void *data, size_t size)
{
	int fd = open(name, O_CREAT | O_TRUNC | O_WRONLY, 0644);

	MUST(fd >= 0);
	MUST(write(fd, data, size) == (ssize_t)size);
	MUST(close(fd) == 0);
}

long case_read_file(const char *name, void *data, size_t size)
{
	char rest[4096];
	long total = 0;
	ssize_t n;
	int fd = open(name, O_RDONLY);

	MUST(fd >= 0);
	while ((size_t)total < size && (n = read(fd, (char *)data + total, size - (size_t)total)) > 0)
		total += n;
	if ((size_t)total == size)
		while ((n = read(fd, rest, sizeof(rest))) > 0)
			total += n;
	MUST(close(fd) == 0);
	return total;
}

long case_number(const char *name, long otherwise)
{
	const char *value = getenv(name);

	return value ? strtol(value, NULL, 0) : otherwise;
}
