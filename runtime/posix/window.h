/* SPDX-License-Identifier: MIT */
/*
 * File windows: bytes of files that Linux has in its memory, read there by one copy and without a call (abi/svc.h, RM_WINDOW_BASE). Linux
 * takes a page away whenever it takes it from its own mappings, so what is there is what read() would find; a read that meets a page that
 * has gone is done by the ring. docs/decisions/24-file-windows.md says what makes that exact.
 */
#ifndef RUNTIME_POSIX_WINDOW_H
#define RUNTIME_POSIX_WINDOW_H

#include "posix/io.h"

/* Takes from the boot page whether there are windows. */
void rm_window_init(const struct rm_boot *boot);

/*
 * As many bytes of a read as windows have from the offset on, none perhaps; the rest is to be read as without them. A regular file whose
 * kind is known. May leave to the proxy for a window that pays.
 */
size_t rm_window_read(struct rm_thread *t, struct rm_desc *desc, struct rm_iter *iter, size_t size, uint64_t offset);

/* The description's windows are gone, and hold the file no longer: before it is closed, by its rm_desc.id. 0: those of all files. */
void rm_window_drop(struct rm_thread *t, uint64_t id);

#endif
