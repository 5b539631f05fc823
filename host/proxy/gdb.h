/* SPDX-License-Identifier: MIT */
/* The proxy's part of debugging with gdb, and of core files. */
#ifndef RINGMASTER_GDB_H
#define RINGMASTER_GDB_H

#include <stdint.h>

struct proxy;

/* Begins to listen, at a path, or at a port of 127.0.0.1 (0: any). Ends the process if that cannot be. */
void gdb_listen(struct proxy *proxy, const char *path, unsigned port);
/* Waits for gdb, if it was asked for, and tells the runtime. */
void gdb_attach(struct proxy *proxy);
/* Tells gdb, if it is there, that the program has ended: 'W' and its status, or 'X' and gdb's number of a signal. */
void gdb_end(const struct proxy *proxy, char kind, unsigned number);

/* core.c: remembers where the core file goes, as seen from here; the host call of that name (abi/debug.h). */
void core_name(struct proxy *proxy, const char *path);
int64_t core_serve(const struct proxy *proxy, uint64_t operation);

#endif
