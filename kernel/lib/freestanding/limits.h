/* SPDX-License-Identifier: MIT */
/* For foreign code (libfdt, mbedTLS) that is compiled into the kernel. */
#ifndef KERNEL_LIB_FREESTANDING_LIMITS_H
#define KERNEL_LIB_FREESTANDING_LIMITS_H
#define CHAR_BIT 8
#define INT_MAX __INT_MAX__
#define INT_MIN (-INT_MAX - 1)
#define UINT_MAX (2u * INT_MAX + 1)
#endif
