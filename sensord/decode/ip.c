/* SPDX-License-Identifier: BSD-2-Clause
 * IPv4 (RFC 791), IPv6 and its extension headers (RFC 8200, RFC 4302), TCP (RFC 9293), UDP (RFC 768), the ports of SCTP
 * (RFC 9260). Checksums are not looked at: what was captured on the sending host has none yet. */
#include "layer.h"

#define MAX_EXTENSIONS 32

enum {
	IP6_HOP_BY_HOP = 0, IP6_ROUTING = 43, IP6_FRAGMENT = 44, IP6_NO_NEXT = 59, IP6_DESTINATION = 60,
	IP4_MORE = 0x2000, IP4_OFFSET = 0x1fff, /* in units of 8 bytes */
	TCP_HEADER = 20,
};

static enum decoded tcp(struct layer *l, struct reader r)
{
	struct packet *p = l->packet;
	size_t left = reader_left(&r);
	struct reader h = reader_sub(&r, TCP_HEADER);
	uint16_t offset_flags;
	size_t options;

	p->source_port = reader_u16(&h);
	p->destination_port = reader_u16(&h);
	p->seq = reader_u32(&h);
	p->ack = reader_u32(&h);
	offset_flags = reader_u16(&h);
	p->window = reader_u16(&h);
	p->tcp_flags = offset_flags & 0x3f;
	options = (size_t)(offset_flags >> 12) * 4 - TCP_HEADER; /* wraps where the offset is too small */
	if (!reader_ok(&h) || options > 40 || TCP_HEADER + options > left + l->missing)
		return DECODED_MALFORMED;
	if (unlikely(options > reader_left(&r))) { /* the capture ends within the options */
		l->missing -= options - reader_left(&r);
		options = reader_left(&r);
	}
	reader_skip(&r, options);
	return layer_payload(l, &r);
}

static enum decoded udp(struct layer *l, struct reader r)
{
	struct packet *p = l->packet;
	size_t left = reader_left(&r);
	struct reader h = reader_sub(&r, 8);
	uint16_t size;

	p->source_port = reader_u16(&h);
	p->destination_port = reader_u16(&h);
	size = reader_u16(&h);
	if (!reader_ok(&h))
		return DECODED_MALFORMED;
	if (size) { /* 0: longer than the field can tell (RFC 2675 section 4) */
		if (size < 8 || size > left + l->missing)
			return DECODED_MALFORMED;
		layer_narrow(l, &r, size - 8u);
	}
	layer_payload(l, &r);
	return unlikely(tunnel_udp_port(p)) ? tunnel_udp(l, r) : DECODED;
}

static enum decoded sctp(struct layer *l, struct reader r)
{
	struct packet *p = l->packet;
	struct reader h = reader_sub(&r, 12);

	p->source_port = reader_u16(&h);
	p->destination_port = reader_u16(&h);
	return reader_ok(&h) ? DECODED : DECODED_MALFORMED;
}

static enum decoded upper(struct layer *l, struct reader r, uint8_t protocol)
{
	struct packet *p = l->packet;

	p->protocol = protocol;
	if (likely(protocol == IP_TCP))
		return tcp(l, r);
	if (likely(protocol == IP_UDP))
		return udp(l, r);
	layer_payload(l, &r);
	switch (protocol) {
	case IP_ICMP: return p->ip_version == 4 ? icmp4(l, r) : DECODED;
	case IP_ICMPV6: return p->ip_version == 6 ? icmp6(l, r) : DECODED;
	case IP_SCTP: return sctp(l, r);
	case IP_GRE: return tunnel_gre(l, r);
	case IP_IPIP:
	case IP_IPV6: return tunnel_ip(l, r);
	default: return DECODED;
	}
}

static enum decoded extensions(struct layer *l, struct reader r, uint8_t next);

static enum decoded fragment(struct layer *l, struct reader r, struct fragment f)
{
	struct packet *p = l->packet;
	struct datagram d;

	l->counts->fragments++;
	/* A datagram has one fragment header (RFC 8200 section 4.5); what the capture cut short never becomes whole. */
	if (l->missing || l->reassembled_at == l->n_ip) {
		l->counts->fragments_dropped++;
		return l->missing ? DECODED_FRAGMENT : DECODED_MALFORMED;
	}
	f.source = p->source;
	f.destination = p->destination;
	f.depth = l->n_ip;
	f.ttl = p->ttl;
	f.part = reader_rest(&r);
	if (!fragments_add(l->fragments, f, p->time_ns, &d))
		return DECODED_FRAGMENT;
	p->reassembled = true;
	p->ttl = d.ttl;
	l->reassembled_at = l->n_ip;
	return extensions(l, reader_open(d.whole), d.protocol);
}

/* An unfragmented datagram may have the header too (RFC 6946). */
static enum decoded ip6_fragment(struct layer *l, struct reader r)
{
	struct fragment f = { 0 };
	uint16_t offset;

	f.protocol = reader_u8(&r);
	reader_skip(&r, 1);
	offset = reader_u16(&r);
	f.id = reader_u32(&r);
	if (!reader_ok(&r))
		return DECODED_MALFORMED;
	f.offset = offset & 0xfff8;
	f.more = offset & 1;
	if (f.offset == 0 && !f.more) {
		l->reassembled_at = l->n_ip;
		return extensions(l, r, f.protocol);
	}
	return fragment(l, r, f);
}

static enum decoded extensions(struct layer *l, struct reader r, uint8_t next)
{
	bool is_ip6 = l->packet->ip_version == 6;
	size_t size;

	for (unsigned i = 0; i < MAX_EXTENSIONS; i++) {
		bool authentication = next == IP_AH;
		if (is_ip6 && next == IP6_FRAGMENT)
			return l->reassembled_at == l->n_ip ? DECODED_MALFORMED : ip6_fragment(l, r);
		if (!authentication &&
		    !(is_ip6 && (next == IP6_HOP_BY_HOP || next == IP6_ROUTING || next == IP6_DESTINATION)))
			return upper(l, r, next);
		next = reader_u8(&r);
		size = reader_u8(&r);
		reader_skip(&r, (authentication ? (size + 2) * 4 : (size + 1) * 8) - 2);
		if (!reader_ok(&r))
			return DECODED_MALFORMED;
	}
	return DECODED_MALFORMED;
}

/* What belongs to the header outside and not to this one. */
static void next_ip(struct layer *l, uint8_t version)
{
	struct packet *p = l->packet;

	l->n_ip++;
	p->ip_version = version;
	p->source_port = 0;
	p->destination_port = 0;
}

enum decoded ip4(struct layer *l, struct reader r)
{
	struct packet *p = l->packet;
	struct reader h = r;
	uint8_t version_size = reader_u8(&h);
	uint16_t size, offset;
	uint8_t protocol;
	struct bytes source, destination;
	size_t header = (version_size & 15u) * 4;

	reader_skip(&h, 1); /* type of service */
	size = reader_u16(&h);
	p->ip_id = reader_u16(&h);
	offset = reader_u16(&h);
	p->ttl = reader_u8(&h);
	protocol = reader_u8(&h);
	reader_skip(&h, 2); /* checksum */
	source = reader_take(&h, 4);
	destination = reader_take(&h, 4);
	if (!reader_ok(&h) || version_size >> 4 != 4 || header < 20 || (size && size < header))
		return DECODED_MALFORMED;
	if (size) /* 0: segmentation is left to the network card */
		layer_narrow(l, &r, size);
	reader_skip(&r, header);
	if (!reader_ok(&r))
		return DECODED_MALFORMED;
	next_ip(l, 4);
	p->source = address_v4(source.at);
	p->destination = address_v4(destination.at);
	if (likely(!(offset & (IP4_MORE | IP4_OFFSET))))
		return likely(protocol != IP_AH) ? upper(l, r, protocol) : extensions(l, r, protocol);
	return fragment(l, r, (struct fragment){ .id = p->ip_id, .key_protocol = protocol, .protocol = protocol,
						 .more = offset & IP4_MORE,
						 .offset = (uint16_t)((offset & IP4_OFFSET) * 8) });
}

enum decoded ip6(struct layer *l, struct reader r)
{
	struct packet *p = l->packet;
	uint32_t version = reader_u32(&r) >> 28; /* and class, flow */
	uint16_t size = reader_u16(&r);
	uint8_t next = reader_u8(&r);
	uint8_t hops = reader_u8(&r);
	struct bytes source = reader_take(&r, 16);
	struct bytes destination = reader_take(&r, 16);

	if (!reader_ok(&r) || version != 6)
		return DECODED_MALFORMED;
	next_ip(l, 6);
	p->ttl = hops;
	p->ip_id = 0;
	p->source = address_v6(source.at);
	p->destination = address_v6(destination.at);
	/* 0: a jumbogram (RFC 2675), or segmentation is left to the network card. */
	if (size || next == IP6_NO_NEXT)
		layer_narrow(l, &r, size);
	return extensions(l, r, next);
}

enum decoded ip_any(struct layer *l, struct reader r)
{
	return reader_peek(&r) >> 4 == 6 ? ip6(l, r) : ip4(l, r);
}
