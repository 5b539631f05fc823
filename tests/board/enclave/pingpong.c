/* SPDX-License-Identifier: MIT */
/* pingpong N: N times 100 bytes through a pair of sockets and back, with read, write, sendmsg and recvmsg. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char data[100] = "ping";
	struct iovec vector = { data, sizeof(data) };
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1 };
	int pair[2];

	if (argc != 2 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
		return 1;
	for (long i = 0; i < atol(argv[1]); i++)
		if (write(pair[0], data, sizeof(data)) != sizeof(data) || recvmsg(pair[1], &message, 0) != sizeof(data) ||
		    sendmsg(pair[1], &message, 0) != sizeof(data) || read(pair[0], data, sizeof(data)) != sizeof(data))
			return 2;
	printf("%.4s\n", data);
	return 0;
}
