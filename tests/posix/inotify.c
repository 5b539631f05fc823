/* SPDX-License-Identifier: MIT */
/* inotify, memfd, pidfd: descriptors that other calls make. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "case.h"

static char buffer[4096] __attribute__((aligned(8)));

/* Says the events that are there. */
static void say_events(int fd, int watch)
{
	const long size = read(fd, buffer, sizeof(buffer));

	EXPECT(size > 0);
	for (long at = 0; at < size;) {
		const struct inotify_event *event = (const void *)(buffer + at);

		EXPECT_EQ(event->wd, watch);
		SAY("%x '%s' %u", event->mask, event->len ? event->name : "", event->len);
		at += (long)sizeof(*event) + event->len;
	}
}

CASE(events, "inotify_init1 inotify_add_watch inotify_rm_watch")
{
	const int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	int watch, file;

	MUST(fd >= 0);
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	MUST(mkdir("d", 0700) == 0);
	watch = inotify_add_watch(fd, "d", IN_CREATE | IN_DELETE | IN_MOVE | IN_CLOSE_WRITE);
	EXPECT_EQ(watch, 1);
	EXPECT_ERRNO(read(fd, buffer, sizeof(buffer)), EAGAIN);
	file = open("d/file with a name", O_WRONLY | O_CREAT, 0600);
	EXPECT_EQ(poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, 1000), 1);
	say_events(fd, watch);
	EXPECT_EQ(close(file), 0);
	EXPECT_EQ(rename("d/file with a name", "d/b"), 0);
	EXPECT_EQ(unlink("d/b"), 0);
	EXPECT_ERRNO(read(fd, buffer, 8), EINVAL);
	say_events(fd, watch);
	EXPECT_EQ(inotify_rm_watch(fd, watch), 0);
	say_events(fd, watch);
	EXPECT_ERRNO(inotify_rm_watch(fd, watch), EINVAL);
}

CASE(errors, "inotify_init1 inotify_add_watch inotify_rm_watch")
{
	const int fd = inotify_init1(0);

	MUST(fd >= 0);
	EXPECT_ERRNO(inotify_init1(1), EINVAL);
	EXPECT_ERRNO(inotify_add_watch(fd, "missing", IN_CREATE), ENOENT);
	EXPECT_ERRNO(inotify_add_watch(fd, ".", 0), EINVAL);
	EXPECT_ERRNO(inotify_add_watch(fd, (void *)8, IN_CREATE), EFAULT);
	EXPECT_ERRNO(inotify_add_watch(0, ".", IN_CREATE), EINVAL);
	EXPECT_ERRNO(inotify_add_watch(999, ".", IN_CREATE), EBADF);
	EXPECT_ERRNO(inotify_rm_watch(fd, 5), EINVAL);
	EXPECT_ERRNO(inotify_rm_watch(999, 1), EBADF);
	case_write_file("file", "x", 1);
	EXPECT_ERRNO(inotify_add_watch(fd, "file", IN_CREATE | IN_ONLYDIR), ENOTDIR);
	EXPECT_EQ(inotify_add_watch(fd, "file", IN_ATTRIB), 1);
	EXPECT_ERRNO(inotify_add_watch(fd, "file", IN_ATTRIB | IN_MASK_CREATE), EEXIST);
	EXPECT_EQ(chmod("file", 0400), 0);
	say_events(fd, 1);
}

CASE(memory_file, "memfd_create fcntl")
{
	const int fd = memfd_create("name", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	char text[8] = "";

	MUST(fd >= 0);
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(write(fd, "hello", 5), 5);
	EXPECT_EQ(lseek(fd, 1, SEEK_SET), 1);
	EXPECT_EQ(read(fd, text, 8), 4);
	EXPECT_STR(text, "ello");
	EXPECT_EQ(fcntl(fd, F_GET_SEALS), 0);
	EXPECT_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK), 0);
	EXPECT_ERRNO(ftruncate(fd, 100), EPERM);
	EXPECT_ERRNO(ftruncate(fd, 1), EPERM);
	EXPECT_EQ(fcntl(fd, F_GET_SEALS), F_SEAL_GROW | F_SEAL_SHRINK);
	EXPECT_EQ(fcntl(memfd_create("x", 0), F_GET_SEALS), F_SEAL_SEAL);
	EXPECT_ERRNO(memfd_create("x", 0x4000), EINVAL);
	EXPECT_ERRNO(memfd_create((void *)8, 0), EFAULT);
	memset(buffer, 'a', 300);
	EXPECT_ERRNO(memfd_create(buffer, 0), EINVAL);
}

HELPER(waits_for_signal)
{
	helper_say();
	pause();
	return 0;
}

CASE(process_descriptor, "pidfd_open pidfd_send_signal")
{
	const long pid = case_native("waits_for_signal", "");
	const int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd ended = { .fd = fd, .events = POLLIN };

	case_hear(pid);
	MUST(fd >= 0);
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(poll(&ended, 1, 0), 0);
	EXPECT_EQ(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0), 0);
	EXPECT_ERRNO(syscall(SYS_pidfd_send_signal, fd, 100, NULL, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0x100), EINVAL);
	EXPECT_ERRNO(syscall(SYS_pidfd_send_signal, 0, 0, NULL, 0), EBADF);
	EXPECT_EQ(syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0), 0);
	EXPECT_EQ(poll(&ended, 1, 10000), 1);
	EXPECT_EQ(case_wait(pid), SIGTERM);
	EXPECT_ERRNO(syscall(SYS_pidfd_open, -1, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_pidfd_open, pid, 0x100), EINVAL);
}
