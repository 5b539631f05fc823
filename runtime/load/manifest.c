/* SPDX-License-Identifier: MIT */
/*
 * Attacks considered: abi/image.h. All checks are on private memory and none reads past `size`. There is one binary form of a
 * manifest: sorted, each string once, nothing between or behind.
 */
#include "load/manifest.h"

#include "abi/admission.h"
#include "lib/string.h"

#define THREADS_MAX	64u	/* RM_THREAD_MAX */

#define CHECK(condition) do { if (!(condition)) return __LINE__; } while (0)

const char *rm_manifest_next(const char *string)
{
	while (*string != 0)
		string++;
	return string + 1;
}

const char *rm_manifest_strings(const struct rm_manifest *manifest, enum rm_manifest_list list)
{
	const char *at = (const char *)(manifest + 1);

	for (unsigned l = 0; l < (unsigned)list; l++)
		for (uint32_t i = 0; i < manifest->count[l]; i++)
			at = rm_manifest_next(at);
	return at;
}

bool rm_path_is_normal(const char *path)
{
	if (*path != '/')
		return false;
	while (*path != 0) {
		const char *part = ++path;
		size_t size;

		while (*path != 0 && *path != '/')
			path++;
		size = (size_t)(path - part);
		if (size == 0 && *path != 0)
			return false;
		if ((size == 1 && part[0] == '.') || (size == 2 && part[0] == '.' && part[1] == '.'))
			return false;
	}
	return true;
}

/* How two strings compare up to an ending character, which counts as the end. */
static int compare(const char *a, const char *b, char ending)
{
	for (;; a++, b++) {
		const unsigned char x = *a == ending ? 0 : (unsigned char)*a, y = *b == ending ? 0 : (unsigned char)*b;

		if (x != y)
			return x < y ? -1 : 1;
		if (x == 0)
			return 0;
	}
}

#define DIGITS (2 * RM_HASH_SIZE)

const char *rm_manifest_path(const char *string)
{
	return *string == '/' ? string : string + DIGITS;
}

static bool valid_path(const char *string, bool may_have_hash)
{
	size_t size = 0;

	if (*string == '/')
		return rm_path_is_normal(string);
	while ((string[size] >= '0' && string[size] <= '9') || (string[size] >= 'a' && string[size] <= 'f'))
		size++;
	if (size != DIGITS || !may_have_hash || !rm_path_is_normal(string + size))
		return false;
	while (string[size] != 0)
		size++;
	return string[size - 1] != '/';
}

static bool valid(enum rm_manifest_list list, const char *string)
{
	size_t name = 0;

	while (string[name] != 0 && string[name] != '=')
		name++;
	switch (list) {
	case RM_LIST_PASS:
		return name > 0 && string[name] == 0;
	case RM_LIST_SET:
		return name > 0 && string[name] == '=';
	case RM_LIST_WRITE:
		return valid_path(string, false);
	case RM_LIST_READ:
	case RM_LIST_SPAWN:
		return valid_path(string, true);
	default:
		return true;
	}
}

/* Where a list's order begins to count. */
static const char *sorted_by(enum rm_manifest_list list, const char *string)
{
	return list == RM_LIST_READ || list == RM_LIST_SPAWN ? rm_manifest_path(string) : string;
}

/* The strings of a list: how many bytes they take, or -1. */
static long check_list(enum rm_manifest_list list, const char *at, uint32_t count, size_t left)
{
	const char *start = at, *before = NULL;

	for (uint32_t i = 0; i < count; i++) {
		const char *end = left > 0 ? memchr(at, 0, left) : NULL;

		if (end == NULL || !valid(list, at))
			return -1;
		if (list != RM_LIST_ARGUMENTS && before != NULL &&
		    compare(sorted_by(list, before), sorted_by(list, at), list == RM_LIST_SET ? '=' : 0) >= 0)
			return -1;
		left -= (size_t)(end + 1 - at);
		before = at;
		at = end + 1;
	}
	return at - start;
}

static bool zero(const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	uint8_t all = 0;

	while (size-- > 0)
		all |= *at++;
	return all == 0;
}

/* Printable, without spaces, and nothing behind its end. */
static bool good_name(const char *name)
{
	unsigned length = 0;

	while (length < RM_RESIDENT_NAME && name[length] > ' ' && name[length] < 0x7f)
		length++;
	return length < RM_RESIDENT_NAME && zero(name + length, RM_RESIDENT_NAME - length);
}

static int check_resident(const struct rm_manifest *m)
{
	const struct rm_resident *r = &m->resident;

	CHECK(m->memory > 0 && m->deadline > 0 && r->deadline == m->deadline && (m->flags & RM_MANIFEST_DEBUG) == 0);
	CHECK(r->count >= 1 && r->count <= RM_RESERVATIONS_MAX && (r->devices & ~RM_DEVICE_ALL) == 0);
	for (uint32_t i = 0; i < r->count; i++) {
		CHECK(rm_reservation_good(&r->reservation[i]));
		for (uint32_t other = 0; other < i; other++)
			CHECK(r->reservation[other].priority != r->reservation[i].priority);
	}
	CHECK(zero(&r->reservation[r->count], (RM_RESERVATIONS_MAX - r->count) * sizeof(r->reservation[0])));
	CHECK(r->attach < RM_ATTACH_COUNT && r->reserved == 0 && good_name(r->name));
	return 0;
}

/* An order is nothing but an order. */
static int check_order(const struct rm_manifest *m)
{
	CHECK(m->flags == RM_MANIFEST_SHUTDOWN && m->threads == 1 && m->memory == 0 && m->deadline == 0);
	CHECK(m->size == sizeof(*m) && zero(&m->resident, sizeof(m->resident)));
	return 0;
}

static int check_fields(const struct rm_manifest *m, size_t size)
{
	CHECK(m->magic == RM_MANIFEST_MAGIC && m->version == RM_MANIFEST_VERSION);
	CHECK(m->size == size && size <= RM_MANIFEST_MAX);
	CHECK((m->flags & ~RM_MANIFEST_ALL) == 0 && m->deadline <= RM_MANIFEST_DEADLINE_MAX && m->reserved == 0);
	CHECK(m->threads >= 1 && m->threads <= THREADS_MAX);
	CHECK(m->flags & RM_MANIFEST_ARGUMENTS ? m->count[RM_LIST_ARGUMENTS] > 0 : m->count[RM_LIST_ARGUMENTS] == 0);
	CHECK((m->flags & RM_MANIFEST_ENVIRONMENT) || (m->count[RM_LIST_PASS] == 0 && m->count[RM_LIST_SET] == 0));
	CHECK((m->flags & RM_MANIFEST_FILES) || (m->count[RM_LIST_READ] == 0 && m->count[RM_LIST_WRITE] == 0));
	CHECK((m->flags & RM_MANIFEST_SPAWN) || m->count[RM_LIST_SPAWN] == 0);
	CHECK((m->flags & RM_MANIFEST_SIGNALS) || m->signals == 0);
	if (m->flags & RM_MANIFEST_SHUTDOWN)
		return check_order(m);
	CHECK(zero(m->nonce, sizeof(m->nonce)));
	if (m->flags & RM_MANIFEST_RESIDENT)
		return check_resident(m);
	CHECK(zero(&m->resident, sizeof(m->resident)));
	return 0;
}

int rm_manifest_check(const void *bytes, size_t size)
{
	const struct rm_manifest *m = bytes;
	size_t at = sizeof(*m);
	int line;

	CHECK(size >= sizeof(*m));
	line = check_fields(m, size);
	if (line != 0)
		return line;
	for (unsigned list = 0; list < RM_LIST_COUNT; list++) {
		const long taken = check_list((enum rm_manifest_list)list, (const char *)bytes + at, m->count[list], size - at);

		CHECK(taken >= 0);
		at += (size_t)taken;
	}
	CHECK(at == size);
	return 0;
}

bool rm_manifest_names(const struct rm_manifest *manifest, enum rm_manifest_list list, const char *variable)
{
	const char *string = rm_manifest_strings(manifest, list);

	for (uint32_t i = 0; i < manifest->count[list]; i++, string = rm_manifest_next(string))
		if (compare(string, variable, '=') == 0)
			return true;
	return false;
}

static bool covers(const char *allowed, const char *path)
{
	while (*allowed != 0 && *allowed == *path) {
		allowed++;
		path++;
	}
	if (*allowed == 0)
		return *path == 0 || allowed[-1] == '/';
	/* The folder itself, written without the slash. */
	return *path == 0 && allowed[0] == '/' && allowed[1] == 0;
}

bool rm_manifest_allows(const struct rm_manifest *manifest, enum rm_manifest_list list, const char *path)
{
	const char *string = rm_manifest_strings(manifest, list);

	for (uint32_t i = 0; i < manifest->count[list]; i++, string = rm_manifest_next(string))
		if (covers(rm_manifest_path(string), path))
			return true;
	return false;
}

const char *rm_manifest_hash(const struct rm_manifest *manifest, enum rm_manifest_list list, const char *path)
{
	const char *string = rm_manifest_strings(manifest, list);

	for (uint32_t i = 0; i < manifest->count[list]; i++, string = rm_manifest_next(string))
		if (*string != '/' && compare(rm_manifest_path(string), path, 0) == 0)
			return string;
	return NULL;
}

int rm_image_check(const struct rm_image *image, uint64_t file_size)
{
	uint64_t start;

	CHECK(image->magic == RM_IMAGE_MAGIC);
	CHECK(image->version == RM_IMAGE_VERSION);
	CHECK(image->manifest_size >= sizeof(struct rm_manifest) && image->manifest_size <= RM_MANIFEST_MAX);
	start = (sizeof(*image) + image->manifest_size + RM_IMAGE_ALIGN - 1) & ~(uint64_t)(RM_IMAGE_ALIGN - 1);
	CHECK(image->program_offset == start);
	CHECK(image->program_size > 0 && image->program_size <= RM_IMAGE_PROGRAM_MAX);
	CHECK(file_size == ~0ul || file_size == start + image->program_size);
	return 0;
}
