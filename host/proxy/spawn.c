/* SPDX-License-Identifier: MIT */
/*
 * posix_spawn() for an enclave: the request (abi/spawn.h) is checked, then a child is made by vfork(), gets the program's descriptors under the
 * program's numbers, does the file actions and becomes the program: by `ringmaster run` if it is one for enclaves, else as Linux runs it.
 *
 * The child shares our memory until then: it calls nothing that allocates or locks, and writes only into its `struct job`.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "proxy.h"
#include "note.h"
#include "spawn.h"

#define FD_ABOVE	(2 * (int)RM_FD_MAX)	/* where descriptors are out of the way of all numbers that are asked for */
#define BUSY_TURNS	1000
#define RUN_WORDS	8			/* in front of the arguments: ringmaster run --memory N ... -- PATH */

struct job {
	const struct proxy *proxy;
	const char *request;		/* our copy; strings in it end within it */
	size_t size;
	struct rm_spawn head;
	const struct rm_spawn_fd *fds;
	int *moved;			/* where they are meanwhile */
	unsigned fd_count;
	const char *path, *search;
	char **words;			/* RUN_WORDS free places, then argv */
	char **environment;		/* with RM_SPAWN_VARIABLE in front, which only host programs get */
	const char *ringmaster;
	struct rlimit descriptors;
	int error;			/* the child's: why it did not become the program */
};

/*
 * The request
 */

/* The next string behind *at, which moves on; NULL at the end of the request. */
static char *next_string(const struct job *job, size_t *at)
{
	char *text = (char *)(uintptr_t)job->request + *at;

	if (*at >= job->size)
		return NULL;
	*at += strlen(text) + 1;
	return text;
}

/* count strings into list, and NULL. */
static int take_list(const struct job *job, size_t *at, uint32_t count, char **list)
{
	for (uint32_t i = 0; i < count; i++) {
		list[i] = next_string(job, at);
		if (list[i] == NULL)
			return -EINVAL;
	}
	list[count] = NULL;
	return 0;
}

static int check_head(struct job *job)
{
	const struct rm_spawn *head = &job->head;
	const size_t actions = sizeof(*head) + (size_t)head->actions * sizeof(struct rm_spawn_action);

	if (head->actions > job->size || actions > job->size || head->strings < actions || head->strings >= job->size ||
	    head->argc > job->size || head->envc > job->size || job->request[job->size - 1] != '\0')
		return -EINVAL;
	return 0;
}

static int parse(struct job *job, char *variable)
{
	size_t at;
	int ret;

	memcpy(&job->head, job->request, sizeof(job->head));
	ret = check_head(job);
	if (ret != 0)
		return ret;
	at = job->head.strings;
	job->path = next_string(job, &at);
	job->search = job->head.flags & RM_SPAWN_SEARCH ? next_string(job, &at) : NULL;
	job->words = calloc(job->head.argc + RUN_WORDS + 2, sizeof(*job->words));
	job->environment = calloc(job->head.envc + 2, sizeof(*job->environment));
	job->moved = calloc(job->fd_count + 1, sizeof(*job->moved));
	if (job->words == NULL || job->environment == NULL || job->moved == NULL)
		return -ENOMEM;
	job->environment[0] = variable;
	ret = take_list(job, &at, job->head.argc, job->words + RUN_WORDS);
	return ret != 0 ? ret : take_list(job, &at, job->head.envc, job->environment + 1);
}

/*
 * The child
 */

/* Every descriptor of the program at its number, nothing else open below FD_ABOVE. */
static int place_descriptors(struct job *job)
{
	struct rlimit room = { .rlim_cur = job->descriptors.rlim_max, .rlim_max = job->descriptors.rlim_max };

	setrlimit(RLIMIT_NOFILE, &room);
	for (unsigned i = 0; i < job->fd_count; i++) {
		job->moved[i] = fcntl(job->fds[i].host_fd, F_DUPFD_CLOEXEC, FD_ABOVE);
		if (job->moved[i] < 0 && errno != EBADF)
			return errno;
	}
	syscall(SYS_close_range, 0, FD_ABOVE - 1, 0);
	for (unsigned i = 0; i < job->fd_count; i++)
		if (job->moved[i] >= 0 && dup3(job->moved[i], job->fds[i].fd, job->fds[i].cloexec ? O_CLOEXEC : 0) < 0)
			return errno;
	syscall(SYS_close_range, FD_ABOVE, ~0u, 0);
	setrlimit(RLIMIT_NOFILE, &job->descriptors);
	return 0;
}

static int open_at(const struct rm_spawn_action *action, const char *path)
{
	int fd = open(path, action->flags, action->mode);

	if (fd < 0)
		return -1;
	if (fd == action->fd)
		return 0;
	if (dup2(fd, action->fd) < 0)
		return -1;
	close(fd);
	return 0;
}

static int duplicate(const struct rm_spawn_action *action)
{
	int flags;

	if (action->source != action->fd)
		return dup2(action->source, action->fd);
	flags = fcntl(action->fd, F_GETFD);
	return flags < 0 ? -1 : fcntl(action->fd, F_SETFD, flags & ~FD_CLOEXEC);
}

static int act(const struct job *job, const struct rm_spawn_action *action)
{
	const char *path = job->request + action->path;

	if (action->path >= job->size) {
		errno = EINVAL;
		return -1;
	}
	switch ((enum rm_spawn_kind)action->kind) {
	case RM_SPAWN_CLOSE:
		close(action->fd);	/* whether it was open or not */
		return 0;
	case RM_SPAWN_DUP:
		return duplicate(action);
	case RM_SPAWN_OPEN:
		return open_at(action, path);
	case RM_SPAWN_CHDIR:
		return chdir(path);
	case RM_SPAWN_FCHDIR:
		return fchdir(action->fd);
	default:
		errno = EINVAL;
		return -1;
	}
}

static int do_actions(const struct job *job)
{
	const char *at = job->request + sizeof(job->head);
	struct rm_spawn_action action;

	for (uint32_t i = 0; i < job->head.actions; i++, at += sizeof(action)) {
		memcpy(&action, at, sizeof(action));
		if (act(job, &action) < 0)
			return errno;
	}
	return 0;
}

/* No handler of ours may run in the child. */
static void reset_signals(const struct job *job)
{
	const struct sigaction defaults = { .sa_handler = SIG_DFL };
	struct sigaction now;

	for (int i = 1; i < NSIG; i++) {
		const bool wanted = (job->head.flags & RM_SPAWN_SET_DEFAULTS) && (job->head.defaults >> (i - 1) & 1);

		if (sigaction(i, NULL, &now) == 0 && (wanted || now.sa_handler != SIG_IGN))
			sigaction(i, &defaults, NULL);
	}
}

static int set_attributes(const struct job *job)
{
	const uint32_t flags = job->head.flags;

	reset_signals(job);
	if ((flags & RM_SPAWN_SET_SESSION) && setsid() < 0)
		return errno;
	if ((flags & RM_SPAWN_SET_GROUP) && setpgid(0, job->head.process_group) != 0)
		return errno;
	if ((flags & RM_SPAWN_RESET_IDS) &&
	    (syscall(SYS_setgid, getgid()) != 0 || syscall(SYS_setuid, getuid()) != 0))
		return errno;
	return 0;
}

static void set_mask(const struct job *job)
{
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &job->head.mask, NULL, sizeof(job->head.mask));
}

/* `ringmaster run [options] [--argv0 NAME] -- PATH ARGUMENTS`, in the places in front of the arguments. */
static void run_enclave(struct job *job, const char *path)
{
	char **argv = job->words + RUN_WORDS, **first = argv;
	const char *name = argv[0];

	/* Without any argument, not even a name, the list's end stands where the path goes. */
	if (name == NULL)
		argv[1] = NULL;
	*first = (char *)(uintptr_t)path;
	*--first = (char *)"--";
	if (name != NULL) {
		*--first = (char *)(uintptr_t)name;
		*--first = (char *)"--argv0";
	}
	if (job->proxy->no_host_programs)
		*--first = (char *)"--no-host-programs";
	if (!job->proxy->windows)
		*--first = (char *)"--windows=off";
	*--first = (char *)"run";
	*--first = (char *)"ringmaster";
	execve(job->ringmaster, first, job->environment + 1);
	*argv = (char *)(uintptr_t)name;
}

/*
 * execve(). io_uring says that a write is done a moment before its worker lets go of the file, so one that the enclave wrote and closed
 * just now can still be busy: the worker gets the core for some turns.
 */
static int execute(const char *path, char **words, char **environment)
{
	for (int turns = 0;; turns++) {
		execve(path, words, environment);
		if (errno != ETXTBSY || turns == BUSY_TURNS)
			return errno;
		sched_yield();
	}
}

/* Returns only if the file cannot be the program: why. */
static int become(struct job *job, const char *path)
{
	struct stat st;
	int kind;

	if (*path == '\0')
		return ENOENT;
	kind = note_of_program(path);
	if (kind == NOTE_ENCLAVE) {
		if (stat(path, &st) != 0)
			return errno;
		if (!S_ISREG(st.st_mode) || faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) != 0)
			return EACCES;
		set_mask(job);
		run_enclave(job, path);
		return errno;
	}
	if (job->proxy->no_host_programs)
		return access(path, F_OK) == 0 ? EACCES : errno;
	set_mask(job);
	return execute(path, job->words + RUN_WORDS, job->environment);
}

/* Names without a slash are looked up by `ringmaster run` as well, but are files of the current folder here. */
static int become_in(struct job *job, const char *folder, size_t length, const char *name)
{
	char path[PATH_MAX];

	if (length + strlen(name) + 2 > sizeof(path))
		return ENAMETOOLONG;
	memcpy(path, folder, length);
	path[length] = '/';
	strcpy(path + length + 1, name);
	return become(job, path);
}

static int search(struct job *job)
{
	bool refused = false;

	if (job->search == NULL || *job->path == '\0' || strchr(job->path, '/') != NULL)
		return strchr(job->path, '/') != NULL || *job->path == '\0' ? become(job, job->path) :
									      become_in(job, ".", 1, job->path);
	if (strlen(job->path) > NAME_MAX)
		return ENAMETOOLONG;
	for (const char *p = job->search;; p++) {
		const size_t length = strcspn(p, ":");
		const int error = length == 0 ? become_in(job, ".", 1, job->path) : become_in(job, p, length, job->path);

		if (error == EACCES)
			refused = true;
		else if (error != ENOENT && error != ENOTDIR)
			return error;
		p += length;
		if (*p == '\0')
			return refused ? EACCES : ENOENT;
	}
}

static _Noreturn void child(struct job *job)
{
	int error = place_descriptors(job);

	if (error == 0)
		error = set_attributes(job);
	if (error == 0)
		error = do_actions(job);
	if (error == 0)
		error = search(job);
	job->error = error;
	_exit(127);
}

/*
 * The parent
 */

/* volatile: what the child wrote is read after vfork() returned a second time. */
static int64_t start(struct job *volatile job)
{
	sigset_t all, old;
	pid_t pid;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pid = vfork();
	if (pid == 0)
		child(job);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (pid < 0)
		return -errno;
	if (job->error == 0)
		return pid;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return -job->error;
}

static const char *own_path(void)
{
	static char path[PATH_MAX];
	const ssize_t size = readlink("/proc/self/exe", path, sizeof(path) - 1);

	return size > 0 ? path : "/usr/bin/ringmaster";
}

int64_t spawn_serve(const struct proxy *proxy, const struct rm_host_call *call, const struct region *region)
{
	struct job job = { .proxy = proxy, .size = call->arg[1], .ringmaster = own_path() };
	char variable[PATH_MAX + sizeof(RM_SPAWN_VARIABLE) + 1], *request;
	int64_t ret;

	if (call->arg[1] < sizeof(job.head) || call->arg[1] > RM_SPAWN_MAX || call->arg[3] > RM_FD_MAX ||
	    call->arg[0] > REGION_SIZE - call->arg[1] || call->arg[2] > REGION_SIZE - call->arg[3] * sizeof(*job.fds) || call->arg[2] % 8)
		return -EINVAL;
	request = malloc(job.size);
	if (request == NULL)
		return -ENOMEM;
	memcpy(request, region->base + call->arg[0], job.size);
	job.request = request;
	job.fds = (const struct rm_spawn_fd *)(const void *)(region->base + call->arg[2]);
	job.fd_count = (unsigned)call->arg[3];
	snprintf(variable, sizeof(variable), RM_SPAWN_VARIABLE "=%s", job.ringmaster);
	getrlimit(RLIMIT_NOFILE, &job.descriptors);
	ret = parse(&job, variable);
	if (ret == 0)
		ret = start(&job);
	free(job.words);
	free(job.environment);
	free(job.moved);
	free(request);
	return ret;
}
