/* SPDX-License-Identifier: MIT */
/* For foreign code (libfdt, mbedTLS) that is compiled into the kernel: it uses none of it. */
