/* SPDX-License-Identifier: MIT */
/*
 * posix-run [-n] AREA CASE,CASE,...: runs cases of an area natively, then in one enclave, compares, and proves that each can fail. Prints for
 * each the lines of tests/board/lib/runner. -n: natively only. From the environment: T (the tests' folder), RUN (ringmaster run), PATIENCE (how
 * many times the time limits).
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run.h"

struct suite suite;

static bool natively;
static int patience;
/* Where differences are accepted: with --poll in a list of its own, too. */
static char differences[300], differences_poll[300];

/* A run of all cases as one kind: which case runs, and since when. */
struct progress {
	enum kind kind;
	int at;			/* of the case that runs or comes next */
	bool running, complete;
	int64_t since, until;
};

static bool named(const char *name, const char *list)
{
	const size_t size = strlen(name);

	for (const char *at = list; (at = strstr(at, name)) != NULL; at++)
		if ((at == list || at[-1] == ',') && (at[size] == 0 || at[size] == ','))
			return true;
	return false;
}

static void read_list(const char *list)
{
	char line[800];
	FILE *f;

	snprintf(line, sizeof(line), "%s --list", suite.program[NATIVE]);
	f = popen(line, "r");
	while (f && suite.count < CASES_MAX && fgets(line, sizeof(line), f)) {
		struct posix_case *c = &suite.cases[suite.count];

		if (sscanf(line, "%d %63s %u", &c->index, c->name, &c->limit) == 3 && named(c->name, list))
			suite.count++;
	}
	if (!f || pclose(f)) {
		fprintf(stderr, "%s --list failed\n", suite.program[NATIVE]);
		exit(3);
	}
}

static void report(const struct posix_case *c)
{
	const struct outcome *native = &c->outcome[NATIVE], *enclave = natively ? native : &c->outcome[ENCLAVE];
	char made[TEXT_MAX], listed[TEXT_MAX];
	int status = 0;

	difference_make(native, enclave, made, sizeof(made));
	difference_listed(differences_poll, c->name, listed, sizeof(listed));
	if (!*listed)
		difference_listed(differences, c->name, listed, sizeof(listed));
	if (natively && native->state == OK)
		*listed = 0;
	if (native->state == MISSING || native->state == NOT_OK) {
		printf("natively:\n%s", native->text);
		status = 1;
	} else if (strcmp(made, listed) != 0) {
		printf("%s%s", *made ? "native (-) and enclave (+):\n" : "no difference", made);
		printf("%s%s", *listed ? "\naccepted in docs:\n" : "", listed);
		status = 1;
	}
	printf("\n@@end posix.%s.%s %d %lld\n", suite.area, c->name, status, (long long)enclave->ms);
	fflush(stdout);
}

static void begin(struct session *s, struct progress *p)
{
	const struct posix_case *c = &suite.cases[p->at];

	p->running = true;
	p->since = now_ms();
	p->until = p->since + 1000 * (int64_t)c->limit * patience;
	snprintf(s->directory, sizeof(s->directory), "%s/%s", suite.folder, c->name);
	if (p->kind == ENCLAVE || natively)
		printf("@@begin posix.%s.%s\n", suite.area, c->name);
	fflush(stdout);
}

static void append(struct outcome *o, const char *line)
{
	size_t used = strlen(o->text);

	snprintf(o->text + used, sizeof(o->text) - used, "%s\n", line);
}

/* The case that runs is over. */
static void finish(struct session *s, struct progress *p, enum state state, const char *line)
{
	struct posix_case *c = &suite.cases[p->at];
	struct outcome *o = &c->outcome[p->kind];

	if (!p->running)
		begin(s, p);
	append(o, line);
	o->state = state;
	o->ms = now_ms() - p->since;
	session_end_helpers(s);
	if (p->kind == ENCLAVE || natively)
		report(c);
	p->running = false;
	p->at++;
	p->until = now_ms() + 20000 * patience;
}

static void take_line(struct session *s, const char *line)
{
	struct progress *p = s->owner;

	if (strncmp(line, "begin ", 6) == 0 && p->at < suite.count)
		begin(s, p);
	else if (strcmp(line, "end") == 0)
		p->complete = true;
	else if (!p->running)
		fprintf(stderr, "stray output: %s\n", line);
	else if (strncmp(line, "ok ", 3) == 0)
		finish(s, p, OK, line);
	else if (strncmp(line, "not ok ", 7) == 0)
		finish(s, p, NOT_OK, line);
	else if (strncmp(line, "skip ", 5) == 0)
		finish(s, p, SKIPPED, line);
	else
		append(&suite.cases[p->at].outcome[p->kind], line);
}

static void start(struct session *s, struct progress *p)
{
	char numbers[CASES_MAX][12], *arguments[CASES_MAX + 3] = { "--run", suite.folder }, *words[CASES_MAX + 16];
	int n = 2;

	for (int i = p->at; i < suite.count; i++, n++) {
		snprintf(numbers[i], sizeof(numbers[i]), "%d", suite.cases[i].index);
		arguments[n] = numbers[i];
	}
	arguments[n] = NULL;
	memset(s, 0, sizeof(*s));
	s->kind = p->kind;
	s->line = take_line;
	s->owner = p;
	p->running = p->complete = false;
	p->until = now_ms() + 20000 * patience;
	command(p->kind, words, CASES_MAX + 16, arguments);
	process_start(&s->main, words, suite.folder, -1);
}

/* The process ended by itself or has to: why the case that ran is not ok. */
static void give_up(struct session *s, struct progress *p)
{
	const struct posix_case *c = &suite.cases[p->at];
	const char *when = p->running ? "" : "before the case: ";
	char line[200];

	if (!s->main.ended) {
		session_end(s);
		snprintf(line, sizeof(line), "not ok %s.%s: %stook longer than its limit of %u s", suite.area, c->name, when, c->limit);
	} else if (WIFSIGNALED(s->main.status)) {
		snprintf(line, sizeof(line), "not ok %s.%s: %sended by signal %d", suite.area, c->name, when, WTERMSIG(s->main.status));
	} else {
		snprintf(line, sizeof(line), "not ok %s.%s: %sended with status %d", suite.area, c->name, when,
			 WEXITSTATUS(s->main.status));
	}
	finish(s, p, NOT_OK, line);
}

static void remove_folders(void)
{
	char line[700];

	snprintf(line, sizeof(line), "rm -rf '%s'* '%s'/*", suite.folder, getenv("POSIX_TMPFS"));
	if (system(line))
		fprintf(stderr, "'%s' failed\n", line);
}

/* All cases as one kind; a process that does not come to its end is followed by another for the cases behind. */
static void run_all(enum kind kind)
{
	static struct session session;
	struct session *const sessions[] = { &session };
	struct progress p = { .kind = kind };

	remove_folders();
	mkdir(suite.folder, 0777);
	while (p.at < suite.count) {
		start(&session, &p);
		while (!session.main.ended && now_ms() < p.until && !p.complete)
			session_poll(sessions, 1, p.until);
		if (p.at < suite.count)
			give_up(&session, &p);
		session_end(&session);
	}
}

static void set_up(const char *area)
{
	const char *top = getenv("T"), *run = getenv("RUN"), *times = getenv("PATIENCE");

	snprintf(suite.area, sizeof(suite.area), "%s", area);
	suite.run = run ? run : "";
	for (int kind = NATIVE; kind <= ENCLAVE; kind++) {
		const char *suffix = kind == NATIVE ? "native" : "enclave";

		snprintf(suite.program[kind], sizeof(suite.program[kind]), "%s/posix/%s.%s", top ? top : ".", area, suffix);
	}
	snprintf(suite.folder, sizeof(suite.folder), "/mnt/disk/work/run");
	snprintf(differences, sizeof(differences), "%s/posix/differences.md", top ? top : ".");
	if (strstr(suite.run, "--poll"))
		snprintf(differences_poll, sizeof(differences_poll), "%s/posix/differences-poll.md", top ? top : ".");
	patience = times ? atoi(times) : 1;
	setenv("POSIX_TMPFS", "/tmp/work/posix", 1);
	mkdir("/tmp/work/posix", 0777);
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "-n") == 0) {
		natively = true;
		argv++;
	} else if (argc != 3) {
		fprintf(stderr, "usage: posix-run [-n] AREA CASE,CASE,...\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	umask(022);
	set_up(argv[1]);
	read_list(argv[2]);
	run_all(NATIVE);
	if (!natively)
		run_all(ENCLAVE);
	stubs_run();
	remove_folders();
	return 0;
}
