/* SPDX-License-Identifier: MIT */
/* For foreign code (libfdt, mbedTLS) that is compiled into the kernel. */
#include "lib/panic.h"
#ifndef static_assert
#define static_assert _Static_assert
#endif
