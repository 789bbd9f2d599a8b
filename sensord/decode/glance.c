/* SPDX-License-Identifier: BSD-2-Clause
 * Ethernet with at most one tag (IEEE 802.1Q), IPv4 without fragments (RFC 791) or IPv6 without extension headers (RFC
 * 8200), TCP or UDP that is whole as far as its headers go and on no port of a tunnel. Stricter than the decoder: what
 * is odd in any way is left to it. */
#include "decode/glance.h"

#include "layer.h"

static uint32_t spread(uint32_t folded)
{
	return (uint32_t)((folded * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
}

static uint32_t fold(struct bytes a, struct bytes b)
{
	uint32_t folded = 0, x, y;

	for (size_t i = 0; i + 4 <= a.size; i += 4) {
		memcpy(&x, a.at + i, 4);
		memcpy(&y, b.at + i, 4);
		folded ^= x ^ y;
	}
	return folded;
}

/* IPv4 addresses differ in their last four bytes only, so that theirs alone give the same. */
uint32_t pair_hash(const struct address *a, const struct address *b)
{
	return spread(fold(bytes_of(a, sizeof(*a)), bytes_of(b, sizeof(*b))));
}

static bool plain_tcp(struct reader r, size_t left)
{
	reader_skip(&r, 12);
	size_t header = (size_t)(reader_u8(&r) >> 4) * 4;

	return reader_ok(&r) && left >= 20 && header >= 20 && header <= left;
}

static bool plain_udp(struct reader r, size_t left)
{
	struct packet p = { .source_port = reader_u16(&r) };

	p.destination_port = reader_u16(&r);
	size_t size = reader_u16(&r);
	return reader_ok(&r) && left >= 8 && size >= 8 && size <= left && !tunnel_udp_port(&p);
}

/* left: bytes of the packet behind the IP header, all of them captured. */
static bool plain_upper(struct reader r, size_t left, uint8_t protocol)
{
	return protocol == IP_TCP ? plain_tcp(r, left) : protocol == IP_UDP && plain_udp(r, left);
}

static bool glance4(struct reader r, uint32_t *ret)
{
	struct reader whole = r;
	size_t captured = reader_left(&r);
	uint8_t version_size = reader_u8(&r);
	reader_skip(&r, 1);
	size_t size = reader_u16(&r), header = (version_size & 15u) * 4;
	reader_skip(&r, 2);
	uint16_t offset = reader_u16(&r);
	reader_skip(&r, 1);
	uint8_t protocol = reader_u8(&r);
	reader_skip(&r, 2);
	struct bytes source = reader_take(&r, 4);
	struct bytes destination = reader_take(&r, 4);

	if (!reader_ok(&r) || version_size >> 4 != 4 || header < 20 || size < header || size > captured || (offset & 0x3fff))
		return false;
	reader_skip(&whole, header);
	*ret = spread(fold(source, destination));
	return plain_upper(whole, size - header, protocol);
}

static bool glance6(struct reader r, uint32_t *ret)
{
	uint32_t version = reader_u32(&r) >> 28;
	size_t size = reader_u16(&r);
	uint8_t next = reader_u8(&r);
	reader_skip(&r, 1);
	struct bytes source = reader_take(&r, 16);
	struct bytes destination = reader_take(&r, 16);

	if (!reader_ok(&r) || version != 6 || size == 0 || size > reader_left(&r))
		return false;
	*ret = spread(fold(source, destination));
	return plain_upper(r, size, next);
}

bool glance(int link_type, struct bytes frame, uint32_t *ret)
{
	enum { ETHERNET = 1 };
	struct reader r = reader_open(frame);

	if (link_type != ETHERNET)
		return false;
	reader_skip(&r, 12);
	uint16_t type = reader_u16(&r);
	if (type == ETHER_VLAN) {
		reader_skip(&r, 2);
		type = reader_u16(&r);
	}
	if (type == ETHER_IP4)
		return glance4(r, ret);
	return type == ETHER_IP6 && glance6(r, ret);
}
