/* SPDX-License-Identifier: MIT */
/*
 * System calls that only need their arguments translated and a host call made: one table.
 *
 * Attacks considered: results are bounded by the table's limit; structures that come back have fixed sizes, are copied once, and are
 * handed to the program unread.
 */
#include "posix/posix.h"

#include "ring/access.h"

enum kind {
	V = 0,		/* a number */
	F,		/* a descriptor, or AT_FDCWD */
	P,		/* a path; the argument before it may be its directory descriptor */
	PN,		/* a path that may be null */
	PID,		/* a process, or a thread of ours */
	IN,		/* a structure for Linux, of `size` bytes, may be null */
	OUT,		/* a structure from Linux, of `size` bytes, may be null */
	OUT_N,		/* an array from Linux of as many bytes as the result says; room is the argument before times unit */
	IN_N,		/* an array for Linux; its size is the argument before times unit */
	IN_BYTES,	/* bytes for Linux; their number is the argument behind; at most `size` */
};

static const struct host_call {
	uint16_t number;
	uint16_t size;		/* of IN and OUT */
	uint16_t unit;		/* of OUT_N */
	uint32_t limit;		/* of the result */
	uint8_t kind[6];
} calls[] = {
	{ LX_flock, 0, 0, 0, { F, V } },
	{ LX_mknodat, 0, 0, 0, { F, P, V, V } },
	{ LX_chroot, 0, 0, 0, { P } },
	{ LX_statfs, 120, 0, 0, { P, OUT } },
	{ LX_fstatfs, 120, 0, 0, { F, OUT } },
	{ LX_faccessat, 0, 0, 0, { F, P, V } },
	{ LX_faccessat2, 0, 0, 0, { F, P, V, V } },
	{ LX_chdir, 0, 0, 0, { P } },
	{ LX_fchdir, 0, 0, 0, { F } },
	{ LX_fchmod, 0, 0, 0, { F, V } },
	{ LX_fchmodat, 0, 0, 0, { F, P, V } },
	{ LX_fchmodat2, 0, 0, 0, { F, P, V, V } },
	{ LX_fchownat, 0, 0, 0, { F, P, V, V, V } },
	{ LX_fchown, 0, 0, 0, { F, V, V } },
	{ LX_inotify_rm_watch, 0, 0, 0, { F, V } },
	{ LX_sync, 0, 0, 0, { V } },
	{ LX_syncfs, 0, 0, 0, { F } },
	{ LX_sync_file_range, 0, 0, 0, { F, V, V, V } },
	{ LX_readahead, 0, 0, 0, { F, V, V } },
	{ LX_utimensat, 32, 0, 0, { F, PN, IN, V } },
	{ LX_sched_getaffinity, 0, 1, 8192, { PID, V, OUT_N } },
	{ LX_sched_setaffinity, 0, 1, 0, { PID, V, IN_N } },
	{ LX_sched_setparam, 4, 0, 0, { PID, IN } },
	{ LX_sched_getparam, 4, 0, 0, { PID, OUT } },
	{ LX_sched_setscheduler, 4, 0, 0, { PID, V, IN } },
	{ LX_sched_getscheduler, 0, 0, 0x40000007, { PID } },
	{ LX_sched_rr_get_interval, 16, 0, 0, { PID, OUT } },
	{ LX_ioprio_set, 0, 0, 0, { V, PID, V } },
	{ LX_ioprio_get, 0, 0, 65535, { V, PID } },
	{ LX_setpgid, 0, 0, 0, { PID, V } },
	{ LX_getpgid, 0, 0, INT32_MAX, { PID } },
	{ LX_setpriority, 0, 0, 0, { V, PID, V } },
	{ LX_getpriority, 0, 0, 40, { V, PID } },
	{ LX_getsid, 0, 0, INT32_MAX, { PID } },
	{ LX_setsid, 0, 0, INT32_MAX, { V } },
	{ LX_getgroups, 0, 4, 65536, { V, OUT_N } },
	{ LX_setgroups, 0, 4, 0, { V, IN_N } },
	{ LX_sethostname, 64, 0, 0, { IN_BYTES, V } },
	{ LX_setdomainname, 64, 0, 0, { IN_BYTES, V } },
	{ LX_umask, 0, 0, 0777, { V } },
	{ LX_sysinfo, 112, 0, 0, { OUT } },
};

#define DATA	8192u		/* bytes that OUT_N can bring */

struct work {
	struct rm_hostcall h;
	struct rm_desc *desc;
	struct rm_path path;
	bool has_path;
	long out, out_n;	/* rooms, or 0 */
	unsigned long out_user, out_n_user;
	size_t out_n_size;
};

static long path_argument(struct work *w, const struct host_call *c, const struct rm_args *args, int i)
{
	const bool at = i > 0 && c->kind[i - 1] == F;
	long result;

	if (c->kind[i] == PN && args->a[i] == 0) {
		w->h.message.arg[i] = RM_HOST_NULL;
		if (!at || (int)args->a[i - 1] == LX_AT_FDCWD)
			return 0;
		w->desc = rm_get(args->a[i - 1]);
		w->h.message.arg[i - 1] = w->desc ? (uint64_t)w->desc->host_fd : 0;
		return w->desc ? 0 : -EBADF;
	}
	result = rm_path_begin(&w->path, at ? args->a[i - 1] : (unsigned long)LX_AT_FDCWD, args->a[i]);
	w->has_path = true;
	if (result)
		return result;
	if (at)
		w->h.message.arg[i - 1] = (uint64_t)w->path.host_fd;
	result = rm_hostcall_put(&w->h, i, w->path.text, w->path.size);
	return result < 0 ? result : 0;
}

static long descriptor_argument(struct work *w, const struct host_call *c, const struct rm_args *args, int i)
{
	/* In front of a path, the path takes care of it. */
	if (i < 5 && (c->kind[i + 1] == P || c->kind[i + 1] == PN)) {
		w->h.message.arg[i] = (uint64_t)(int)args->a[i];
		return 0;
	}
	w->desc = rm_get(args->a[i]);
	if (!w->desc)
		return -EBADF;
	w->h.message.arg[i] = (uint64_t)w->desc->host_fd;
	return 0;
}

/* Linux has other numbers for our threads than we. */
static uint64_t process(const struct rm_thread *t, unsigned long id)
{
	const unsigned long index = id - rm_enclave.pid;

	if (id == rm_tid(t))
		return 0;
	if (index > 0 && index < RM_THREAD_MAX && rm_svc1(RM_SVC_THREADS, index) == (long)index)
		return __atomic_load_n(&rm_thread_block((uint32_t)index)->linux_tid, __ATOMIC_RELAXED);
	return id;
}

/* Bytes of the program for Linux, as many as Linux would look at: more than fit here is -EINVAL, as it is on Linux. */
static long bytes_in(struct work *w, int i, unsigned long user, size_t size)
{
	uint8_t data[DATA];
	long result;

	if (size > sizeof(data))
		return -EINVAL;
	result = rm_get_user(data, user, size);
	if (result == 0)
		result = rm_hostcall_put(&w->h, i, data, size);
	return result < 0 ? result : 0;
}

static long argument(struct work *w, const struct host_call *c, const struct rm_args *args, int i)
{
	const unsigned long value = args->a[i];
	uint64_t *to = &w->h.message.arg[i];

	switch ((enum kind)c->kind[i]) {
	case F:
		return descriptor_argument(w, c, args, i);
	case P:
	case PN:
		return path_argument(w, c, args, i);
	case PID:
		*to = process(w->h.t, value);
		return 0;
	case IN:
		if (value != 0)
			return bytes_in(w, i, value, c->size);
		*to = RM_HOST_NULL;
		return 0;
	case OUT:
		*to = RM_HOST_NULL;
		if (value == 0)
			return 0;
		w->out_user = value;
		w->out = rm_hostcall_room(&w->h, i, c->size);
		return w->out < 0 ? w->out : 0;
	case OUT_N:
		w->out_n_user = value;
		w->out_n_size = (int)args->a[i - 1] < 0 ? 0 : args->a[i - 1] * c->unit;
		if (w->out_n_size > DATA)
			w->out_n_size = DATA;
		w->h.message.arg[i - 1] = (int)args->a[i - 1] < 0 ? args->a[i - 1] : w->out_n_size / c->unit;
		w->out_n = rm_hostcall_room(&w->h, i, w->out_n_size);
		return w->out_n < 0 ? w->out_n : 0;
	case IN_N:
		return bytes_in(w, i, value, (int)args->a[i - 1] < 0 ? DATA + 1 : args->a[i - 1] * c->unit);
	case IN_BYTES:
		return bytes_in(w, i, value, args->a[i + 1] > c->size ? DATA + 1 : args->a[i + 1]);
	case V:
	default:
		*to = value;
		return 0;
	}
}

static long take_back(struct work *w, const struct host_call *c, long result)
{
	uint8_t data[DATA];
	long error = 0;

	if (w->out > 0) {
		error = rm_hostcall_take(&w->h, w->out, data, c->size);
		if (error == 0)
			error = rm_put_user(w->out_user, data, c->size);
	}
	if (w->out_n > 0 && result > 0) {
		const size_t size = (size_t)result * c->unit;

		if (size > w->out_n_size)
			return w->out_n_size == 0 ? result : -EIO;	/* getgroups(0, ...) only counts */
		error = rm_hostcall_take(&w->h, w->out_n, data, size);
		if (error == 0)
			error = rm_put_user(w->out_n_user, data, size);
	}
	return error ? error : result;
}

static const struct host_call *find(unsigned long number)
{
	for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (calls[i].number == number)
			return &calls[i];
	return NULL;
}

long rm_sys_host(struct rm_thread *t, const struct rm_args *args)
{
	const struct host_call *c = find(args->number);
	struct work w;
	long result;

	if (!c)
		return -ENOSYS;
	w.desc = NULL;
	w.has_path = false;
	w.out = 0;
	w.out_n = 0;
	result = rm_hostcall_begin(&w.h, t, (uint32_t)args->number);
	if (result)
		return result;
	for (int i = 0; result == 0 && i < 6; i++)
		result = argument(&w, c, args, i);
	if (result == 0)
		result = rm_hostcall_do(&w.h, RM_RULE_COUNT, c->limit);
	if (result >= 0)
		result = take_back(&w, c, result);
	rm_hostcall_end(&w.h);
	if (w.desc)
		rm_put(t, w.desc);
	if (w.has_path)
		rm_path_end(t, &w.path);
	return result;
}
