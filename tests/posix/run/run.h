/* SPDX-License-Identifier: MIT */
/* The runner of the POSIX suite, a native program in the guest: run.c tells the order, session.c has the processes. */
#ifndef POSIX_RUN_H
#define POSIX_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define CASES_MAX	256
#define TEXT_MAX	8192

enum kind { NATIVE, ENCLAVE };
enum state { MISSING, OK, NOT_OK, SKIPPED };

/* What one run of a case brought. */
struct outcome {
	enum state state;
	char text[TEXT_MAX];		/* its lines */
	int64_t ms;
};

struct posix_case {
	char name[64];
	int index;
	unsigned limit;			/* seconds */
	struct outcome outcome[2];	/* enum kind */
};

struct suite {
	char area[64];
	char program[2][300];		/* enum kind */
	const char *run;		/* "ringmaster run", or "" */
	char folder[300];		/* below which the cases' directories are, the same for both */
	struct posix_case cases[CASES_MAX];
	int count;
};

extern struct suite suite;

int64_t now_ms(void);

/* A process of cases or of a helper, with pipes at its stdin and stdout. */
struct process {
	pid_t pid;
	int in, out;			/* -1: closed */
	bool ended;
	int status;			/* as of waitpid(), once ended */
};

/* Starts `words` in a process group of its own, in a directory; extra: a descriptor that becomes number 3, or -1. */
void process_start(struct process *p, char *const words[], const char *directory, int extra);
/* Waits for it if its stdout is at its end. */
void process_reap(struct process *p);
void process_kill(struct process *p);

/*
 * A run of cases by one process, and the helpers that they asked for. The owner polls with session_poll() and gets each
 * line that is not for the runner by `line`.
 */
#define HELPERS_MAX	8
struct session {
	struct process main;
	enum kind kind;
	const char *stub;		/* zero or nosys, or NULL */
	int stub_index;
	char directory[400];		/* of the case that runs, for helpers */
	char buffer[2 * TEXT_MAX];
	size_t used;
	void (*line)(struct session *s, const char *line);
	struct helper {
		struct process process;
		int said;		/* not heard yet */
		bool waited, heard;	/* the case waits for its end, for its word */
	} helpers[HELPERS_MAX];
	int helper_count;
	void *owner;
};

/* Words of the command that runs this area's program as that kind, ended by NULL: arguments after it. */
void command(enum kind kind, char **words, size_t room, char *const *arguments);

/* Waits until something happens in one of them or until a time (now_ms()), and deals with it. NULLs are passed over. */
void session_poll(struct session *const *sessions, int count, int64_t until);
/* Kills what is left of it. */
void session_end(struct session *s);
/* Kills its helpers. */
void session_end_helpers(struct session *s);

/* Proof that each case can fail: prints the test `posix.stubs.AREA`. */
void stubs_run(void);

/* The accepted difference of a case in the file, "" if there is none: in the same form as difference_make(). */
void difference_listed(const char *file, const char *name, char *out, size_t size);
/* Lines of the native run that the enclave's has not, with '-', and the other way round, with '+'; a skipped case's line with '='. */
void difference_make(const struct outcome *native, const struct outcome *enclave, char *out, size_t size);

#endif
