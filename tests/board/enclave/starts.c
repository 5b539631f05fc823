/* SPDX-License-Identifier: MIT */
/* Starts a program, waits, and ends as it did; 100 and the error if it could not be started. */
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char **argv)
{
	int status, error;
	pid_t pid;

	if (argc < 2)
		return 99;
	error = posix_spawn(&pid, argv[1], NULL, NULL, argv + 1, environ);
	if (error)
		return 100 + error;
	if (waitpid(pid, &status, 0) != pid)
		return 98;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 97;
}
