/* SPDX-License-Identifier: BSD-2-Clause
 * DER (ITU-T X.690) as far as network protocols use it: tags of one byte, definite lengths. Every element is a reader
 * that cannot leave its bounds; one that is not there or does not fit has failed, and so has all that is read from it. */
#ifndef PROTO_DER_H
#define PROTO_DER_H

#include "base/reader.h"

#define DER_ELEMENTS 64 /* elements of one SEQUENCE that are looked at */

enum der_tag {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTETS = 0x04,
	DER_OID = 0x06,
	DER_STRING = 0x1b, /* GeneralString */
	DER_SEQUENCE = 0x30,
	DER_APPLICATION = 0x60, /* [APPLICATION 0] constructed; n is this + n */
	DER_CONTEXT = 0xa0,     /* [0] constructed; n is this + n */
};

/* The length of an element: one byte, or up to four behind a count (X.690 section 8.1.3). */
static inline size_t der_length(struct reader *r)
{
	size_t size = reader_u8(r);

	if (size < 0x80)
		return size;
	unsigned n = size & 0x7f;
	if (n == 0 || n > 4) /* without end, or beyond anything a message can hold */
		reader_fail(r);
	size = 0;
	while (n-- > 0 && reader_ok(r))
		size = size << 8 | reader_u8(r);
	return size;
}

/* The next element: its tag, and a reader over its content. Both readers fail where it is no DER or does not fit. */
static inline struct reader der_next(struct reader *r, uint8_t *ret_tag)
{
	*ret_tag = reader_u8(r);
	if ((*ret_tag & 0x1f) == 0x1f) /* a tag of several bytes */
		reader_fail(r);
	size_t size = der_length(r);
	return reader_sub(r, size);
}

/* The element that must come next; failed where another one does. */
static inline struct reader der_expect(struct reader *r, uint8_t tag)
{
	uint8_t found;
	struct reader content = der_next(r, &found);

	if (found != tag)
		reader_fail(&content);
	return content;
}

/* The content of the first element of that tag in what is left of a SEQUENCE; failed where there is none. */
struct reader der_find(struct reader in, uint8_t tag);
/* What stands in member [n] of a SEQUENCE (explicit tagging): the content of an element of that tag. */
struct reader der_member(struct reader in, unsigned n, uint8_t tag);
/* All members [0] to [n - 1] of a SEQUENCE in one pass; failed where there is none of that number. */
void der_split(struct reader in, struct reader ret[], unsigned n);
/* The value of an INTEGER's content. False where it is empty or longer than 8 bytes; *ret is then untouched. */
bool der_integer(struct reader content, int64_t *ret) MUST_CHECK;
/* The INTEGER in member [n], or `otherwise`. */
int64_t der_number(struct reader in, unsigned n, int64_t otherwise);

#endif
