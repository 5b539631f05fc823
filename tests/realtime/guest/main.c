/* SPDX-License-Identifier: MIT */
/*
 * assault MILLISECONDS NAME [COMMAND...]: one attack, for so long of the physical counter; with a command, that is the attack, again and
 * again, and its success is the proof. MILLISECONDS 0: for ever. Before it prints `@@begin NAME`, afterwards what the
 * Secure world counted meanwhile:
 *   @@assault NAME proof=N from=NS to=NS beats=N late=NS masked=NS releases=N misses=N throttled=N ... release=N,N,... mask=N,N,...
 * late and masked are the longest since the boot, release and mask the histograms of RM_SMC_HISTOGRAM; ticks, stolen, longest and worst are what an attack saw from Linux (tests/attack/attack.h).
 */
#include <pthread.h>
#include <sched.h>
#include <sys/wait.h>

#include "assault.h"

#define FASTEST_NS 1000000	/* the shortest period of tests/realtime/enclave */

static struct rm_attack_assault noted;
static pthread_mutex_t note_lock = PTHREAD_MUTEX_INITIALIZER;

uint64_t assault_now(void)
{
	__u64 now;

	MUST(ioctl(attack_fd, RM_ATTACK_NOW, &now) == 0);
	return now;
}

void assault_pin(unsigned int core)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(core, &set);
	MUST(sched_setaffinity(0, sizeof(set), &set) == 0);
}

void assault_note(const struct rm_attack_assault *result)
{
	pthread_mutex_lock(&note_lock);
	noted.ticks += result->ticks;
	noted.stolen += result->stolen;
	if (noted.longest < result->longest)
		noted.longest = result->longest;
	if (noted.worst < result->worst)
		noted.worst = result->worst;
	pthread_mutex_unlock(&note_lock);
}

struct bound {
	pthread_t thread;
	unsigned int core;
	uint64_t (*run)(unsigned int core, uint64_t until);
	uint64_t until, result;
};

static void *run_bound(void *argument)
{
	struct bound *b = argument;

	assault_pin(b->core);
	b->result = b->run(b->core, b->until);
	return NULL;
}

uint64_t assault_everywhere(uint64_t (*run)(unsigned int core, uint64_t until), uint64_t ms)
{
	static struct bound bounds[CORES_MAX];
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t until = ms ? assault_now() + ms * 1000000 : UINT64_MAX, sum = 0;

	MUST(cores > 0 && cores <= CORES_MAX);
	for (unsigned int i = 0; i < (unsigned int)cores; i++) {
		bounds[i] = (struct bound){ .core = i, .run = run, .until = until };
		MUST(pthread_create(&bounds[i].thread, NULL, run_bound, &bounds[i]) == 0);
	}
	for (unsigned int i = 0; i < (unsigned int)cores; i++) {
		MUST(pthread_join(bounds[i].thread, NULL) == 0);
		sum += bounds[i].result;
	}
	return sum;
}

static const struct assault *const tables[] = { assaults_module, assaults_power, assaults_flood, assaults_load };

static const struct assault *find(const char *name)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		for (const struct assault *a = tables[i]; a->name; a++)
			if (strcmp(a->name, name) == 0)
				return a;
	return NULL;
}

/* Number of times that the command succeeded; 0 once it failed. */
static uint64_t run_command(char **command, uint64_t ms)
{
	uint64_t until = assault_now() + ms * 1000000, runs = 0;

	do {
		int status;
		pid_t pid = fork();

		MUST(pid >= 0);
		if (pid == 0) {
			execvp(command[0], command);
			perror(command[0]);
			_exit(127);
		}
		MUST(waitpid(pid, &status, 0) == pid);
		if (status)
			return 0;
		runs++;
	} while (assault_now() < until);
	return runs;
}

/* What the Secure world tells of itself. */
struct counters {
	uint64_t now, beats, late, masked, releases, misses, throttled, reserved;
	uint64_t histogram[RM_HISTOGRAM_COUNT][RM_HISTOGRAM_BUCKETS];
};

/* What is judged by how much time there was for it: again, if so much of it passed in between that each enclave could have been released twice. */
static void count_releases(struct counters *c)
{
	do {
		c->now = assault_now();
		c->releases = smc_counter(RM_STAT_RELEASES);
		c->misses = smc_counter(RM_STAT_MISSES);
	} while (assault_now() - c->now >= FASTEST_NS);
}

static void count(struct counters *c)
{
	count_releases(c);
	c->beats = smc_counter(RM_STAT_HEARTBEATS);
	c->late = smc_counter(RM_STAT_HEARTBEATS_LATE_MAX_NS);
	c->masked = smc_counter(RM_STAT_MASKED_MAX_NS);
	c->throttled = smc_counter(RM_STAT_THROTTLED);
	c->reserved = smc_counter(RM_STAT_RESERVED);
	for (uint64_t which = 0; which < RM_HISTOGRAM_COUNT; which++)
		for (uint64_t bucket = 0; bucket < RM_HISTOGRAM_BUCKETS; bucket++) {
			struct rm_attack_smc r;

			MUST(attack_smc(&r, RM_SMC_HISTOGRAM, which, bucket, 0, 0, 0) == 0);
			c->histogram[which][bucket] = r.x[1];
		}
}

static void print_list(const char *name, const uint64_t *after, const uint64_t *before, int entries)
{
	printf(" %s=", name);
	for (int i = 0; i < entries; i++)
		printf("%s%llu", i ? "," : "", (unsigned long long)(after[i] - before[i]));
}

static void report(const char *name, uint64_t proof, const struct counters *before, const struct counters *after)
{
	const struct { const char *name; uint64_t value; } fields[] = {
		{ "proof", proof }, { "from", before->now }, { "to", after->now }, { "beats", after->beats - before->beats },
		{ "late", after->late }, { "masked", after->masked }, { "releases", after->releases - before->releases },
		{ "served", after->releases + after->misses },
		{ "misses", after->misses - before->misses }, { "throttled", after->throttled - before->throttled },
		{ "reserved", after->reserved },
		{ "ticks", noted.ticks }, { "stolen", noted.stolen }, { "longest", noted.longest }, { "worst", noted.worst },
	};

	printf("@@assault %s", name);
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		printf(" %s=%llu", fields[i].name, (unsigned long long)fields[i].value);
	print_list("release", after->histogram[RM_HISTOGRAM_RELEASE], before->histogram[RM_HISTOGRAM_RELEASE], RM_HISTOGRAM_BUCKETS);
	print_list("mask", after->histogram[RM_HISTOGRAM_MASKED], before->histogram[RM_HISTOGRAM_MASKED], RM_HISTOGRAM_BUCKETS);
	printf("\n");
}

int main(int argc, char **argv)
{
	static struct counters before, after;
	const struct assault *a;
	uint64_t ms, proof;

	if (argc < 3) {
		fprintf(stderr, "usage: assault MILLISECONDS NAME [COMMAND...]\n");
		return 2;
	}
	ms = strtoull(argv[1], NULL, 10);
	a = find(argv[2]);
	if (!a == (argc == 3)) {
		fprintf(stderr, "assault: %s %s\n", argv[2], a ? "takes no command" : "is no attack");
		return 2;
	}
	printf("@@begin %s\n", argv[2]);
	fflush(stdout);
	count(&before);
	proof = a ? a->run(ms) : run_command(argv + 3, ms);
	count(&after);
	report(argv[2], proof, &before, &after);
	return t_done() || proof == 0;
}
