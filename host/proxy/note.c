/* SPDX-License-Identifier: MIT */
/*
 * The note by which an enclave program is known (abi/spawn.h). Called between vfork() and execve(): no allocation.
 *
 * Attacks considered: the file is anybody's; offsets and sizes in it are checked against what was read, and only two pages of it are.
 */
#include "note.h"

#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "spawn.h"

#define SEGMENTS_MAX	32
#define NOTES_MAX	2048

static size_t aligned(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

static enum note among(const char *notes, size_t size)
{
	Elf64_Nhdr note;

	for (size_t at = 0; size - at >= sizeof(note);) {
		memcpy(&note, notes + at, sizeof(note));
		at += sizeof(note);
		if (note.n_namesz > size - at || aligned(note.n_namesz) > size - at ||
		    note.n_descsz > size - at - aligned(note.n_namesz))
			return NOTE_NONE;
		if (note.n_namesz == sizeof(RM_NOTE_NAME) && note.n_type == RM_NOTE_ENCLAVE &&
		    memcmp(notes + at, RM_NOTE_NAME, sizeof(RM_NOTE_NAME)) == 0)
			return NOTE_ENCLAVE;
		at += aligned(note.n_namesz);
		if (aligned(note.n_descsz) > size - at)
			return NOTE_NONE;
		at += aligned(note.n_descsz);
	}
	return NOTE_NONE;
}

enum note note_of_file(int fd)
{
	Elf64_Phdr segments[SEGMENTS_MAX];
	char notes[NOTES_MAX];
	Elf64_Ehdr head;
	ssize_t size;

	if (pread(fd, &head, sizeof(head), 0) != sizeof(head) || memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 ||
	    head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_machine != EM_AARCH64 || head.e_phentsize != sizeof(segments[0]) ||
	    head.e_phnum > SEGMENTS_MAX)
		return NOTE_NONE;
	size = pread(fd, segments, head.e_phnum * sizeof(segments[0]), (off_t)head.e_phoff);
	for (int i = 0; size == (ssize_t)(head.e_phnum * sizeof(segments[0])) && i < head.e_phnum; i++) {
		ssize_t got;

		if (segments[i].p_type != PT_NOTE)
			continue;
		got = pread(fd, notes, segments[i].p_filesz < NOTES_MAX ? segments[i].p_filesz : NOTES_MAX, (off_t)segments[i].p_offset);
		if (got > 0 && among(notes, (size_t)got) == NOTE_ENCLAVE)
			return NOTE_ENCLAVE;
	}
	return NOTE_NONE;
}

enum note note_of_program(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	enum note result;

	if (fd < 0)
		return NOTE_NONE;
	result = note_of_file(fd);
	close(fd);
	return result;
}
