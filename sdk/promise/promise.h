/* SPDX-License-Identifier: MIT */
/* Inside of libringmaster. */
#ifndef SDK_PROMISE_H
#define SDK_PROMISE_H

#include "ringmaster.h"

/*
 * The calls of abi/promise.h on Linux, which has none of them: by an io_uring of the thread's own. Results and errors are those of the
 * runtime (runtime/promise), and so is the room that there is. No memory is copied.
 */
__attribute__((visibility("hidden"))) long native_call(long number, unsigned long a, unsigned long b, unsigned long c, unsigned long d);

#endif
