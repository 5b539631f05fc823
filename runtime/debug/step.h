/* SPDX-License-Identifier: MIT */
#ifndef RUNTIME_DEBUG_STEP_H
#define RUNTIME_DEBUG_STEP_H

#include <stdint.h>

#include "abi/svc.h"

/* Where a program goes on after the instruction at its program counter, if that is no call of the system and makes no fault. */
uint64_t rm_step_next(const struct rm_context *c, uint32_t instruction);

#endif
