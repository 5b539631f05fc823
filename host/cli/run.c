/* SPDX-License-Identifier: MIT */
/* ringmaster run: checks what can be checked before there is an enclave, then hands over to the proxy. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../proxy/gdb.h"
#include "../proxy/proxy.h"
#include "cli.h"
#include "cpus.h"
#include "device.h"
#include "lookup.h"
#include "message.h"
#include "options.h"
#include "size.h"
#include "spawn.h"

static void find_program(const char *name, char *path, size_t path_size)
{
	int ret = lookup_program(name, getenv("PATH"), path, path_size);

	if (ret == -ENOENT || ret == -ENOTDIR)
		die(STATUS_NOT_FOUND, "%s: %s", name, strerror(-ret));
	if (ret != 0)
		die(STATUS_CANNOT_RUN, "%s: %s", name, strerror(-ret));
}

/* Natively Linux runs such a file by its interpreter; here that one would have to be the enclave. */
static void refuse_script(int fd, const char *name)
{
	char head[2];

	if (pread(fd, head, sizeof(head), 0) == sizeof(head) && head[0] == '#' && head[1] == '!')
		die(STATUS_CANNOT_RUN, "%s: is a script; name its interpreter as the program to run", name);
}

static int open_program(const char *name, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 && errno == EACCES)
		die(STATUS_CANNOT_RUN, "%s: Permission denied; an enclave's program must be readable, not only executable", name);
	if (fd < 0)
		die(STATUS_CANNOT_RUN, "%s: %s", name, strerror(errno));
	refuse_script(fd, name);
	return fd;
}

/* What an image's manifest asks for; whether it is one is the enclave's to judge. */
static void find_reservations(struct proxy *proxy)
{
	struct rm_manifest manifest;

	if (pread(proxy->exec_fd, &manifest, sizeof(manifest), sizeof(struct rm_image)) == sizeof(manifest) &&
	    (manifest.flags & RM_MANIFEST_RESIDENT) && manifest.resident.count <= RM_RESERVATIONS_MAX)
		proxy->resident = manifest.resident;
}

/* An image is known by its first bytes. Which key signed it is told: a key that everybody has proves nothing. */
static bool is_image(struct proxy *proxy)
{
	struct rm_image image;

	if (pread(proxy->exec_fd, &image, sizeof(image), 0) != sizeof(image) || image.magic != RM_IMAGE_MAGIC)
		return false;
	if (key_is_development(image.key))
		warn("%s: signed with the development key, which everybody has", proxy->program);
	find_reservations(proxy);
	return true;
}

/* What --manifest names, or what stands beside the program; NULL: nothing, and all is permitted. */
static const struct manifest *choose_manifest(const struct run_options *options, const struct proxy *proxy)
{
	static struct manifest manifest;
	char beside[PATH_MAX + 8], error[512];
	const char *path = options->manifest;
	int ret;

	if (proxy->image && path != NULL)
		die(STATUS_ERROR, "--manifest: %s is an image, which has its own ('ringmaster inspect %s' prints it)", proxy->program,
		    proxy->program);
	if (proxy->image)
		return NULL;
	if (path == NULL) {
		snprintf(beside, sizeof(beside), "%s.toml", proxy->path);
		path = beside;
	}
	ret = manifest_read(path, program_name(proxy->program), &manifest, error, sizeof(error));
	if (ret == -ENOENT && options->manifest == NULL) {
		if (proxy->verbose)
			warn("%s: no manifest: it may use all that Linux offers, and be debugged", proxy->program);
		return NULL;
	}
	if (ret != 0)
		die(STATUS_ERROR, "manifest %s", error);
	if (proxy->verbose)
		warn("%s: manifest %s", proxy->program, path);
	if (manifest_head(&manifest)->flags & RM_MANIFEST_RESIDENT)
		die(STATUS_ERROR, "%s: the manifest %s has reservations, which only a signed image may have; pack it first ('ringmaster pack "
		    "%s -o IMAGE'), and run the image", proxy->program, path, proxy->program);
	if ((manifest_head(&manifest)->flags & RM_MANIFEST_ARGUMENTS) && options->program[1] != NULL)
		die(STATUS_ERROR, "%s: the manifest %s fixes the arguments; give none, or take 'arguments' out of it", proxy->program, path);
	if (proxy->tracing != NULL && !(manifest_head(&manifest)->flags & RM_MANIFEST_DEBUG))
		die(STATUS_ERROR, "%s: the manifest %s does not permit debugging; write debug = true into it", proxy->program, path);
	return &manifest;
}

static void check_memory(const struct run_options *options, const struct rm_ioc_hello *hello)
{
	char asked[32], total[32];

	if (options->memory > hello->memory_total)
		die(STATUS_ERROR, "--memory: %s is more than this board has for enclaves (%s)",
		    size_format(options->memory, asked, sizeof(asked)),
		    size_format(hello->memory_total, total, sizeof(total)));
}

/* Keeps the program's thread off the CPU that polls. */
static void choose_cpus(const struct run_options *options, struct proxy *proxy)
{
	cpu_set_t set;
	char error[256];

	proxy->sync = options->host_calls == HOST_CALLS_SYNC;
	proxy->switchless = options->host_calls == HOST_CALLS_AUTO;
	if (proxy->resident.count > 0 && (proxy->sync || options->poll != POLL_OFF))
		die(STATUS_ERROR, "%s: has reservations, and waits for nobody who polls; leave --poll and --host-calls=sync out", proxy->program);
	if (options->poll == POLL_OFF)
		return;
	proxy->poll = true;
	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		die(STATUS_ERROR, "--poll: cannot tell the CPUs: %s", strerror(errno));
	if (cpus_choose(&set, options->poll, options->poll_cpu, &proxy->poll_cpu, error, sizeof(error)) != 0)
		die(STATUS_ERROR, "%s", error);
	CPU_CLR(proxy->poll_cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) != 0)
		die(STATUS_ERROR, "--poll: cannot keep the program off CPU %u: %s", proxy->poll_cpu, strerror(errno));
}

int cli_run(int argc, char **argv)
{
	return run_traced(argc, argv, NULL);
}

/* tracing: NULL if not. */
int run_traced(int argc, char **argv, const struct tracing *tracing)
{
	static struct proxy proxy;
	static char path[PATH_MAX];
	struct run_options options;
	struct rm_ioc_hello hello;
	char error[256];

	if (run_options_parse(argc, argv, &options, error, sizeof(error)) != 0)
		die(STATUS_ERROR, "%s; see 'ringmaster run --help'", error);
	if (options.help)
		return cli_help_print("run");

	/* First of all: what is open now is the program's, what is opened from here on is ours. */
	descriptors_inherited(proxy.inherited);
	find_program(options.program[0], path, sizeof(path));
	proxy.program = options.program[0];
	proxy.path = path;
	proxy.arguments = options.program;
	if (options.argv0 != NULL)
		*proxy.arguments = (char *)(uintptr_t)options.argv0;
	unsetenv(RM_SPAWN_VARIABLE);
	proxy.no_host_programs = options.no_host_programs;
	proxy.windows = !options.no_windows && options.host_calls != HOST_CALLS_SYNC;
	proxy.stats = options.stats;
	proxy.verbose = options.verbose;
	proxy.tracing = tracing;
	proxy.exec_fd = descriptor_out_of_the_way(open_program(proxy.program, path));
	proxy.image = is_image(&proxy);
	proxy.manifest = choose_manifest(&options, &proxy);
	proxy.device = descriptor_out_of_the_way(device_open(&hello));
	proxy.memory_limit = options.memory;
	proxy.memory_total = hello.memory_total;
	proxy.memory_free = hello.memory_free;
	check_memory(&options, &hello);
	proxy.gdb = -1;
	if (options.core != NULL)
		core_name(&proxy, options.core);
	if (options.gdb)
		gdb_listen(&proxy, options.gdb_path, options.gdb_port);
	choose_cpus(&options, &proxy);
	proxy_run(&proxy, options.name);
}
