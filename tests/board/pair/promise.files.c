/* SPDX-License-Identifier: MIT */
/* Promises on files: each operation, what it fails with, positions, batches, borrowed bytes. */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "promise.h"

#define FILE_SIZE	(256u * 1024)

static unsigned char data[FILE_SIZE], got[FILE_SIZE];

static int make(const char *name)
{
	uint64_t seed = 7;
	int fd;
	ringmaster_promise p;

	for (size_t i = 0; i < FILE_SIZE; i++)
		data[i] = (unsigned char)t_random(&seed);
	p = ringmaster_openat(AT_FDCWD, name, O_RDWR | O_CREAT | O_CLOEXEC, 0640, NULL);
	MUST(p);
	fd = (int)ringmaster_await(p);
	MUST(fd >= 0);
	printf("open: flags %x, close-on-exec %d\n", fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND), fcntl(fd, F_GETFD));
	tell("write", ringmaster_write(fd, data, FILE_SIZE, 0, NULL));
	tell("fsync", ringmaster_fsync(fd, 0, NULL));
	tell("fdatasync", ringmaster_fsync(fd, 1, NULL));
	return fd;
}

static void errors(int fd)
{
	int p[2];

	tell("read, no descriptor", ringmaster_read(-1, got, 10, 0, NULL));
	tell("write, closed descriptor", ringmaster_write(999, data, 10, 0, NULL));
	tell("read into nowhere", ringmaster_read(fd, (void *)8, 10, 0, NULL));
	tell("write from nowhere", ringmaster_write(fd, (void *)8, 10, 0, NULL));
	tell("read, offset -2", ringmaster_read(fd, got, 10, -2, NULL));
	tell("read nothing", ringmaster_read(fd, got, 0, 0, NULL));
	tell("read at the end", ringmaster_read(fd, got, 10, FILE_SIZE, NULL));
	tell("open what is not there", ringmaster_openat(AT_FDCWD, "nothing", O_RDONLY, 0, NULL));
	tell("open from nowhere", ringmaster_openat(AT_FDCWD, (char *)8, O_RDONLY, 0, NULL));
	tell("open below a file", ringmaster_openat(fd, "x", O_RDONLY, 0, NULL));
	tell("open again, exclusively", ringmaster_openat(AT_FDCWD, "file", O_RDWR | O_CREAT | O_EXCL, 0640, NULL));
	tell("fsync, no descriptor", ringmaster_fsync(-1, 0, NULL));
	MUST(pipe(p) == 0);
	tell("fsync of a pipe", ringmaster_fsync(p[0], 0, NULL));
	tell("read the wrong end", ringmaster_read(p[1], got, 1, -1, NULL));
	tell("write the wrong end", ringmaster_write(p[0], data, 1, -1, NULL));
	close(p[0]);
	close(p[1]);
	p[0] = open(".", O_RDONLY | O_DIRECTORY);
	tell("read a folder", ringmaster_read(p[0], got, 10, 0, NULL));
	close(p[0]);
}

/* In the file's order, though all are under way at once. */
static void positions(void)
{
	ringmaster_promise p[4];
	const int fd = open("file", O_RDWR);
	long n = 0;

	MUST(fd >= 0);
	for (int i = 0; i < 4; i++)
		MUST((p[i] = ringmaster_read(fd, got + i * 1000, 1000, -1, NULL)));
	for (int i = 0; i < 4; i++)
		n += ringmaster_await(p[i]);
	printf("in a row: %ld, same %d, position %ld\n", n, memcmp(got, data, 4000), (long)lseek(fd, 0, SEEK_CUR));
	lseek(fd, -1500, SEEK_END);
	for (int i = 0; i < 4; i++)
		MUST((p[i] = ringmaster_read(fd, got + i * 1000, 1000, -1, NULL)));
	for (int i = 0; i < 4; i++)
		printf("at the end: %ld\n", ringmaster_await(p[i]));
	printf("same %d, position %ld\n", memcmp(got, data + FILE_SIZE - 1500, 1500), (long)lseek(fd, 0, SEEK_CUR) - (long)FILE_SIZE);
	lseek(fd, 100, SEEK_SET);
	tell("write at the position", ringmaster_write(fd, data + 100, 50, -1, NULL));
	tell("read behind it", ringmaster_read(fd, got, 50, -1, NULL));
	printf("same %d, position %ld\n", memcmp(got, data + 150, 50), (long)lseek(fd, 0, SEEK_CUR));
	close(fd);
}

static void batch(int fd)
{
	ringmaster_promise p[RINGMASTER_PROMISES];
	unsigned right = 0;

	for (unsigned i = 0; i < RINGMASTER_PROMISES; i++)
		MUST((p[i] = ringmaster_read(fd, got + i * 4096, 4096, (off_t)(RINGMASTER_PROMISES - 1 - i) * 4096, NULL)));
	printf("wait for all: %d\n", ringmaster_wait(p, RINGMASTER_PROMISES, RINGMASTER_PROMISES, -1));
	for (unsigned i = 0; i < RINGMASTER_PROMISES; i++)
		right += ringmaster_await(p[i]) == 4096 && memcmp(got + i * 4096, data + (RINGMASTER_PROMISES - 1 - i) * 4096, 4096) == 0;
	printf("batch: %u right\n", right);
}

/* The same in two calls; and borrowed ones, whose room ends before their number. */
static void many(int fd)
{
	ringmaster_operation operations[RINGMASTER_PROMISES];
	struct ringmaster_view views[RINGMASTER_PROMISES];
	ringmaster_promise p[RINGMASTER_PROMISES];
	long results[RINGMASTER_PROMISES];
	unsigned right = 0;

	memset(got, 0, sizeof(got));
	for (unsigned i = 0; i < RINGMASTER_PROMISES; i++)
		operations[i] = (ringmaster_operation){ .op = RM_PROMISE_READ, .fd = fd, .address = (uint64_t)got + i * 4096, .size = 4096,
							.offset = (RINGMASTER_PROMISES - 1 - i) * 4096 };
	operations[3].fd = -1;
	printf("submitted: %d\n", ringmaster_submit(operations, RINGMASTER_PROMISES, p));
	CHECK_ERRNO(ringmaster_submit(operations, 1, p), EAGAIN);
	CHECK_ERRNO(ringmaster_view_all(p, 2, views), EINVAL);
	printf("taken: %d\n", ringmaster_take_all(p, RINGMASTER_PROMISES, results));
	for (unsigned i = 0; i < RINGMASTER_PROMISES; i++)
		right += results[i] == 4096 && memcmp(got + i * 4096, data + (RINGMASTER_PROMISES - 1 - i) * 4096, 4096) == 0;
	printf("right %u, the other: %s\n", right, strerror((int)-results[3]));
	CHECK_ERRNO(ringmaster_take_all(p, 1, results), EINVAL);
	for (unsigned i = 0; i < 8; i++)
		operations[i] = (ringmaster_operation){ .op = RM_PROMISE_READ, .flags = RM_PROMISE_BORROW, .fd = fd, .size = 100000, .offset = i * 1000 };
	printf("borrowed: %d\n", ringmaster_submit(operations, 8, p));
	MUST(ringmaster_view_all(p, 4, views) == 0);
	for (unsigned i = 0; i < 4; i++)
		printf("%ld, same %d\n", views[i].result, views[i].bytes ? memcmp((const void *)views[i].bytes, data + i * 1000, 100000) : -1);
	p[4] = p[3];
	CHECK_ERRNO(ringmaster_give_back_all(p, 5), EINVAL);
	CHECK_ERRNO(ringmaster_take_all(p, 4, results), EINVAL);
	CHECK(ringmaster_give_back_all(p, 4) == 0);
	CHECK_ERRNO(ringmaster_give_back_all(p, 1), EINVAL);
	operations[0].op = RM_PROMISE_OP_COUNT;
	CHECK_ERRNO(ringmaster_submit(operations, 2, p), EINVAL);
}

static void borrow(int fd)
{
	struct ringmaster_sha256 hash;
	unsigned char digest[32], whole[32];
	const volatile void *bytes;
	ringmaster_promise p = ringmaster_borrow(fd, 100000, 5000, NULL);

	MUST(p);
	printf("borrowed: %ld\n", ringmaster_view(p, &bytes));
	ringmaster_sha256_start(&hash);
	MUST(ringmaster_sha256_copy(&hash, got, p, 0, 60000) == 0 && ringmaster_sha256_copy(&hash, got + 60000, p, 60000, 40000) == 0);
	ringmaster_sha256_end(&hash, digest);
	printf("same %d, hash", memcmp(got, data + 5000, 100000));
	for (int i = 0; i < 32; i++)
		printf("%02x", digest[i]);
	ringmaster_sha256_start(&hash);
	MUST(ringmaster_sha256_copy(&hash, NULL, p, 0, 100000) == 0);
	ringmaster_sha256_end(&hash, whole);
	printf(", twice the same %d\n", memcmp(digest, whole, 32));
	printf("in place: %d\n", ((const volatile unsigned char *)bytes)[99999] == data[104999]);
	CHECK_ERRNO(ringmaster_copy(got, p, 99999, 2), ERANGE);
	CHECK_ERRNO(ringmaster_await(p), EINVAL);
	CHECK(ringmaster_give_back(p) == 0);
	CHECK_ERRNO(ringmaster_give_back(p), EINVAL);
	CHECK_ERRNO(ringmaster_copy(got, p, 0, 1), EINVAL);
	p = ringmaster_borrow(fd, 10, FILE_SIZE, NULL);
	printf("at the end: %ld\n", ringmaster_view(p, &bytes));
	CHECK(bytes == NULL);
	CHECK_ERRNO(ringmaster_give_back(p), EINVAL);
	p = ringmaster_borrow(-1, 10, 0, NULL);
	CHECK_ERRNO(ringmaster_view(p, &bytes), EBADF);
	p = ringmaster_read(fd, got, 10, 0, NULL);
	CHECK_ERRNO(ringmaster_view(p, &bytes), EINVAL);
	CHECK_ERRNO(ringmaster_give_back(p), EINVAL);
	tell("and then", p);
}

/* The description lives as long as somebody uses it. */
static void closing(void)
{
	ringmaster_promise p;
	int fd = open("file", O_RDONLY);

	p = ringmaster_read(fd, got, 4096, 8192, NULL);
	MUST(ringmaster_start() == 0);
	close(fd);
	fd = open("other", O_RDWR | O_CREAT, 0600);
	printf("closed: %ld, same %d\n", ringmaster_await(p), memcmp(got, data + 8192, 4096));
	close(fd);
	unlink("other");
}

static void append(void)
{
	struct stat status;
	ringmaster_promise p[3];
	const int fd = open("appended", O_WRONLY | O_CREAT | O_APPEND, 0600);

	for (int i = 0; i < 3; i++)
		MUST((p[i] = ringmaster_write(fd, "0123456789", 10, -1, NULL)));
	for (int i = 0; i < 3; i++)
		printf("append: %ld\n", ringmaster_await(p[i]));
	MUST(fstat(fd, &status) == 0);
	printf("size %ld\n", (long)status.st_size);
	close(fd);
}

/* A shared mapping sees what promises write, and they see it. */
static void mapped(int fd)
{
	unsigned char *map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	MUST(map != MAP_FAILED);
	tell("write below a mapping", ringmaster_write(fd, "hello", 5, 100, NULL));
	printf("mapped %.5s\n", map + 100);
	memcpy(map + 200, "world", 5);
	tell("read below a mapping", ringmaster_read(fd, got, 5, 200, NULL));
	printf("read %.5s\n", got);
	munmap(map, 8192);
}

int main(void)
{
	const int fd = make("file");

	errors(fd);
	positions();
	batch(fd);
	many(fd);
	borrow(fd);
	closing();
	append();
	mapped(fd);
	return t_done();
}
