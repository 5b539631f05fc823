/* SPDX-License-Identifier: MIT */
/* terminal: tells what it knows of its terminal, again after a line, then asks for a password. */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static void print_size(void)
{
	struct winsize size = { 0 };

	ioctl(1, TIOCGWINSZ, &size);
	printf("size %d x %d\n", size.ws_row, size.ws_col);
	fflush(stdout);
}

int main(void)
{
	char line[64];
	struct termios saved, quiet;

	printf("isatty %d %d\n", isatty(0), isatty(1));
	print_size();
	if (!fgets(line, sizeof(line), stdin))
		return 1;
	print_size();
	if (tcgetattr(0, &saved))
		return 2;
	quiet = saved;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	if (tcsetattr(0, TCSAFLUSH, &quiet))
		return 3;
	printf("password: ");
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		return 4;
	if (tcsetattr(0, TCSANOW, &saved))
		return 5;
	printf("%zu letters\n", strcspn(line, "\n"));
	return 0;
}
