/* SPDX-License-Identifier: MIT */
/* sigaltstack(): another stack for handlers. */
#include "posix/signal.h"

#include "ring/access.h"

#define SS_ONSTACK	1
#define SS_DISABLE	2
#define SS_AUTODISARM	(int32_t)0x80000000
#define MINIMUM		5120u		/* MINSIGSTKSZ of AArch64 */

bool rm_signal_on_stack(const struct rm_thread *t, uint64_t sp)
{
	/* A stack that disarms itself is never in use: it is none while a handler runs on it. */
	return !(t->signal.stack_flags & (uint32_t)SS_AUTODISARM) && sp > t->signal.stack && sp - t->signal.stack <= t->signal.stack_size;
}

struct lx_stack rm_signal_stack(const struct rm_thread *t, uint64_t sp)
{
	const int32_t flags = t->signal.stack_size == 0 ? SS_DISABLE : rm_signal_on_stack(t, sp) ? SS_ONSTACK : 0;

	return (struct lx_stack){ .sp = t->signal.stack, .size = t->signal.stack_size,
				  .flags = flags | (int32_t)(t->signal.stack_flags & (uint32_t)SS_AUTODISARM) };
}

long rm_signal_set_stack(struct rm_thread *t, const struct lx_stack *new, uint64_t sp)
{
	const int32_t mode = new->flags & ~SS_AUTODISARM;

	if (rm_signal_on_stack(t, sp))
		return -EPERM;
	if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0)
		return -EINVAL;
	if (mode != SS_DISABLE && new->size < MINIMUM)
		return -ENOMEM;
	t->signal.stack = mode == SS_DISABLE ? 0 : new->sp;
	t->signal.stack_size = mode == SS_DISABLE ? 0 : new->size;
	t->signal.stack_flags = (uint32_t)new->flags & (uint32_t)SS_AUTODISARM;
	return 0;
}

static uint64_t program_sp(const struct rm_args *args)
{
	struct rm_context c;

	if (args->direct)
		return args->sp;
	return rm_svc1(RM_SVC_GET_CONTEXT, &c) == 0 ? c.sp : 0;
}

long rm_sys_sigaltstack(struct rm_thread *t, const struct rm_args *args)
{
	const uint64_t sp = program_sp(args);
	const struct lx_stack old = rm_signal_stack(t, sp);
	struct lx_stack new;
	long result = 0;

	if (args->a[0] && rm_get_user(&new, args->a[0], sizeof(new)) != 0)
		return -EFAULT;
	if (args->a[0])
		result = rm_signal_set_stack(t, &new, sp);
	if (result == 0 && args->a[1] && rm_put_user(args->a[1], &old, sizeof(old)) != 0)
		return -EFAULT;
	return result;
}
