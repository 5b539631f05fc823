/* SPDX-License-Identifier: MIT */
/*
 * Linux's signal frame of AArch64 (arch/arm64/kernel/signal.c, asm/sigcontext.h): written on the program's stack before a handler
 * runs, read back by rt_sigreturn(). Programs and unwinders look into it and change it.
 *
 * Attacks considered: none of Linux's, which does not see it; but any code of the program may forge a frame. All of it is copied once;
 * of pstate only the flags count (the secure kernel sees to that too); a program counter in the runtime, privileged bits, records
 * that do not add up are no frame. Whatever else it says is the program's to say: it could load its registers itself.
 */
#include "posix/signal.h"

#include "lib/string.h"
#include "ring/access.h"
#include "vdso/data.h"

#define FPSIMD_MAGIC	0x46508001u
#define ESR_MAGIC	0x45535201u
#define RESERVED_SIZE	4096u
#define PSTATE_MODE	0x3dfu		/* mode, AArch32, masked exceptions: never in a program's */
#define SA_NEEDS_INFO	LX_SA_SIGINFO

struct record {
	uint32_t magic, size;
};

/* As far as we know it before the records. */
struct base {
	struct rm_siginfo info;
	uint8_t info_rest[LX_SIGINFO_SIZE - sizeof(struct rm_siginfo)];
	uint64_t flags, link;
	struct lx_stack stack;
	uint64_t mask;
	uint8_t unused[128];
	uint64_t fault_address, regs[31], sp, pc, pstate, pad;
};

struct fpsimd {
	struct record record;
	struct rm_fp fp;
};

struct frame {
	struct base base;
	struct fpsimd fpsimd;
	struct {
		struct record record;
		uint64_t esr;
	} esr;				/* or the end */
	struct record end, pad;
};

_Static_assert(offsetof(struct base, flags) == 128, "Linux's ABI: ucontext");
_Static_assert(offsetof(struct base, fault_address) == 128 + 176, "Linux's ABI: sigcontext");
_Static_assert(sizeof(struct base) == 592 && sizeof(struct fpsimd) == 528, "Linux's ABI");

#define FRAME_SIZE	(sizeof(struct base) + RESERVED_SIZE)	/* Linux's rt_sigframe */

static void fill(struct frame *f, struct rm_thread *t, const struct rm_context *c, const struct rm_siginfo *info,
		 const struct rm_frame_extra *extra)
{
	memset(f, 0, sizeof(*f));
	f->base.info = *info;
	f->base.stack = rm_signal_stack(t, c->sp);
	f->base.mask = extra->mask;
	f->base.fault_address = extra->address;
	memcpy(f->base.regs, c->x, sizeof(f->base.regs));
	f->base.sp = c->sp;
	f->base.pc = c->pc;
	f->base.pstate = c->pstate & ~(uint64_t)PSTATE_MODE;	/* a resident thread runs with interrupts masked */
	f->fpsimd.record = (struct record){ FPSIMD_MAGIC, sizeof(f->fpsimd) };
	rm_fp_save(&f->fpsimd.fp);
	if (extra->esr) {
		f->esr.record = (struct record){ ESR_MAGIC, sizeof(f->esr) };
		f->esr.esr = extra->esr;
	}
}

long rm_frame_push(struct rm_thread *t, struct rm_context *c, const struct lx_sigaction *action, const struct rm_siginfo *info,
		   const struct rm_frame_extra *extra)
{
	const bool other = (action->flags & LX_SA_ONSTACK) && t->signal.stack_size != 0 && !rm_signal_on_stack(t, c->sp);
	const uint64_t top = other ? t->signal.stack + t->signal.stack_size : c->sp;
	const uint64_t link = (top & ~15ul) - 16, at = link - FRAME_SIZE;
	const uint64_t chain[2] = { c->x[29], c->x[30] };
	struct frame f;

	if (top < FRAME_SIZE + 32)
		return -EFAULT;
	fill(&f, t, c, info, extra);
	if (rm_put_user(at, &f, sizeof(f)) != 0 || rm_put_user(link, chain, sizeof(chain)) != 0)
		return -EFAULT;
	if (t->signal.stack_flags >> 31)		/* SS_AUTODISARM */
		t->signal.stack = t->signal.stack_size = t->signal.stack_flags = 0;
	c->x[0] = (uint64_t)info->signo;
	if (action->flags & SA_NEEDS_INFO) {
		c->x[1] = at;
		c->x[2] = at + offsetof(struct base, flags);
	}
	c->x[29] = link;
	c->x[30] = action->flags & LX_SA_RESTORER ? action->restorer : rm_vdso_sigreturn();
	c->sp = at;
	c->pc = action->handler;
	return 0;
}

/* The floating-point registers are among the records behind the base. */
static long find_fpsimd(uint64_t at, struct rm_fp *fp)
{
	const uint64_t end = at + RESERVED_SIZE;
	bool found = false;
	struct fpsimd f;

	for (struct record r; end - at >= sizeof(r); at += r.size) {
		if (rm_get_user(&r, at, sizeof(r)) != 0)
			return -EFAULT;
		if (r.magic == 0)
			return found && r.size == 0 ? 0 : -EFAULT;
		if (r.size < sizeof(r) || r.size % 16 || r.size > end - at)
			return -EFAULT;
		if (r.magic == FPSIMD_MAGIC) {
			if (found || r.size != sizeof(f) || rm_get_user(&f, at, sizeof(f)) != 0)
				return -EFAULT;
			*fp = f.fp;
			found = true;
		} else if (r.magic != ESR_MAGIC) {
			return -EFAULT;
		}
	}
	return -EFAULT;
}

long rm_frame_pop(struct rm_thread *t, struct rm_context *c, uint64_t *mask)
{
	struct base b;
	struct rm_fp fp;

	if (c->sp % 16 || rm_get_user(&b, c->sp, sizeof(b)) != 0 || find_fpsimd(c->sp + sizeof(b), &fp) != 0)
		return -EFAULT;
	if ((b.pstate & PSTATE_MODE) || b.pc - RM_RUNTIME_BASE < RM_RUNTIME_MAX)
		return -EFAULT;
	rm_fp_load(&fp);
	memcpy(c->x, b.regs, sizeof(b.regs));
	c->sp = b.sp;
	c->pc = b.pc;
	c->pstate = b.pstate;
	*mask = b.mask;
	rm_signal_set_stack(t, &b.stack, c->sp);	/* as Linux: what is wrong with it is nobody's business */
	return 0;
}
