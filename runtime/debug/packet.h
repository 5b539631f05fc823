/* SPDX-License-Identifier: MIT */
/*
 * Frames of gdb's remote protocol: bytes that arrive become packets, text becomes a frame. Pure: no state but what the caller keeps.
 */
#ifndef RUNTIME_DEBUG_PACKET_H
#define RUNTIME_DEBUG_PACKET_H

#include "lib/text.h"

#define RM_PACKET_MAX	2048u	/* bytes between $ and #, either way */

/* One packet as it arrives. */
struct rm_packet {
	char data[RM_PACKET_MAX + 1];	/* as sent, still escaped; NUL behind it once complete */
	size_t size;
	uint8_t state, sum, told;	/* where in the frame; bytes added up; checksum as sent */
	bool too_long;
};

enum rm_packet_event {
	RM_PACKET_NOTHING,
	RM_PACKET_DONE,		/* data and size are a packet */
	RM_PACKET_BROKEN,	/* its checksum is wrong */
	RM_PACKET_INTERRUPT,	/* Ctrl-C, outside of packets */
	RM_PACKET_AGAIN,	/* the other side did not understand the last reply */
};
enum rm_packet_event rm_packet_byte(struct rm_packet *packet, char byte);

/* Takes escapes out of data[from, size), which moves nothing before it. The packet's new size. */
size_t rm_packet_unescape(struct rm_packet *packet, size_t from);

/* Value of a hexadecimal digit, or -1. */
int rm_hex_digit(char c);
/* The hexadecimal number at *at, which moves behind it: false if there is none, or it has more than 16 digits. */
bool rm_hex_number(const char **at, uint64_t *value);
/* `count` bytes from twice as many digits. False: there are fewer. Both may be the same memory. */
bool rm_hex_bytes(const char *from, void *to, size_t count);
/* Bytes as digits. */
void rm_hex_put(struct rm_text *text, const void *from, size_t size);

/* Begins a frame in text->at, to which the caller appends; ends it with its checksum, for which room is kept. */
void rm_frame_begin(struct rm_text *text, char *room, size_t size);
void rm_frame_end(struct rm_text *text);
#define RM_FRAME_EXTRA	4u	/* $, #, two digits */
/* Appends bytes with what may not stand in a frame escaped: how many there was room for. */
size_t rm_frame_binary(struct rm_text *text, const char *from, size_t size);

#endif
