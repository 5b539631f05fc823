/* SPDX-License-Identifier: MIT */
/*
 * What the files of posix/ share: the enclave's state, the shape of a system call's handler, and the helpers that turn
 * arguments of programs into operations.
 *
 * A handler gets the six arguments as the program gave them and returns what Linux would: a result or -errno. Pointers of
 * programs are only ever given to the accessors (ring/access.h).
 */
#ifndef RUNTIME_POSIX_POSIX_H
#define RUNTIME_POSIX_POSIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/promise.h"
#include "abi/trace.h"
#include "abi/spawn.h"
#include "posix/fd.h"
#include "posix/map.h"
#include "posix/proc.h"
#include "ring/hostcall.h"
#include "ring/ring.h"
#include "ring/thread.h"
#include "sys/linux.h"
#include "sys/svc.h"

struct rm_args {
	unsigned long a[6];
	unsigned long number;
	unsigned long sp;	/* of the program; of direct calls only */
	bool direct;		/* by a call of our libc, not by svc */
};
/* start/entry.S makes one for a direct call. */
_Static_assert(offsetof(struct rm_args, number) == 48 && offsetof(struct rm_args, sp) == 56 && offsetof(struct rm_args, direct) == 64 &&
	       sizeof(struct rm_args) == 72, "assembly");

typedef long rm_handler(struct rm_thread *t, const struct rm_args *args);

/* One enclave's state; all of it private. */
struct rm_enclave {
	struct rm_fd_table fds;
	uint32_t pid, ppid, uid, euid, gid, egid;
	uint64_t boot_counter, start_counter;
	uint64_t realtime_ns;			/* at boot_counter: Linux's word */
	uint64_t brk_start, brk_now, brk_limit;
	struct rm_lock brk_lock;
	struct rm_maps maps;
	struct rm_lock signal_lock;			/* see posix/signal.h */
	struct rm_pending pending;			/* signals for whichever thread lets them through */
	uint64_t threads;				/* bit i: thread i is there to have signals */
	bool signalfds;					/* there have been some (signalfd.c) */
	uint64_t signals_hosted;			/* bit i: the proxy hands signal i + 1 over */
	struct lx_sigaction signals[LX_SIGNALS];	/* of signal i + 1 */
	int exec_fd;				/* of the proxy: the program's file, for /proc/self/exe */
	uint64_t exec_bias;			/* its addresses in memory minus those in its file */
	uint64_t exec_start, exec_end;		/* where its segments stand */
	uint64_t args_start, args_end, environ_end;	/* its first strings */
	uint64_t aux_start, aux_size;		/* the auxiliary vector, on its stack */
	uint64_t file_limit;			/* RLIMIT_FSIZE */
	uint32_t core;				/* of a resident enclave */
	bool posix_locks;			/* the program has asked for record locks of the POSIX kind */
};

extern struct rm_enclave rm_enclave;

/* Takes what the boot page says into rm_enclave. */
void rm_posix_init(const struct rm_boot *boot);

/* The calling thread's number, as gettid() has it. */
static inline uint32_t rm_tid(const struct rm_thread *t)
{
	return rm_enclave.pid + t->index;
}

/* At the end of a call of a resident thread that missed Linux: has another process attached? attach.c */
void rm_attach_look(struct rm_thread *t);

/* Does a program's system call: dispatch.c. */
long rm_posix_call(struct rm_thread *t, const struct rm_args *args);

/* The description behind a descriptor given as an argument; NULL: EBADF. Put it back with rm_put(). */
struct rm_desc *rm_get(unsigned long fd);
/* Gives it back; closes the proxy's descriptor if it was the last reference. The result of that close, or 0. The same for so many references. */
long rm_put_many(struct rm_thread *t, struct rm_desc *desc, uint32_t count);
static inline long rm_put(struct rm_thread *t, struct rm_desc *desc)
{
	return rm_put_many(t, desc, 1);
}
/* What kind of file it is; asks Linux the first time. A kind, or -errno. */
long rm_kind_learn(struct rm_thread *t, struct rm_desc *desc);
static inline long rm_kind(struct rm_thread *t, struct rm_desc *desc)
{
	const enum rm_kind kind = __atomic_load_n(&desc->kind, __ATOMIC_ACQUIRE);

	return kind != RM_KIND_UNKNOWN ? (long)kind : rm_kind_learn(t, desc);
}

/*
 * A directory descriptor and a path as arguments of a *at() call, copied and translated. rm_path_end() gives back what
 * rm_path_begin() took.
 */
struct rm_path {
	struct rm_desc *desc;		/* behind the directory descriptor or the descriptor in the path, or NULL */
	int host_fd;			/* of the directory, or AT_FDCWD */
	enum rm_made made;		/* the path names a file of /proc/self that is made here (proc.h) */
	uint32_t made_of;		/* the thread that it is about, by index */
	bool read_only;			/* the manifest's list permits looking only; and what the content's hash has to be, or NULL */
	const char *hash;
	size_t size;			/* of text, with NUL */
	char text[LX_PATH_MAX];
};
long rm_path_begin(struct rm_path *path, unsigned long fd, unsigned long text);
/* The same for a path whose last component is not followed if it is a link: /dev/stdin is itself then. */
long rm_path_begin_link(struct rm_path *path, unsigned long fd, unsigned long text);
/* The same for an empty path. */
long rm_path_begin_empty(struct rm_path *path, unsigned long fd);
/* Only the text, as it is. */
long rm_path_plain(struct rm_path *path, unsigned long text);
/* With the descriptor's directory, whatever the path begins with, and nothing of it put into other words. Refused if paths are restricted. */
long rm_path_begin_raw(struct rm_path *path, unsigned long fd, unsigned long text);
void rm_path_end(struct rm_thread *t, struct rm_path *path);

/* Copies a structure of a program in or out: 0 or -EFAULT. */
long rm_get_user(void *to, unsigned long from, size_t size);
long rm_put_user(unsigned long to, const void *from, size_t size);

/* Asks Linux about a file: flags and mask as statx(). The answer is checked. path NULL: the descriptor itself. */
long rm_statx(struct rm_thread *t, int host_fd, const char *path, size_t path_size, uint32_t flags, uint32_t mask,
	      struct lx_statx *out);
/* Hands a description's position over to Linux for good, because others will move it too: 0 or -errno. Its kind is known. */
long rm_share_position(struct rm_thread *t, struct rm_desc *desc);
/* A program's descriptor for a new one of the proxy's (or its error), which is closed if there is none. O_CLOEXEC by flags. */
long rm_new_fd(struct rm_thread *t, long host_fd, uint32_t flags, enum rm_kind kind);
/* Closes a descriptor of the proxy. */
long rm_close_host(struct rm_thread *t, int host_fd);
/* Bytes of a file (a proxy's descriptor) at an offset into private memory: how many, or -errno. */
long rm_read_at(struct rm_thread *t, int host_fd, void *to, size_t size, uint64_t offset);
/* fcntl() on a descriptor of the proxy with a plain value. */
long rm_host_fcntl(struct rm_thread *t, int host_fd, unsigned long command, unsigned long value);
/* From our position to Linux's, for good, where Linux decides about it: 0 or -errno. The description is locked. */
long rm_give_position(struct rm_thread *t, struct rm_desc *desc);
/* Closes a descriptor of the program, as close() does. */
long rm_close(struct rm_thread *t, int fd);
/* If record locks are in use: has Linux drop those of this process on the description's file, as each close() there does. */
long rm_drop_locks(struct rm_thread *t, const struct rm_desc *desc);
/* readlinkat() at Linux, path of `size` bytes with NUL: bytes of the checked text in `to`, no NUL behind it, or -errno. */
long rm_host_readlink(struct rm_thread *t, int host_fd, const char *path, size_t size, char *to, size_t room);

/* Takes limits from the boot page. */
void rm_limits_init(const struct rm_boot *boot);
/* How many bytes of a write RLIMIT_FSIZE permits; -EFBIG after raising SIGXFSZ, or another -errno. */
long rm_file_limit(struct rm_thread *t, struct rm_desc *desc, size_t size, uint64_t offset);
/* Raises SIGXFSZ: -EFBIG. */
long rm_file_too_large(struct rm_thread *t);

/* One terminal control call on a descriptor of the proxy, with `size` bytes of data in and/or out. */
long rm_host_ioctl(struct rm_thread *t, int host_fd, uint32_t command, void *data, size_t size, bool in, bool out);

/* Nanoseconds of the monotonic clock; since the enclave started; and of the day, by Linux's word. */
uint64_t rm_time_monotonic(void);
uint64_t rm_time_elapsed(void);
uint64_t rm_time_real(void);
/* A time of the day as nanoseconds of the counter, 0 if it was before that began. */
uint64_t rm_time_real_to_counter(uint64_t ns);

/* The calling thread ends: the locks in its robust list are given up. */
void rm_robust_list_leave(struct rm_thread *t);

/*
 * Where rm_interrupted() (ring/ring.h) says so, a wait must end. The ring and the host calls look by themselves; their result is then
 * -LX_ERESTARTSYS, which a handler hands on, or makes -EINTR where Linux never restarts the call (poll, select, epoll, sleeps, timeouts
 * on sockets). A wait that is none of a signal's business (regular files, closing) stands between ++t->signal.hold and --.
 */
/*
 * For ppoll(), pselect6(), epoll_pwait(), rt_sigsuspend(): the thread's mask becomes the program's set at `user` (0: stays). -EINVAL
 * for another size than 8, -EFAULT. rm_mask_pop() puts the old one back, for result -EINTR only after the handler has run.
 */
long rm_mask_push(struct rm_thread *t, unsigned long user, size_t size);
void rm_mask_pop(struct rm_thread *t, long result);

/* Sends a signal to the calling thread, which has it when its call ends: 0 or -errno. */
long rm_signal_raise(struct rm_thread *t, int signal);
/* What Linux does to a process that writes to a broken pipe. */
void rm_signal_pipe(struct rm_thread *t);
/* Dispositions and mask that the program starts with. */
void rm_signal_init(const struct rm_boot *boot);
/* A thread counts, and can have signals, from now on, unless there are as many as the manifest permits; does not any more. */
bool rm_signal_thread_begins(uint32_t index);
void rm_signal_thread_ends(struct rm_thread *t, uint32_t index);
/* Makes signalfds readable or not, after what waits has changed (signalfd.c). */
void rm_signalfd_settle(struct rm_thread *t);
/* Sends what timers have come due (timer.c). */
void rm_timer_news(struct rm_thread *t);
/* sched.c: the first thread of an enclave that became resident on that core, with that priority; a thread that another one makes. */
void rm_sched_start(struct rm_thread *t, uint32_t priority, uint32_t core);
void rm_sched_inherit(const struct rm_thread *t, uint32_t index);
/* Until when a thread that wants to wait until then may: a resident one wakes up for the next timer, as Linux would have it do. */
uint64_t rm_timer_next(const struct rm_thread *t, uint64_t until);
struct rm_siginfo;
/* A timer's signal is about to be delivered: fills in its overruns. False: the timer is gone, and its signal with it. */
bool rm_timer_delivered(struct rm_siginfo *info);

/*
 * The ends of all ways into the runtime (start/start.c): signals that may be delivered are. What x0 of the program is to be for
 * RM_SVC_RESUME, after a reflected call, an upcall, a fault.
 */
unsigned long rm_signal_after(struct rm_thread *t, const struct rm_args *args, long result);
unsigned long rm_signal_upcall(struct rm_thread *t);
unsigned long rm_signal_fault(struct rm_thread *t, int signal, uint64_t address, uint64_t esr, bool reserved);
/* After a direct call: what its caller has to do (RM_CALL_*), since no handler can run from there. */
struct rm_outcome {
	long result;
	unsigned long then;
};
struct rm_outcome rm_signal_after_direct(const struct rm_thread *t, long result);

/* Records of a call that is traced (t->trace != 0): before it, and after it. */
void rm_trace_enter(struct rm_thread *t, const struct rm_args *args);
void rm_trace_signal(struct rm_thread *t, int signal, int code, uint64_t handler, uint64_t address);
void rm_trace_exit(struct rm_thread *t, const struct rm_args *args, long result, enum rm_trace_by by);

/* Not calls of Linux's: abi/spawn.h; abi/promise.h (promise/). */
rm_handler rm_sys_spawn;
rm_handler rm_promise_call;
/* The calling thread ends: its promises are given up, and Linux has done with them. */
void rm_promise_ends(struct rm_thread *t);
/* The program is about to end by a signal: tells the proxy where, if that is permitted. context: its registers. */
struct rm_context;
void rm_death(struct rm_thread *t, int signal, unsigned long address, const struct rm_context *context);

/* The handlers. */
#define CALL(name, handler, by)	rm_handler handler;
#include "posix/calls.def"
#undef CALL

#endif
