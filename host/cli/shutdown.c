/* SPDX-License-Identifier: MIT */
/*
 * ringmaster shutdown: a signed order to end all resident enclaves. It is an image, which an enclave of its own checks: so that takes
 * Linux's time, and the secure kernel needs no cryptography. It may be signed elsewhere: where the key is.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../proxy/proxy.h"
#include "cli.h"
#include "device.h"
#include "message.h"

static const char program[] = "an order to shut down\n";	/* an image has one */

struct choice {
	const char *key, *nonce, *output;
};

static void parse(int argc, char **argv, struct choice *choice)
{
	static const struct option options[] = {
		{ "key", required_argument, NULL, 'k' }, { "nonce", required_argument, NULL, 'n' }, { "output", required_argument, NULL, 'o' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":o:", options, NULL)) != -1) {
		if (c == 'k')
			choice->key = optarg;
		else if (c == 'n')
			choice->nonce = optarg;
		else if (c == 'o')
			choice->output = optarg;
		else
			die(STATUS_ERROR, "shutdown: option '%s' %s; see 'ringmaster shutdown --help'", argv[optind - 1],
			    c == ':' ? "needs a value" : "is unknown");
	}
	if (optind != argc)
		die(STATUS_ERROR, "shutdown: takes no arguments; see 'ringmaster shutdown --help'");
	if (choice->nonce != NULL && choice->output == NULL)
		die(STATUS_ERROR, "shutdown: --nonce is for an order that goes to another machine; write --output FILE too");
}

static void find_key(const struct choice *choice, struct key *key)
{
	char error[512];

	if (choice->key == NULL) {
		warn("shutdown: signed with the development key, which everybody has; --key names another");
		key_development(key);
	} else if (key_read(choice->key, key, error, sizeof(error)) != 0) {
		die(STATUS_ERROR, "shutdown: --key %s", error);
	}
}

/* As ringmaster info prints it. */
static void nonce_parse(const char *text, uint64_t nonce[2])
{
	const size_t digits = strspn(text, "0123456789abcdefABCDEF");
	char half[17] = "";

	if (digits != 32 || text[digits] != '\0')
		die(STATUS_ERROR, "shutdown: --nonce: '%s' is not 32 hexadecimal digits; 'ringmaster info' prints them", text);
	nonce[0] = strtoul(memcpy(half, text, 16), NULL, 16);
	nonce[1] = strtoul(memcpy(half, text + 16, 16), NULL, 16);
}

/* Of the secure kernel that runs now. */
static void nonce_ask(int device, uint64_t nonce[2])
{
	struct rm_ioc_stats stats = { 0 };

	if (ioctl(device, RM_IOC_STATS, &stats) != 0 || stats.count <= RM_STAT_NONCE_1)
		die(STATUS_ERROR, "shutdown: the secure kernel does not tell for what an order has to be; install ringmaster, module and firmware from "
		    "one release");
	nonce[0] = stats.stats[RM_STAT_NONCE_0];
	nonce[1] = stats.stats[RM_STAT_NONCE_1];
}

static int put(int fd, const void *bytes, size_t size, uint64_t offset)
{
	return pwrite(fd, bytes, size, (off_t)offset) == (ssize_t)size ? 0 : -1;
}

static int write_order(const struct choice *choice, const struct manifest *order, const struct key *key)
{
	int fd = choice->output == NULL ? memfd_create("ringmaster-order", MFD_CLOEXEC) : open(choice->output, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	struct rm_image image;

	if (fd < 0 && choice->output != NULL)
		die(STATUS_ERROR, "shutdown: cannot write %s: %s", choice->output, strerror(errno));

	if (image_sign(&image, order, program, sizeof(program), key) != 0)
		die(STATUS_ERROR, "shutdown: the key does not sign");
	if (fd < 0 || put(fd, &image, sizeof(image), 0) != 0 || put(fd, order->bytes, order->size, sizeof(image)) != 0 ||
	    put(fd, program, sizeof(program), image.program_offset) != 0)
		die(STATUS_ERROR, "shutdown: no room for the order: %s", strerror(errno));
	return fd;
}

/* In an enclave, as any image. */
_Noreturn static void give_order(int fd, int device, const struct rm_ioc_hello *hello)
{
	static struct proxy proxy;
	static char name[] = "shutdown";
	static char *arguments[] = { name, NULL };

	proxy.device = device;
	proxy.exec_fd = descriptor_out_of_the_way(fd);
	proxy.program = proxy.path = name;
	proxy.arguments = arguments;
	proxy.image = true;
	proxy.gdb = -1;
	proxy.memory_total = hello->memory_total;
	proxy.memory_free = hello->memory_free;
	proxy_run(&proxy, NULL);
}

int cli_shutdown(int argc, char **argv)
{
	static struct manifest order;
	struct choice choice = { 0 };
	struct rm_ioc_hello hello;
	int device = -1, fd;
	uint64_t nonce[2];
	struct key key;

	parse(argc, argv, &choice);
	find_key(&choice, &key);
	if (choice.nonce != NULL) {
		nonce_parse(choice.nonce, nonce);
	} else {
		device = descriptor_out_of_the_way(device_open(&hello));
		nonce_ask(device, nonce);
	}
	manifest_shutdown(&order, nonce);
	fd = write_order(&choice, &order, &key);
	explicit_bzero(&key, sizeof(key));
	if (choice.output != NULL)
		return close(fd) == 0 ? 0 : STATUS_ERROR;
	give_order(fd, device, &hello);
}
