/* SPDX-License-Identifier: MIT */
/* limit: 300 s */
/*
 * A hostile kernel's calls in the name of a resident enclave of the honest module's: its entries and wakes stolen, its pages
 * taken, replaced and offered anew, what it is too late or too early for, its end asked for, its Linux taken from it, and another
 * one, that lies, put in its place, again and again. It goes on in its own time; its calls of Linux fail at worst; it ends when its program does, with its own status. (How late it was is told
 * and not judged: this emulator has to wait for its turn, too. make check-realtime judges that: STRICT=1.)
 */
#include "live.h"

#define ARGUMENTS " 600 5000 "	/* three seconds */

static int64_t half_time;	/* until then the victim is at work for sure */

static long enter(struct live *v, uint64_t thread, uint64_t flags, struct rm_attack_smc *r)
{
	return attack_smc(r, RM_SMC_ENTER, v->handle, thread, flags, 0, 0);
}

static void steal(struct live *v)
{
	struct rm_attack_smc r;

	enter(v, live_pick(3), live_pick(2), &r);
	usleep(200);
}

static void steal_wakes(struct live *v)
{
	struct rm_attack_smc r;

	(void)v;
	/* The last one says that it has ended. */
	if (t_now_ns() < half_time)
		attack_smc(&r, RM_SMC_WAKES, 0, 0, 0, 0, 0);
}

static void take_pages(struct live *v)
{
	const uint64_t at = live_pick(LIVE_PAGES);

	if (v->page[at] && live_unshare(v, 0, at) == 0) {
		if (live_pick(2)) {
			live_share(v, 0, live_spare, at);
			usleep(500);
			live_unshare(v, 0, at);
		}
		live_share(v, 0, v->page[at], at);
	}
	live_unshare(v, 1, live_pick(64));
	usleep(500);
}

static void take_all_pages(struct live *v)
{
	for (uint64_t at = 0; at < LIVE_PAGES; at++) {
		live_unshare(v, 0, at);
		live_unshare(v, 1, at);
	}
	usleep(5000);
}

/* What is not for Linux to do with one whose memory and time are promised. Not at its end, which somebody has to hear of. */
static void ask_in_vain(struct live *v)
{
	struct rm_attack_smc r;

	usleep(5000);
	if (t_now_ns() > half_time)
		return;
	smc_entries[0] = live_spare;
	CHECK_SMC(attack_smc(&r, RM_SMC_DESTROY, v->handle, 0, 0, 0, 0), -EPERM);
	CHECK_SMC(attack_smc(&r, RM_SMC_WINDOW_MAP, v->handle, smc_list, 1, live_pick(4096), 0), -EBUSY);
	CHECK_SMC(live_share(v, 0, live_spare, 512 + live_pick(3000)), -EBUSY);
	CHECK_SMC(live_share(v, 63, live_spare, 0), -ENOENT);
	CHECK_SMC(enter(v, 62, 0, &r), -ESRCH);
	CHECK_SMC(enter(v, 0, 8, &r), -EINVAL);
	CHECK_SMC(attack_smc(&r, RM_SMC_ADOPT, v->handle, 0, 0, 0, 0), -EPERM);
	attack_smc(&r, RM_SMC_WINDOW_UNMAP, v->handle, 0, 512, 0, 0);
}

/* Somebody lets go of it, which its own Linux does not know; what comes then is too late. */
static void let_go(struct live *v)
{
	struct rm_attack_smc r;

	CHECK_SMC(attack_smc(&r, RM_SMC_DETACH, v->handle, 0, 0, 0, 0), 0);
	while (t_now_ns() < half_time) {
		CHECK_SMC(live_share(v, 0, live_spare, live_pick(64)), -EBUSY);
		CHECK_SMC(enter(v, live_pick(2), live_pick(2), &r), -ENOENT);
		CHECK_SMC(attack_smc(&r, RM_SMC_DESTROY, v->handle, 0, 0, 0, 0), -EPERM);
		CHECK_SMC(attack_smc(&r, RM_SMC_DETACH, v->handle, 0, 0, 0, 0), 0);
		CHECK_SMC(attack_smc(&r, RM_SMC_ADOPT, v->handle, 0, 0, 0, 0), -EPERM);
		usleep(5000);
	}
}

/*
 * A process of our own in the place of the one that is gone: a boot page as a proxy writes it, or nearly; the rest of the region is a few pages over
 * and over, and what stands there changes all the time.
 */
#define OURS		8u
#define ARENA_PAGE	8u
#define REGION_PAGES	(ARENA_PAGE + RM_ARENA_SIZE / ATTACK_PAGE)
#define BOOT_WORDS	(sizeof(struct rm_boot) / 4)

static uint64_t ours[OURS];
static volatile uint32_t *ours_here[OURS];
static unsigned taken_over, noticed;

static void write_boot(void)
{
	static const struct rm_boot boot = {
		.magic = RM_BOOT_MAGIC, .version = RM_ABI_VERSION, .arena = ARENA_PAGE * ATTACK_PAGE, .pid = 1, .ppid = 1, .exec_fd = 3,
		.ring = { 4096, 4100, 4104, RM_RING_ENTRIES, 4108, 4112, 4116, 2 * RM_RING_ENTRIES, 8192, 12288 },
		.strings = ARENA_PAGE * ATTACK_PAGE, .strings_size = 8,
	};

	for (unsigned i = 0; i < BOOT_WORDS; i++)
		ours_here[0][i] = ((const uint32_t *)&boot)[i];
	if (live_pick(4) == 0)
		ours_here[0][live_pick(BOOT_WORDS)] = (uint32_t)live_pick(1ul << 32);
}

/* Thread 0 or 1's region; each page once more where it is not yet. */
static void offer(struct live *v, uint64_t thread)
{
	struct rm_attack_smc r;

	for (uint64_t at = 0; at < REGION_PAGES; at += RM_SHARE_MAX) {
		for (uint64_t i = 0; i < RM_SHARE_MAX; i++)
			smc_entries[i] = at + i == 0 ? ours[0] : ours[1 + (at + i) % (OURS - 1)];
		attack_smc(&r, RM_SMC_SHARE, v->handle, thread, smc_list, REGION_PAGES - at < RM_SHARE_MAX ? REGION_PAGES - at : RM_SHARE_MAX, at);
	}
}

static void scribble(void)
{
	for (int i = 0; i < 64; i++)
		ours_here[1 + live_pick(OURS - 1)][live_pick(ATTACK_PAGE / 4)] = (uint32_t)live_pick(live_pick(2) ? 256 : 1ul << 32);
}

static void take_over(struct live *v)
{
	struct rm_attack_smc r;

	if (!ours[0])
		for (unsigned i = 0; i < OURS; i++) {
			ours[i] = attack_page();
			ours_here[i] = (volatile uint32_t *)attack_map(ours[i]);
		}
	while (t_now_ns() < half_time) {
		attack_smc(&r, RM_SMC_DETACH, v->handle, 0, 0, 0, 0);
		taken_over += attack_smc(&r, RM_SMC_ADOPT, v->handle, 0, 0, 0, 0) == 0;
		CHECK_SMC(attack_smc(&r, RM_SMC_ADOPT, v->handle, 0, 0, 0, 0), -EBUSY);
		write_boot();
		for (int i = 0; i < 40; i++) {
			offer(v, i % 2);
			noticed += enter(v, (uint64_t)i % 2, live_pick(2), &r) == RM_EXIT_HOST;
			scribble();
			usleep(500);
		}
	}
	attack_smc(&r, RM_SMC_DETACH, v->handle, 0, 0, 0, 0);
}

static const struct lie lies[] = {
	{ "entries stolen", steal, 0 },
	{ "wakes stolen", steal_wakes, 0 },
	{ "pages taken and replaced", take_pages, 0 },
	{ "all pages taken", take_all_pages, 0 },
	{ "asked for what it is not to give", ask_in_vain, 0 },
	{ "let go, and asked again", let_go, 0 },
};

static const struct lie adopted = { "taken over by who lies, again and again", take_over, 0 };

/* Its own status, which its proxy has if it is still there; else the secure kernel, until the enclave is taken apart. */
static long outcome(struct live *v)
{
	struct rm_attack_smc r;
	const int64_t end = t_now_ns() + LIVE_SECONDS * 1000000000l;
	long result = -1;

	if (WIFEXITED(v->status) && WEXITSTATUS(v->status) >= 40 && WEXITSTATUS(v->status) < 50)
		return WEXITSTATUS(v->status);
	while (result < 0 && t_now_ns() < end) {
		result = enter(v, 0, 0, &r);
		usleep(10000);
	}
	return result == RM_EXIT_EXITED ? (long)r.x[1] : -1000 - result;
}

/* False: this machine was so slow that the victim had ended before it was lied to. */
static int tell(const struct lie *lie, const char *image)
{
	char command[200];

	const int64_t end = t_now_ns() + LIVE_SECONDS * 1000000000l;
	uint64_t told = 0, before, gone = 0;
	struct live v;

	/* Where time is virtual nobody but us can make it late. */
	const int strict = t_number("STRICT", 0) != 0;

	snprintf(command, sizeof(command), "ringmaster run ../%s" ARGUMENTS "%s", image, strict ? "0" : "");
	live_begin(&v, command);
	while (live_stat(&v, RM_STAT_RELEASES) < 20 && !live_ended(&v) && t_now_ns() < end)
		usleep(2000);
	live_find_pages(&v);
	before = live_stat(&v, RM_STAT_RELEASES);
	half_time = t_now_ns() + 800000000;
	for (; !live_ended(&v) && t_now_ns() < end; told++) {
		lie->tell(&v);
		gone = live_stat(&v, RM_STAT_RELEASES) > gone ? live_stat(&v, RM_STAT_RELEASES) : gone;
	}
	MUST(live_ended(&v));
	const long status = outcome(&v);

	fprintf(stderr, "%-40s %8llu times: status %ld, %llu releases\n", lie->name, (unsigned long long)told, status,
		(unsigned long long)(gone - before));
	if (system("grep -ah '^paced:' live/err >&2"))
		fprintf(stderr, "\t(it could not say more)\n");
	CHECK(status >= 40 && status <= (strict ? 41 : 43));
	t_send(live_bystander, "?\n");
	CHECK(t_expect(live_bystander, "intact\n", 20));
	return before >= 20 && told > 0;
}

static void check(const struct lie *lie, const char *image)
{
	int tries = 5;

	while (!tell(lie, image))
		MUST(--tries > 0);
}

int main(void)
{
	live_open();
	MUST(system(". $T/lib/lib.sh; . $T/lib/resident.sh; pack_paced image; pack_paced permits 'attach = \"root\"'; done_testing") == 0);
	for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++)
		check(&lies[i], "image");
	check(&adopted, "permits");
	fprintf(stderr, "taken over %u times, %u requests\n", taken_over, noticed);
	CHECK(taken_over > 0 && noticed > 0);
	live_next();	/* takes apart those that were let go */
	return live_close();
}
