/* SPDX-License-Identifier: MIT */
/* Linux's error numbers, as far as the kernel returns them (negative) to enclaves and to the module. */
#ifndef KERNEL_LIB_ERRNO_H
#define KERNEL_LIB_ERRNO_H

enum {
	EPERM = 1, ENOENT = 2, ESRCH = 3, EINTR = 4, EIO = 5, EAGAIN = 11, ENOMEM = 12, EACCES = 13, EFAULT = 14, EBUSY = 16,
	EEXIST = 17, ENODEV = 19, EINVAL = 22, ENOSPC = 28, EDEADLK = 35, ENOSYS = 38, EPROTO = 71, EOPNOTSUPP = 95, ETIMEDOUT = 110, ESTALE = 116,
	EDQUOT = 122,
};

#endif
