/* SPDX-License-Identifier: MIT */
/*
 * From a boot page and a file to a policy.
 *
 * Attacks considered: everything is copied into private memory once and checked there. A signed image cannot be run with another manifest,
 * nor without its own; one byte changed anywhere is a refusal with its reason. Debugging that was asked for and is not permitted is a
 * refusal too, and not silence, so that nobody takes an untraced run for a quiet one. Without an image, program and manifest are what
 * Linux says, and a Linux that denies that a file is an image only finds that it is no ELF file. CPU time that Linux cannot
 * take, and an end to who has it, are for signed images alone.
 */
#include "load/policy.h"

#include "lib/string.h"
#include "posix/posix.h"
#include "ring/access.h"

#define PAGE 4096ul

struct rm_policy rm_policy;

static struct {
	struct rm_image image;
	_Alignas(8) uint8_t manifest[RM_MANIFEST_MAX];
} kept;

static int refuse(struct rm_elf_error *error, int reason, uint64_t detail)
{
	error->reason = reason;
	error->detail = detail;
	return -1;
}

static const uint8_t *firmware;
static uint64_t firmware_size;

void rm_policy_firmware(const uint8_t *image, uint64_t size)
{
	firmware = image;
	firmware_size = size;
}

/* Of the file that is the image; as pread(). */
static long read_image(struct rm_thread *t, int fd, void *to, size_t size, uint64_t offset)
{
	if (!firmware)
		return rm_read_at(t, fd, to, size, offset);
	if (offset >= firmware_size)
		return 0;
	if (size > firmware_size - offset)
		size = firmware_size - offset;
	memcpy(to, firmware + offset, size);
	return (long)size;
}

static int read_exactly(struct rm_thread *t, int fd, void *to, size_t size, uint64_t offset, struct rm_elf_error *error)
{
	for (size_t done = 0; done < size;) {
		const long result = read_image(t, fd, (uint8_t *)to + done, size - done, offset + done);

		if (result < 0)
			return refuse(error, RM_FAIL_READ, (uint64_t)-result);
		if (result == 0)
			return refuse(error, RM_FAIL_TRUNCATED, offset + done);
		done += (size_t)result;
	}
	return 0;
}

static int take_manifest(const struct rm_manifest *manifest, size_t size, struct rm_elf_error *error)
{
	const int line = rm_manifest_check(manifest, size);

	if (line != 0)
		return refuse(error, RM_FAIL_MANIFEST, (uint64_t)line);
	rm_policy.manifest = manifest;
	rm_policy.debug = (manifest->flags & RM_MANIFEST_DEBUG) != 0;
	rm_policy.files = (manifest->flags & RM_MANIFEST_FILES) != 0;
	rm_policy.spawn = (manifest->flags & RM_MANIFEST_SPAWN) != 0;
	rm_policy.threads = manifest->threads;
	rm_policy.resident = (manifest->flags & RM_MANIFEST_RESIDENT) != 0;
	rm_policy.devices = rm_policy.resident ? manifest->resident.devices : 0;
	rm_policy.order = (manifest->flags & RM_MANIFEST_SHUTDOWN) != 0;
	/* Linux comes back by the whole of it, or is silent (ring/host.h): what it owes is late before. */
	rm_policy.deadline = manifest->deadline * (rm_counter_hz() / 1000) / (rm_policy.resident ? 2 : 1);
	if (manifest->flags & RM_MANIFEST_SIGNALS)
		rm_policy.signals = manifest->signals;
	if (manifest->memory != 0 && rm_svc1(RM_SVC_MEMORY_LIMIT, manifest->memory) != 0)
		return refuse(error, RM_FAIL_MEMORY, manifest->memory);
	return 0;
}

static bool zero(const uint8_t *bytes, size_t size)
{
	uint8_t all = 0;

	while (size-- > 0)
		all |= *bytes++;
	return all == 0;
}

/* The manifest behind the head, and the zeroes behind it. */
static int read_manifest(struct rm_thread *t, int fd, struct rm_elf_error *error)
{
	const struct rm_image *image = &kept.image;
	uint8_t hash[RM_HASH_SIZE], rest[RM_IMAGE_ALIGN];
	const uint64_t end = sizeof(*image) + image->manifest_size;

	if (read_exactly(t, fd, kept.manifest, image->manifest_size, sizeof(*image), error) != 0 ||
	    read_exactly(t, fd, rest, image->program_offset - end, end, error) != 0)
		return -1;
	rm_hash(hash, kept.manifest, image->manifest_size);
	if (memcmp(hash, image->manifest_hash, sizeof(hash)) != 0 || !zero(rest, image->program_offset - end))
		return refuse(error, RM_FAIL_HASH, 1);
	return take_manifest((const struct rm_manifest *)kept.manifest, image->manifest_size, error);
}

static int read_program(struct rm_thread *t, int fd, struct rm_elf_error *error)
{
	const struct rm_image *image = &kept.image;
	uint8_t hash[RM_HASH_SIZE], one;
	const long at = rm_svc(LX_mmap, 0, image->program_size, LX_PROT_READ | LX_PROT_WRITE, LX_MAP_PRIVATE | LX_MAP_ANONYMOUS,
			       (unsigned long)-1, 0);

	if (at < 0)
		return refuse(error, RM_FAIL_MEMORY, image->program_size);
	if (read_exactly(t, fd, (void *)at, image->program_size, image->program_offset, error) != 0)
		return -1;
	rm_hash(hash, (const void *)at, image->program_size);
	if (memcmp(hash, image->program_hash, sizeof(hash)) != 0)
		return refuse(error, RM_FAIL_HASH, 2);
	if (read_image(t, fd, &one, 1, image->program_offset + image->program_size) > 0)
		return refuse(error, RM_FAIL_HASH, 3);
	rm_policy.program = (const uint8_t *)at;
	rm_policy.program_size = image->program_size;
	return 0;
}

static int take_image(struct rm_thread *t, const struct rm_boot *boot, struct rm_elf_error *error)
{
	const int fd = (int)boot->exec_fd;
	uint8_t hash[RM_HASH_SIZE];
	int reason, line;

	if (boot->manifest_size != 0)
		return refuse(error, RM_FAIL_MANIFEST, 0);
	if (read_exactly(t, fd, &kept.image, sizeof(kept.image), 0, error) != 0)
		return -1;
	line = rm_image_check(&kept.image, ~0ul);
	if (line != 0)
		return refuse(error, RM_FAIL_IMAGE, (uint64_t)line);
	rm_hash(hash, &kept.image, RM_IMAGE_SIGNED);
	reason = rm_signature_check(kept.image.key, kept.image.signature, hash);
	if (reason != 0)
		return refuse(error, reason, 0);
	if (read_manifest(t, fd, error) != 0)
		return -1;
	return read_program(t, fd, error);
}

/* A manifest that Linux chose stands in the arena. */
static int take_loose(struct rm_thread *t, const struct rm_boot *boot, struct rm_elf_error *error)
{
	if (boot->manifest_size > sizeof(kept.manifest) ||
	    rm_copy(kept.manifest, t->region + boot->manifest, boot->manifest_size) != 0)
		return refuse(error, RM_FAIL_MANIFEST, 0);
	if (take_manifest((const struct rm_manifest *)kept.manifest, boot->manifest_size, error) != 0)
		return -1;
	if (rm_policy.order)
		return refuse(error, RM_FAIL_MANIFEST, 0);
	return rm_policy.resident ? refuse(error, RM_FAIL_RESIDENT, EPERM) : 0;
}

int rm_policy_start(struct rm_thread *t, const struct rm_boot *boot, struct rm_elf_error *error)
{
	int result = 0;

	rm_policy = (struct rm_policy){ .debug = true, .firmware = firmware != NULL, .threads = RM_THREAD_MAX, .signals = ~0ul };
	if (boot->flags & RM_BOOT_IMAGE)
		result = take_image(t, boot, error);
	else if (boot->manifest_size != 0)
		result = take_loose(t, boot, error);
	/* Nobody lends a boot enclave time, and nobody tells it what to do. */
	if (result == 0 && firmware && !(rm_policy.resident && (rm_policy.manifest->flags & RM_MANIFEST_ARGUMENTS)))
		result = refuse(error, RM_FAIL_RESIDENT, EPERM);
	/* Who polls the ring may be stopped by Linux, and is waited for by watching: on the enclave's own time. */
	if (result == 0 && rm_policy.resident && (t->poll || t->sync))
		result = refuse(error, RM_FAIL_RESIDENT, EOPNOTSUPP);
	if (result == 0 && rm_policy_thread(t) != 0)
		result = refuse(error, RM_FAIL_DEBUG, RM_BOOT_TRACE);
	return result;
}

int rm_policy_thread(struct rm_thread *t)
{
	t->restricted = rm_policy.files;
	t->deadline = rm_policy.deadline;
	t->special = t->restricted || t->trace != 0 || t->dead;
	return t->trace != 0 && !rm_policy_debug() ? -1 : 0;
}

long rm_policy_refuse(struct rm_thread *t)
{
	rm_count(t, RM_COUNT_REFUSED);
	return -EACCES;
}

bool rm_policy_debug(void)
{
	return rm_policy.debug;
}

void rm_policy_loaded(void)
{
	if (rm_policy.program)
		rm_svc2(LX_munmap, rm_policy.program, rm_policy.program_size);
	rm_policy.program = NULL;
}
