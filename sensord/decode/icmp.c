/* SPDX-License-Identifier: BSD-2-Clause
 * ICMP (RFC 792, 4884) and ICMPv6 (RFC 4443), and the start of the packet that an error quotes. */
#include "layer.h"

enum {
	ICMP_ECHO_REPLY = 0, ICMP_UNREACHABLE = 3, ICMP_ECHO = 8, ICMP_TIME_EXCEEDED = 11, ICMP_PARAMETER_PROBLEM = 12,
	ICMP_TIMESTAMP = 13, ICMP_MASK_REPLY = 18, /* 13 to 18: old questions, with an identifier like echo */
	ICMP6_UNREACHABLE = 1, ICMP6_PARAMETER_PROBLEM = 4, ICMP6_ECHO = 128, ICMP6_ECHO_REPLY = 129,
};
#define MAX_QUOTED_EXTENSIONS 8

static void quoted_ports(struct packet *p, struct reader r)
{
	uint16_t source = reader_u16(&r);
	uint16_t destination = reader_u16(&r);

	if (!reader_ok(&r) ||
	    (p->quoted_protocol != IP_TCP && p->quoted_protocol != IP_UDP && p->quoted_protocol != IP_SCTP))
		return;
	p->quoted_source_port = source;
	p->quoted_destination_port = destination;
}

static void quoted_ip4(struct packet *p, struct reader r)
{
	struct reader h = r;
	uint8_t version_size = reader_u8(&h);
	uint16_t offset;
	uint8_t protocol;
	struct bytes source, destination;
	size_t header = (version_size & 15u) * 4;

	reader_skip(&h, 5);
	offset = reader_u16(&h) & 0x1fff;
	reader_skip(&h, 1);
	protocol = reader_u8(&h);
	reader_skip(&h, 2);
	source = reader_take(&h, 4);
	destination = reader_take(&h, 4);
	if (!reader_ok(&h) || version_size >> 4 != 4 || header < 20)
		return;
	p->has_quoted = true;
	p->quoted_protocol = protocol;
	p->quoted_source = address_v4(source.at);
	p->quoted_destination = address_v4(destination.at);
	reader_skip(&r, header);
	if (offset == 0)
		quoted_ports(p, r);
}

/* Walks to the upper layer; *r is left there. False where the ports are not to be had. */
static bool quoted_extensions(struct packet *p, struct reader *r)
{
	for (unsigned i = 0; i < MAX_QUOTED_EXTENSIONS; i++) {
		struct reader h = *r;
		uint8_t kind = p->quoted_protocol;
		if (kind != 0 && kind != 43 && kind != 44 && kind != 60)
			return true;
		uint8_t next = reader_u8(&h);
		size_t size = reader_u8(&h);
		uint16_t offset = reader_u16(&h);
		if (!reader_ok(&h))
			return false;
		p->quoted_protocol = next;
		reader_skip(r, kind == 44 ? 8 : (size + 1) * 8);
		if (kind == 44 && (offset & 0xfff8))
			return false;
	}
	return false;
}

static void quoted_ip6(struct packet *p, struct reader r)
{
	uint32_t version = reader_u32(&r) >> 28;
	uint8_t next;
	struct bytes source, destination;

	reader_skip(&r, 2);
	next = reader_u8(&r);
	reader_skip(&r, 1);
	source = reader_take(&r, 16);
	destination = reader_take(&r, 16);
	if (!reader_ok(&r) || version != 6)
		return;
	p->has_quoted = true;
	p->quoted_protocol = next;
	p->quoted_source = address_v6(source.at);
	p->quoted_destination = address_v6(destination.at);
	if (quoted_extensions(p, &r))
		quoted_ports(p, r);
}

/* Type, code, checksum and the four bytes whose meaning the type gives. */
static bool header(struct layer *l, struct reader *r)
{
	struct packet *p = l->packet;

	p->icmp_type = reader_u8(r);
	p->icmp_code = reader_u8(r);
	reader_skip(r, 2);
	p->icmp_id = reader_u16(r);
	reader_skip(r, 2);
	if (!reader_ok(r))
		return false;
	layer_payload(l, r);
	return true;
}

enum decoded icmp4(struct layer *l, struct reader r)
{
	struct packet *p = l->packet;

	if (!header(l, &r))
		return DECODED_MALFORMED;
	if (p->icmp_type != ICMP_ECHO && p->icmp_type != ICMP_ECHO_REPLY &&
	    !(p->icmp_type >= ICMP_TIMESTAMP && p->icmp_type <= ICMP_MASK_REPLY))
		p->icmp_id = 0;
	if (p->icmp_type == ICMP_UNREACHABLE || p->icmp_type == ICMP_TIME_EXCEEDED ||
	    p->icmp_type == ICMP_PARAMETER_PROBLEM)
		quoted_ip4(p, r);
	return DECODED;
}

enum decoded icmp6(struct layer *l, struct reader r)
{
	struct packet *p = l->packet;

	if (!header(l, &r))
		return DECODED_MALFORMED;
	if (p->icmp_type != ICMP6_ECHO && p->icmp_type != ICMP6_ECHO_REPLY)
		p->icmp_id = 0;
	if (p->icmp_type >= ICMP6_UNREACHABLE && p->icmp_type <= ICMP6_PARAMETER_PROBLEM)
		quoted_ip6(p, r);
	return DECODED;
}
