/* SPDX-License-Identifier: MIT */
/*
 * The lies, one by one.
 */
#include "model/lies.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "posix/watch.h"
#include "ring/uring.h"
#include "sys/linux.h"

uint64_t model_lies_fit[MODEL_ANSWERS][2];
char model_story[160];

static uint32_t *word(uint32_t offset)
{
	return (uint32_t *)(model.region + offset);
}

/* Memory of the arena behind an address of the proxy or an offset; NULL: it is none. */
static uint8_t *arena(uint64_t offset, size_t size)
{
	if (offset < model.boot.arena || offset > model.shared - size)
		return NULL;
	return model.region + offset;
}

static uint8_t *there(uint64_t address, size_t size)
{
	return arena(address - model.boot.address, size);
}

/*
 * What fits what.
 */

static bool any(const struct model_answer *a)
{
	(void)a;
	return true;
}

static bool operation(const struct model_answer *a)
{
	return a->call == NULL;
}

static bool call(const struct model_answer *a)
{
	return a->call != NULL;
}

static bool is_op(const struct model_answer *a, uint8_t opcode)
{
	return a->sqe && a->sqe->opcode == opcode;
}

static bool is_call(const struct model_answer *a, uint32_t number)
{
	return a->call && a->call->number == number;
}

/* An operation of which Linux keeps to itself how it ends: the request to give another one up. */
static bool told(const struct model_answer *a)
{
	return !is_op(a, RM_OP_ASYNC_CANCEL);
}

/* Bytes that were asked for; 0: it moves none, or may say more than it moved. */
static uint64_t asked(const struct model_answer *a)
{
	if (a->sqe) {
		switch (a->sqe->opcode) {
		case RM_OP_READ:
		case RM_OP_WRITE:
		case RM_OP_SEND:
			return a->sqe->len;
		case RM_OP_RECV:
			return a->sqe->op_flags & LX_MSG_TRUNC ? 0 : a->sqe->len;
		default:
			return 0;
		}
	}
	switch (a->call->number) {
	case LX_read:
	case LX_write:
	case LX_pread64:
	case LX_pwrite64:
	case LX_preadv2:
	case LX_pwritev2:
	case LX_getdents64:
	case LX_sendto:
		return a->call->arg[2];
	case LX_recvfrom:
		return a->call->arg[3] & LX_MSG_TRUNC ? 0 : a->call->arg[2];
	case LX_readlinkat:
	case LX_getxattr:
	case LX_fgetxattr:
		return a->call->arg[3];
	case LX_listxattr:
	case LX_flistxattr:
		return a->call->arg[2];
	case LX_getcwd:
	case LX_ppoll:
		return a->call->arg[1];
	case LX_epoll_pwait2:
		return a->call->arg[2];
	case LX_splice:
	case LX_copy_file_range:
		return a->call->arg[4];
	case LX_tee:
		return a->call->arg[2];
	case LX_sendfile:
		return a->call->arg[3];
	default:
		return 0;
	}
}

static bool moves(const struct model_answer *a)
{
	return asked(a) != 0;
}

/* Whose result can be any number that is not negative. */
static bool bounded(const struct model_answer *a)
{
	const bool whole_length = (is_op(a, RM_OP_RECV) || is_op(a, RM_OP_RECVMSG)) && (a->sqe->op_flags & LX_MSG_TRUNC);

	return told(a) && !whole_length && !is_call(a, LX_lseek);
}

static bool new_descriptor(const struct model_answer *a)
{
	return a->result >= 0 && (is_op(a, RM_OP_OPENAT) || is_op(a, RM_OP_OPENAT2) || is_op(a, RM_OP_SOCKET) || is_op(a, RM_OP_ACCEPT) ||
				  is_call(a, LX_openat) || is_call(a, LX_openat2) || is_call(a, LX_epoll_create1) ||
				  is_call(a, LX_eventfd2) || is_call(a, LX_timerfd_create) || is_call(a, LX_inotify_init1) ||
				  is_call(a, LX_memfd_create) || (is_call(a, LX_fcntl) && a->call->arg[1] == LX_F_DUPFD_CLOEXEC));
}

/* A small number would be a descriptor of the test. */
static bool number(const struct model_answer *a)
{
	return !new_descriptor(a);
}

static bool larger_number(const struct model_answer *a)
{
	return a->result > 0 && number(a);
}

static bool second_descriptor(const struct model_answer *a)
{
	return new_descriptor(a) && a->result > 3;
}

static bool reordering(const struct model_answer *a)
{
	if (!operation(a) || a->alone)
		return false;
	for (unsigned i = 0; i < model.pending_count; i++)
		if ((model.pending[i].flags & RM_SQE_LINK) || model.pending[i].opcode == RM_OP_ASYNC_CANCEL)
			return false;
	return !(a->sqe->flags & RM_SQE_LINK);
}

static uint8_t *statx_of(const struct model_answer *a)
{
	return is_op(a, RM_OP_STATX) && a->result == 0 ? there(a->sqe->off, sizeof(struct lx_statx)) : NULL;
}

static bool statx_fits(const struct model_answer *a)
{
	return statx_of(a) != NULL;
}

static uint8_t *pair_of(const struct model_answer *a)
{
	if (a->result != 0)
		return NULL;
	return is_call(a, LX_pipe2) ? arena(a->call->arg[0], 8) : is_call(a, LX_socketpair) ? arena(a->call->arg[3], 8) : NULL;
}

static bool pair_fits(const struct model_answer *a)
{
	return pair_of(a) != NULL;
}

static uint8_t *entries_of(const struct model_answer *a)
{
	return is_call(a, LX_getdents64) && a->result >= 24 ? arena(a->call->arg[1], (size_t)a->result) : NULL;
}

static bool entries_fit(const struct model_answer *a)
{
	return entries_of(a) != NULL;
}

/* Names of sockets: where the size stands. */
static uint32_t *name_size_of(const struct model_answer *a)
{
	if (a->result < 0)
		return NULL;
	if (is_op(a, RM_OP_ACCEPT) && a->sqe->addr)
		return (uint32_t *)there(a->sqe->off, 4);
	if (is_op(a, RM_OP_RECVMSG)) {
		struct lx_msghdr *head = (struct lx_msghdr *)there(a->sqe->addr, sizeof(*head));

		return head && head->name ? &head->name_size : NULL;
	}
	return is_call(a, LX_getsockname) || is_call(a, LX_getpeername) ? (uint32_t *)arena(a->call->arg[2], 4) : NULL;
}

static bool name_fits(const struct model_answer *a)
{
	return name_size_of(a) != NULL;
}

static struct lx_msghdr *message_of(const struct model_answer *a)
{
	return is_op(a, RM_OP_RECVMSG) && a->result >= 0 ? (struct lx_msghdr *)there(a->sqe->addr, sizeof(struct lx_msghdr)) : NULL;
}

static bool message_fits(const struct model_answer *a)
{
	return message_of(a) != NULL;
}

/* There is room for a control message with two descriptors. */
static struct lx_cmsghdr *control_of(const struct model_answer *a)
{
	struct lx_msghdr *head = message_of(a);

	return head && head->control ? (struct lx_cmsghdr *)there(head->control, 24) : NULL;
}

static bool control_fits(const struct model_answer *a)
{
	return control_of(a) != NULL;
}

static struct rm_event *events_of(const struct model_answer *a)
{
	return is_call(a, LX_epoll_pwait2) && a->call->arg[2] > 0 ? (struct rm_event *)arena(a->call->arg[1], sizeof(struct rm_event)) : NULL;
}

static bool events_fit(const struct model_answer *a)
{
	return events_of(a) != NULL;
}

static struct lx_pollfd *polled_of(const struct model_answer *a)
{
	return is_call(a, LX_ppoll) && a->call->arg[1] > 0 ? (struct lx_pollfd *)arena(a->call->arg[0], sizeof(struct lx_pollfd)) : NULL;
}

static bool polled_fits(const struct model_answer *a)
{
	return polled_of(a) != NULL;
}

static uint8_t *text_of(const struct model_answer *a)
{
	if (a->result <= 0)
		return NULL;
	return is_call(a, LX_readlinkat) ? arena(a->call->arg[2], (size_t)a->result) :
	       is_call(a, LX_getcwd) ? arena(a->call->arg[0], (size_t)a->result) : NULL;
}

static bool text_fits(const struct model_answer *a)
{
	return text_of(a) != NULL;
}

static uint8_t *list_of(const struct model_answer *a)
{
	if (a->result <= 0 || !(is_call(a, LX_listxattr) || is_call(a, LX_flistxattr)) || a->call->arg[2] == 0)
		return NULL;
	return arena(a->call->arg[1], (size_t)a->result);
}

static bool list_fits(const struct model_answer *a)
{
	return list_of(a) != NULL;
}

static int64_t *times_of(const struct model_answer *a)
{
	if (a->result != 0)
		return NULL;
	return is_call(a, LX_timerfd_gettime) ? (int64_t *)arena(a->call->arg[1], 32) :
	       is_call(a, LX_timerfd_settime) ? (int64_t *)arena(a->call->arg[3], 32) : NULL;
}

static bool times_fit(const struct model_answer *a)
{
	return times_of(a) != NULL;
}

static uint32_t *option_size_of(const struct model_answer *a)
{
	return is_call(a, LX_getsockopt) && a->result == 0 ? (uint32_t *)arena(a->call->arg[4], 4) : NULL;
}

static bool option_fits(const struct model_answer *a)
{
	return option_size_of(a) != NULL;
}

static bool waited(const struct model_answer *a)
{
	return is_call(a, LX_wait4) && a->result > 0;
}

static bool number_of_process(const struct model_answer *a)
{
	return is_call(a, RM_CALL_SPAWN) && a->result > 0;
}

/*
 * Results.
 */

static void largest(struct model_answer *a)
{
	a->result = a->call ? INT64_MAX : INT32_MAX;
}

static void lowest(struct model_answer *a)
{
	a->result = a->call ? INT64_MIN + 1 : INT32_MIN;
}

static void one_too_many(struct model_answer *a)
{
	a->result = (int64_t)asked(a) + 1;
}

static void no_error(struct model_answer *a)
{
	a->result = -4096;
}

/* The errors that the runtime uses inside. */
static void restart(struct model_answer *a)
{
	a->result = -LX_ERESTARTSYS;
}

static void one_less(struct model_answer *a)
{
	a->result--;
}

static void nothing(struct model_answer *a)
{
	a->result = 0;
}

static void one(struct model_answer *a)
{
	a->result = 1;
}

static void try_again(struct model_answer *a)
{
	a->result = -EAGAIN;
}

static void interrupted(struct model_answer *a)
{
	a->result = -EINTR;
}

static void no_memory(struct model_answer *a)
{
	a->result = -ENOMEM;
}

static void no_such_call(struct model_answer *a)
{
	a->result = -ENOSYS;
}

static void canceled(struct model_answer *a)
{
	a->result = -ECANCELED;
}

static void fault(struct model_answer *a)
{
	a->result = -EFAULT;
}

static void not_seekable(struct model_answer *a)
{
	a->result = -ESPIPE;
}

static void unanswered(struct model_answer *a)
{
	a->result = INT64_MIN;	/* RM_HOSTCALL_UNANSWERED */
}

static void descriptor_absurd(struct model_answer *a)
{
	a->result = INT32_MAX - 1;
}

static void descriptor_unknown(struct model_answer *a)
{
	a->result = 900;
}

/* One that the enclave has already. */
static void descriptor_alias(struct model_answer *a)
{
	a->result--;
}

/*
 * Completions. The honest one follows, if the result stays.
 */

static void forged(struct model_answer *a)
{
	(void)a;
	model_complete(0x12345678ul << 32 | 5, 1);
}

static void absurd_index(struct model_answer *a)
{
	model_complete(a->sqe->user_data | 0xffffffff, 0);
	model_complete(~0ul, 0);
}

static void older(struct model_answer *a)
{
	model_complete(a->sqe->user_data - (1ul << 32), 0);
}

static void newer(struct model_answer *a)
{
	model_complete(a->sqe->user_data + (1ul << 32), 0);
}

static void repeated(struct model_answer *a)
{
	model_complete(a->sqe->user_data, (int32_t)a->result);
}

static void early(struct model_answer *a)
{
	model_complete(a->sqe->user_data, 0);
}

/* These are told elsewhere: model_answer_operation(), model_lie_words(). */
static void by_itself(struct model_answer *a)
{
	(void)a;
}

static void vanish(struct model_answer *a)
{
	(void)a;
	model.withdrawn = true;
}

/*
 * Contents.
 */

/* All that an answer may have written: of a call the slots of its pointers, else the operation's memory. */
static void fill(struct model_answer *a, uint8_t byte)
{
	uint8_t *at;

	for (int i = 0; a->call && i < 6; i++) {
		const uint64_t start = a->call->arg[i], end = (start - model.boot.arena) / RM_SLOT_SIZE * RM_SLOT_SIZE + RM_SLOT_SIZE + model.boot.arena;

		at = arena(start, 1);
		if (at && end <= model.shared)
			memset(at, byte, end - start);
	}
	if (a->call || !a->sqe)
		return;
	if ((is_op(a, RM_OP_READ) || is_op(a, RM_OP_RECV)) && (at = there(a->sqe->addr, a->sqe->len)))
		memset(at, byte, a->sqe->len);
	if (is_op(a, RM_OP_STATX) && (at = there(a->sqe->off, 256)))
		memset(at, byte, 256);
	if (is_op(a, RM_OP_RECVMSG) && (at = there(a->sqe->addr, sizeof(struct lx_msghdr))))
		memset(at, byte, sizeof(struct lx_msghdr));
	if (is_op(a, RM_OP_ACCEPT) && (at = there(a->sqe->off, 4)))
		memset(at, byte, 4);
}

static bool fillable(const struct model_answer *a)
{
	for (int i = 0; a->call && i < 6; i++)
		if (arena(a->call->arg[i], 1))
			return true;
	return a->sqe && (is_op(a, RM_OP_READ) || is_op(a, RM_OP_RECV) || is_op(a, RM_OP_STATX) || is_op(a, RM_OP_RECVMSG) || is_op(a, RM_OP_ACCEPT));
}

/* Descriptor 0 is the test's own. */
static bool fillable_low(const struct model_answer *a)
{
	return fillable(a) && !pair_of(a);
}

static void fill_ones(struct model_answer *a)
{
	fill(a, 0xff);
}

static void fill_zeroes(struct model_answer *a)
{
	fill(a, 0);
}

static void fill_text(struct model_answer *a)
{
	fill(a, 'A');
}

static void fill_slashes(struct model_answer *a)
{
	fill(a, '/');
}

static void fill_small(struct model_answer *a)
{
	fill(a, 1);
}

static struct lx_statx *statx(struct model_answer *a)
{
	return (struct lx_statx *)statx_of(a);
}

static void statx_mask(struct model_answer *a)
{
	statx(a)->mask = 0;
}

static void statx_type(struct model_answer *a)
{
	statx(a)->mode = (uint16_t)(0170000 | (statx(a)->mode & 07777));
}

static void statx_other_type(struct model_answer *a)
{
	statx(a)->mode ^= LX_S_IFDIR ^ LX_S_IFREG;
}

static void statx_size(struct model_answer *a)
{
	statx(a)->size = 1ul << 63;
}

static void statx_large(struct model_answer *a)
{
	statx(a)->size = INT64_MAX;
}

static void statx_time(struct model_answer *a)
{
	statx(a)->mtime.nsec = 1000000000;
}

static void pair_negative(struct model_answer *a)
{
	((int32_t *)pair_of(a))[1] = -1;
}

static void pair_absurd(struct model_answer *a)
{
	((int32_t *)pair_of(a))[0] = INT32_MAX;
}

static void pair_alias(struct model_answer *a)
{
	((int32_t *)pair_of(a))[1] = ((int32_t *)pair_of(a))[0];
}

static void set_length(struct model_answer *a, uint16_t length)
{
	memcpy(entries_of(a) + 16, &length, sizeof(length));
}

static void entry_zero(struct model_answer *a)
{
	set_length(a, 0);
}

static void entry_short(struct model_answer *a)
{
	set_length(a, 19);
}

static void entry_long(struct model_answer *a)
{
	set_length(a, 0xffff);
}

static void entry_beyond(struct model_answer *a)
{
	set_length(a, (uint16_t)(a->result + 1));
}

static void entry_odd(struct model_answer *a)
{
	set_length(a, 23);
}

static void entry_slash(struct model_answer *a)
{
	entries_of(a)[19] = '/';
}

static void entry_no_name(struct model_answer *a)
{
	entries_of(a)[19] = 0;
}

static void entry_no_end(struct model_answer *a)
{
	uint16_t length;

	memcpy(&length, entries_of(a) + 16, sizeof(length));
	memset(entries_of(a) + 19, 'n', length - 19u);
}

static void entry_cut(struct model_answer *a)
{
	a->result -= 5;
}

static void name_zero(struct model_answer *a)
{
	*name_size_of(a) = 0;
}

static void name_one(struct model_answer *a)
{
	*name_size_of(a) = 1;
}

static void name_long(struct model_answer *a)
{
	*name_size_of(a) = LX_SOCKADDR_MAX + 1;
}

static void name_absurd(struct model_answer *a)
{
	*name_size_of(a) = 0xffffffff;
}

static void message_flags(struct model_answer *a)
{
	message_of(a)->flags = ~0u;
}

static void message_control(struct model_answer *a)
{
	message_of(a)->control_size = 1ul << 40;
}

static void message_pointers(struct model_answer *a)
{
	struct lx_msghdr *head = message_of(a);

	head->name = head->control = head->iov = 0xffff000000001000ul;
}

static void put_control(struct model_answer *a, struct lx_cmsghdr head, int32_t first, int32_t second)
{
	const int32_t fds[2] = { first, second };
	struct lx_cmsghdr *at = control_of(a);

	*at = head;
	memcpy(at + 1, fds, sizeof(fds));
	message_of(a)->control_size = 24;
}

static void control_zero(struct model_answer *a)
{
	put_control(a, (struct lx_cmsghdr){ 0, LX_SOL_SOCKET, LX_SCM_RIGHTS }, 0, 0);
}

static void control_absurd(struct model_answer *a)
{
	put_control(a, (struct lx_cmsghdr){ ~0ul - 6, LX_SOL_SOCKET, LX_SCM_RIGHTS }, 0, 0);
}

static void control_alias(struct model_answer *a)
{
	put_control(a, (struct lx_cmsghdr){ 24, LX_SOL_SOCKET, LX_SCM_RIGHTS }, 901, 901);
}

static void control_negative(struct model_answer *a)
{
	put_control(a, (struct lx_cmsghdr){ 24, LX_SOL_SOCKET, LX_SCM_RIGHTS }, 901, -1);
}

static void control_odd(struct model_answer *a)
{
	put_control(a, (struct lx_cmsghdr){ 19, LX_SOL_SOCKET, LX_SCM_RIGHTS }, 901, 902);
}

static void event_unknown(struct model_answer *a)
{
	events_of(a)->data = ~0ul;
	a->result = 1;
}

static void event_zero(struct model_answer *a)
{
	*events_of(a) = (struct rm_event){ .events = ~0u };
	a->result = 1;
}

static void event_again(struct model_answer *a)
{
	for (uint64_t i = 1; i < a->call->arg[2]; i++)
		events_of(a)[i] = events_of(a)[0];
	a->result = (int64_t)a->call->arg[2];
}

static void polled_bits(struct model_answer *a)
{
	polled_of(a)->revents = -1;
}

static void polled_count(struct model_answer *a)
{
	a->result = a->result == 0 ? 1 : 0;
}

static void polled_fd(struct model_answer *a)
{
	polled_of(a)->fd = 77;
	polled_of(a)->events = 0x7fff;
}

static void text_nul(struct model_answer *a)
{
	text_of(a)[a->result / 2] = 0;
}

static void text_no_end(struct model_answer *a)
{
	text_of(a)[a->result - 1] = 'x';
}

static void text_relative(struct model_answer *a)
{
	text_of(a)[0] = '(';
}

static void list_no_end(struct model_answer *a)
{
	list_of(a)[a->result - 1] = 'x';
}

static void list_empty_name(struct model_answer *a)
{
	list_of(a)[0] = 0;
}

static void times_absurd(struct model_answer *a)
{
	times_of(a)[3] = 1000000000;
}

static void times_negative(struct model_answer *a)
{
	times_of(a)[2] = -1;
}

static void option_absurd(struct model_answer *a)
{
	*option_size_of(a) = 0xffffffff;
}

static void option_one_more(struct model_answer *a)
{
	++*option_size_of(a);
}

static void status_absurd(struct model_answer *a)
{
	uint32_t *status = (uint32_t *)arena(a->call->arg[1], 4);

	if (status)
		*status = 0x7e7f0000;
}

static void other_process(struct model_answer *a)
{
	a->result += 4000;
}

static void process_absurd(struct model_answer *a)
{
	a->result = 1l << 40;
}

#define PLAIN LIE_PLAIN
#define SEEN LIE_SEEN
#define HARMLESS LIE_HARMLESS

const struct model_lie model_lies[] = {
	{ "result: the largest number", bounded, largest, SEEN },
	{ "result: the lowest number", told, lowest, SEEN },
	{ "result: one too many", moves, one_too_many, SEEN },
	{ "result: no error of Linux's", told, no_error, SEEN },
	{ "result: an error for use inside", told, restart, SEEN },
	{ "result: one less", larger_number, one_less, PLAIN },
	{ "result: 0", number, nothing, PLAIN },
	{ "result: 1", number, one, PLAIN },
	{ "result: EAGAIN", any, try_again, PLAIN },
	{ "result: EINTR", any, interrupted, PLAIN },
	{ "result: ENOMEM", any, no_memory, PLAIN },
	{ "result: ENOSYS", any, no_such_call, PLAIN },
	{ "result: ECANCELED", any, canceled, PLAIN },
	{ "result: EFAULT", any, fault, PLAIN },
	{ "result: ESPIPE", any, not_seekable, PLAIN },
	{ "result: none", call, unanswered, SEEN },
	{ "descriptor: absurd", new_descriptor, descriptor_absurd, SEEN },
	{ "descriptor: not open", new_descriptor, descriptor_unknown, PLAIN },
	{ "descriptor: of another file", second_descriptor, descriptor_alias, PLAIN },
	{ "completion: forged", operation, forged, SEEN | HARMLESS },
	{ "completion: of no promise", operation, absurd_index, SEEN | HARMLESS },
	{ "completion: of an earlier promise", operation, older, SEEN | HARMLESS },
	{ "completion: of a later promise", operation, newer, SEEN | HARMLESS },
	{ "completion: twice", operation, repeated, SEEN | HARMLESS },
	{ "completion: before it is done", operation, early, SEEN },
	{ "completion: dropped", operation, by_itself, PLAIN },
	{ "completion: in another order", reordering, by_itself, HARMLESS },
	{ "ring: the completions' tail runs ahead", operation, by_itself, SEEN | HARMLESS },
	{ "ring: the completions' tail goes back", operation, by_itself, SEEN | HARMLESS },
	{ "ring: the submissions' head runs ahead", operation, by_itself, PLAIN },
	{ "ring: the submissions' head goes back", operation, by_itself, PLAIN },
	{ "ring: flags", operation, by_itself, HARMLESS },
	{ "ring: entries that were not written", operation, by_itself, HARMLESS },
	{ "pages: gone", any, vanish, SEEN },
	{ "content: ones", fillable, fill_ones, PLAIN },
	{ "content: zeroes", fillable_low, fill_zeroes, PLAIN },
	{ "content: text without an end", fillable, fill_text, PLAIN },
	{ "content: slashes", fillable, fill_slashes, PLAIN },
	{ "content: small numbers", fillable, fill_small, PLAIN },
	{ "statx: nothing was asked", statx_fits, statx_mask, SEEN },
	{ "statx: no type", statx_fits, statx_type, SEEN },
	{ "statx: another type", statx_fits, statx_other_type, PLAIN },
	{ "statx: a negative size", statx_fits, statx_size, SEEN },
	{ "statx: a large size", statx_fits, statx_large, PLAIN },
	{ "statx: a time that cannot be", statx_fits, statx_time, SEEN },
	{ "pair: a negative descriptor", pair_fits, pair_negative, SEEN },
	{ "pair: an absurd descriptor", pair_fits, pair_absurd, SEEN },
	{ "pair: the same one twice", pair_fits, pair_alias, PLAIN },
	{ "entries: length 0", entries_fit, entry_zero, SEEN },
	{ "entries: length below a head", entries_fit, entry_short, SEEN },
	{ "entries: length 65535", entries_fit, entry_long, SEEN },
	{ "entries: length beyond the end", entries_fit, entry_beyond, SEEN },
	{ "entries: length that is odd", entries_fit, entry_odd, SEEN },
	{ "entries: a name with a slash", entries_fit, entry_slash, SEEN },
	{ "entries: no name", entries_fit, entry_no_name, SEEN },
	{ "entries: a name without an end", entries_fit, entry_no_end, SEEN },
	{ "entries: cut off", entries_fit, entry_cut, SEEN },
	{ "name: size 0", name_fits, name_zero, PLAIN },
	{ "name: size 1", name_fits, name_one, SEEN },
	{ "name: size 129", name_fits, name_long, SEEN },
	{ "name: size 4 GiB", name_fits, name_absurd, SEEN },
	{ "message: flags", message_fits, message_flags, PLAIN },
	{ "message: more control bytes than there is room for", control_fits, message_control, SEEN },
	{ "message: other pointers", message_fits, message_pointers, HARMLESS },
	{ "control: length 0", control_fits, control_zero, SEEN },
	{ "control: length beyond all", control_fits, control_absurd, SEEN },
	{ "control: the same descriptor twice", control_fits, control_alias, PLAIN },
	{ "control: a negative descriptor", control_fits, control_negative, SEEN },
	{ "control: an odd length", control_fits, control_odd, PLAIN },
	{ "events: of nothing", events_fit, event_unknown, PLAIN },
	{ "events: all at once", events_fit, event_zero, PLAIN },
	{ "events: the same again", events_fit, event_again, PLAIN },
	{ "poll: bits that nobody asked for", polled_fits, polled_bits, PLAIN },
	{ "poll: another number of them", polled_fits, polled_count, PLAIN },
	{ "poll: other descriptors", polled_fits, polled_fd, HARMLESS },
	{ "text: a NUL within", text_fits, text_nul, SEEN },
	{ "text: no end", text_fits, text_no_end, PLAIN },
	{ "text: not absolute", text_fits, text_relative, PLAIN },
	{ "attributes: no end", list_fits, list_no_end, SEEN },
	{ "attributes: an empty name", list_fits, list_empty_name, SEEN },
	{ "timer: a time that cannot be", times_fit, times_absurd, SEEN },
	{ "timer: a negative time", times_fit, times_negative, SEEN },
	{ "option: size 4 GiB", option_fits, option_absurd, SEEN },
	{ "option: one byte more", option_fits, option_one_more, SEEN },
	{ "child: a status that cannot be", waited, status_absurd, PLAIN },
	{ "child: of somebody else", waited, other_process, PLAIN },
	{ "child: an absurd number", number_of_process, process_absurd, SEEN },
};
const unsigned model_lies_count = sizeof(model_lies) / sizeof(model_lies[0]);
_Static_assert(sizeof(model_lies) / sizeof(model_lies[0]) <= 128, "two words of bits");

const struct model_lie *model_lie_named(const char *name)
{
	for (unsigned i = 0; i < model_lies_count; i++)
		if (strcmp(model_lies[i].name, name) == 0)
			return &model_lies[i];
	abort();
}

static bool is_told(const char *name)
{
	return model.lie && model.lie_told && strcmp(model.lie->name, name) == 0;
}

/* The answer is counted, and is a lie if it is that one's turn. */
static bool its_turn(struct model_answer *a)
{
	const uint64_t n = model.operations;

	for (unsigned i = 0; i < model_lies_count && !model.lie && n < MODEL_ANSWERS; i++)
		if (model_lies[i].fits(a))
			model_lies_fit[n][i / 64] |= 1ul << i % 64;
	if (!model.lie || (n != model.lie_at && !model.lie_always) || !model.lie->fits(a))
		return false;
	model.lie_told = true;
	model.lie->tell(a);
	return true;
}

/* What else is pending, done honestly, and completed before this one. */
static void others_first(void)
{
	while (model.pending_count > 0) {
		const struct rm_sqe sqe = model.pending[--model.pending_count];

		model_complete(sqe.user_data, model_honest_operation(&sqe));
	}
}

void model_answer_operation(const struct rm_sqe *sqe, int32_t result)
{
	struct model_answer a = { .sqe = sqe, .result = result, .alone = model.pending_count == 0 };

	if (its_turn(&a)) {
		model.lie_words = strncmp(model.lie->name, "ring: ", 6) == 0;
		if (is_told("completion: dropped"))
			return;
		if (is_told("completion: in another order"))
			others_first();
	}
	model_complete(sqe->user_data, (int32_t)a.result);
}

int64_t model_answer_call(const struct rm_host_call *call, uint64_t offset, int64_t result)
{
	struct rm_sqe sqe;
	const bool direct = model_direct_operation(call, &sqe);
	struct model_answer a = { .sqe = direct ? &sqe : NULL, .call = call, .offset = offset, .result = result };

	its_turn(&a);
	return a.result;
}

void model_lie_words(void)
{
	const struct rm_ring_layout *r = &model.boot.ring;

	if (!model.lie_words)
		return;
	model.lie_words = false;
	if (is_told("ring: the completions' tail runs ahead"))
		*word(r->cq_tail) = model.cq_tail + 0x1000;
	else if (is_told("ring: the completions' tail goes back"))
		*word(r->cq_tail) = model.cq_tail - 3 * RM_RING_ENTRIES;
	else if (is_told("ring: the submissions' head runs ahead"))
		*word(r->sq_head) = model.sq_head + 0x1000;
	else if (is_told("ring: the submissions' head goes back"))
		*word(r->sq_head) = model.sq_head - 3 * RM_RING_ENTRIES;
	else if (is_told("ring: flags"))
		*word(r->sq_flags) = ~0u;
	else
		for (uint32_t i = model.cq_tail; i != model.cq_tail + RM_RING_ENTRIES; i++)
			memset(model.region + r->cqes + i % (2 * RM_RING_ENTRIES) * sizeof(struct rm_cqe), 0x33, sizeof(struct rm_cqe));
}
