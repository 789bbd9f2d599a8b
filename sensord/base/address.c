/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/address.h"

#include <arpa/inet.h>

const uint8_t *address_v4_octets(const struct address *a)
{
	return address_is_v4(a) ? a->octets + 12 : NULL;
}

static char *decimal(char *out, unsigned v)
{
	if (v >= 100)
		*out++ = (char)('0' + v / 100);
	if (v >= 10)
		*out++ = (char)('0' + v / 10 % 10);
	*out++ = (char)('0' + v % 10);
	return out;
}

const char *address_format(const struct address *a, char out[ADDRESS_TEXT])
{
	const uint8_t *v4 = address_v4_octets(a);
	char *p = out;

	if (!v4)
		return inet_ntop(AF_INET6, a->octets, out, ADDRESS_TEXT) ? out : "";
	for (unsigned i = 0; i < 4; i++) {
		if (i > 0)
			*p++ = '.';
		p = decimal(p, v4[i]);
	}
	*p = '\0';
	return out;
}

bool address_parse(struct bytes text, struct address *ret)
{
	char room[ADDRESS_TEXT];
	uint8_t octets[16];

	if (text.size == 0 || text.size >= sizeof(room) || memchr(text.at, '\0', text.size))
		return false;
	memcpy(room, text.at, text.size);
	room[text.size] = '\0';
	if (inet_pton(AF_INET, room, octets) == 1)
		*ret = address_v4(octets);
	else if (inet_pton(AF_INET6, room, octets) == 1)
		*ret = address_v6(octets);
	else
		return false;
	return true;
}

bool address_range_parse(struct bytes text, struct address_range *ret)
{
	struct bytes rest = text;
	struct bytes head = bytes_split(&rest, '-');
	struct address_range range;
	uint64_t bits;

	if (head.size < text.size) {
		if (!address_parse(bytes_trim(head), &range.first) || !address_parse(bytes_trim(rest), &range.last) ||
		    address_is_v4(&range.first) != address_is_v4(&range.last) ||
		    memcmp(range.first.octets, range.last.octets, 16) > 0)
			return false;
		*ret = range;
		return true;
	}
	rest = text;
	head = bytes_split(&rest, '/');
	if (!address_parse(head, &range.first))
		return false;
	bits = 128;
	if (head.size < text.size) {
		bool v4 = address_is_v4(&range.first) && memchr(head.at, '.', head.size);
		if (!bytes_decimal(rest, v4 ? 32 : 128, &bits))
			return false;
		bits += v4 ? 96 : 0;
	}
	range.last = range.first;
	for (unsigned i = 0; i < 16; i++) {
		unsigned fixed = bits >= 8 * (i + 1) ? 8 : bits <= 8 * i ? 0 : (unsigned)(bits - 8 * i);
		uint8_t free_bits = (uint8_t)(0xff >> fixed);
		range.first.octets[i] &= (uint8_t)~free_bits;
		range.last.octets[i] |= free_bits;
	}
	*ret = range;
	return true;
}

bool address_range_has(const struct address_range *r, const struct address *a)
{
	return address_compare(a, &r->first) >= 0 && address_compare(a, &r->last) <= 0;
}

bool address_is_private(const struct address *a)
{
	const uint8_t *v4 = address_v4_octets(a);

	if (v4)
		return v4[0] == 10 || v4[0] == 127 || (v4[0] == 172 && (v4[1] & 0xf0) == 16) || (v4[0] == 192 && v4[1] == 168) ||
		       (v4[0] == 169 && v4[1] == 254) || (v4[0] == 100 && (v4[1] & 0xc0) == 64);
	static const uint8_t loopback[16] = { [15] = 1 };
	return (a->octets[0] & 0xfe) == 0xfc || (a->octets[0] == 0xfe && (a->octets[1] & 0xc0) == 0x80) ||
	       memcmp(a->octets, loopback, 16) == 0;
}

bool address_is_group(const struct address *a)
{
	static const uint8_t unspecified[16];
	const uint8_t *v4 = address_v4_octets(a);

	if (v4)
		return v4[0] >= 224 || v4[0] == 0;
	return a->octets[0] == 0xff || memcmp(a->octets, unspecified, 16) == 0;
}
