/* SPDX-License-Identifier: MIT */
/* /dev/secure on registers that are memory: names, flags, bytes, orders, waits; and that Linux is never asked. */
#define _GNU_SOURCE
#include <string.h>

#include "load/policy.h"
#include "model/program.h"

enum { IN = 1, OUT = 4 };
#define UART(offset)	model.device[0][(offset) / 4]
#define GPIO(offset)	model.device[1][(offset) / 4]
#define FLAGS		UART(0x18)
#define EMPTY		0x10u
#define FULL		0x20u

static unsigned calls;

static int setup(void **state)
{
	(void)state;
	model_attach(false, 7);
	rm_policy.devices = RM_DEVICE_UART0 | RM_DEVICE_GPIO0;
	FLAGS = EMPTY;
	calls = model.calls + model.submits;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	assert_int_equal(model.calls + model.submits, calls);
	rm_policy.devices = 0;
	model_stop();
	return 0;
}

static long open_device(const char *name, uint32_t flags)
{
	return CALL3(openat, LX_AT_FDCWD, name, flags);
}

static void test_names(void **state)
{
	long fd;

	(void)state;
	EXPECT(open_device("/dev/secure/uart1", 0), -ENOENT);
	EXPECT(open_device("/dev/secure/uart0/", 0), -ENOENT);
	EXPECT(open_device("/dev//secure/uart0", 0), -ENOENT);
	EXPECT(open_device("/dev/secure", 0), -ENOENT);
	EXPECT(open_device("/dev/secure/uart0", LX_O_CREAT | LX_O_EXCL), -EEXIST);
	rm_policy.devices = RM_DEVICE_UART0;
	EXPECT(open_device("/dev/secure/gpio0", 0), -ENOENT);
	fd = open_device("/dev/secure/uart0", LX_O_RDWR);
	EXPECT(fd, 3);
	EXPECT(UART(0x30), 0x301);	/* it is started once */
	EXPECT(CALL1(dup, fd), 4);
	EXPECT(CALL1(close, fd), 0);
	EXPECT(CALL3(fcntl, 4, LX_F_GETFL, 0), LX_O_RDWR);
	EXPECT(CALL1(close, 4), 0);
	rm_policy.devices = 0;
	EXPECT(open_device("/dev/secure/uart0", 0), -ENOENT);
}

/* The device takes one byte, and then is full. */
static void fill(uint64_t devices, uint64_t until)
{
	(void)until;
	assert_int_equal(devices, RM_DEVICE_UART0);
	assert_int_equal(UART(0x38), 0x20);
	FLAGS &= ~FULL;
}

static void arrive(uint64_t devices, uint64_t until)
{
	(void)until;
	assert_int_equal(devices, RM_DEVICE_UART0);
	assert_int_equal(UART(0x38), 0x50);
	FLAGS &= ~EMPTY;
	UART(0) = 0xf41;	/* with marks of errors of the line */
}

static void test_bytes(void **state)
{
	const long fd = open_device("/dev/secure/uart0", LX_O_RDWR);
	char text[2] = "";
	int on = 1;

	(void)state;
	EXPECT(CALL3(write, fd, "ab", 2), 2);
	EXPECT(UART(0), 'b');
	FLAGS |= FULL;
	model.device_waits = fill;
	EXPECT(CALL3(write, fd, "c", 1), 1);
	EXPECT(UART(0), 'c');
	EXPECT(UART(0x38), 0);
	model.device_waits = arrive;
	EXPECT(CALL3(read, fd, text, 2), 2);
	EXPECT(text[1], 'A');
	FLAGS = EMPTY | FULL;
	EXPECT(CALL3(ioctl, fd, 0x5421, &on), 0);
	EXPECT(CALL3(read, fd, text, 1), -EAGAIN);
	EXPECT(CALL3(write, fd, text, 1), -EAGAIN);
	EXPECT(CALL3(write, fd, 8, 1), -EFAULT);
	EXPECT(CALL3(lseek, fd, 0, 0), -ESPIPE);
}

static void test_poll(void **state)
{
	struct lx_pollfd fds[2] = { { .fd = (int)open_device("/dev/secure/uart0", LX_O_RDWR), .events = IN }, { .fd = 0, .events = IN } };
	const struct lx_timespec none = { 0 };

	(void)state;
	EXPECT(CALL4(ppoll, fds, 1, &none, 0), 0);
	EXPECT(CALL4(ppoll, fds, 2, &none, 0), -EOPNOTSUPP);
	model.device_waits = arrive;
	EXPECT(CALL4(ppoll, fds, 1, 0, 0), 1);
	EXPECT(fds[0].revents, IN);
	fds[0].events = IN | OUT;
	EXPECT(CALL4(ppoll, fds, 1, 0, 0), 1);
	EXPECT(fds[0].revents, IN | OUT);
}

static void test_orders(void **state)
{
	const long fd = open_device("/dev/secure/gpio0", LX_O_RDWR);
	static const char *const wrong[] = { "8=1", "3", "3=", "3=2", "=1", "3=1\n\n", "3=highest!", "1=1\n3=on", " 3=1", "3=in " };
	char text[16];

	(void)state;
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		EXPECT(CALL3(write, fd, wrong[i], strlen(wrong[i])), -EINVAL);
	EXPECT(GPIO(0x400), 0);
	EXPECT(GPIO(8), 0);
	EXPECT(CALL3(write, fd, "3=1\n0=0\n7=in", 12), 12);
	EXPECT(GPIO(0x400), 9);
	EXPECT(GPIO(4 << 3), 8);
	EXPECT(CALL3(write, fd, "3=in\n5=falling\n6=both\n2=high\n", 29), 29);
	EXPECT(GPIO(0x400), 1);
	EXPECT(GPIO(0x404), 4);
	EXPECT(GPIO(0x408), 0x40);
	EXPECT(GPIO(0x40c), 4);
	EXPECT(GPIO(0x410), 0x64);
	EXPECT(CALL3(write, fd, "6=quiet", 7), 7);
	EXPECT(GPIO(0x410), 0x24);
	GPIO(0x3fc) = 0x81;
	GPIO(0x414) = 0x60;
	EXPECT(CALL3(read, fd, text, 8), -EINVAL);
	EXPECT(CALL3(read, fd, text, sizeof(text)), 9);
	assert_memory_equal(text, "10000001\n", 9);
	EXPECT(GPIO(0x41c), 0x20);
	EXPECT(CALL3(ioctl, fd, 0x5401, text), -ENOTTY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_poll, setup, teardown),
		cmocka_unit_test_setup_teardown(test_orders, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
