/* SPDX-License-Identifier: MIT */
/*
 * Files whose content the manifest fixes.
 *
 * Attacks considered: Linux changes a file while it is read, or afterwards, or says that it is shorter or longer than it is: what was hashed
 * is what the program gets, and how much of it. What Linux says of its times, owner and mode stays Linux's word.
 */
#include "posix/checked.h"

#include "lib/string.h"
#include "load/policy.h"
#include "posix/map.h"
#include "ring/access.h"

#define SIZE_MAX_CHECKED	(1ul << 30)

static bool same(const uint8_t *hash, const char *digits)
{
	static const char hex[] = "0123456789abcdef";

	for (unsigned i = 0; i < RM_HASH_SIZE; i++)
		if (digits[2 * i] != hex[hash[i] >> 4] || digits[2 * i + 1] != hex[hash[i] & 15])
			return false;
	return true;
}

static uint64_t mapped(uint64_t size)
{
	return rm_page_up(size ? size : 1);
}

void rm_checked_free(uint64_t at, uint64_t size)
{
	rm_svc2(LX_munmap, at, mapped(size));
}

/* Until the end, or until `size` bytes are there. */
static long read_all(struct rm_thread *t, int host_fd, uint64_t at, uint64_t size)
{
	uint64_t done = 0;

	while (done < size) {
		const long result = rm_read_at(t, host_fd, (void *)(at + done), size - done > LX_RW_MAX ? LX_RW_MAX : size - done, done);

		if (result < 0)
			return result;
		if (result == 0)
			break;
		done += (uint64_t)result;
	}
	return (long)done;
}

long rm_checked_read(struct rm_thread *t, int host_fd, const char *hash, struct rm_content *content)
{
	uint8_t is[RM_HASH_SIZE];
	struct lx_statx file;
	long at, result = rm_statx(t, host_fd, NULL, 0, 0, LX_STATX_BASIC, &file);

	if (result)
		return result;
	if ((file.mode & LX_S_IFMT) != LX_S_IFREG)
		return -EACCES;
	if (file.size > SIZE_MAX_CHECKED)
		return -EFBIG;
	at = rm_svc(LX_mmap, 0, mapped(file.size), LX_PROT_READ | LX_PROT_WRITE, LX_MAP_PRIVATE | LX_MAP_ANONYMOUS, (unsigned long)-1, 0);
	if (at < 0)
		return at;
	result = read_all(t, host_fd, (uint64_t)at, file.size);
	if (result >= 0) {
		*content = (struct rm_content){ .at = (uint64_t)at, .size = (uint64_t)result };
		rm_hash(is, (const void *)at, content->size);
		result = same(is, hash) ? rm_svc3(LX_mprotect, at, mapped(file.size), LX_PROT_READ) : -EIO;
		if (result == -EIO)
			rm_count(t, RM_COUNT_HASH);
	}
	if (result)
		rm_checked_free((uint64_t)at, file.size);
	return result;
}

void rm_checked_set(struct rm_desc *desc, const struct rm_content *content)
{
	desc->made_text = content->at;
	desc->made_used = (uint32_t)content->size;
	rm_made_set(desc, RM_MADE_CHECKED, 0);
}

long rm_checked_read_at(struct rm_thread *t, const struct rm_desc *desc, void *to, size_t size, uint64_t offset)
{
	if (desc->made != RM_MADE_CHECKED)
		return rm_read_at(t, desc->host_fd, to, size, offset);
	if (offset >= desc->made_used)
		return 0;
	if (size > desc->made_used - offset)
		size = desc->made_used - offset;
	return rm_copy(to, (const void *)(desc->made_text + offset), size) == 0 ? (long)size : -EFAULT;
}

long rm_checked_program(struct rm_thread *t, const char *path, const char *hash)
{
	struct rm_content content;
	struct rm_hostcall h;
	long fd, result = rm_hostcall_begin(&h, t, LX_openat);

	if (result)
		return result;
	h.message.arg[0] = (uint64_t)LX_AT_FDCWD;
	h.message.arg[2] = LX_O_CLOEXEC | LX_O_NONBLOCK;
	result = rm_hostcall_put(&h, 1, path, strlen(path) + 1);
	fd = result < 0 ? result : rm_hostcall_do(&h, RM_RULE_FD, 0);
	rm_hostcall_end(&h);
	if (fd < 0)
		return fd;
	result = rm_checked_read(t, (int)fd, hash, &content);
	if (result == 0)
		rm_checked_free(content.at, content.size);
	rm_close_host(t, (int)fd);
	return result;
}
