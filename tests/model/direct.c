/* SPDX-License-Identifier: MIT */
/* Operations that came as host calls (runtime/ring/direct.c), done as the operations that they stand for. */
#include <string.h>

#include "model/linux.h"
#include "ring/uring.h"
#include "sys/linux.h"

static uint64_t there(uint64_t offset)
{
	return offset == RM_HOST_NULL ? 0 : model.boot.address + offset;
}

bool model_direct_operation(const struct rm_host_call *c, struct rm_sqe *s)
{
	const uint64_t *a = c->arg;
	const int fd = (int)a[0];
	const uint32_t a2 = (uint32_t)a[2], a3 = (uint32_t)a[3], a4 = (uint32_t)a[4];

	switch (c->number) {
	case LX_fsync:
	case LX_fdatasync:
		*s = (struct rm_sqe){ .opcode = RM_OP_FSYNC, .fd = fd };
		return true;
	case LX_ftruncate:
		*s = (struct rm_sqe){ .opcode = RM_OP_FTRUNCATE, .fd = fd, .off = a[1] };
		return true;
	case LX_fallocate:
		*s = (struct rm_sqe){ .opcode = RM_OP_FALLOCATE, .fd = fd, .len = (uint32_t)a[1], .off = a[2], .addr = a[3] };
		return true;
	case LX_fadvise64:
		*s = (struct rm_sqe){ .opcode = RM_OP_FADVISE, .fd = fd, .off = a[1], .len = a2, .op_flags = a3 };
		return true;
	case LX_statx:
		*s = (struct rm_sqe){ .opcode = RM_OP_STATX, .fd = fd, .addr = there(a[1]), .op_flags = a2, .len = a3, .off = there(a[4]) };
		return true;
	case LX_renameat2:
	case LX_linkat:
		*s = (struct rm_sqe){ .opcode = c->number == LX_linkat ? RM_OP_LINKAT : RM_OP_RENAMEAT, .fd = fd, .addr = there(a[1]),
				      .len = a2, .off = there(a[3]), .op_flags = a4 };
		return true;
	case LX_unlinkat:
		*s = (struct rm_sqe){ .opcode = RM_OP_UNLINKAT, .fd = fd, .addr = there(a[1]), .op_flags = a2 };
		return true;
	case LX_mkdirat:
		*s = (struct rm_sqe){ .opcode = RM_OP_MKDIRAT, .fd = fd, .addr = there(a[1]), .len = a2 };
		return true;
	case LX_symlinkat:
		*s = (struct rm_sqe){ .opcode = RM_OP_SYMLINKAT, .addr = there(a[0]), .fd = (int)a[1], .off = there(a[2]) };
		return true;
	case LX_socket:
		*s = (struct rm_sqe){ .opcode = RM_OP_SOCKET, .fd = fd, .off = a[1], .len = a2 };
		return true;
	default:
		return false;
	}
}

bool model_direct_call(const struct rm_host_call *call, int64_t *result)
{
	struct rm_sqe sqe;

	if (!model_direct_operation(call, &sqe))
		return false;
	*result = model_honest_operation(&sqe);
	return true;
}
