/* SPDX-License-Identifier: MIT */
/* ringmaster pack: program, manifest and key into a signed image. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../proxy/proxy.h"
#include "cli.h"
#include "manifest/manifest.h"
#include "message.h"

struct choice {
	const char *manifest, *key, *output, *program;
};

static void parse(int argc, char **argv, struct choice *choice)
{
	static const struct option options[] = {
		{ "manifest", required_argument, NULL, 'm' }, { "key", required_argument, NULL, 'k' },
		{ "output", required_argument, NULL, 'o' }, { NULL, 0, NULL, 0 },
	};
	int c;

	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":o:", options, NULL)) != -1) {
		if (c == 'm')
			choice->manifest = optarg;
		else if (c == 'k')
			choice->key = optarg;
		else if (c == 'o')
			choice->output = optarg;
		else
			die(STATUS_ERROR, "pack: option '%s' %s; see 'ringmaster pack --help'", argv[optind - 1], c == ':' ? "needs a value" : "is unknown");
	}
	if (optind + 1 != argc)
		die(STATUS_ERROR, "pack: one program, please; see 'ringmaster pack --help'");
	if (choice->output == NULL)
		die(STATUS_ERROR, "pack: where to? Write -o IMAGE");
	choice->program = argv[optind];
}

/* The program's bytes, mapped. */
static const void *map_program(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	void *at;

	if (fd < 0 || fstat(fd, &status) != 0)
		die(STATUS_ERROR, "pack: %s: %s", path, strerror(errno));
	if (!S_ISREG(status.st_mode) || status.st_size == 0 || (uint64_t)status.st_size > RM_IMAGE_PROGRAM_MAX)
		die(STATUS_ERROR, "pack: %s: is not a program (a file of 1 byte to 1 GiB)", path);
	at = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (at == MAP_FAILED)
		die(STATUS_ERROR, "pack: %s: %s", path, strerror(errno));
	if (status.st_size < 4 || memcmp(at, "\177ELF", 4) != 0)
		die(STATUS_ERROR, "pack: %s: is not a program (no ELF file); build one with ringmaster-cc", path);
	*size = (size_t)status.st_size;
	return at;
}

static void find_manifest(const struct choice *choice, struct manifest *manifest)
{
	char beside[PATH_MAX], error[512];
	const char *path = choice->manifest;
	int ret;

	snprintf(beside, sizeof(beside), "%s.toml", choice->program);
	ret = manifest_read(path != NULL ? path : beside, program_name(choice->program), manifest, error, sizeof(error));
	if (ret == -ENOENT && path == NULL) {
		manifest_default(manifest, choice->key == NULL);
		warn("pack: %s: no manifest: it may use all that Linux offers, and %s be debugged", choice->program,
		     choice->key == NULL ? "may" : "must not");
	} else if (ret != 0) {
		die(STATUS_ERROR, "pack: manifest %s", error);
	}
}

static void find_key(const struct choice *choice, struct key *key)
{
	char error[512];

	if (choice->key == NULL) {
		warn("pack: signed with the development key, which everybody has: for trials only; --key names another");
		key_development(key);
	} else if (key_read(choice->key, key, error, sizeof(error)) != 0) {
		die(STATUS_ERROR, "pack: --key %s", error);
	}
}

static int put(FILE *out, const void *bytes, size_t size)
{
	return fwrite(bytes, 1, size, out) == size ? 0 : -1;
}

/* Under another name until it is whole. */
static void write_image(const char *path, const struct rm_image *image, const struct manifest *manifest, const void *program)
{
	static const uint8_t zeroes[RM_IMAGE_ALIGN];
	char part[PATH_MAX];
	FILE *out;
	bool failed;

	snprintf(part, sizeof(part), "%s.part", path);
	out = fopen(part, "we");
	if (out == NULL)
		die(STATUS_ERROR, "pack: cannot write %s: %s", path, strerror(errno));
	failed = put(out, image, sizeof(*image)) != 0 || put(out, manifest->bytes, manifest->size) != 0 ||
		 put(out, zeroes, image->program_offset - sizeof(*image) - manifest->size) != 0 ||
		 put(out, program, image->program_size) != 0 || fchmod(fileno(out), 0755) != 0;
	failed |= fclose(out) != 0;
	if (failed || rename(part, path) != 0) {
		int problem = errno;

		unlink(part);
		die(STATUS_ERROR, "pack: cannot write %s: %s", path, strerror(problem));
	}
}

int cli_pack(int argc, char **argv)
{
	static struct manifest manifest;
	struct choice choice = { 0 };
	struct rm_image image;
	const void *program;
	struct key key;
	size_t size;

	parse(argc, argv, &choice);
	program = map_program(choice.program, &size);
	find_manifest(&choice, &manifest);
	find_key(&choice, &key);
	if (image_sign(&image, &manifest, program, size, &key) != 0)
		die(STATUS_ERROR, "pack: the key does not sign");
	write_image(choice.output, &image, &manifest, program);
	return 0;
}
