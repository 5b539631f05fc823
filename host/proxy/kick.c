/* SPDX-License-Identifier: MIT */
/* Signals of the proxy: handlers, and system calls that none of them is too late for. */
#include "kick.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "../cli/cli.h"
#include "../cli/message.h"

#define RETRY_NS 1000000	/* the runtime has not come to look, or found it too early */

static _Thread_local struct kick *self;
static pid_t process;
static const char bound;	/* its address tells whose timer it was */
static struct sigaction before[NSIG];	/* dispositions that the program sees: SIG_DFL, SIG_IGN; ours of kicks is not among them */

/* Between kick_begin and kick_end the call has not been made; a handler moves a thread from there to kick_out. */
extern const char kick_begin[], kick_end[], kick_out[];

__asm__(".text\n"
	".global kick_call, kick_begin, kick_end, kick_out\n"
	".hidden kick_begin, kick_end, kick_out\n"
	".type kick_call, %function\n"
	"kick_call:\n"
	"	mov	x9, x0\n"
	"	mov	x8, x1\n"
	"	mov	x0, x2\n"
	"	mov	x1, x3\n"
	"	mov	x2, x4\n"
	"	mov	x3, x5\n"
	"	mov	x4, x6\n"
	"	mov	x5, x7\n"
	"kick_begin:\n"
	"	ldr	w10, [x9]\n"
	"	cbnz	w10, kick_out\n"
	"	svc	#0\n"
	"kick_end:\n"
	"	ret\n"
	"kick_out:\n"
	"	mov	x0, #-4\n"
	"	ret\n"
	".size kick_call, . - kick_call\n");

static void interrupt(ucontext_t *context)
{
	const uintptr_t pc = context->uc_mcontext.pc;

	self->pending = 1;
	if (pc >= (uintptr_t)kick_begin && pc < (uintptr_t)kick_end)
		context->uc_mcontext.pc = (uintptr_t)kick_out;
}

/* This thread serves nobody: it will not be asked again, and the signal goes to one that does. */
static void pass_on(int number, siginfo_t *info, ucontext_t *context)
{
	sigfillset(&context->uc_sigmask);
	syscall(SYS_rt_sigqueueinfo, process, number, info);
}

/* Is one of that number, below the real-time ones, there already? Then it is the same signal, as in any set of pending ones. */
static bool recorded(const struct rm_host_signals *signals, uint32_t head, uint32_t tail, int number)
{
	for (uint32_t at = tail; number < 32 && at != head; at++)
		if (signals->record[at % RM_HOST_SIGNALS].signal == (uint32_t)number)
			return true;
	return false;
}

static void record(int number, const siginfo_t *info)
{
	struct rm_host_signals *signals = self->signals;
	uint32_t tail = __atomic_load_n(&signals->tail, __ATOMIC_ACQUIRE);
	struct rm_host_signal *to = &signals->record[self->head % RM_HOST_SIGNALS];

	if (self->head - tail >= RM_HOST_SIGNALS || recorded(signals, self->head, tail, number))
		return;
	*to = (struct rm_host_signal){ .signal = (uint32_t)number, .code = info->si_code };
	to->pid = (uint32_t)info->si_pid;
	to->uid = (uint32_t)info->si_uid;
	if (number == SIGCHLD)
		to->value = (uint32_t)info->si_status;
	else
		memcpy(&to->value, &info->si_value, sizeof(to->value));
	__atomic_store_n(&signals->head, ++self->head, __ATOMIC_RELEASE);
}

static void hand_over(int number, siginfo_t *info, void *context)
{
	int saved = errno;

	if (self == NULL) {
		pass_on(number, info, context);
	} else if (number != SIGPIPE || info->si_pid != process) {	/* our own broken pipes are the runtime's to tell of */
		record(number, info);
		self->news++;
		interrupt(context);
	}
	errno = saved;
}

/* There are bytes from gdb (gdb.c). */
static void from_gdb(int number, siginfo_t *info, ucontext_t *context)
{
	if (self == NULL) {
		pass_on(number, info, context);
		return;
	}
	record(0, info);
	self->news++;
	interrupt(context);
}

/* From somebody else: what the program said is to become of that signal. */
static void foreign(int number, siginfo_t *info, void *context)
{
	if (before[number].sa_sigaction == hand_over) {
		hand_over(number, info, context);
	} else if (before[number].sa_handler == SIG_DFL) {
		signal(number, SIG_DFL);
		raise(number);
	}
}

static void kicked(int number, siginfo_t *info, void *context)
{
	int saved = errno;

	if (info->si_code >= POLL_IN && info->si_code <= POLL_HUP) {
		from_gdb(number, info, context);
	} else if (info->si_code == SI_TKILL && info->si_pid == process && self != NULL) {
		interrupt(context);
	} else if (info->si_code == SI_TIMER && info->si_value.sival_ptr == &bound) {
		if (self != NULL)
			interrupt(context);
	} else if (info->si_code == SI_TIMER && self != NULL) {
		self->news++;
		interrupt(context);
	} else if (info->si_code == SI_TIMER) {
		pass_on(number, info, context);
	} else if (info->si_code != SI_TKILL || info->si_pid != process) {
		foreign(number, info, context);
	}
	errno = saved;
}

/* No SA_RESTART: the call comes back, and the enclave is entered again. */
static int install(int number, void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags };

	sigfillset(&action.sa_mask);
	return sigaction(number, &action, NULL) == 0 ? 0 : -errno;
}

static int set(int number, uint64_t wanted, int flags)
{
	struct sigaction action = { .sa_handler = wanted == 1 ? SIG_IGN : SIG_DFL, .sa_flags = flags };

	if (wanted == 2)
		before[number].sa_sigaction = hand_over;
	else
		before[number].sa_handler = action.sa_handler;
	if (number == KICK_SIGNAL)
		return 0;
	if (wanted == 2)
		return install(number, hand_over, flags);
	return sigaction(number, &action, NULL) == 0 ? 0 : -errno;
}

int64_t kick_disposition(uint64_t number, uint64_t wanted, uint64_t flags)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	int64_t old;
	int ret = 0;

	if (number == 0 || number >= NSIG || number == SIGKILL || number == SIGSTOP)
		return -EINVAL;
	pthread_mutex_lock(&lock);
	old = before[number].sa_sigaction == hand_over ? 2 : before[number].sa_handler == SIG_IGN ? 1 : 0;
	if (wanted <= 2)
		ret = set((int)number, wanted, (int)(flags & (SA_NOCLDSTOP | SA_NOCLDWAIT)));
	pthread_mutex_unlock(&lock);
	return ret != 0 ? ret : old;
}

void kick_init(uint64_t *ignored, uint64_t *blocked)
{
	sigset_t set_blocked;

	process = getpid();
	*ignored = *blocked = 0;
	sigprocmask(SIG_BLOCK, NULL, &set_blocked);
	for (int i = 1; i < NSIG; i++) {
		if (sigaction(i, NULL, &before[i]) != 0)
			before[i].sa_handler = SIG_DFL;
		*ignored |= (uint64_t)(before[i].sa_handler == SIG_IGN) << (i - 1);
		*blocked |= (uint64_t)(sigismember(&set_blocked, i) == 1) << (i - 1);
	}
	for (int i = 1; i < NSIG; i++)
		if ((*blocked & ~*ignored) >> (i - 1) & 1)
			set(i, 2, 0);
	if (install(KICK_SIGNAL, kicked, 0) != 0)
		die(STATUS_ERROR, "signal %d cannot be handled: %s", KICK_SIGNAL, strerror(errno));
}

void kick_hold(sigset_t *old)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, old);
}

void kick_release(const sigset_t *old)
{
	pthread_sigmask(SIG_SETMASK, old, NULL);
}

void kick_attach(struct kick *kick, struct rm_host_signals *signals)
{
	sigset_t none;

	memset(kick, 0, sizeof(*kick));
	kick->signals = signals;
	self = kick;
	sigemptyset(&none);
	pthread_sigmask(SIG_SETMASK, &none, NULL);
}

/* What was recorded and nobody took goes to the others. */
void kick_detach(void)
{
	struct kick *kick = self;
	uint32_t tail;

	kick_hold(NULL);
	self = NULL;
	if (kick->bounded)
		timer_delete(kick->bound);
	tail = __atomic_load_n(&kick->signals->tail, __ATOMIC_ACQUIRE);
	if (kick->head - tail > RM_HOST_SIGNALS)
		return;
	for (; tail != kick->head; tail++) {
		const struct rm_host_signal *from = &kick->signals->record[tail % RM_HOST_SIGNALS];
		siginfo_t info = { .si_signo = (int)from->signal, .si_code = SI_QUEUE };

		info.si_pid = (pid_t)from->pid;
		info.si_uid = from->uid;
		syscall(SYS_rt_sigqueueinfo, process, (int)from->signal, &info);
	}
}

void kick_thread(int tid)
{
	syscall(SYS_tgkill, process, tid, KICK_SIGNAL);
}

static timer_t make_timer(struct sigevent event)
{
	timer_t timer;

	event.sigev_signo = KICK_SIGNAL;
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0)
		die(STATUS_ERROR, "no timer for the enclave: %s", strerror(errno));
	return timer;
}

void kick_timer(uint64_t ns)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static bool made;
	static timer_t timer;
	struct itimerspec when = { .it_interval = { .tv_nsec = ns != 0 ? RETRY_NS : 0 } };

	when.it_value.tv_sec = (time_t)(ns / 1000000000 > INT32_MAX ? INT32_MAX : ns / 1000000000);
	when.it_value.tv_nsec = (long)(ns % 1000000000);
	pthread_mutex_lock(&lock);
	if (!made)
		timer = make_timer((struct sigevent){ .sigev_notify = SIGEV_SIGNAL });
	made = true;
	timer_settime(timer, 0, &when, NULL);
	pthread_mutex_unlock(&lock);
}

void kick_bound(uint64_t ms)
{
	struct itimerspec when = { .it_value = { .tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000 } };
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_value = { .sival_ptr = (void *)(uintptr_t)&bound } };

	if (!self->bounded) {
		event._sigev_un._tid = gettid();
		self->bound = make_timer(event);
		self->bounded = true;
	}
	timer_settime(self->bound, 0, &when, NULL);
}
