/* SPDX-License-Identifier: MIT */
/*
 * From a number to its handler: one table, so that the way of a direct call is short. Calls of the secure kernel that come
 * in by a direct call are passed on; what nobody has is -ENOSYS, counted, and its number kept.
 */
#include "posix/posix.h"

#include "load/policy.h"
#include "ring/host.h"

#define NUMBERS	512u

/* The secure kernel's calls, unchanged. */
long rm_sys_pass_on(struct rm_thread *t, const struct rm_args *args)
{
	t->passed_on = true;
	return rm_svc((long)args->number, args->a[0], args->a[1], args->a[2], args->a[3], args->a[4], args->a[5]);
}

static rm_handler *const handlers[NUMBERS] = {
#define CALL(name, handler, by)	[LX_##name] = handler,
#include "posix/calls.def"
#undef CALL
};

static long call(struct rm_thread *t, const struct rm_args *args)
{
	long result = -ENOSYS;

	if (args->number < NUMBERS && handlers[args->number])
		result = handlers[args->number](t, args);
	else if (args->number == RM_CALL_SPAWN)
		result = rm_sys_spawn(t, args);
	else if (args->number >= RM_CALL_PROMISE_SUBMIT && args->number <= RM_CALL_PROMISE_LAST)
		result = rm_promise_call(t, args);
	else if (args->number == RM_CALL_HOST_CHANGES)
		result = rm_host_changes();
	else if (args->number == RM_SVC_ADDRESS || args->number == RM_SVC_STAT)
		result = rm_sys_pass_on(t, args);
	/* No handler, or one that does not have this use of its call. */
	if (result == -ENOSYS)
		rm_count_unsupported(t, (uint32_t)args->number);
	return result;
}

static __attribute__((noinline)) long traced(struct rm_thread *t, const struct rm_args *args)
{
	const bool known = args->number < NUMBERS && handlers[args->number] != NULL;
	long result;

	rm_trace_enter(t, args);
	result = call(t, args);
	rm_trace_exit(t, args, result, known ? RM_TRACE_BY_RUNTIME : RM_TRACE_BY_NOBODY);
	return result;
}

/* Whether a call would change a file by a descriptor of it that may only be looked at. */
static bool changes_read_only(const struct rm_args *args)
{
	struct rm_desc *desc;
	bool read_only;

	switch (args->number) {
	case LX_fchmod:
	case LX_fchown:
	case LX_fsetxattr:
	case LX_fremovexattr:
		break;
	case LX_utimensat:
		if (args->a[1] == 0)
			break;
		return false;
	default:
		return false;
	}
	desc = rm_get(args->a[0]);
	if (!desc)
		return false;
	read_only = desc->read_only;
	rm_put(rm_self(), desc);
	return read_only;
}

/* The manifest lists files: rm_path_begin() looks what the call is. */
static __attribute__((noinline)) long restricted(struct rm_thread *t, const struct rm_args *args)
{
	long result;

	/* A link would be a second name for what the list does not hold, as would another root. */
	if (args->number == LX_symlinkat || args->number == LX_chroot || changes_read_only(args))
		return rm_policy_refuse(t);
	t->args = args;
	result = t->trace != 0 ? traced(t, args) : call(t, args);
	t->args = NULL;
	return result;
}

/* To a resident program: a Linux that withdrew what it shared is as one that is silent. */
static long gone(struct rm_thread *t)
{
	rm_ring_probe(t);
	return t->dead ? -ETIMEDOUT : -EIO;
}

static __attribute__((noinline)) long special(struct rm_thread *t, const struct rm_args *args)
{
	const long result = t->restricted ? restricted(t, args) : t->trace != 0 ? traced(t, args) : call(t, args);

	/* Some calls meet the pages that are gone before they ask for the ring. */
	t->missed |= t->dead && result == -EIO;
	if (t->missed && t->resident)
		rm_attach_look(t);
	return result;
}

long rm_posix_call(struct rm_thread *t, const struct rm_args *args)
{
	const long result = __builtin_expect(t->special, 0) ? special(t, args) : call(t, args);

	return __builtin_expect(result == -EIO && t->resident, 0) ? gone(t) : result;
}
