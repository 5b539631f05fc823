/* SPDX-License-Identifier: MIT */
/* The keys of a manifest that are for resident enclaves (abi/resident.h): core, devices, attach, reservation. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "admission.h"
#include "manifest/work.h"

#define CORE_MAX	1023

int manifest_key_core(struct work *w, const struct toml_node *node)
{
	if (node->type != TOML_INTEGER || node->integer < 0 || node->integer > CORE_MAX)
		return manifest_refuse(w, node->line, "core must be a core's number, from 0 to %u; leave it out for the first that has room", CORE_MAX);
	w->head.resident.core = (uint32_t)node->integer;
	w->resident_line = node->line;
	w->has_core = true;
	return 0;
}

static const struct {
	const char *name;
	uint32_t device;
} devices[] = {
	{ "uart0", RM_DEVICE_UART0 }, { "gpio0", RM_DEVICE_GPIO0 },
};

const char *manifest_device(uint32_t device)
{
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		if (devices[i].device == device)
			return devices[i].name;
	return NULL;
}

static uint32_t device_of(const struct toml_node *node)
{
	for (size_t i = 0; node->type == TOML_STRING && i < sizeof(devices) / sizeof(devices[0]); i++)
		if (strcmp(devices[i].name, node->string) == 0)
			return devices[i].device;
	return 0;
}

int manifest_key_devices(struct work *w, const struct toml_node *node)
{
	if (node->type != TOML_ARRAY)
		return manifest_refuse(w, node->line, "devices must be a list; write devices = [\"uart0\"]");
	for (size_t i = 0; i < node->count; i++) {
		uint32_t device = device_of(&node->children[i]);

		if (device == 0)
			return manifest_refuse(w, node->children[i].line, "devices: there is no such device; there are \"uart0\" and \"gpio0\"");
		if (w->head.resident.devices & device)
			return manifest_refuse(w, node->children[i].line, "devices: '%s' is listed twice; write it once", node->children[i].string);
		w->head.resident.devices |= device;
	}
	if (node->count > 0)
		w->resident_line = node->line;
	return 0;
}

static const char *const attach[RM_ATTACH_COUNT] = {
	[RM_ATTACH_NOBODY] = "nobody", [RM_ATTACH_ROOT] = "root", [RM_ATTACH_USER] = "user",
};

const char *manifest_attach(uint32_t who)
{
	return attach[who];
}

int manifest_key_attach(struct work *w, const struct toml_node *node)
{
	for (uint32_t who = 0; node->type == TOML_STRING && who < RM_ATTACH_COUNT; who++) {
		if (strcmp(node->string, attach[who]) != 0)
			continue;
		w->head.resident.attach = who;
		w->resident_line = node->line;
		return 0;
	}
	return manifest_refuse(w, node->line, "attach must be \"user\" (whoever started it, and root), \"root\" or \"nobody\": who may attach when its process is "
			       "gone");
}

/* A number with us, ms or s, in microseconds. */
static int take_time(struct work *w, const struct toml_node *node, uint32_t least, uint32_t most, uint32_t *time)
{
	static const struct {
		const char *unit;
		uint64_t factor;
	} units[] = { { "us", 1 }, { "ms", 1000 }, { "s", 1000000 } };
	uint64_t value = 0;

	if (node->type == TOML_STRING && node->length < 12 && *node->string >= '0' && *node->string <= '9') {
		char *end;
		uint64_t number = strtoul(node->string, &end, 10);

		for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
			if (strcmp(end, units[i].unit) == 0)
				value = number * units[i].factor;
	}
	if (value < least || value > most)
		return manifest_refuse(w, node->line, "reservation.%s must be a time from %" PRIu32 " us to %" PRIu32 " us; write \"200us\", \"1ms\" or "
				       "\"1s\", without a fraction", node->key, least, most);
	*time = (uint32_t)value;
	return 0;
}

static int take_priority(struct work *w, const struct toml_node *node, uint32_t *priority)
{
	if (node->type != TOML_INTEGER || node->integer < RM_PRIORITY_MIN || node->integer > RM_PRIORITY_MAX)
		return manifest_refuse(w, node->line, "reservation.priority must be a number from %u to %u; the larger goes first", RM_PRIORITY_MIN,
				       RM_PRIORITY_MAX);
	*priority = (uint32_t)node->integer;
	return 0;
}

static int take_reservation(struct work *w, const struct toml_node *node, struct rm_reservation *r)
{
	if (node->type != TOML_TABLE)
		return manifest_refuse(w, node->line, "reservation must be tables; write [[reservation]] and below it priority, period, budget");
	for (size_t i = 0; i < node->count; i++) {
		const struct toml_node *child = &node->children[i];
		int result;

		if (strcmp(child->key, "priority") == 0)
			result = take_priority(w, child, &r->priority);
		else if (strcmp(child->key, "period") == 0)
			result = take_time(w, child, RM_PERIOD_MIN, RM_PERIOD_MAX, &r->period);
		else if (strcmp(child->key, "budget") == 0)
			result = take_time(w, child, RM_BUDGET_MIN, RM_PERIOD_MAX, &r->budget);
		else
			result = manifest_refuse(w, child->line, "reservation.%s is unknown; there are priority, period and budget", child->key);
		if (result != 0)
			return -1;
	}
	if (r->priority == 0 || r->period == 0 || r->budget == 0)
		return manifest_refuse(w, node->line, "reservation: %s is missing; write priority = 50, period = \"1ms\", budget = \"200us\"",
				       r->priority == 0 ? "priority" : r->period == 0 ? "period" : "budget");
	if (r->budget > r->period)
		return manifest_refuse(w, node->line, "reservation: a budget of %" PRIu32 " us is more than its period of %" PRIu32 " us; lower it", r->budget,
				       r->period);
	return 0;
}

int manifest_key_reservation(struct work *w, const struct toml_node *node)
{
	struct rm_resident *resident = &w->head.resident;

	if (node->type != TOML_ARRAY)
		return manifest_refuse(w, node->line, "reservation must be a list of tables; write [[reservation]] for each");
	w->resident_line = node->line;
	for (size_t i = 0; i < node->count; i++) {
		struct rm_reservation *r = &resident->reservation[resident->count];

		if (resident->count == RM_RESERVATIONS_MAX)
			return manifest_refuse(w, node->children[i].line, "more than %u reservations; threads can share one", RM_RESERVATIONS_MAX);
		if (take_reservation(w, &node->children[i], r) != 0)
			return -1;
		for (uint32_t other = 0; other < resident->count; other++)
			if (resident->reservation[other].priority == r->priority)
				return manifest_refuse(w, node->children[i].line, "two reservations of priority %" PRIu32 "; threads name one by its "
						       "priority: give each another", r->priority);
		w->reservation_line[resident->count++] = node->children[i].line;
	}
	return 0;
}

/* The program's, as far as it can be shown in a list. */
static void take_name(struct rm_resident *resident, const char *name)
{
	for (unsigned i = 0; i + 1 < RM_RESIDENT_NAME && name[i] != '\0'; i++)
		resident->name[i] = name[i] > ' ' && name[i] < 0x7f ? name[i] : '?';
}

int manifest_resident(struct work *w)
{
	struct rm_resident *resident = &w->head.resident;
	struct rm_admission why;
	char text[512];

	if (resident->count == 0 && w->resident_line != 0)
		return manifest_refuse(w, w->resident_line, "core, devices and attach are for resident enclaves, which have reservations; write "
				       "[[reservation]] with priority, period and budget");
	if (resident->count == 0)
		return 0;
	if (w->head.deadline == 0)
		return manifest_refuse(w, w->reservation_line[0], "a resident enclave needs a deadline, by which Linux has to come back from a call; write "
				       "deadline = 100 (milliseconds)");
	if (w->head.memory == 0)
		return manifest_refuse(w, w->reservation_line[0], "a resident enclave needs a limit of memory, all of which is kept for it; write "
				       "memory = \"16M\"");
	if (w->head.flags & RM_MANIFEST_DEBUG)
		return manifest_refuse(w, w->reservation_line[0], "a resident enclave cannot be debugged: Linux could stop it; write debug = false");
	if (!rm_admission(resident->reservation, resident->count, &why))
		return manifest_refuse(w, w->reservation_line[why.index], "%s",
				       manifest_refusal(resident->reservation, resident->count, &why, text, sizeof(text)));
	resident->core = w->has_core ? resident->core : RM_CORE_ANY;
	resident->deadline = w->head.deadline;
	take_name(resident, w->name);
	w->head.flags |= RM_MANIFEST_RESIDENT;
	return 0;
}
