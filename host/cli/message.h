/* SPDX-License-Identifier: MIT */
#ifndef RINGMASTER_MESSAGE_H
#define RINGMASTER_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

_Noreturn void die(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

const char *message_failure(uint64_t failure, uint64_t detail, char *buffer, size_t buffer_size);
const char *message_fault(uint64_t signal, uint64_t address, uint64_t pc, char *buffer, size_t buffer_size);
const char *message_no_memory(uint64_t limit, uint64_t used, int board, uint64_t total, char *buffer,
			      size_t buffer_size);

#endif
