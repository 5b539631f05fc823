/* SPDX-License-Identifier: MIT */
/* An enclave whose standard input and output are sockets, as a super-server starts it: of two types, and with a timeout. */
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spawn.h"

static pid_t start(const char *command, int fd)
{
	pid_t pid = fork();

	if (pid == 0) {
		dup2(fd, 0);
		dup2(fd, 1);
		t_exec(command);
	}
	return pid;
}

static void capitals(int type)
{
	const struct timeval patience = { .tv_sec = 20 };
	char text[20] = "";
	int pair[2], status = -1;
	pid_t pid;

	MUST(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair) == 0);
	MUST(setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0);
	pid = start(t_run("upper"), pair[1]);
	close(pair[1]);
	CHECK(send(pair[0], "letters", 7, 0) == 7);
	CHECK(shutdown(pair[0], SHUT_WR) == 0);
	CHECK(recv(pair[0], text, sizeof(text), 0) == 7);
	CHECK(strcmp(text, "LETTERS") == 0);
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	close(pair[0]);
}

/* The socket has a timeout already: who inherits it keeps it. */
static void timeout(void)
{
	const struct timeval soon = { .tv_usec = 100000 };
	int pair[2], status = -1;
	pid_t pid;

	MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	MUST(setsockopt(pair[1], SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon)) == 0);
	pid = start(t_run("upper"), pair[1]);
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	capitals(SOCK_STREAM);
	capitals(SOCK_SEQPACKET);
	timeout();
	return t_done();
}
