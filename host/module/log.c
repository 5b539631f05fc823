// SPDX-License-Identifier: GPL-2.0-only
/*
 * The log of enclaves: a ring of lines in the module's memory, so that what was said stays when the enclave and its process
 * are gone, whoever killed them. The newest RM_LOG_KEPT lines are kept. Who may open the device reads the lines about its own
 * enclaves; root reads all.
 *
 * Attacks considered: a process that floods the log costs the older lines of others, so each session may say only
 * RM_LOG_PER_SESSION lines; text is bounded and made printable; names and numbers are the module's, not the writer's.
 */
#include "module.h"

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/ctype.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

struct rm_log_line {
	struct rm_ioc_log public;
	kuid_t uid;
};

static struct rm_log_line *lines;	/* RM_LOG_KEPT of them; line n stands at n % RM_LOG_KEPT */
static u64 next_sequence = 1;		/* of the next line; both under lock */
static DEFINE_SPINLOCK(lock);
static DECLARE_WAIT_QUEUE_HEAD(readers);

static void rm_log_add(const struct rm_enclave *enclave, u32 source, const char *text)
{
	struct rm_log_line *line;
	unsigned int i;

	spin_lock(&lock);
	line = &lines[next_sequence % RM_LOG_KEPT];
	memset(line, 0, sizeof(*line));
	line->uid = enclave->uid;
	line->public.sequence = next_sequence++;
	line->public.time_ns = ktime_get_real_ns();
	line->public.id = enclave->id;
	line->public.source = source;
	line->public.pid = pid_vnr(enclave->pid);
	strscpy(line->public.name, enclave->name, sizeof(line->public.name));
	strscpy(line->public.text, text, sizeof(line->public.text));
	for (i = 0; line->public.text[i]; i++)
		if (!isprint(line->public.text[i]))
			line->public.text[i] = '?';
	for (i = 0; line->public.name[i]; i++)
		if (!isprint(line->public.name[i]))
			line->public.name[i] = '?';
	spin_unlock(&lock);
	wake_up_interruptible(&readers);
}

/* A line of the module's own about an enclave. */
void rm_log(const struct rm_enclave *enclave, const char *format, ...)
{
	char text[RM_LOG_TEXT];
	va_list args;

	va_start(args, format);
	vscnprintf(text, sizeof(text), format, args);
	va_end(args);
	rm_log_add(enclave, RM_LOG_MODULE, text);
}

/* What the secure kernel said when it let the enclave go for good: told once. */
void rm_log_end(struct rm_enclave *enclave, const struct rm_ioc_enter *exit)
{
	if (exit->reason == RM_EXIT_HOST || exit->reason == RM_EXIT_THREAD || xchg(&enclave->end_told, true))
		return;
	switch (exit->reason) {
	case RM_EXIT_EXITED:
		rm_log(enclave, "ended: exit status %llu", exit->arg[0]);
		break;
	case RM_EXIT_SIGNALED:
		if (exit->arg[2] == ~0ull)
			rm_log(enclave, "ended: signal %llu", exit->arg[0]);
		else
			rm_log(enclave, "ended: signal %llu, address %#llx, pc %#llx", exit->arg[0], exit->arg[1], exit->arg[2]);
		break;
	case RM_EXIT_NOMEM:
		rm_log(enclave, "ended: out of secure memory: %llu KiB of %llu KiB in use%s", exit->arg[1] >> 10, exit->arg[0] >> 10,
		       exit->arg[2] == 1 ? ", the board has no more" : "");
		break;
	case RM_EXIT_FAILED:
		rm_log(enclave, "ended: refused by the runtime, reason %llu, detail %llu", exit->arg[0], exit->arg[1]);
		break;
	default:
		rm_log(enclave, "ended: by the secure kernel");
	}
}

/* RM_IOC_LOG: a line of the proxy about its own enclave. */
int rm_log_write(struct rm_enclave *enclave, const struct rm_ioc_log *line)
{
	if (line->source != RM_LOG_PROXY && line->source != RM_LOG_RUNTIME)
		return -EINVAL;
	if (strnlen(line->text, sizeof(line->text)) == sizeof(line->text))
		return -EINVAL;
	if (enclave->log_lines >= RM_LOG_PER_SESSION)
		return -EDQUOT;
	if (++enclave->log_lines == RM_LOG_PER_SESSION)
		rm_log_add(enclave, RM_LOG_MODULE, "said too much: what it reports from here on is not kept");
	else
		rm_log_add(enclave, line->source, line->text);
	return 0;
}

static bool rm_log_find(u64 from, struct rm_ioc_log *found)
{
	bool all = capable(CAP_SYS_ADMIN), hit = false;
	u64 oldest;

	spin_lock(&lock);
	oldest = next_sequence > RM_LOG_KEPT ? next_sequence - RM_LOG_KEPT : 1;
	for (from = max(from, oldest); from < next_sequence && !hit; from++) {
		const struct rm_log_line *line = &lines[from % RM_LOG_KEPT];

		hit = all || uid_eq(line->uid, current_uid());
		if (hit)
			*found = line->public;
	}
	spin_unlock(&lock);
	return hit;
}

/*
 * rm_log_read() - RM_IOC_LOG_READ: the first line from a sequence number on that this user may see
 *
 * Return: 0; -ENOENT: none yet; with RM_LOG_WAIT waits for one instead (-ERESTARTSYS).
 */
int rm_log_read(u64 from, u32 flags, struct rm_ioc_log *found)
{
	if (flags & ~RM_LOG_WAIT)
		return -EINVAL;
	if (rm_log_find(from, found))
		return 0;
	if (!(flags & RM_LOG_WAIT))
		return -ENOENT;
	return wait_event_interruptible(readers, rm_log_find(from, found));
}

int rm_log_start(void)
{
	lines = vzalloc(array_size(RM_LOG_KEPT, sizeof(*lines)));
	return lines ? 0 : -ENOMEM;
}

void rm_log_stop(void)
{
	vfree(lines);
}
