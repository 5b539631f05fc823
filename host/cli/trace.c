/* SPDX-License-Identifier: MIT */
/*
 * ringmaster trace: this process prints, its child is the proxy. The records come through memory that both share, so that what was
 * recorded is there even if the child is killed.
 */
#include <errno.h>
#include <limits.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../proxy/proxy.h"
#include "cli.h"
#include "message.h"
#include "trace/trace.h"

#define LOOK_MS 50	/* records made without leaving the Secure world ring no bell */
#define STRING_DEFAULT 32

struct thread {
	struct trace_source source;
	bool pending;			/* `enter` has not come back */
	bool said;			/* and was printed as unfinished */
	struct trace_call enter;
	uint32_t dropped;
};

struct tracer {
	FILE *out;
	struct trace_filter filter;
	struct trace_summary *summary;	/* or NULL */
	bool many;			/* more than one thread was seen */
	pid_t child;
	int pidfd, signals;
	struct tracing tracing;
	struct thread *threads;
};

static void open_output(struct tracer *t, const char *path)
{
	int fd = path != NULL ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : dup(STDERR_FILENO);

	if (fd < 0)
		die(STATUS_ERROR, "trace: cannot write to %s: %s", path != NULL ? path : "standard error", strerror(errno));
	t->out = fdopen(descriptor_out_of_the_way(fd), "w");
	if (t->out == NULL)
		die(STATUS_ERROR, "trace: %s", strerror(errno));
}

static uint32_t parse_string_size(const char *text)
{
	char *end;
	unsigned long size = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != '\0' || size > RM_TRACE_STRING_MAX)
		die(STATUS_ERROR, "trace: -s: '%s' is not a number of bytes from 0 to %u", text, RM_TRACE_STRING_MAX);
	return (uint32_t)size;
}

/* Own options end at the first long option or the program. Returns where. */
static int parse(struct tracer *t, int argc, char **argv)
{
	const char *path = NULL;
	char error[256];
	int c;

	t->tracing.string = STRING_DEFAULT;
	optind = 1;
	opterr = 0;
	while (optind < argc && strncmp(argv[optind], "--", 2) != 0 && (c = getopt(argc, argv, "+:o:e:s:cfh")) != -1) {
		switch (c) {
		case 'o':
			path = optarg;
			break;
		case 'e':
			if (trace_filter_parse(&t->filter, optarg, error, sizeof(error)) != 0)
				die(STATUS_ERROR, "trace: %s", error);
			break;
		case 's':
			t->tracing.string = parse_string_size(optarg);
			break;
		case 'c':
			t->summary = trace_summary_new();
			if (t->summary == NULL)
				die(STATUS_ERROR, "trace: no memory");
			break;
		case 'f':
			t->tracing.all = true;
			break;
		case 'h':
			exit(cli_help_print("trace"));
		case ':':
			die(STATUS_ERROR, "trace: option '-%c' needs a value; see 'ringmaster trace --help'", optopt);
		default:
			die(STATUS_ERROR, "trace: option '-%c' is unknown; see 'ringmaster trace --help'", optopt);
		}
	}
	open_output(t, path);
	return optind;
}

static void make_memory(struct tracer *t)
{
	const size_t size = (size_t)RM_THREAD_MAX * RM_TRACE_SIZE;
	uint8_t *base;

	t->tracing.memory = descriptor_out_of_the_way(memfd_create("ringmaster-trace", MFD_CLOEXEC));
	t->tracing.event = descriptor_out_of_the_way(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	t->threads = calloc(RM_THREAD_MAX, sizeof(*t->threads));
	if (t->threads == NULL || ftruncate(t->tracing.memory, (off_t)size) != 0)
		die(STATUS_ERROR, "trace: no memory for records: %s", strerror(errno));
	base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, t->tracing.memory, 0);
	if (base == MAP_FAILED)
		die(STATUS_ERROR, "trace: no memory for records: %s", strerror(errno));
	for (unsigned i = 0; i < RM_THREAD_MAX; i++) {
		t->threads[i].source.ring = (struct rm_trace_ring *)(void *)(base + (size_t)i * RM_TRACE_SIZE);
		t->threads[i].source.data = base + (size_t)i * RM_TRACE_SIZE + RM_TRACE_DATA;
	}
	t->tracing.tracer = getpid();
}

/* The terminal's signals are the child's to answer; SIGTERM is handed on. */
static void start(struct tracer *t, int argc, char **argv)
{
	sigset_t ours, before;

	sigemptyset(&ours);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGQUIT);
	sigaddset(&ours, SIGHUP);
	sigaddset(&ours, SIGTERM);
	sigprocmask(SIG_BLOCK, &ours, &before);
	sigemptyset(&ours);
	sigaddset(&ours, SIGTERM);
	t->signals = descriptor_out_of_the_way(signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK));
	fflush(NULL);
	t->child = fork();
	if (t->child < 0)
		die(STATUS_ERROR, "trace: cannot start a process: %s", strerror(errno));
	if (t->child == 0) {
		sigprocmask(SIG_SETMASK, &before, NULL);
		exit(run_traced(argc, argv, &t->tracing));
	}
	t->pidfd = (int)syscall(SYS_pidfd_open, t->child, 0);
	if (t->pidfd < 0)
		die(STATUS_ERROR, "trace: pidfd_open: %s", strerror(errno));
}

static bool hidden(const struct tracer *t, const struct trace_call *call)
{
	return call->record.number < TRACE_NUMBERS && t->filter.hidden[call->record.number];
}

static void prefix(const struct tracer *t, const struct thread *thread)
{
	if (t->many)
		fprintf(t->out, "[pid %5d] ", (int)t->child + (int)(thread - t->threads));
}

static void entered(struct tracer *t, struct thread *thread, const struct trace_call *call)
{
	/* A call that never returns, as rt_sigreturn. */
	if (thread->pending && !thread->said && t->summary == NULL && !hidden(t, &thread->enter)) {
		prefix(t, thread);
		trace_print_call(t->out, &thread->enter, NULL);
		fputs(") = ?\n", t->out);
	}
	trace_copy(&thread->enter, call);
	thread->pending = true;
	thread->said = false;
}

static void left(struct tracer *t, struct thread *thread, const struct trace_call *call)
{
	const char *name = trace_name(call->record.number);

	if (!thread->pending || thread->enter.record.number != call->record.number)
		return;
	thread->pending = false;
	if (hidden(t, call))
		return;
	if (t->summary != NULL) {
		trace_summary_add(t->summary, &thread->enter, call);
		return;
	}
	prefix(t, thread);
	if (thread->said)
		fprintf(t->out, "<... %s resumed>", name != NULL ? name : "call");
	else
		trace_print_call(t->out, &thread->enter, call);
	fputc(')', t->out);
	trace_print_result(t->out, &thread->enter, call);
}

static void signalled(struct tracer *t, const struct thread *thread, const struct trace_call *call)
{
	if (t->summary != NULL)
		return;
	prefix(t, thread);
	fputs("--- ", t->out);
	trace_print_value(t->out, RM_T_SIGNAL, call->record.arg[0]);
	fprintf(t->out, " {si_code=%d, handler=%#llx, address=%#llx} ---\n", (int)call->record.arg[1],
		(unsigned long long)call->record.arg[2], (unsigned long long)call->record.arg[3]);
}

static void lost(struct tracer *t, struct thread *thread)
{
	uint32_t dropped = __atomic_load_n(&thread->source.ring->dropped, __ATOMIC_RELAXED);

	if (dropped == thread->dropped)
		return;
	prefix(t, thread);
	fprintf(t->out, "+++ %u records lost +++\n", dropped - thread->dropped);
	thread->dropped = dropped;
}

static void take(struct tracer *t, struct thread *thread, const struct trace_call *call)
{
	if (call->record.size == 0) {
		prefix(t, thread);
		fputs("+++ records that make no sense +++\n", t->out);
	} else if (call->record.type == RM_TRACE_ENTER) {
		entered(t, thread, call);
	} else if (call->record.type == RM_TRACE_EXIT) {
		left(t, thread, call);
	} else {
		signalled(t, thread, call);
	}
	trace_done(&thread->source, call);
	syscall(SYS_futex, &thread->source.ring->tail, FUTEX_WAKE, 1, NULL, NULL, 0);
	lost(t, thread);
}

#define BATCH 4096u	/* records between two looks at what else happens: a busy program makes them faster than they are printed */

/* What is there, the oldest first, `most` records at most. How many. */
static unsigned drain(struct tracer *t, unsigned most)
{
	static struct trace_call call, oldest;
	struct thread *from;
	unsigned count = 0;

	while (count < most) {
		from = NULL;
		for (unsigned i = 0; i < RM_THREAD_MAX; i++) {
			int found = trace_peek(&t->threads[i].source, &call);

			if (found == 0)
				continue;
			t->many |= i != 0;
			if (found < 0)
				call.record.ns = 0;
			if (from == NULL || call.record.ns < oldest.record.ns) {
				from = &t->threads[i];
				trace_copy(&oldest, &call);
			}
		}
		if (from == NULL)
			return count;
		take(t, from, &oldest);
		count++;
	}
	return count;
}

/* Calls that have not come back: at the end, or because nothing else happens. */
static void unfinished(struct tracer *t, bool ended)
{
	for (unsigned i = 0; i < RM_THREAD_MAX; i++) {
		struct thread *thread = &t->threads[i];

		if (!thread->pending || hidden(t, &thread->enter))
			continue;
		if (t->summary != NULL) {
			if (ended)
				trace_summary_add(t->summary, &thread->enter, NULL);
			continue;
		}
		if (thread->said || (!ended && strncmp(trace_name(thread->enter.record.number) ?: "", "exit", 4) == 0))
			continue;
		prefix(t, thread);
		trace_print_call(t->out, &thread->enter, NULL);
		fputs(ended ? ") = ?\n" : " <unfinished ...>\n", t->out);
		thread->said = true;
	}
}

static void watch(struct tracer *t)
{
	struct pollfd fds[] = { { t->pidfd, POLLIN, 0 }, { t->tracing.event, POLLIN, 0 }, { t->signals, POLLIN, 0 } };
	struct signalfd_siginfo info;
	uint64_t rings;

	while (!(fds[0].revents & POLLIN)) {
		unsigned count;

		if (poll(fds, 3, LOOK_MS) < 0 && errno != EINTR)
			die(STATUS_ERROR, "trace: poll: %s", strerror(errno));
		if (fds[1].revents & POLLIN)
			while (read(t->tracing.event, &rings, sizeof(rings)) < 0 && errno == EINTR)
				;
		if ((fds[2].revents & POLLIN) && read(t->signals, &info, sizeof(info)) == sizeof(info))
			kill(t->child, SIGTERM);
		count = drain(t, BATCH);
		if (count == 0 && fds[1].revents == 0)
			unfinished(t, false);
		fflush(t->out);
	}
	drain(t, UINT_MAX);
	unfinished(t, true);
}

_Noreturn static void end_as(struct tracer *t, int status)
{
	const struct rlimit none = { 0, 0 };
	sigset_t set;
	int number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	if (t->summary != NULL)
		trace_summary_print(t->out, t->summary);
	else if (number != 0)
		fprintf(t->out, "+++ killed by SIG%s +++\n", sigabbrev_np(number) != NULL ? sigabbrev_np(number) : "?");
	else
		fprintf(t->out, "+++ exited with %d +++\n", WEXITSTATUS(status));
	if (fclose(t->out) != 0)
		warn("trace: the output could not all be written: %s", strerror(errno));
	if (number == 0)
		exit(WEXITSTATUS(status));
	setrlimit(RLIMIT_CORE, &none);
	signal(number, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	kill(getpid(), number);
	_exit(128 + number);
}

int cli_trace(int argc, char **argv)
{
	static struct tracer tracer;
	int status, first = parse(&tracer, argc, argv);

	if (first == argc)
		die(STATUS_ERROR, "trace: no program given; see 'ringmaster trace --help'");
	argv[first - 1] = argv[0];
	make_memory(&tracer);
	start(&tracer, argc - first + 1, argv + first - 1);
	watch(&tracer);
	while (waitpid(tracer.child, &status, 0) < 0 && errno == EINTR)
		;
	end_as(&tracer, status);
}
