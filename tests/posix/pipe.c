/* SPDX-License-Identifier: MIT */
/* Pipes and FIFOs: flags, sizes, ends, packets, atomic writes, two threads. */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "case.h"

static char block[1 << 17];

CASE(flags, "pipe2")
{
	int p[2], q[2];

	EXPECT_EQ(pipe2(p, O_CLOEXEC | O_NONBLOCK), 0);
	EXPECT_EQ(fcntl(p[0], F_GETFD) + fcntl(p[1], F_GETFD), 2 * FD_CLOEXEC);
	EXPECT_EQ(fcntl(p[0], F_GETFL), O_RDONLY | O_NONBLOCK);
	EXPECT_EQ(fcntl(p[1], F_GETFL), O_WRONLY | O_NONBLOCK);
	EXPECT_EQ(p[1], p[0] + 1);
	EXPECT_EQ(pipe2(q, 0), 0);
	EXPECT_EQ(fcntl(q[0], F_GETFD), 0);
	EXPECT_ERRNO(pipe2(p, O_TRUNC), EINVAL);
	EXPECT_ERRNO(syscall(SYS_pipe2, 8, 0), EFAULT);
}

CASE(wrong_end, "pipe2")
{
	int p[2];

	MUST(pipe2(p, 0) == 0);
	EXPECT_ERRNO(read(p[1], block, 1), EBADF);
	EXPECT_ERRNO(write(p[0], block, 1), EBADF);
	EXPECT_ERRNO(lseek(p[0], 0, SEEK_CUR), ESPIPE);
	EXPECT_ERRNO(pread(p[0], block, 1, 0), ESPIPE);
	EXPECT_ERRNO(pwrite(p[1], block, 1, 0), ESPIPE);
	EXPECT_ERRNO(ftruncate(p[1], 0), EINVAL);
	EXPECT_ERRNO(fsync(p[0]), EINVAL);
	EXPECT_EQ(write(p[1], block, 0), 0);
}

CASE(ends, "pipe2")
{
	int p[2];

	MUST(pipe2(p, 0) == 0);
	EXPECT_EQ(write(p[1], "abc", 3), 3);
	EXPECT_EQ(close(p[1]), 0);
	EXPECT_EQ(read(p[0], block, 10), 3);
	EXPECT_EQ(read(p[0], block, 10), 0);
	EXPECT_EQ(read(p[0], block, 10), 0);
	MUST(pipe2(p, 0) == 0);
	signal(SIGPIPE, SIG_IGN);
	EXPECT_EQ(close(p[0]), 0);
	EXPECT_ERRNO(write(p[1], "abc", 3), EPIPE);
}

CASE(waiting_bytes, "pipe2 ioctl")
{
	int p[2], count = -1;

	MUST(pipe2(p, 0) == 0);
	EXPECT_EQ(ioctl(p[0], FIONREAD, &count), 0);
	EXPECT_EQ(count, 0);
	EXPECT_EQ(write(p[1], block, 5000), 5000);
	EXPECT_EQ(ioctl(p[0], FIONREAD, &count), 0);
	EXPECT_EQ(count, 5000);
	EXPECT_EQ(read(p[0], block, 1000), 1000);
	EXPECT_EQ(ioctl(p[0], FIONREAD, &count), 0);
	EXPECT_EQ(count, 4000);
}

CASE(capacity, "pipe2 fcntl")
{
	int p[2], total = 0;
	long n;

	MUST(pipe2(p, O_NONBLOCK) == 0);
	EXPECT_EQ(fcntl(p[0], F_GETPIPE_SZ), 65536);
	EXPECT_EQ(fcntl(p[1], F_SETPIPE_SZ, 5000), 8192);
	EXPECT_EQ(fcntl(p[0], F_GETPIPE_SZ), 8192);
	while ((n = write(p[1], block, 4096)) > 0)
		total += n;
	EXPECT_EQ(total, 8192);
	EXPECT_EQ(errno, EAGAIN);
	EXPECT_EQ(fcntl(p[1], F_SETPIPE_SZ, 65536), 65536);
	EXPECT_EQ(write(p[1], block, 4096), 4096);
	EXPECT_ERRNO(fcntl(p[1], F_SETPIPE_SZ, 4096), EBUSY);
	EXPECT_ERRNO(fcntl(p[1], F_SETPIPE_SZ, 0x80000001u), EINVAL);
	EXPECT_ERRNO(fcntl(open(".", O_RDONLY), F_GETPIPE_SZ), EBADF);
}

/* A write of at most PIPE_BUF goes whole or not at all, a larger one as far as it goes. */
CASE(not_blocking, "pipe2")
{
	int p[2], filled = 0;
	long n;

	MUST(pipe2(p, O_NONBLOCK) == 0);
	EXPECT_ERRNO(read(p[0], block, 1), EAGAIN);
	while ((n = write(p[1], block, PIPE_BUF)) > 0)
		filled += n;
	EXPECT_EQ(filled, 65536);
	EXPECT_EQ(read(p[0], block, PIPE_BUF), PIPE_BUF);
	EXPECT_EQ(write(p[1], block, 100), 100);
	EXPECT_ERRNO(write(p[1], block, PIPE_BUF), EAGAIN);
	EXPECT_EQ(read(p[0], block, 3 * PIPE_BUF), 3 * PIPE_BUF);
	n = write(p[1], block, 10 * PIPE_BUF);
	EXPECT(n > 0 && n < 10 * PIPE_BUF);
	EXPECT_EQ(n % PIPE_BUF, 0);
}

CASE(packets, "pipe2")
{
	int p[2];

	MUST(pipe2(p, O_DIRECT) == 0);
	EXPECT_EQ(write(p[1], "abc", 3), 3);
	EXPECT_EQ(write(p[1], "defgh", 5), 5);
	EXPECT_EQ(write(p[1], block, PIPE_BUF + 10), PIPE_BUF + 10);
	EXPECT_EQ(read(p[0], block, 100), 3);
	EXPECT_EQ(read(p[0], block, 2), 2);
	EXPECT_EQ(read(p[0], block, sizeof(block)), PIPE_BUF);
	EXPECT_EQ(read(p[0], block, sizeof(block)), 10);
}

CASE(vectors, "pipe2 writev readv")
{
	char a[3] = "abc", b[70000], c[5] = "";
	struct iovec out[2] = { { a, 3 }, { b, 4000 } }, in[2] = { { c, 5 }, { b, sizeof(b) } };
	int p[2];

	MUST(pipe2(p, 0) == 0);
	memset(b, 'x', sizeof(b));
	EXPECT_EQ(writev(p[1], out, 2), 4003);
	EXPECT_EQ(readv(p[0], in, 2), 4003);
	EXPECT(memcmp(c, "abcxx", 5) == 0);
	EXPECT_ERRNO(writev(p[1], out, -1), EINVAL);
	EXPECT_ERRNO(readv(p[0], (void *)8, 1), EFAULT);
}

struct stream {
	int in, out, kind;
	uint64_t sum;
	long total;
};

#define STREAMED	(3l << 20)

static void *reads_all(void *arg)
{
	static unsigned char buffer[40000];
	struct stream *s = arg;
	long n;

	while ((n = read(s->in, buffer, sizeof(buffer))) > 0) {
		for (long i = 0; i < n; i++)
			s->sum = s->sum * 31 + buffer[i];
		s->total += n;
	}
	return n == 0 ? arg : NULL;
}

CASE_LIMIT(two_threads, "pipe2", 60)
{
	struct stream s = { 0 };
	uint64_t sum = 0;
	void *thread;
	int p[2];

	MUST(pipe2(p, 0) == 0);
	s.in = p[0];
	thread = case_thread(reads_all, &s);
	for (long at = 0; at < STREAMED;) {
		const long size = at % 100000 + 1 < STREAMED - at ? at % 100000 + 1 : STREAMED - at;

		for (long i = 0; i < size; i++) {
			block[i] = (char)((at + i) * 7 >> 3);
			sum = sum * 31 + (unsigned char)block[i];
		}
		MUST(write(p[1], block, (size_t)size) == size);
		at += size;
	}
	close(p[1]);
	EXPECT(case_join(thread) == &s);
	EXPECT_EQ(s.total, STREAMED);
	EXPECT(s.sum == sum);
}

static void *writes_records(void *arg)
{
	struct stream *s = arg;
	unsigned char record[500];

	memset(record, s->kind, sizeof(record));
	for (int i = 0; i < 200; i++)
		EXPECT_EQ(write(s->out, record, sizeof(record)), sizeof(record));
	return arg;
}

/* Records of several writers do not mix. */
CASE_LIMIT(atomic_writes, "pipe2", 60)
{
	struct stream s[3];
	unsigned char record[500];
	int p[2], count[3] = { 0 }, mixed = 0;
	void *thread[3];

	MUST(pipe2(p, 0) == 0);
	for (int i = 0; i < 3; i++) {
		s[i] = (struct stream){ .out = p[1], .kind = i };
		thread[i] = case_thread(writes_records, &s[i]);
	}
	for (int i = 0; i < 600; i++) {
		MUST(read(p[0], record, sizeof(record)) == sizeof(record));
		for (int j = 1; j < 500; j++)
			mixed += record[j] != record[0];
		count[record[0] % 3]++;
	}
	for (int i = 0; i < 3; i++) {
		case_join(thread[i]);
		EXPECT_EQ(count[i], 200);
	}
	EXPECT_EQ(mixed, 0);
}

CASE(fifo, "mknodat openat")
{
	struct stat st;
	int r, w;

	EXPECT_EQ(mkfifo("fifo", 0600), 0);
	EXPECT_ERRNO(mkfifo("fifo", 0600), EEXIST);
	EXPECT_EQ(stat("fifo", &st), 0);
	EXPECT(S_ISFIFO(st.st_mode));
	EXPECT_ERRNO(open("fifo", O_WRONLY | O_NONBLOCK), ENXIO);
	r = open("fifo", O_RDONLY | O_NONBLOCK);
	MUST(r >= 0);
	EXPECT_EQ(read(r, block, 1), 0);
	w = open("fifo", O_WRONLY | O_NONBLOCK);
	MUST(w >= 0);
	EXPECT_ERRNO(read(r, block, 1), EAGAIN);
	EXPECT_EQ(write(w, "xyz", 3), 3);
	EXPECT_EQ(read(r, block, 10), 3);
	EXPECT_EQ(close(w), 0);
	EXPECT_EQ(poll(&(struct pollfd){ .fd = r, .events = POLLIN }, 1, 0), 1);
	EXPECT_EQ(open("fifo", O_RDWR), w);
	EXPECT_ERRNO(lseek(r, 0, SEEK_SET), ESPIPE);
}

static void *opens(void *arg)
{
	const int fd = open("fifo", O_WRONLY);

	return fd >= 0 && write(fd, arg, 5) == 5 && close(fd) == 0 ? arg : NULL;
}

/* Each side's open() waits for the other. */
CASE(fifo_waits, "mknodat openat")
{
	char word[] = "hello";
	void *thread;
	int fd;

	MUST(mkfifo("fifo", 0600) == 0);
	thread = case_thread(opens, word);
	fd = open("fifo", O_RDONLY);
	MUST(fd >= 0);
	EXPECT_EQ(read(fd, block, 10), 5);
	EXPECT(memcmp(block, word, 5) == 0);
	EXPECT_EQ(read(fd, block, 10), 0);
	EXPECT(case_join(thread) == word);
}
