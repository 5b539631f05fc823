/* SPDX-License-Identifier: MIT */
#ifndef RINGMASTER_NOTE_H
#define RINGMASTER_NOTE_H

#include <stddef.h>

enum note { NOTE_NONE, NOTE_ENCLAVE };

/* Whether a file is a program that ringmaster-cc linked for enclaves, by the note in it. What cannot be read or is no such ELF file has none. */
enum note note_of_program(const char *path);
enum note note_of_file(int fd);

#endif
