/* SPDX-License-Identifier: BSD-2-Clause
 * Search filters (RFC 4511 section 4.5.1.7) as text (RFC 4515), bounded. */
#include "ldap.h"

#define FILTER_DEPTH 32   /* filters inside each other */
#define FILTER_PARTS 256  /* members of one and/or, parts of one substring filter */

enum {
	FILTER_AND = 0xa0,
	FILTER_OR = 0xa1,
	FILTER_NOT = 0xa2,
	FILTER_EQUAL = 0xa3,
	FILTER_SUBSTRINGS = 0xa4,
	FILTER_GREATER = 0xa5,
	FILTER_LESS = 0xa6,
	FILTER_PRESENT = 0x87,
	FILTER_APPROXIMATE = 0xa8,
	FILTER_EXTENSIBLE = 0xa9,
};

/* RFC 4515 section 3: what a filter's syntax uses, and what is no text, is written as \XX. */
static void add_value(struct text *out, struct bytes value)
{
	char room[512];
	struct text utf8 = TEXT_ON(room);
	bool plain = true;

	for (size_t i = 0; i < value.size && plain; i++)
		plain = value.at[i] >= ' ' && value.at[i] != 0x7f;
	text_utf8(&utf8, value);
	/* Text of other scripts stays readable; a value that is no text is binary. */
	bool text = plain && !utf8.cut && utf8.used == value.size;
	for (size_t i = 0; i < value.size && !out->cut; i++) {
		uint8_t c = value.at[i];
		if (c == '*' || c == '(' || c == ')' || c == '\\' || c < ' ' || c == 0x7f || (c >= 0x80 && !text))
			text_printf(out, "\\%02x", c);
		else
			text_char(out, (char)c);
	}
}

static bool add_assertion(struct reader *r, struct text *out, const char *operator)
{
	struct bytes attribute = ber_bytes(r, BER_OCTETS);
	struct bytes value = ber_bytes(r, BER_OCTETS);

	text_utf8(out, attribute);
	text_string(out, operator);
	add_value(out, value);
	return reader_ok(r);
}

static bool add_substrings(struct reader *r, struct text *out)
{
	text_utf8(out, ber_bytes(r, BER_OCTETS));
	text_char(out, '=');
	struct reader parts = ber_expect(r, BER_SEQUENCE);
	bool open = false; /* the last part may still be followed by anything */
	for (int i = 0; i < FILTER_PARTS && reader_left(&parts) > 0; i++) {
		uint8_t tag;
		struct reader part = ber_element(&parts, &tag);
		if (tag != 0x80)
			text_char(out, '*');
		add_value(out, reader_rest(&part));
		open = tag != 0x82;
	}
	if (open)
		text_char(out, '*');
	return reader_ok(&parts);
}

static bool add_extensible(struct reader *r, struct text *out)
{
	struct bytes parts[3] = { { 0 } }; /* matchingRule, type, matchValue */
	bool with_dn = false;

	for (int i = 0; i < 4 && reader_left(r) > 0; i++) {
		uint8_t tag;
		struct reader part = ber_element(r, &tag);
		if (tag >= 0x81 && tag <= 0x83)
			parts[tag - 0x81] = reader_rest(&part);
		else if (tag == 0x84)
			with_dn = reader_u8(&part) != 0;
	}
	text_utf8(out, parts[1]);
	if (with_dn)
		text_string(out, ":dn");
	if (parts[0].size) {
		text_char(out, ':');
		text_utf8(out, parts[0]);
	}
	text_string(out, ":=");
	add_value(out, parts[2]);
	return reader_ok(r);
}

static bool add_filter(struct reader *r, struct text *out, int depth);

static bool add_members(struct reader *r, struct text *out, char operator, int depth)
{
	bool whole = true;

	text_char(out, operator);
	for (int i = 0; i < FILTER_PARTS && whole && reader_left(r) > 0; i++)
		whole = add_filter(r, out, depth + 1);
	return whole && reader_left(r) == 0;
}

static bool add_content(uint8_t tag, struct reader *content, struct text *out, int depth)
{
	switch (tag) {
	case FILTER_AND:
		return add_members(content, out, '&', depth);
	case FILTER_OR:
		return add_members(content, out, '|', depth);
	case FILTER_NOT:
		return add_members(content, out, '!', depth);
	case FILTER_EQUAL:
		return add_assertion(content, out, "=");
	case FILTER_SUBSTRINGS:
		return add_substrings(content, out);
	case FILTER_GREATER:
		return add_assertion(content, out, ">=");
	case FILTER_LESS:
		return add_assertion(content, out, "<=");
	case FILTER_APPROXIMATE:
		return add_assertion(content, out, "~=");
	case FILTER_EXTENSIBLE:
		return add_extensible(content, out);
	case FILTER_PRESENT:
		text_utf8(out, reader_rest(content));
		text_string(out, "=*");
		return true;
	default:
		return false;
	}
}

static bool add_filter(struct reader *r, struct text *out, int depth)
{
	uint8_t tag;
	struct reader content = ber_element(r, &tag);

	if (!reader_ok(&content) || depth > FILTER_DEPTH)
		return false;
	text_char(out, '(');
	bool whole = add_content(tag, &content, out, depth);
	text_char(out, ')');
	return whole;
}

bool ldap_filter(struct reader *r, struct text *out)
{
	return add_filter(r, out, 0);
}
