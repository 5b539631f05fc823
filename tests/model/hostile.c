/* SPDX-License-Identifier: MIT */
/*
 * Everything a Linux that wants harm can do to a ring, chosen by the script's bytes.
 */
#include <string.h>

#include "model/linux.h"

static uint32_t *word(uint32_t offset)
{
	return (uint32_t *)(model.region + offset);
}

static struct rm_sqe take_pending(unsigned index)
{
	const struct rm_sqe sqe = model.pending[index];

	model.pending_count--;
	memmove(&model.pending[index], &model.pending[index + 1], (model.pending_count - index) * sizeof(sqe));
	return sqe;
}

/* Junk wherever an operation could have written. */
static void scribble(uint32_t offset, uint32_t size)
{
	for (uint32_t i = 0; i < size && model.script_left > 0; i++)
		if (offset + i < model.size)
			model.region[offset + i] = model_byte();
}

static void scribble_arena(void)
{
	scribble(model.boot.arena + model_word() % RM_ARENA_SIZE, model_byte());
}

/* A head of a message that looks right, or nearly: names, control messages with descriptors, flags. */
static void plausible_head(uint64_t address)
{
	const uint64_t offset = address - model.boot.address;
	struct lx_msghdr *head;
	struct lx_cmsghdr message = { .level = LX_SOL_SOCKET, .type = LX_SCM_RIGHTS };
	uint64_t control;

	if (offset > model.size - sizeof(*head) || offset % 8 != 0)
		return;
	head = (struct lx_msghdr *)(model.region + offset);
	scribble((uint32_t)(head->name - model.boot.address), model_byte() & 31);
	head->name_size = model_byte();
	head->flags = model_word();
	control = head->control - model.boot.address;
	if (control > model.size - 64 || control % 8 != 0 || model_byte() & 1)
		return;
	message.size = sizeof(message) + (model_byte() & 31);
	memcpy(model.region + control, &message, sizeof(message));
	scribble((uint32_t)control + sizeof(message), model_byte() & 15);
	head->control_size = model_byte();
}

/* A result that looks right, so that the program gets further. */
static int32_t plausible(const struct rm_sqe *sqe)
{
	const uint64_t offset = sqe->addr - model.boot.address;
	struct lx_statx *answer;

	switch (sqe->opcode) {
	case RM_OP_OPENAT:
	case RM_OP_SOCKET:
	case RM_OP_ACCEPT:
		return 100 + model_byte();
	case RM_OP_SENDMSG:
		return (int32_t)(model_byte() & 1 ? 1 : model_word() % 70000);
	case RM_OP_RECVMSG:
		plausible_head(sqe->addr);
		return (int32_t)(model_byte() & 1 ? 1 : model_word() % 70000);
	case RM_OP_READ:
	case RM_OP_RECV:
		if (offset < model.size)
			scribble((uint32_t)offset, model_byte());
		return (int32_t)(model_byte() & 1 ? sqe->len : sqe->len ? model_word() % (sqe->len + 1) : 0);
	case RM_OP_WRITE:
	case RM_OP_SEND:
		return (int32_t)(model_byte() & 1 ? sqe->len : sqe->len ? model_word() % (sqe->len + 1) : 0);
	case RM_OP_STATX:
		if (sqe->off - model.boot.address > model.size - sizeof(*answer))
			return 0;
		answer = (struct lx_statx *)(model.region + (sqe->off - model.boot.address));
		memset(answer, 0, sizeof(*answer));
		answer->mask = LX_STATX_BASIC;
		answer->mode = (uint16_t)((model_byte() & 15) << 12 | 0644);
		answer->size = model_word();
		return 0;
	default:
		return 0;
	}
}

static void one_attack(uint8_t kind)
{
	const unsigned pick = model.pending_count ? model_byte() % model.pending_count : 0;
	struct rm_sqe sqe;

	switch (kind % 16) {
	case 0:		/* an impossible result */
	case 1:
		if (model.pending_count == 0)
			break;
		sqe = take_pending(pick);
		model_complete(sqe.user_data, (int32_t)model_word());
		break;
	case 2:		/* one byte too many */
		if (model.pending_count == 0)
			break;
		sqe = take_pending(pick);
		model_complete(sqe.user_data, (int32_t)(sqe.len + 1));
		break;
	case 3:		/* the same completion again */
		model_complete(model.last_user_data, (int32_t)model_byte());
		break;
	case 4:		/* a completion for nothing, or for a guess */
		model_complete((uint64_t)model_word() << 32 | model_byte(), (int32_t)model_word());
		break;
	case 5:		/* for a later or earlier use of a promise */
		model_complete(model.last_user_data + ((uint64_t)(int8_t)model_byte() << 32), 0);
		break;
	case 6:		/* completed before it is done, and again later */
		if (model.pending_count > 0)
			model_complete(model.pending[pick].user_data, 0);
		break;
	case 7:
		*word(model.boot.ring.cq_tail) = model_word();
		break;
	case 8:
		*word(model.boot.ring.sq_head) = model_word();
		break;
	case 9:
		*word(model.boot.ring.sq_flags) = model_word();
		break;
	case 10:	/* rewrites our published words */
		*word(model.boot.ring.sq_tail) = model_word();
		*word(model.boot.ring.cq_head) = model_word();
		break;
	case 11:
		scribble_arena();
		break;
	case 12:	/* entries that completions stand in */
		scribble(model.boot.ring.cqes + model_word() % 2048, model_byte());
		break;
	case 13:	/* lost for ever */
		if (model.pending_count > 0)
			take_pending(pick);
		break;
	case 14:	/* an error that exists */
		if (model.pending_count == 0)
			break;
		sqe = take_pending(pick);
		model_complete(sqe.user_data, -(int32_t)(model_byte() % 134));
		break;
	default:	/* out of order */
		if (model.pending_count == 0)
			break;
		sqe = take_pending(model.pending_count - 1);
		model_complete(sqe.user_data, plausible(&sqe));
		break;
	}
}

void model_hostile_turn(uint64_t minimum)
{
	uint8_t attacks = model_byte() % 4;

	if (model_byte() == 255)
		model.withdrawn = true;
	while (attacks-- > 0)
		one_attack(model_byte());
	/* Then something plausible, so that the program goes on. */
	while (model.pending_count > 0 && minimum-- > 0) {
		const struct rm_sqe sqe = take_pending(0);

		model_complete(sqe.user_data, plausible(&sqe));
	}
	if (model_byte() & 1)
		*word(model.boot.ring.cq_tail) = model.cq_tail;
}

void model_hostile_call(struct rm_host_call *call)
{
	const uint8_t kind = model_byte();

	for (int i = 0; i < 6; i++)
		if (call->arg[i] >= model.boot.arena && call->arg[i] < model.size && model_byte() & 1)
			scribble((uint32_t)call->arg[i], model_byte());
	switch (kind % 6) {
	case 0:
		call->result = (int64_t)((uint64_t)model_word() << 32 | model_word());
		break;
	case 1:
		call->result = (int32_t)model_word();
		break;
	case 2:
		call->result = model_byte();
		break;
	case 3:
		break;		/* not answered at all */
	case 4:
		call->result = -(int64_t)(model_byte() % 134);
		break;
	default:
		call->result = 0;
		break;
	}
}
