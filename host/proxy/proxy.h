/* SPDX-License-Identifier: MIT */
/*
 * The proxy: the Linux process that stands for an enclave. It owns the descriptors, the rings and the arenas, lends its
 * threads to the enclave's, and does what io_uring has no operation for. What the files know of each other, by file.
 */
#ifndef RINGMASTER_PROXY_H
#define RINGMASTER_PROXY_H

#include <liburing.h>
#include <stdbool.h>
#include <stdint.h>

#include "hostcall.h"
#include "manifest/manifest.h"
#include "ioctl.h"
#include "kick.h"
#include "smc.h"
#include "svc.h"
#include "trace.h"

#define PAGE_BYTES 4096u

/* Where the parts of a region stand. */
#define REGION_RING	PAGE_BYTES
#define REGION_ARENA	(REGION_RING + RM_RING_PAGES * PAGE_BYTES)
#define REGION_SIZE	(REGION_ARENA + RM_ARENA_SIZE)

#define REGION_FIRST_SLOTS 4u	/* of the arena that are shared from the start: what a small program needs */

/* Memory that one thread of the enclave shares with us. */
struct region {
	uint8_t *base;
	uint32_t index;		/* of the thread */
	bool adopted;		/* it has run before it has this region */
	int thread_fd;		/* RM_IOC_THREAD's */
	int ring_fd;
	struct io_uring ring;
	struct kick kick;
	bool awaiting;		/* a switchless call that the server took */
	struct worker *worker;	/* does calls with a deadline; NULL: none yet */
	struct rm_trace_ring *trace;	/* behind the region's other parts; NULL: not traced */
	uint32_t reported;	/* the runtime's report that was looked at last */
	uint32_t trace_told;		/* its head when the tracer was last told */
};

/* `ringmaster trace`: made before the proxy's process was forked. */
struct tracing {
	int memory;		/* memfd: RM_TRACE_SIZE a thread */
	int event;		/* eventfd, written when there are records */
	pid_t tracer;
	bool all;		/* threads, not only the first */
	uint32_t string;
};

struct proxy {
	const char *program;	/* as the user named it */
	const char *path;	/* where it was found */
	char **arguments;
	int device;
	int exec_fd;
	bool stats, verbose;
	const struct tracing *tracing;	/* or NULL */
	const char *core;	/* path of the core file, or NULL */
	int gdb;		/* socket that gdb is to connect to, or is connected to; negative: none */
	char gdb_where[128];
	bool windows;		/* of files, may be had */
	bool no_host_programs;	/* posix_spawn() of what is no enclave is refused */
	bool image;			/* the program's file is one */
	bool adopted;			/* it lived before this process did */
	struct rm_resident resident;	/* what its manifest asks for, for messages; count 0: it is none that is resident */
	const struct manifest *manifest;	/* that goes beside a plain program; or NULL */
	bool poll;
	bool sync, switchless;	/* RM_BOOT_SYNC, RM_BOOT_SWITCHLESS */
	unsigned poll_cpu;
	uint64_t memory_limit, memory_total, memory_free;
	uint32_t id;		/* of the enclave */
	uint64_t inherited[RM_FD_MAX / 64];
	uint64_t ignored, blocked;	/* signals, by whoever started us */
	struct region first;	/* thread 0's */
};

/* proxy.c */
_Noreturn void proxy_run(struct proxy *proxy, const char *name);

/* attach.c: the same for an enclave that lives without a process, by its number. */
_Noreturn void proxy_attach(struct proxy *proxy, uint32_t id);

/* cli/name.c: the last part of a path. */
const char *program_name(const char *path);

/* descriptors.c */
void descriptors_inherited(uint64_t *bitmap);
int descriptor_out_of_the_way(int fd);

/* region.c: -errno, and the step that failed. */
enum region_step { REGION_MEMORY, REGION_IO_URING, REGION_SHARE };
int region_make(const struct proxy *proxy, uint32_t index, bool adopted, struct region *region, enum region_step *step);
int region_grow(const struct region *region, uint64_t slots);
void region_end(struct region *region);
struct rm_boot *region_boot(const struct region *region);

/* boot.c: -E2BIG if arguments and environment do not fit. */
int boot_fill(const struct proxy *proxy, const struct region *region, char **environment);
unsigned boot_slots(const struct region *region);	/* of the arena that it filled */

/* serve.c: lends the calling thread to the enclave's until that ends; an end of the enclave ends the process. */
void serve(struct proxy *proxy, struct region *region);

/* calls.c: the second for a thread that no kick may end. */
void call_serve(const struct proxy *proxy, struct region *region, uint64_t offset);
void call_serve_late(const struct proxy *proxy, const struct region *region, uint64_t offset);

/* worker.c: the call by another thread, for which the calling one waits so many milliseconds. */
void worker_serve(const struct proxy *proxy, struct region *region, uint64_t offset, uint64_t ms);
/* That thread ends, if it waits for calls: the next one has the rights of the calling thread then. */
void worker_forget(struct region *region);

/* switchless.c: the server is to watch a region; is not to be trusted with the caller's new rights; has nothing to do with the region any more. */
void switchless_wake(const struct proxy *proxy, struct region *region);
void switchless_forget(void);
void switchless_leave(const struct region *region);
/* Waits until a call that the server took has a result, or a signal comes. */
void switchless_await(struct region *region, uint64_t offset);

/* spawn.c: the new process, or -errno */
int64_t spawn_serve(const struct proxy *proxy, const struct rm_host_call *call, const struct region *region);

/* window.c: 0 or -errno */
int64_t window_serve(const struct proxy *proxy, const struct rm_host_call *call, const struct region *region);

/* threads.c */
int thread_start(struct proxy *proxy, uint64_t index, bool adopted);	/* its number on Linux, or -errno; adopted: it runs already */
int threads_adopt(struct proxy *proxy);	/* serves threads that have nobody (RM_IOC_AWAITED) until that fails: -errno */
int threads_watch(struct proxy *proxy);	/* the same, by a thread of its own: 0 or -errno */
void threads_join(void);		/* waits for the end of all that were started */
void thread_serves(uint32_t index);	/* the calling thread does */
void thread_kick(uint64_t index);

/* report.c */
void log_line(const struct proxy *proxy, uint32_t source, const char *format, ...) __attribute__((format(printf, 3, 4)));
void report_open(const struct region *region);
void report_look(const struct proxy *proxy, struct region *region);
void report_close(const struct proxy *proxy, struct region *region);
void report_end(const struct proxy *proxy);
const char *report_count(unsigned index, uint64_t *count);

/* death.c */
void death_report(const struct proxy *proxy, const struct region *region, uint64_t offset);

/* tracing.c */
bool tracing_wanted(const struct proxy *proxy, const struct region *region);
int tracing_map(const struct proxy *proxy, struct region *region);
void tracing_tell(const struct proxy *proxy, struct region *region);
void tracing_wait(const struct proxy *proxy, struct region *region);

/* end.c */
_Noreturn void end(struct proxy *proxy, const struct rm_ioc_enter *last);

/* rseq.c */
void rseq_leave(void);

#endif
