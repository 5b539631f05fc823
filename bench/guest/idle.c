/* SPDX-License-Identifier: MIT */
/*
 * idle [-o OPTION]... [-s SUFFIX] SECONDS PROGRAM: what a program costs that waits for a socket for so long, natively and as an enclave, both at
 * once, in real time. Rows: ticks of user and system time of all threads of the process, an enclave's polling thread included (the
 * Secure world's time is its Linux thread's system time); the enclave's entries; the program's own CPU time for falling asleep, waiting and waking.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "side.h"

#define SETTLE_SECONDS 3	/* for a polling thread, which looks for a second before it sleeps */

struct waiter {
	struct side side;
	int peer;		/* the other end of its connection */
	unsigned long ticks, entries;	/* when it began to wait */
	double own;		/* us */
};

static unsigned long ticks_of_thread(pid_t pid, const char *thread)
{
	unsigned long user, system;
	char path[512], line[1024] = "", *end;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%s/stat", (int)pid, thread);
	file = fopen(path, "r");
	if (file == NULL || fgets(line, sizeof(line), file) == NULL)
		err(1, "%s", path);
	fclose(file);
	end = strrchr(line, ')');
	if (end == NULL || sscanf(end + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
		errx(1, "not understood: %s", path);
	return user + system;
}

static unsigned long ticks_of(pid_t pid)
{
	const struct dirent *entry;
	unsigned long ticks = 0;
	char path[64];
	DIR *threads;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	threads = opendir(path);
	if (threads == NULL)
		err(1, "%s", path);
	while ((entry = readdir(threads)) != NULL) {
		if (entry->d_name[0] != '.')
			ticks += ticks_of_thread(pid, entry->d_name);
	}
	closedir(threads);
	return ticks;
}

static unsigned long entries_of(const struct waiter *w)
{
	return side_counters(&w->side).stats[RM_STAT_ENTRIES];
}

static int listen_anywhere(unsigned *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t size = sizeof(address);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 1) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &size) != 0)
		err(1, "a port");
	*port = ntohs(address.sin_port);
	return fd;
}

/* Ends its wait. */
static void wake(struct waiter *w)
{
	char line[64];

	if (send(w->peer, "x", 1, MSG_NOSIGNAL) != 1)
		err(1, "the %s program's connection", w->side.kind);
	side_hear(&w->side, line, sizeof(line));
	w->own = strtod(line, NULL) / 1000;
}

static void begin(struct waiter *w, const char *program, const char *kind)
{
	char number[16], line[64];
	unsigned port;
	const int fd = listen_anywhere(&port);

	snprintf(number, sizeof(number), "%u", port);
	side_start(&w->side, program, kind, (char *[]){ "socket", number, NULL });
	w->peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC);	/* the other waiter must not keep it open */
	if (w->peer < 0)
		err(1, "accept");
	close(fd);
	side_hear(&w->side, line, sizeof(line));
	wake(w);	/* the first wait brings all that it needs into memory */
}

static void end(struct waiter *w)
{
	wake(w);
	close(w->peer);
	side_finish(&w->side);
}

static void compare(const char *program, unsigned seconds, const char *suffix)
{
	struct waiter waiters[2];
	unsigned long ticks[2], entries;
	char name[64];

	begin(&waiters[0], program, "native");
	begin(&waiters[1], program, "enclave");
	sleep(SETTLE_SECONDS);
	for (int i = 0; i < 2; i++)
		waiters[i].ticks = ticks_of(waiters[i].side.pid);
	waiters[1].entries = entries_of(&waiters[1]);
	sleep(seconds);
	entries = entries_of(&waiters[1]) - waiters[1].entries;
	for (int i = 0; i < 2; i++) {
		ticks[i] = ticks_of(waiters[i].side.pid) - waiters[i].ticks;
		end(&waiters[i]);
	}
	snprintf(name, sizeof(name), "idle.ticks%s", suffix);
	side_print_fact(name, "ticks", (double)ticks[0], (double)ticks[1]);
	snprintf(name, sizeof(name), "idle.entries%s", suffix);
	side_print_fact(name, "entries", 0, (double)entries);
	snprintf(name, sizeof(name), "idle.own%s", suffix);
	side_print_fact(name, "us", waiters[0].own, waiters[1].own);
}

int main(int argc, char **argv)
{
	const char *suffix = "";
	int option;

	while ((option = getopt(argc, argv, "o:s:")) >= 0) {
		if (option == 'o')
			side_option(optarg);
		else if (option == 's')
			suffix = optarg;
		else
			return 2;
	}
	if (argc - optind != 2)
		return 2;
	compare(argv[optind + 1], (unsigned)atoi(argv[optind]), suffix);
	return 0;
}
