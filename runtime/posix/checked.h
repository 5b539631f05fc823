/* SPDX-License-Identifier: MIT */
/* Files whose content the manifest fixes: read once, whole, into the enclave, hashed there, and served from there (RM_MADE_CHECKED). */
#ifndef RUNTIME_POSIX_CHECKED_H
#define RUNTIME_POSIX_CHECKED_H

#include "posix/posix.h"

/* The content of a file, in read-only memory of the enclave. */
struct rm_content {
	uint64_t at, size;
};

/*
 * Reads what stands behind a descriptor of the proxy and compares it with a hash in hexadecimal digits: 0; -EIO, counted, if it is another;
 * -EACCES if it is no regular file, -EFBIG, -ENOMEM, or what reading failed with.
 */
long rm_checked_read(struct rm_thread *t, int host_fd, const char *hash, struct rm_content *content);
/* A new description serves that content, and gives it back in the end. */
void rm_checked_set(struct rm_desc *desc, const struct rm_content *content);
void rm_checked_free(uint64_t at, uint64_t size);
/* The same check of a path that is not opened by the program. */
long rm_checked_program(struct rm_thread *t, const char *path, const char *hash);

/* Bytes of the file behind a description at an offset, from the content if it was checked: how many, or -errno. */
long rm_checked_read_at(struct rm_thread *t, const struct rm_desc *desc, void *to, size_t size, uint64_t offset);

#endif
