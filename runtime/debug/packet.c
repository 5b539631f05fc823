/* SPDX-License-Identifier: MIT */
/*
 * Attacks considered: every byte may be anything. What is too long is read to its end and dropped; numbers and lengths are bounded
 * here, what they mean is checked by the commands.
 */
#include "debug/packet.h"

enum { OUTSIDE, INSIDE, FIRST_DIGIT, SECOND_DIGIT };

static enum rm_packet_event outside(struct rm_packet *p, char byte)
{
	switch (byte) {
	case '$':
		p->state = INSIDE;
		p->size = 0;
		p->sum = 0;
		p->too_long = false;
		return RM_PACKET_NOTHING;
	case 3:
		return RM_PACKET_INTERRUPT;
	case '-':
		return RM_PACKET_AGAIN;
	default:
		return RM_PACKET_NOTHING;
	}
}

static void inside(struct rm_packet *p, char byte)
{
	p->sum = (uint8_t)(p->sum + (uint8_t)byte);
	if (p->size < RM_PACKET_MAX)
		p->data[p->size++] = byte;
	else
		p->too_long = true;
}

static enum rm_packet_event complete(struct rm_packet *p)
{
	p->state = OUTSIDE;
	if (p->too_long)
		p->size = 0;	/* a packet that nobody knows */
	p->data[p->size] = 0;
	return p->told == p->sum ? RM_PACKET_DONE : RM_PACKET_BROKEN;
}

enum rm_packet_event rm_packet_byte(struct rm_packet *p, char byte)
{
	const int digit = rm_hex_digit(byte);

	if (p->state == OUTSIDE)
		return outside(p, byte);
	if (byte == '$') {	/* the last one was cut off */
		p->state = OUTSIDE;
		return outside(p, byte);
	}
	if (p->state == INSIDE) {
		if (byte == '#')
			p->state = FIRST_DIGIT;
		else
			inside(p, byte);
		return RM_PACKET_NOTHING;
	}
	if (digit < 0) {
		p->state = OUTSIDE;
		return RM_PACKET_BROKEN;
	}
	p->told = (uint8_t)(p->told << 4 | digit);
	if (p->state == SECOND_DIGIT)
		return complete(p);
	p->state = SECOND_DIGIT;
	return RM_PACKET_NOTHING;
}

size_t rm_packet_unescape(struct rm_packet *p, size_t from)
{
	size_t to = from;

	for (; from < p->size; from++) {
		if (p->data[from] == '}' && from + 1 < p->size)
			p->data[to++] = (char)(p->data[++from] ^ 0x20);
		else
			p->data[to++] = p->data[from];
	}
	return p->size = to;
}

int rm_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool rm_hex_number(const char **at, uint64_t *value)
{
	unsigned digits = 0;

	for (*value = 0; rm_hex_digit(**at) >= 0; ++*at) {
		if (digits++ == 16)
			return false;
		*value = *value << 4 | (unsigned)rm_hex_digit(**at);
	}
	return digits > 0;
}

bool rm_hex_bytes(const char *from, void *to, size_t count)
{
	uint8_t *bytes = to;

	for (size_t i = 0; i < count; i++) {
		const int high = rm_hex_digit(from[2 * i]), low = high < 0 ? -1 : rm_hex_digit(from[2 * i + 1]);

		if (low < 0)
			return false;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

void rm_hex_put(struct rm_text *text, const void *from, size_t size)
{
	const uint8_t *bytes = from;

	for (size_t i = 0; i < size; i++) {
		rm_text_char(text, "0123456789abcdef"[bytes[i] >> 4]);
		rm_text_char(text, "0123456789abcdef"[bytes[i] & 15]);
	}
}

void rm_frame_begin(struct rm_text *text, char *room, size_t size)
{
	*text = (struct rm_text){ .at = room, .size = size - (RM_FRAME_EXTRA - 1) };
	rm_text_char(text, '$');
}

void rm_frame_end(struct rm_text *text)
{
	uint8_t sum = 0;

	for (size_t i = 1; i < text->used; i++)
		sum = (uint8_t)(sum + (uint8_t)text->at[i]);
	text->size += RM_FRAME_EXTRA - 1;
	rm_text_char(text, '#');
	rm_hex_put(text, &sum, 1);
}

size_t rm_frame_binary(struct rm_text *text, const char *from, size_t size)
{
	size_t i;

	for (i = 0; i < size && text->size - text->used >= 2; i++) {
		if (from[i] == '#' || from[i] == '$' || from[i] == '}' || from[i] == '*') {
			rm_text_char(text, '}');
			rm_text_char(text, (char)(from[i] ^ 0x20));
		} else {
			rm_text_char(text, from[i]);
		}
	}
	return i;
}
