/* SPDX-License-Identifier: MIT */
/*
 * Each case twice more, natively, with its declared calls as stubs: it must not be ok. Several at a time, since most that cannot
 * fail by a check hang and are ended by their limit.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/lib.h"
#include "run.h"

#define AT_ONCE		6
#define LIMIT_MS	1500	/* at least; else three times what the case took without stubs */

struct job {
	struct session session;
	const struct posix_case *of;
	volatile int *state;
	int64_t until;
};

static void ignore_line(struct session *s, const char *line)
{
	(void)s, (void)line;
}

static struct job *start(const struct posix_case *c, const char *how)
{
	struct job *job = calloc(1, sizeof(*job));
	char folder[350], index[16], *words[16];
	char *arguments[] = { "--stub", (char *)how, folder, index, NULL };
	int fd = memfd_create("stub", MFD_CLOEXEC);

	if (!job || fd < 0 || ftruncate(fd, 4096))
		exit(3);
	job->state = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (job->state == MAP_FAILED)
		exit(3);
	snprintf(folder, sizeof(folder), "%s.%s", suite.folder, how);
	mkdir(folder, 0777);
	snprintf(index, sizeof(index), "%d", c->index);
	snprintf(job->session.directory, sizeof(job->session.directory), "%s/%s", folder, c->name);
	job->of = c;
	job->until = now_ms() + (3 * c->outcome[NATIVE].ms > LIMIT_MS ? 3 * c->outcome[NATIVE].ms : LIMIT_MS);
	job->session.kind = NATIVE;
	job->session.stub = how;
	job->session.stub_index = c->index;
	job->session.line = ignore_line;
	command(NATIVE, words, 16, arguments);
	process_start(&job->session.main, words, folder, fd);
	close(fd);
	return job;
}

static bool decided(const struct job *job)
{
	return *job->state >= STUB_OK || job->session.main.ended || now_ms() >= job->until;
}

/* Ends it; returns whether the case failed as it should. */
static bool finish(struct job *job)
{
	const int state = *job->state;
	const bool good = state != STUB_LOADED && state != STUB_OK;

	if (state == STUB_OK)
		printf("%s.%s is ok although its calls %s\n", suite.area, job->of->name,
		       job->session.stub[0] == 'z' ? "do nothing and return 0" : "fail with ENOSYS");
	if (state == STUB_LOADED)
		printf("%s.%s did not start with stubs\n", suite.area, job->of->name);
	session_end(&job->session);
	munmap((void *)job->state, 4096);
	free(job);
	return good;
}

void stubs_run(void)
{
	struct job *jobs[AT_ONCE] = { NULL };
	struct session *sessions[AT_ONCE];
	const int64_t start_ms = now_ms();
	int next = 0, running = 0;
	bool good = true;

	printf("@@begin posix.stubs.%s\n", suite.area);
	do {
		int64_t until = now_ms() + 1000;

		for (int i = 0; i < AT_ONCE; i++) {
			if (jobs[i] && decided(jobs[i])) {
				good = finish(jobs[i]) && good;
				jobs[i] = NULL;
				running--;
			}
			while (!jobs[i] && next < 2 * suite.count) {
				const struct posix_case *c = &suite.cases[next / 2];

				if (c->outcome[NATIVE].state == OK) {
					jobs[i] = start(c, next % 2 ? "nosys" : "zero");
					running++;
				}
				next++;
			}
			sessions[i] = jobs[i] ? &jobs[i]->session : NULL;
			if (jobs[i] && jobs[i]->until < until)
				until = jobs[i]->until;
		}
		if (running)
			session_poll(sessions, AT_ONCE, until);
	} while (running);
	printf("\n@@end posix.stubs.%s %d %lld\n", suite.area, good ? 0 : 1, (long long)(now_ms() - start_ms));
	fflush(stdout);
}
