/* SPDX-License-Identifier: MIT */
/*
 * The program of an area:
 *	--list					a line `INDEX NAME LIMIT CALLS` for each case
 *	--run FOLDER INDEX...			those cases, each in a directory of its own below the folder
 *	--stub zero|nosys FOLDER INDEX		one, with stubs; how far it came is told in the memory behind STUB_FD
 *	--helper NAME ARG [zero|nosys INDEX]	a helper process of a case
 */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "lib.h"

extern const struct case_entry *const __start_posix_cases[], *const __stop_posix_cases[];

static struct {
	const struct case_entry *entry;
	pthread_t thread;
	jmp_buf end;
	pthread_mutex_t lock;
	bool failed, skipped;
	char reason[400];
	char tmpfs[200];
	volatile int *stub;		/* a run with stubs: enum stub_state */
} now = { .lock = PTHREAD_MUTEX_INITIALIZER };

static const char *program;

/* What a case may have changed, as it was at the start. */
static struct {
	sigset_t mask;
	struct sigaction actions[NSIG];
} initial;

void report_line(const char *line)
{
	size_t size = strlen(line);

	while (size) {
		ssize_t n = write(1, line, size);

		if (n <= 0 && errno != EINTR)
			return;
		if (n > 0) {
			line += n;
			size -= (size_t)n;
		}
	}
}

/* One line of output: what stands in a newline's place becomes a blank. */
static void print(const char *what, const char *separator, const char *text)
{
	char line[700];

	snprintf(line, sizeof(line) - 1, "%s " CASE_AREA ".%s%s%s", what, now.entry->name, separator, text);
	for (char *c = line; *c; c++)
		if (*c == '\n')
			*c = ' ';
	strcat(line, "\n");
	report_line(line);
}

void case_say(const char *format, ...)
{
	char text[500];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	print("#", ": ", text);
}

void case_fail(const char *file, int line, const char *format, ...)
{
	char text[400];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(stderr, "%s:%d: %s\n", file, line, text);
	pthread_mutex_lock(&now.lock);
	if (now.failed && now.entry)
		print("#", ": ", text);
	else
		strcpy(now.reason, text);
	now.failed = true;
	pthread_mutex_unlock(&now.lock);
}

static _Noreturn void end_case(void)
{
	if (!now.entry)
		_exit(HELPER_FAILED);
	if (!pthread_equal(pthread_self(), now.thread))
		pthread_exit(NULL);
	longjmp(now.end, 1);
}

void case_must(const char *file, int line, const char *what)
{
	const int error = errno;

	case_fail(file, line, "%s is false, errno %s", what, strerror(error));
	end_case();
}

void case_skip(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(now.reason, sizeof(now.reason), format, args);
	va_end(args);
	now.skipped = true;
	end_case();
}

const char *case_tmpfs(void)
{
	const char *root = getenv("POSIX_TMPFS");

	snprintf(now.tmpfs, sizeof(now.tmpfs), "%s/%s", root ? root : "/tmp", now.entry->name);
	MUST(mkdir(now.tmpfs, 0777) == 0 || errno == EEXIST);
	return now.tmpfs;
}

const char *case_program(void)
{
	return program;
}

static void enter_directory(const char *folder)
{
	char path[400];

	snprintf(path, sizeof(path), "%s/%s", folder, now.entry->name);
	if (chdir(folder) || (mkdir(path, 0777) && errno != EEXIST) || chdir(path)) {
		perror(path);
		exit(99);
	}
}

static void remember(void)
{
	sigprocmask(SIG_SETMASK, NULL, &initial.mask);
	for (int i = 1; i < NSIG; i++)
		sigaction(i, NULL, &initial.actions[i]);
}

static void clean_up(const char *folder)
{
	struct sigaction action;

	alarm(0);
	for (int i = 1; i < NSIG; i++)
		if (i != SIGKILL && i != SIGSTOP && sigaction(i, NULL, &action) == 0 &&
		    action.sa_handler != initial.actions[i].sa_handler)
			sigaction(i, &initial.actions[i], NULL);
	sigprocmask(SIG_SETMASK, &initial.mask, NULL);
	umask(022);
	for (int fd = 3; fd < 64; fd++)
		close(fd);
	if (chdir(folder))
		perror(folder);
}

/* Of a host that lies (tests/liar, hostile.posix): about what the case asks for, not about what we tell of it. */
static void lies(int on)
{
	if (getenv("LIAR"))
		syscall(SYS_getpgid, 0x6c696100 + on);
}

static void run_case(void)
{
	now.failed = now.skipped = false;
	now.thread = pthread_self();
	lies(1);
	if (setjmp(now.end) == 0)
		now.entry->run();
	lies(0);
}

static void run_one(const struct case_entry *entry, const char *folder)
{
	now.entry = entry;
	print("begin", "", "");
	enter_directory(folder);
	run_case();
	if (now.failed)
		print("not ok", ": ", now.reason);
	else if (now.skipped)
		print("skip", ": ", now.reason);
	else
		print("ok", "", "");
	clean_up(folder);
}

static void run_with_stubs(const struct case_entry *entry, const char *folder, const char *how)
{
	now.entry = entry;
	enter_directory(folder);
	now.stub = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, STUB_FD, 0);
	if (now.stub == MAP_FAILED) {
		perror("stub");
		exit(99);
	}
	close(STUB_FD);
	*now.stub = STUB_STARTED;
	stub_install(entry->calls, how[0] == 'n');
	run_case();
	*now.stub = now.failed ? STUB_NOT_OK : now.skipped ? STUB_SKIPPED : STUB_OK;
}

static void list(void)
{
	char line[600];

	for (const struct case_entry *const *e = __start_posix_cases; e < __stop_posix_cases; e++) {
		snprintf(line, sizeof(line), "%d %s %u %s\n", (int)(e - __start_posix_cases), (*e)->name, (*e)->limit, (*e)->calls);
		report_line(line);
	}
}

int main(int argc, char **argv)
{
	const struct case_entry *const *cases = __start_posix_cases;

	program = argv[0];
	if (argc == 2 && strcmp(argv[1], "--list") == 0) {
		list();
	} else if (argc >= 3 && strcmp(argv[1], "--run") == 0) {
		remember();
		for (int i = 3; i < argc; i++)
			run_one(cases[atoi(argv[i])], argv[2]);
		report_line("end\n");
	} else if (argc == 5 && strcmp(argv[1], "--stub") == 0) {
		run_with_stubs(cases[atoi(argv[4])], argv[3], argv[2]);
	} else if (argc >= 4 && strcmp(argv[1], "--helper") == 0) {
		if (argc == 6)
			stub_install(cases[atoi(argv[5])]->calls, argv[4][0] == 'n');
		const int status = helper_main(argv[2], argv[3]);

		return now.failed ? HELPER_FAILED : status;
	} else {
		fprintf(stderr, "see tests/posix/lib/main.c\n");
		return 2;
	}
	return 0;
}
