/* SPDX-License-Identifier: MIT */
/* ringmaster attach: a new process for an enclave that lives without one. */
#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../proxy/proxy.h"
#include "cli.h"
#include "device.h"
#include "message.h"

/* By its number, or by the name that one alone has. */
static uint32_t find(int device, const char *text)
{
	struct rm_ioc_list list = { 0 };
	uint32_t found = 0;
	char *end;
	unsigned long id = strtoul(text, &end, 10);

	if (*text >= '0' && *text <= '9' && *end == '\0' && id > 0 && id <= UINT32_MAX)
		return (uint32_t)id;
	while (ioctl(device, RM_IOC_LIST, &list) == 0) {
		if (list.pid != 0 || strcmp(list.name, text) != 0)
			continue;
		if (found != 0)
			die(STATUS_ERROR, "attach: several enclaves without a process are called '%s'; give a number, as 'ringmaster ps' shows them", text);
		found = list.id;
	}
	if (found == 0)
		die(STATUS_ERROR, "attach: there is no enclave '%s' without a process; 'ringmaster ps' shows which there are", text);
	return found;
}

int cli_attach(int argc, char **argv)
{
	static const struct option options[] = { { "stats", no_argument, NULL, 's' }, { "verbose", no_argument, NULL, 'v' }, { 0 } };
	static struct proxy proxy;
	struct rm_ioc_hello hello;
	int option;

	descriptors_inherited(proxy.inherited);
	while ((option = getopt_long(argc, argv, "+v", options, NULL)) != -1) {
		if (option == '?')
			die(STATUS_ERROR, "attach: see 'ringmaster attach --help'");
		proxy.stats = proxy.stats || option == 's';
		proxy.verbose = proxy.verbose || option == 'v';
	}
	if (argc - optind != 1)
		die(STATUS_ERROR, "attach: give one enclave, by its number or name; see 'ringmaster attach --help'");
	proxy.device = descriptor_out_of_the_way(device_open(&hello));
	proxy.memory_total = hello.memory_total;
	proxy.memory_free = hello.memory_free;
	proxy.gdb = -1;
	proxy.no_host_programs = false;
	proxy_attach(&proxy, find(proxy.device, argv[optind]));
}
