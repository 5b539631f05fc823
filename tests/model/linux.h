/* SPDX-License-Identifier: MIT */
/*
 * A model of Linux and the proxy that serves one thread's ring, for tests of the runtime on the build machine. It can be
 *   honest   every operation is done on real files, every host call with a real system call
 *   hostile  nothing is done; answers come from a script of bytes, which may forge, repeat, reorder, delay, lose and corrupt
 *   mixed    honest but for each operation that `hostile_at` picks, or for one thing that one answer says (model/lies.h)
 * The runtime's own code runs unchanged on top; the model stands in for the secure kernel's calls as well.
 */
#ifndef TESTS_MODEL_LINUX_H
#define TESTS_MODEL_LINUX_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/resident.h"
#include "abi/hostcall.h"
#include "posix/signal.h"
#include "ring/thread.h"

#define MODEL_PENDING	256u

/* What can be lost at any moment; n of `lost_at` counts such moments from 1. */
enum model_loss {
	LOSS_NONE,
	LOSS_USER,	/* the n-th touch of the program's memory finds nothing there: that touch alone */
	LOSS_SHARED,	/* the shared pages are gone from the n-th touch on */
	LOSS_LINUX,	/* no exit to Linux succeeds from the n-th on */
	LOSS_MEMORY,	/* the n-th request for secure memory is refused: that alone */
	LOSS_ROOM,	/* all but n - 1 slots of the arena are somebody else's */
	LOSS_EXIT,	/* the n-th exit to Linux comes back with nothing done, since something may wait for the thread: no loss at all */
	LOSS_COUNT
};

struct model {
	uint8_t *region;
	size_t size;
	uint64_t shared;		/* so much of it is there; the rest comes when the runtime asks for it */
	unsigned grown;			/* how often it did */
	struct rm_boot boot;		/* as the honest proxy would write it; model_start() puts it into the region */
	struct rm_thread *thread;

	bool hostile;
	uint64_t hostile_at;		/* mixed: the operation (counted from 1) that gets a hostile answer; 0 = none */
	uint64_t operations;		/* operations and host calls done so far */
	const struct model_lie *lie;	/* the answer `lie_at` is honest but for this; */
	uint64_t lie_at;
	bool lie_always;		/* each answer is, that it fits */
	bool lie_told;			/* it was; */
	bool lie_words;			/* and words of the ring are to be wrong when the turn is over */
	bool changing;			/* what the runtime has read from the arena changes at once: a second look sees something else */
	const uint8_t *script;		/* where hostile decisions come from; zeroes when it is used up */
	size_t script_left;
	enum model_loss loss;
	uint64_t lost_at, moments[LOSS_COUNT];
	const char *caller;		/* below it on the stack is the runtime's, while a call is made */
	uint64_t turns, turns_max;	/* exits to Linux; beyond the limit the ring dies, so that every wait ends */
	bool withdrawn;			/* shared pages are gone */
	bool stalled;			/* what has a deadline is not done, and comes back after it; model_resume() does it all */
	uint64_t stalled_calls[64];	/* host calls left undone: their offsets */
	unsigned stalled_count;
	unsigned stalled_turns;		/* not 0: after so many waits in vain it is not stalled any more */
	uint64_t silent;		/* not 0: Linux does not come back at all, which the secure kernel says after so many ns; model_back() ends it */
	bool takes;			/* silent: it has heard the first request, and does it when it is back */
	unsigned bounds;		/* host calls that were ended in time, with nothing done */
	unsigned silences;		/* waits that ended so */
	struct {
		uint64_t op, a, b;	/* that it took; op 0: none */
	} in_hand;

	enum { SERVER_NONE, SERVER_WORKS, SERVER_ABSENT, SERVER_SLOW } server;	/* absent: takes nothing; slow: is done when awaited */
	unsigned server_asks, server_calls, server_awaits;

	struct rm_sqe pending[MODEL_PENDING];	/* taken from the submission queue, not completed */
	unsigned pending_count;
	uint32_t sq_head, cq_tail;
	uint64_t last_user_data;

	unsigned ignored;		/* signals that the proxy's process ignores: bit = number */
	uint64_t hosted;		/* signals that it hands over: bit = number */
	struct rm_context context;	/* the program's registers, while it waits in a reflected call */
	struct rm_fp fp;
	struct rm_region only;		/* with an end: all that RM_SVC_REGIONS tells of */
	uint32_t notified, kicks;	/* threads that were made to look; how often the proxy was asked to */
	uint64_t timer;			/* the last RM_HOST_TIMER */
	unsigned late_news;		/* so many sleeps end by a notification, with their moment gone before anything can be done */
	unsigned moments_passed;	/* sleeps that the kernel ended otherwise */
	unsigned killed;		/* signals that the runtime asked Linux to send to the proxy: bit = number */
	unsigned signaled;		/* signal of RM_SVC_SIGNALED, after which model_end is taken */
	struct model_place {
		uint8_t *map;			/* of the file; or NULL */
		uint64_t bits[8];		/* pages that are there */
	} place[RM_WINDOW_CHUNKS];
	void (*meanwhile)(void);	/* is called once, in the middle of the next copy out of a window */
	uint32_t device[RM_DEVICES][1024];	/* registers, which are only memory */
	void (*device_waits)(uint64_t devices, uint64_t until);	/* what happens while the runtime waits for them */
	int window_error;		/* the honest proxy cannot make any */
	unsigned windows_filled, windows_dropped;	/* such host calls */
	unsigned wakeups, submits, calls, traces, regions, deaths;
	bool broken;			/* the chain of entries that is being worked on */
	bool asleep;			/* poll mode: the poller sleeps, NEED_WAKEUP is set */
	jmp_buf *end;
	long offered;			/* what the next RM_SVC_ATTACH says; 0: nobody is there */
	unsigned attaches;		/* how often that was asked */
};

extern struct model model;
extern unsigned model_first_slots;	/* of the arena that are shared at first; 0: all */

/* A fresh region and thread block, an honest boot page; inherited = bitmap of real descriptors below 64. */
void model_start(bool poll, uint64_t inherited);
/* The same with the thread attached and rm_posix_init() done: ready for calls. */
void model_attach(bool poll, uint64_t inherited);
/* From then on there is a server for switchless calls, and the runtime knows. */
void model_switchless(void);
/* Frees everything. */
void model_stop(void);
/* The next byte (or 32 bits) of the script; 0 when it is used up. */
uint8_t model_byte(void);
uint32_t model_word(void);

/* The honest proxy records a signal from outside and enters with RM_ENTER_NOTIFY. */
void model_signal(uint32_t signal, int32_t code, uint32_t pid, uint64_t value);
/* Makes the enclave resident, with that deadline in ns. */
void model_resident(uint64_t deadline);
/* A moment at which that could be lost; whether it is. */
bool model_loses(enum model_loss what);
/* Ends `silent`. */
void model_back(void);
/* Another process takes the place of the one that withdrew its pages: a fresh region, whose boot page may be changed before the runtime looks. */
void model_succeed(uint32_t process);
/* Ends `stalled`. */
void model_resume(void);
/* A system call of the program, as by libc's direct call. */
long model_call(long number, unsigned long a, unsigned long b, unsigned long c, unsigned long d, unsigned long e,
		unsigned long f);

/* The proxy's turn (model/linux.c), and one operation done honestly (model/honest.c) or not (model/hostile.c). */
long model_host(uint64_t op, uint64_t a, uint64_t b);
int32_t model_honest_operation(const struct rm_sqe *sqe);
int64_t model_honest_call(struct rm_host_call *call);
/* An operation that came as a host call (model/direct.c): false if it is none. The same, done. */
bool model_direct_operation(const struct rm_host_call *call, struct rm_sqe *sqe);
bool model_direct_call(const struct rm_host_call *call, int64_t *result);
/* Sockets (model/sockets.c): false if it is none of theirs. Memory of the arena by the proxy's address; any other ends the test. */
bool model_socket_operation(const struct rm_sqe *sqe, long *result);
bool model_socket_call(const struct rm_host_call *call, long *result);
void *model_there(uint64_t address, size_t size);
/* File windows (model/window.c): false if it is none of their calls, none of their addresses. Pages that Linux takes from a place. */
bool model_window_call(const struct rm_host_call *call, int64_t *result);
bool model_window_copy(void *to, const void *from, size_t size, long *result);
void model_window_take(unsigned number, unsigned first, unsigned count);
void model_windows_stop(void);
void model_hostile_turn(uint64_t minimum);
void model_hostile_call(struct rm_host_call *call);
/* A wait was so long, for the clock too. */
void model_time_passes(const struct lx_timespec *time);
/* Puts a completion into the queue. */
void model_complete(uint64_t user_data, int32_t res);
/* Before the runtime reads shared memory: a hostile host may change it, a poller may work. */
void model_before_read(const void *from, size_t size);
/* After that: with `changing` it is something else now. */
void model_after_read(const void *from, size_t size);

#endif
