/* SPDX-License-Identifier: MIT */
/*
 * ringmaster shutdown: a signed order to end all resident enclaves. It is an image, which an enclave of its own checks: so that takes
 * Linux's time, and the secure kernel needs no cryptography.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../proxy/proxy.h"
#include "cli.h"
#include "device.h"
#include "message.h"

static const char program[] = "an order to shut down\n";	/* an image has one */

static void parse(int argc, char **argv, struct key *key)
{
	static const struct option options[] = { { "key", required_argument, NULL, 'k' }, { NULL, 0, NULL, 0 } };
	const char *path = NULL;
	char error[512];
	int c;

	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (c != 'k')
			die(STATUS_ERROR, "shutdown: option '%s' %s; see 'ringmaster shutdown --help'", argv[optind - 1],
			    c == ':' ? "needs a value" : "is unknown");
		path = optarg;
	}
	if (optind != argc)
		die(STATUS_ERROR, "shutdown: takes no arguments; see 'ringmaster shutdown --help'");
	if (path == NULL) {
		warn("shutdown: signed with the development key, which everybody has; --key names another");
		key_development(key);
	} else if (key_read(path, key, error, sizeof(error)) != 0) {
		die(STATUS_ERROR, "shutdown: --key %s", error);
	}
}

/* For the secure kernel that runs now, and for one time. */
static void make_order(struct manifest *order, int device)
{
	struct rm_ioc_stats stats = { 0 };

	if (ioctl(device, RM_IOC_STATS, &stats) != 0 || stats.count <= RM_STAT_NONCE_1)
		die(STATUS_ERROR, "shutdown: the secure kernel does not tell for what an order has to be; install ringmaster, module and firmware from "
		    "one release");
	manifest_shutdown(order, (const uint64_t[]){ stats.stats[RM_STAT_NONCE_0], stats.stats[RM_STAT_NONCE_1] });
}

static int put(int fd, const void *bytes, size_t size, uint64_t offset)
{
	return pwrite(fd, bytes, size, (off_t)offset) == (ssize_t)size ? 0 : -1;
}

static int write_order(const struct manifest *order, const struct key *key)
{
	int fd = memfd_create("ringmaster-order", MFD_CLOEXEC);
	struct rm_image image;

	if (image_sign(&image, order, program, sizeof(program), key) != 0)
		die(STATUS_ERROR, "shutdown: the key does not sign");
	if (fd < 0 || put(fd, &image, sizeof(image), 0) != 0 || put(fd, order->bytes, order->size, sizeof(image)) != 0 ||
	    put(fd, program, sizeof(program), image.program_offset) != 0)
		die(STATUS_ERROR, "shutdown: no memory for the order: %s", strerror(errno));
	return fd;
}

int cli_shutdown(int argc, char **argv)
{
	static struct manifest order;
	static struct proxy proxy;
	static char name[] = "shutdown";
	static char *arguments[] = { name, NULL };
	struct rm_ioc_hello hello;
	struct key key;

	parse(argc, argv, &key);
	proxy.device = descriptor_out_of_the_way(device_open(&hello));
	make_order(&order, proxy.device);
	proxy.exec_fd = descriptor_out_of_the_way(write_order(&order, &key));
	explicit_bzero(&key, sizeof(key));
	proxy.program = proxy.path = name;
	proxy.arguments = arguments;
	proxy.image = true;
	proxy.gdb = -1;
	proxy.memory_total = hello.memory_total;
	proxy.memory_free = hello.memory_free;
	proxy_run(&proxy, NULL);
}
