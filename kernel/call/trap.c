/* SPDX-License-Identifier: MIT */
/* Exceptions and interrupts that arrive in an enclave, and the secure timer that interrupts the Normal world. */
#include "arch/gic.h"
#include "arch/timer.h"
#include "call/svc.h"
#include "lib/errno.h"
#include "lib/panic.h"
#include "lib/print.h"
#include "mm/frame.h"
#include "enclave/device.h"
#include "enclave/runtime_image.h"
#include "enclave/upcall.h"
#include "sched/resident.h"

#define ESR_CLASS(esr)		((esr) >> 26)
#define CLASS_SVC64		0x15
#define CLASS_SYSTEM		0x18
#define CLASS_FETCH_ABORT	0x20
#define CLASS_DATA_ABORT	0x24
#define ESR_WRITE		(1u << 6)
#define ESR_NOT_CACHE_OP	(1u << 8)
#define ESR_STATUS(esr)		((esr) & 0x3f)
#define STATUS_TRANSLATION	0x04	/* to 0x0f with the level: translation, access flag, permission */
#define STATUS_PERMISSION_LAST	0x0f

/* The trap of `mrs Xt, cntvct_el0`, and where it says t. */
#define ISS_SYSTEM		0x01ffffffu
#define ISS_MRS_CNTVCT		(3u << 20 | 2u << 17 | 3u << 14 | 14u << 10 | 1u)
#define ISS_REGISTER(esr)	(((esr) >> 5) & 0x1f)

#define SIGILL	4
#define SIGTRAP	5
#define SIGBUS	7
#define SIGFPE	8
#define SIGSEGV	11

void report_fault(const struct thread *t, const struct context *c, uint64_t esr, uint64_t far)
{
	/* One line: formatting is done with interrupts masked. The launcher tells the user more. */
	print("enclave %u thread %u: fault at %lx, pc %lx lr %lx sp %lx esr %lx\n", t->enclave->slot, t->index, far, c->pc,
	      c->x[30], c->sp, esr);
}

/* A fault in the runtime's accessors is theirs to handle: shared memory may vanish, a program's pointer may be bad. */
static bool accessor_fault(struct thread *t, uint64_t far)
{
	const struct rm_runtime_image *image = runtime_image();

	if (t->enclave->builtin || t->context.pc < image->access_start || t->context.pc >= image->access_end)
		return false;
	t->context.pc = image->access_fixup;
	t->context.x[0] = far;
	return true;
}

/* The program's own: its runtime knows whether it has a handler. The runtime's: the end. */
static void fault(struct thread *t, uint64_t signal, uint64_t esr, uint64_t far)
{
	if (t->enclave->builtin)
		panic("built-in thread: esr %lx far %lx pc %lx", esr, far, t->context.pc);
	if (upcall_fault(t, signal, far, esr))
		return;
	report_fault(t, &t->context, esr, far);
	enclave_end(t->enclave, RM_EXIT_SIGNALED, signal, far, t->context.pc);
	svc_ended(t);
}

static void out_of_memory(struct thread *t)
{
	enclave_end_by_memory(t->enclave);
	svc_ended(t);
}

/* Can mapping a page or changing its entry help? Alignment, external and other aborts would only come again. */
static bool abort_of_mapping(uint64_t esr)
{
	return ESR_STATUS(esr) >= STATUS_TRANSLATION && ESR_STATUS(esr) <= STATUS_PERMISSION_LAST;
}

static void abort_handle(struct thread *t, uint64_t esr, uint64_t far)
{
	uint32_t access = PROT_READ;

	if (ESR_CLASS(esr) == CLASS_FETCH_ABORT)
		access = PROT_EXEC;
	else if ((esr & ESR_WRITE) && !(esr & ESR_NOT_CACHE_OP))
		access = PROT_WRITE;
	int error = abort_of_mapping(esr) ? space_touch(&t->enclave->space, far, access) : -EIO;

	if (error == 0)
		enclave_count(t->enclave, RM_STAT_FAULTS);
	else if (error == -ENOMEM)
		out_of_memory(t);
	else if (!accessor_fault(t, far))
		fault(t, error == -EIO ? SIGBUS : SIGSEGV, esr, far);
}

static struct cpu *enter_from_user(struct thread **t)
{
	struct cpu *cpu = sched_enter();

	*t = cpu->current;
	(*t)->tls = read_sysreg(tpidr_el0);
	return cpu;
}

/* Programs read the virtual counter, as Linux lets them. What the Normal world could shift is not for them: they get the physical one. */
static void system_handle(struct thread *t, uint64_t esr)
{
	const uint64_t number = ISS_REGISTER(esr);

	if ((esr & ISS_SYSTEM & ~(uint64_t)(0x1f << 5)) != ISS_MRS_CNTVCT) {
		fault(t, SIGILL, esr, t->context.pc);
		return;
	}
	if (number != 31)
		t->context.x[number] = counter();
	t->context.pc += 4;
}

_Noreturn void user_synchronous(void)
{
	struct thread *t;
	uint64_t esr = read_sysreg(esr_el1), far = read_sysreg(far_el1);
	struct cpu *cpu = enter_from_user(&t);

	switch (ESR_CLASS(esr)) {
	case CLASS_SVC64: svc_handle(cpu, t); break;
	case CLASS_SYSTEM: system_handle(t, esr); break;
	case CLASS_FETCH_ABORT:
	case CLASS_DATA_ABORT: abort_handle(t, esr, far); break;
	case 0x22:		/* PC alignment */
	case 0x26: fault(t, SIGBUS, esr, far); break;
	case 0x2c: fault(t, SIGFPE, esr, t->context.pc); break;
	case 0x30:
	case 0x32:
	case 0x34:
	case 0x3c: fault(t, SIGTRAP, esr, t->context.pc); break;
	default: fault(t, SIGILL, esr, t->context.pc); break;
	}
	sched_leave(cpu);
}

void secure_interrupt(struct cpu *cpu)
{
	uint32_t intid = gic_acknowledge();

	if (intid >= 1020)
		return;			/* gone meanwhile */
	/* The timer, another core that has something for this one, or a device. */
	if (intid == TIMER_INTID || intid == KICK_INTID)
		resident_tick(cpu);
	else
		device_interrupt(cpu, intid);
	cpu->look = true;
	gic_end(intid);
}

/* A secure interrupt while an enclave ran. */
_Noreturn void user_irq(void)
{
	struct thread *t;
	struct cpu *cpu = enter_from_user(&t);

	secure_interrupt(cpu);
	sched_leave(cpu);
}

/* An interrupt for the Normal world while a hosted thread ran: Linux gets its core back to take it. */
_Noreturn void user_fiq(void)
{
	struct thread *t;
	struct cpu *cpu = enter_from_user(&t);

	assert(t == cpu->hosted);
	enclave_count(t->enclave, RM_STAT_EXITS_INTERRUPT);
	if (t->enclave->state == ENCLAVE_ENDED)
		svc_ended(t);
	else
		sched_give_back(cpu, THREAD_READY, RM_EXIT_PREEMPTED, 0, 0, 0);
	sched_leave(cpu);
}

_Noreturn void user_serror(void)
{
	struct thread *t;
	uint64_t esr = read_sysreg(esr_el1);
	struct cpu *cpu = enter_from_user(&t);

	fault(t, SIGBUS, esr, 0);
	sched_leave(cpu);
}

/* The secure timer while the Normal world ran, from arch/boot.S. */
_Noreturn void normal_interrupt(void)
{
	struct cpu *cpu = sched_enter();

	cpu->entry = NORMAL_INTERRUPT;
	secure_interrupt(cpu);
	sched_leave(cpu);
}
