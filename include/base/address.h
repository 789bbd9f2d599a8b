/* SPDX-License-Identifier: BSD-2-Clause
 * IP addresses and networks. IPv4 is held as an IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2), so that one
 * comparison serves both; is_v4 tells which it was. */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"

struct address {
	uint8_t octets[16]; /* network order */
};

#define ADDRESS_TEXT 46 /* room for the text form with its zero */

static inline bool address_equal(const struct address *a, const struct address *b)
{
	return memcmp(a->octets, b->octets, 16) == 0;
}
/* Below, equal or above zero, as memcmp of the octets would say. */
static inline int address_compare(const struct address *a, const struct address *b)
{
	uint64_t x[2], y[2];

	memcpy(x, a->octets, 16);
	memcpy(y, b->octets, 16);
	unsigned i = x[0] == y[0];
	x[i] = be64toh(x[i]);
	y[i] = be64toh(y[i]);
	return (x[i] > y[i]) - (x[i] < y[i]);
}
static inline bool address_is_v4(const struct address *a)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	return memcmp(a->octets, mapped, 12) == 0;
}
static inline struct address address_v4(const uint8_t octets[4])
{
	struct address a = { { [10] = 0xff, [11] = 0xff } };
	memcpy(a.octets + 12, octets, 4);
	return a;
}
static inline struct address address_v6(const uint8_t octets[16])
{
	struct address a;
	memcpy(a.octets, octets, 16);
	return a;
}
/* The four octets of an IPv4 address; NULL for IPv6. */
const uint8_t *address_v4_octets(const struct address *a);
/* Text form (RFC 5952 for IPv6). Returns out. */
const char *address_format(const struct address *a, char out[ADDRESS_TEXT]);
/* Parses either family; the whole view must be the address. *ret is untouched on failure. */
bool address_parse(struct bytes text, struct address *ret);

/* A range of addresses, both ends included; a CIDR network and a single address are ranges too. */
struct address_range {
	struct address first, last;
};
/* "10.0.0.0/8", "2001:db8::/32", "10.1.1.1", "10.1.1.5-10.1.1.9". *ret is untouched on failure. */
bool address_range_parse(struct bytes text, struct address_range *ret);
bool address_range_has(const struct address_range *r, const struct address *a);

/* RFC 1918, 6598, 4193, link-local, loopback: what is internal where no site file says otherwise. */
bool address_is_private(const struct address *a);
/* Multicast, broadcast, unspecified: nobody's host. */
bool address_is_group(const struct address *a);

#endif
