/* SPDX-License-Identifier: MIT */
/* ringmaster inspect, keygen: what an image holds; a new key. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../runtime/load/manifest.h"
#include "cli.h"
#include "manifest/manifest.h"
#include "message.h"

static void print_hash(const char *what, const uint8_t *bytes, size_t size, const char *note)
{
	printf("# %-10s ", what);
	for (size_t i = 0; i < size; i++)
		printf("%02x", bytes[i]);
	printf("%s\n", note);
}

static const char *compare(const uint8_t *expected, const void *bytes, size_t size, int *damaged)
{
	uint8_t hash[RM_HASH_SIZE];

	key_hash(hash, bytes, size);
	if (memcmp(hash, expected, sizeof(hash)) == 0)
		return "";
	*damaged = 1;
	return " WRONG";
}

static int inspect(const char *path, const uint8_t *bytes, size_t size)
{
	const struct rm_image *image = (const struct rm_image *)(const void *)bytes;
	const struct rm_manifest *manifest = (const struct rm_manifest *)(const void *)(bytes + sizeof(*image));
	int damaged = 0;

	if (size < sizeof(*image) || image->magic != RM_IMAGE_MAGIC)
		die(STATUS_ERROR, "inspect: %s: is not an image; 'ringmaster pack' makes them", path);
	if (rm_image_check(image, size) != 0)
		die(1, "inspect: %s: a damaged image, or one of another version; pack it again", path);
	printf("# image version %" PRIu32 ", program of %" PRIu64 " bytes\n", image->version, image->program_size);
	print_hash("key", image->key, sizeof(image->key), key_is_development(image->key) ? " (the development key)" : "");
	print_hash("program", image->program_hash, RM_HASH_SIZE,
		   compare(image->program_hash, bytes + image->program_offset, image->program_size, &damaged));
	print_hash("manifest", image->manifest_hash, RM_HASH_SIZE,
		   compare(image->manifest_hash, manifest, image->manifest_size, &damaged));
	for (uint64_t i = sizeof(*image) + image->manifest_size; i < image->program_offset; i++)
		damaged |= bytes[i] != 0;
	if (rm_manifest_check(manifest, image->manifest_size) != 0)
		die(1, "inspect: %s: its manifest cannot be read", path);
	manifest_print(stdout, manifest);
	if (damaged)
		warn("inspect: %s: was changed after it was signed; no enclave will run it", path);
	return damaged;
}

int cli_inspect(int argc, char **argv)
{
	struct stat status;
	void *at;
	int fd;

	if (argc != 2)
		die(STATUS_ERROR, "inspect: one image, please; see 'ringmaster inspect --help'");
	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) != 0)
		die(STATUS_ERROR, "inspect: %s: %s", argv[1], strerror(errno));
	if (!S_ISREG(status.st_mode) || status.st_size == 0)
		die(STATUS_ERROR, "inspect: %s: is not an image; 'ringmaster pack' makes them", argv[1]);
	at = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (at == MAP_FAILED)
		die(STATUS_ERROR, "inspect: %s: %s", argv[1], strerror(errno));
	return inspect(argv[1], at, (size_t)status.st_size);
}

static void write_hex(const char *path, const uint8_t *bytes, size_t size, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;

	if (out == NULL)
		die(STATUS_ERROR, "keygen: cannot write %s: %s", path, strerror(errno));
	for (size_t i = 0; i < size; i++)
		fprintf(out, "%02x", bytes[i]);
	fputc('\n', out);
	if (fclose(out) != 0)
		die(STATUS_ERROR, "keygen: cannot write %s: %s", path, strerror(errno));
}

int cli_keygen(int argc, char **argv)
{
	char public[4096];
	struct key key;

	if (argc != 2 || argv[1][0] == '-')
		die(STATUS_ERROR, "keygen: one file, please; see 'ringmaster keygen --help'");
	if (key_make(&key) != 0)
		die(STATUS_ERROR, "keygen: no randomness");
	snprintf(public, sizeof(public), "%s.pub", argv[1]);
	write_hex(argv[1], key.private, sizeof(key.private), 0600);
	write_hex(public, key.public, sizeof(key.public), 0644);
	explicit_bzero(&key, sizeof(key));
	return 0;
}
