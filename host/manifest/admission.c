/* SPDX-License-Identifier: MIT */
/* The admission test's sums, for people. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "admission.h"
#include "manifest/manifest.h"

struct text {
	char *at;
	size_t left;
};

static void add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct text *text, const char *format, ...)
{
	va_list args;
	int used;

	va_start(args, format);
	used = vsnprintf(text->at, text->left, format, args);
	va_end(args);
	if (used < 0 || (size_t)used >= text->left)
		used = (int)text->left - 1;
	text->at += used;
	text->left -= (size_t)used;
}

const char *manifest_percent(uint64_t millionths, char buffer[PERCENT_SIZE])
{
	/* Upwards: what is above a limit is not shown as the limit. */
	snprintf(buffer, PERCENT_SIZE, "%" PRIu64 ".%" PRIu64 " %%", (millionths + 999) / 10000, (millionths + 999) % 10000 / 1000);
	return buffer;
}

const char *manifest_sum(const struct rm_reservation *all, unsigned count, char *buffer, size_t size)
{
	struct text text = { buffer, size };
	char percent[PERCENT_SIZE];
	uint64_t total = 0;

	for (unsigned i = 0; i < count; i++)
		total += rm_reservation_share(&all[i]);
	add(&text, "%s", manifest_percent(total, percent));
	for (unsigned i = 0; i < count; i++)
		add(&text, "%s%" PRIu32 "+%u of %" PRIu32 " us", i == 0 ? " (" : ", ", all[i].budget, RM_RESIDENT_SWITCH, all[i].period);
	if (count > 0)
		add(&text, ")");
	return buffer;
}

const char *manifest_refusal(const struct rm_reservation *all, unsigned count, const struct rm_admission *why, char *buffer, size_t size)
{
	struct text text = { buffer, size };
	char sum[320], percent[PERCENT_SIZE];

	switch (why->limit) {
	case RM_ADMISSION_SHARE:
		add(&text, "the reservations take %s of a core; all that it has may take %u %%: lower a budget, or lengthen a period",
		    manifest_sum(all, count, sum, sizeof(sum)), RM_RESIDENT_SHARE);
		break;
	case RM_ADMISSION_LONGEST:
		add(&text, "the reservations may take a core for %" PRIu32 " us at a stretch, since a budget may be used at the end of a period and "
		    "again at the start of the next; the limit is %u us: lower budgets, with shorter periods", why->longest, RM_RESIDENT_LONGEST);
		break;
	case RM_ADMISSION_WINDOW:
		add(&text, "the reservations may take %" PRIu32 " us of %u us, since a budget may be used at the end of a period and again at the start "
		    "of the next; the limit is their share, %s, and %u us: lower budgets, with shorter periods", why->window,
		    RM_RESIDENT_WINDOW, manifest_percent(why->utilisation, percent), RM_RESIDENT_EXTRA);
		break;
	case RM_ADMISSION_RESPONSE:
		add(&text, "priority %" PRIu32 " may have its %" PRIu32 " us only after %" PRIu32 " us, and its period is %" PRIu32 " us: give it a higher "
		    "priority, or lower budgets of the others", all[why->index].priority, all[why->index].budget, why->response,
		    all[why->index].period);
		break;
	default:
		add(&text, "%u reservations cannot be: at most %u of a core, each in its range", count, RM_RESERVATIONS_CORE);
		break;
	}
	return buffer;
}

static void add_not_admitted(struct text *text, const struct rm_resident *asked, uint64_t reserved)
{
	char sum[320], before[PERCENT_SIZE], all[PERCENT_SIZE];
	uint64_t share = reserved;

	for (uint32_t i = 0; i < asked->count; i++)
		share += rm_reservation_share(&asked->reservation[i]);
	add(text, "not admitted: it asks for %s of a core, and %s are reserved for others already, ", manifest_sum(asked->reservation, asked->count, sum, sizeof(sum)),
	    manifest_percent(reserved, before));
	if (share > RM_RESIDENT_SHARE * 10000)
		add(text, "%s together; all may take %u %%", manifest_percent(share, all), RM_RESIDENT_SHARE);
	else
		add(text, "and not all of them would have their budgets in time, or Linux would have to wait for more than %u ms", RM_RESIDENT_LONGEST / 1000);
	add(text, ": lower its budgets, give it another core, or end others ('ringmaster ps')");
}

const char *manifest_not_resident(const struct rm_resident *asked, uint64_t error, uint64_t reserved, char *buffer, size_t size)
{
	struct text text = { buffer, size };

	switch (error) {
	case EDQUOT:
		add_not_admitted(&text, asked, reserved);
		break;
	case ENOMEM:
		add(&text, "the secure memory that its manifest has for it ('memory') is not free, and is to be kept for it; ask for less, or end other "
		    "enclaves ('ringmaster ps')");
		break;
	case EBUSY:
		add(&text, "a device that it asks for is another enclave's; end that first ('ringmaster ps')");
		break;
	case ENODEV:
		add(&text, "this board has no such device, or no such core that is on; change 'devices' or 'core' in its manifest ('ringmaster info')");
		break;
	case EPERM:
		add(&text, "only a signed image may have reservations; pack it first ('ringmaster pack')");
		break;
	case EOPNOTSUPP:
		add(&text, "an enclave with reservations waits for nobody who polls; leave --poll and --host-calls=sync out");
		break;
	default:
		add(&text, "the secure kernel refuses its reservations (error %" PRIu64 "); install ringmaster and the firmware from one release", error);
		break;
	}
	return buffer;
}
