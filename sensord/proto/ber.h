/* SPDX-License-Identifier: BSD-2-Clause
 * Elements of the Basic Encoding Rules (ITU-T X.690) as LDAP, SNMP and MCS use them: one-byte tags, definite
 * lengths. */
#ifndef PROTO_BER_H
#define PROTO_BER_H

#include "base/reader.h"

enum ber {
	BER_BOOLEAN = 0x01,
	BER_INTEGER = 0x02,
	BER_OCTETS = 0x04,
	BER_ENUMERATED = 0x0a,
	BER_SEQUENCE = 0x30,
	BER_SET = 0x31,
};

/* Tag and length of the next element, whose content is left; the reader fails where they are not there or not of the
 * kind that is read here. *size is at most 2^32 - 1. */
uint8_t ber_head(struct reader *r, size_t *size);
/* The next element: its tag, and a reader over its content (failed where it does not fit). */
struct reader ber_element(struct reader *r, uint8_t *tag);
/* The element that must come next; failed where another one does. */
struct reader ber_expect(struct reader *r, uint8_t tag);
/* The content of the element that must come next, as a view; empty where another one does, and r has failed. */
struct bytes ber_bytes(struct reader *r, uint8_t tag);
/* A number that is not negative, of at most eight bytes. */
uint64_t ber_number(struct reader *r, uint8_t tag);

#endif
