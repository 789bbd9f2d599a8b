/* SPDX-License-Identifier: BSD-2-Clause
 * Link layers around IP: Ethernet (IEEE 802.3, 802.1Q, 802.1ad), LLC/SNAP (RFC 1042), MPLS (RFC 3032, 4385), PPPoE
 * (RFC 2516), PPP (RFC 1661, 1662), Cisco HDLC, Linux "cooked" captures (SLL, SLL2), BSD null and loop. */
#include "layer.h"

enum decoded ethernet(struct layer *l, struct reader r)
{
	struct packet *p = l->packet;
	struct bytes destination = reader_take(&r, 6);
	struct bytes source = reader_take(&r, 6);
	uint16_t type = reader_u16(&r);

	if (!reader_ok(&r))
		return DECODED_MALFORMED;
	memcpy(p->destination_mac, destination.at, 6);
	memcpy(p->source_mac, source.at, 6);
	p->has_mac = true;
	p->n_vlan = 0; /* as with the addresses: an inner frame's own count */
	if (likely(type == ETHER_IP4))
		return ip4(l, r);
	return ether_payload(l, r, type);
}

/* IEEE 802.1Q: the tag's other half, then the inner type. Identifier 0 is a priority mark, not a VLAN. */
static uint16_t vlan_tag(struct layer *l, struct reader *r)
{
	struct packet *p = l->packet;
	uint16_t id = reader_u16(r) & 0x0fff;
	uint16_t type = reader_u16(r);

	if (id && p->n_vlan < ARRAY_SIZE(p->vlan))
		p->vlan[p->n_vlan++] = id;
	return type;
}

enum decoded ether_payload(struct layer *l, struct reader r, uint16_t type)
{
	for (;;) { /* one turn a tag */
		switch (type) {
		case ETHER_IP4: return ip4(l, r);
		case ETHER_IP6: return ip6(l, r);
		case ETHER_MPLS:
		case ETHER_MPLS_MULTICAST: return mpls(l, r);
		case ETHER_PPPOE: return pppoe(l, r);
		case ETHER_ARP: return arp(l, r);
		case ETHER_VLAN:
		case ETHER_QINQ:
		case ETHER_OLD_QINQ:
		case ETHER_OLDER_QINQ: type = vlan_tag(l, &r); break;
		case ETHER_VNTAG:
			reader_skip(&r, 4); /* interfaces of the port extender */
			type = reader_u16(&r);
			break;
		case ETHER_ETAG: /* IEEE 802.1BR, the standard's version of it */
			reader_skip(&r, 6);
			type = reader_u16(&r);
			break;
		default: return type <= ETHER_LENGTH_MAX ? llc(l, r) : DECODED_OTHER;
		}
		if (!reader_ok(&r) || !layer_enter(l))
			return DECODED_MALFORMED;
	}
}

/* IEEE 802.2: SNAP with an Ethernet type, or IP's own service access point. */
enum decoded llc(struct layer *l, struct reader r)
{
	uint16_t points = reader_u16(&r);
	uint8_t control = reader_u8(&r);
	uint32_t organization;
	uint16_t type;

	if (points == 0x0606 && control == 0x03)
		return ip4(l, r);
	if (points != 0xaaaa || control != 0x03)
		return DECODED_OTHER;
	organization = reader_u24(&r);
	type = reader_u16(&r);
	/* 0000f8: bridged by IEEE 802.1H */
	if (!reader_ok(&r) || (organization != 0 && organization != 0x0000f8) || type <= ETHER_LENGTH_MAX)
		return DECODED_OTHER;
	return ether_payload(l, r, type);
}

/* True where an Ethernet frame of a common kind begins here. */
static bool looks_like_ethernet(struct reader r)
{
	uint16_t type;

	reader_skip(&r, 12);
	type = reader_u16(&r);
	return type == ETHER_IP4 || type == ETHER_IP6 || type == ETHER_ARP || type == ETHER_VLAN || type == ETHER_QINQ;
}

/* Nothing in the label stack tells what it carries. First nibbles of 4 and 6 are IP, 0 a pseudowire control word
 * (RFC 4385 section 3), 1 an associated channel; but MAC addresses begin with any of them. */
static enum decoded mpls_payload(struct layer *l, struct reader r)
{
	struct reader look = r;
	size_t wire = reader_left(&r) + l->missing;
	uint8_t first = reader_u8(&look);
	uint16_t size4, size6;

	reader_skip(&look, 1);
	size4 = reader_u16(&look);
	size6 = reader_u16(&look);
	if (!reader_ok(&look))
		return DECODED_MALFORMED;
	if (first >> 4 == 4 && (first & 15) >= 5 && size4 >= 20 && size4 <= wire)
		return ip4(l, r);
	if (first >> 4 == 6 && (size6 + 40u == wire || !looks_like_ethernet(r)))
		return ip6(l, r);
	if (looks_like_ethernet(r))
		return ethernet(l, r);
	if (first >> 4 == 1)
		return DECODED_OTHER;
	if (first >> 4 == 0)
		reader_skip(&r, 4);
	return ethernet(l, r);
}

enum decoded mpls(struct layer *l, struct reader r)
{
	uint32_t label;

	if (!layer_encapsulated(l, ENCAP_MPLS))
		return DECODED_MALFORMED;
	for (unsigned i = 0; i < 4 * LIMIT_ENCAPSULATION; i++) {
		label = reader_u32(&r);
		if (!reader_ok(&r))
			return DECODED_MALFORMED;
		if (label & 0x100) /* bottom of the stack */
			return mpls_payload(l, r);
	}
	return DECODED_MALFORMED;
}

enum decoded pppoe(struct layer *l, struct reader r)
{
	uint8_t version_type = reader_u8(&r);
	uint8_t code = reader_u8(&r);
	uint16_t size;

	reader_skip(&r, 2); /* session */
	size = reader_u16(&r);
	if (!reader_ok(&r) || version_type != 0x11)
		return DECODED_MALFORMED;
	if (code != 0)
		return DECODED_OTHER; /* discovery */
	if (!layer_encapsulated(l, ENCAP_PPPOE))
		return DECODED_MALFORMED;
	layer_narrow(l, &r, size);
	return ppp(l, r);
}

enum decoded ppp(struct layer *l, struct reader r)
{
	uint16_t protocol = reader_u8(&r);

	if (protocol == 0xff) { /* all stations, unnumbered information: the framing of RFC 1662 */
		reader_skip(&r, 1);
		protocol = reader_u8(&r);
	}
	if (!(protocol & 1)) { /* odd: a compressed protocol field (RFC 1661 section 6.5) */
		uint8_t low = reader_u8(&r);
		protocol = (uint16_t)(protocol << 8 | low);
	}
	if (!reader_ok(&r))
		return DECODED_MALFORMED;
	switch (protocol) {
	case 0x0021: return ip4(l, r);
	case 0x0057: return ip6(l, r);
	case 0x0281:
	case 0x0283: return mpls(l, r);
	default: return DECODED_OTHER;
	}
}

/* PPP in HDLC-like framing, or Cisco's, whose address is 0f or 8f and which carries Ethernet types. */
enum decoded hdlc(struct layer *l, struct reader r)
{
	struct reader cisco = r;
	uint8_t address = reader_u8(&cisco);
	uint16_t type;

	if (address != 0x0f && address != 0x8f)
		return ppp(l, r);
	reader_skip(&cisco, 1);
	type = reader_u16(&cisco);
	if (!reader_ok(&cisco))
		return DECODED_MALFORMED;
	return type <= ETHER_LENGTH_MAX ? DECODED_OTHER : ether_payload(l, cisco, type);
}

/* Cooked captures name the sender's address only, so that the packet gets no pair of MAC addresses. */
static enum decoded linux_payload(struct layer *l, struct reader r, uint16_t protocol)
{
	if (!reader_ok(&r))
		return DECODED_MALFORMED;
	if (protocol == 0x0004) /* Linux' own number for IEEE 802.2 */
		return llc(l, r);
	return protocol <= ETHER_LENGTH_MAX ? DECODED_OTHER : ether_payload(l, r, protocol);
}

enum decoded linux_sll(struct layer *l, struct reader r)
{
	uint16_t protocol;

	reader_skip(&r, 14); /* packet type, device type, address size, address */
	protocol = reader_u16(&r);
	return linux_payload(l, r, protocol);
}

enum decoded linux_sll2(struct layer *l, struct reader r)
{
	uint16_t protocol = reader_u16(&r);

	reader_skip(&r, 18); /* reserved, interface, device type, packet type, address size, address */
	return linux_payload(l, r, protocol);
}

/* The address family in the byte order of the machine that captured (null) or of the network (loop). All families
 * are below 256, so that either order can be told from the bytes. */
enum decoded bsd_null(struct layer *l, struct reader r)
{
	uint32_t family = reader_u32(&r);

	if (!reader_ok(&r))
		return DECODED_MALFORMED;
	if (family > 0xffff)
		family = __builtin_bswap32(family);
	switch (family) {
	case 2: return ip4(l, r);
	case 10: /* Linux */
	case 23: /* Windows */
	case 24: /* NetBSD, OpenBSD */
	case 28: /* FreeBSD */
	case 30: /* Darwin */
		return ip6(l, r);
	default: return DECODED_OTHER;
	}
}
