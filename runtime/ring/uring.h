/* SPDX-License-Identifier: MIT */
/*
 * Linux's io_uring ABI, as far as the runtime speaks it. Our own copy, since the distribution's headers may be older than
 * the kernel that serves the ring; a test compares it with Linux's header.
 */
#ifndef RUNTIME_RING_URING_H
#define RUNTIME_RING_URING_H

#include <stdint.h>

enum rm_uring_op {
	RM_OP_NOP = 0,
	RM_OP_FSYNC = 3,
	RM_OP_POLL_ADD = 6,
	RM_OP_SENDMSG = 9,
	RM_OP_RECVMSG = 10,
	RM_OP_TIMEOUT = 11,
	RM_OP_ACCEPT = 13,
	RM_OP_ASYNC_CANCEL = 14,
	RM_OP_CONNECT = 16,
	RM_OP_FALLOCATE = 17,
	RM_OP_OPENAT = 18,
	RM_OP_CLOSE = 19,
	RM_OP_STATX = 21,
	RM_OP_READ = 22,
	RM_OP_WRITE = 23,
	RM_OP_FADVISE = 24,
	RM_OP_SEND = 26,
	RM_OP_RECV = 27,
	RM_OP_OPENAT2 = 28,
	RM_OP_EPOLL_CTL = 29,
	RM_OP_RENAMEAT = 35,
	RM_OP_UNLINKAT = 36,
	RM_OP_MKDIRAT = 37,
	RM_OP_SYMLINKAT = 38,
	RM_OP_LINKAT = 39,
	RM_OP_SOCKET = 45,
	RM_OP_FTRUNCATE = 55,	/* Linux 6.9 */
};

struct rm_sqe {
	uint8_t opcode, flags;
	uint16_t ioprio;
	int32_t fd;
	uint64_t off;		/* or addr2 */
	uint64_t addr;
	uint32_t len;
	uint32_t op_flags;
	uint64_t user_data;
	uint16_t buf_index, personality;
	uint32_t file_index;
	uint64_t addr3, pad;
};
_Static_assert(sizeof(struct rm_sqe) == 64, "Linux's ABI");

struct rm_cqe {
	uint64_t user_data;
	int32_t res;
	uint32_t flags;
};
_Static_assert(sizeof(struct rm_cqe) == 16, "Linux's ABI");

#define RM_SQE_LINK		0x04u	/* the next entry begins when this one has succeeded */
#define RM_TIMEOUT_SUCCESS	0x20u	/* in op_flags of a timeout: -ETIME is no failure to what is linked to it */
#define RM_SQE_ASYNC		0x10u	/* in sqe.flags: a thread that may wait does it from the start */
#define RM_RWF_NOWAIT		8u	/* in sqe.op_flags of reads and writes */
#define RM_FSYNC_DATASYNC	1u
#define RM_ACCEPT_DONTWAIT	2u	/* Linux 6.10; in ioprio */
#define RM_SQ_NEED_WAKEUP	1u

#endif
