/* SPDX-License-Identifier: BSD-2-Clause
 * Packets inside packets: IP in IP (RFC 2003, 2473, 4213), GRE (RFC 2784, 2890; PPTP's: RFC 2637), ERSPAN
 * (draft-foschiano-erspan), VXLAN (RFC 7348), GENEVE (RFC 8926), Teredo (RFC 4380).
 *
 * A tunnel that cannot be opened (unknown content, not what its port promised, too deep, cut) leaves the outer packet
 * as it was: nothing is lost from the count of flows because a guess failed. */
#include "layer.h"

const char *encapsulation_name(enum encapsulation e)
{
	static const char *const names[] = {
		[ENCAP_VLAN] = "vlan", [ENCAP_MPLS] = "mpls", [ENCAP_PPPOE] = "pppoe", [ENCAP_GRE] = "gre",
		[ENCAP_ERSPAN1] = "erspan1", [ENCAP_ERSPAN2] = "erspan2", [ENCAP_ERSPAN3] = "erspan3",
		[ENCAP_VXLAN] = "vxlan", [ENCAP_GENEVE] = "geneve", [ENCAP_IPIP] = "ipip", [ENCAP_6IN4] = "6in4",
		[ENCAP_TEREDO] = "teredo",
	};

	return (size_t)e < ARRAY_SIZE(names) && names[e] ? names[e] : "unknown";
}

/* The outermost tunnel of a kind that hosts themselves build; the others are the network's. */
static void remember_outer(struct packet *p)
{
	if (p->has_outer)
		return;
	p->has_outer = true;
	p->outer_source = p->source;
	p->outer_destination = p->destination;
	p->outer_protocol = p->protocol;
}

/* Opens the tunnel, or puts things back as they were. DECODED_MALFORMED from open means "could not be opened". */
static enum decoded attempt(struct layer *l, struct reader r, enum decoded (*open)(struct layer *, struct reader))
{
	struct layer before = *l;
	struct packet outer = *l->packet;
	enum decoded result = open(l, r);

	if (result != DECODED_MALFORMED)
		return result;
	*l = before;
	*l->packet = outer;
	return DECODED;
}

static enum decoded open_ip(struct layer *l, struct reader r)
{
	struct packet *p = l->packet;
	bool is_ip6 = p->protocol == IP_IPV6;

	remember_outer(p);
	if (!layer_encapsulated(l, is_ip6 && p->ip_version == 4 ? ENCAP_6IN4 : ENCAP_IPIP))
		return DECODED_MALFORMED;
	return is_ip6 ? ip6(l, r) : ip4(l, r);
}

enum decoded tunnel_ip(struct layer *l, struct reader r)
{
	return attempt(l, r, open_ip);
}

/* A mirrored frame behind ERSPAN's own header, which tells the VLAN that a frame without a tag was seen on. */
static enum decoded mirrored(struct layer *l, struct reader r, uint16_t version_vlan)
{
	struct packet *p = l->packet;
	enum decoded result = ethernet(l, r);
	uint16_t vlan = version_vlan & 0x0fff;

	if (result == DECODED && p->n_vlan == 0 && vlan != 0)
		p->vlan[p->n_vlan++] = vlan;
	return result;
}

/* Type I has no header of its own; it is told from type II by the missing GRE sequence number. */
static enum decoded erspan2(struct layer *l, struct reader r, bool has_sequence)
{
	uint16_t version_vlan;

	if (!has_sequence)
		return layer_encapsulated(l, ENCAP_ERSPAN1) ? ethernet(l, r) : DECODED_MALFORMED;
	version_vlan = reader_u16(&r);
	reader_skip(&r, 6); /* class, session, index */
	if (!reader_ok(&r) || version_vlan >> 12 != 1 || !layer_encapsulated(l, ENCAP_ERSPAN2))
		return DECODED_MALFORMED;
	return mirrored(l, r, version_vlan);
}

static enum decoded erspan3(struct layer *l, struct reader r)
{
	uint16_t version_vlan = reader_u16(&r);
	uint16_t flags;
	unsigned frame_type;

	reader_skip(&r, 8); /* class, session, time, security group */
	flags = reader_u16(&r);
	if (flags & 1)
		reader_skip(&r, 8); /* subheader of the platform */
	if (!reader_ok(&r) || version_vlan >> 12 != 2 || !layer_encapsulated(l, ENCAP_ERSPAN3))
		return DECODED_MALFORMED;
	frame_type = flags >> 10 & 0x1f;
	if (frame_type == 0)
		return mirrored(l, r, version_vlan);
	return frame_type == 2 ? ip_any(l, r) : DECODED_MALFORMED;
}

enum gre_flag {
	GRE_CHECKSUM = 0x8000, GRE_ROUTING = 0x4000, GRE_KEY = 0x2000, GRE_SEQUENCE = 0x1000, GRE_ACKNOWLEDGE = 0x0080,
	GRE_VERSION = 0x0007,
};

/* PPTP carries PPP: its control packets are the outer packet's business, like what is encrypted. */
static enum decoded pptp(struct layer *l, struct reader r, uint16_t flags)
{
	enum decoded result;

	reader_skip(&r, 4); /* size, call */
	reader_skip(&r, (flags & GRE_SEQUENCE ? 4 : 0) + (flags & GRE_ACKNOWLEDGE ? 4 : 0));
	remember_outer(l->packet);
	if (!reader_ok(&r) || !layer_encapsulated(l, ENCAP_GRE))
		return DECODED_MALFORMED;
	result = ppp(l, r);
	return result == DECODED_OTHER ? DECODED_MALFORMED : result;
}

/* What is no IP inside (a protocol of somebody's own) leaves the tunnel itself to be told of. */
static enum decoded gre_payload(struct layer *l, struct reader r, uint16_t type)
{
	enum decoded result = DECODED_MALFORMED;

	remember_outer(l->packet);
	if (!layer_encapsulated(l, ENCAP_GRE))
		return DECODED_MALFORMED;
	switch (type) {
	case ETHER_TEB: result = ethernet(l, r); break;
	case ETHER_IP4:
	case ETHER_IP6:
	case ETHER_VLAN:
	case ETHER_MPLS:
	case ETHER_MPLS_MULTICAST: result = ether_payload(l, r, type); break;
	default: break;
	}
	return result == DECODED_OTHER ? DECODED_MALFORMED : result;
}

static enum decoded open_gre(struct layer *l, struct reader r)
{
	uint16_t flags = reader_u16(&r);
	uint16_t type = reader_u16(&r);

	if ((flags & GRE_VERSION) == 1 && type == ETHER_PPTP)
		return pptp(l, r, flags);
	if ((flags & (GRE_VERSION | GRE_ROUTING)) != 0) /* source routes (RFC 1701) are history */
		return DECODED_MALFORMED;
	if (flags & GRE_CHECKSUM)
		reader_skip(&r, 4);
	if (flags & GRE_KEY)
		reader_skip(&r, 4);
	if (flags & GRE_SEQUENCE)
		reader_skip(&r, 4);
	if (!reader_ok(&r))
		return DECODED_MALFORMED;
	if (type == ETHER_ERSPAN)
		return erspan2(l, r, flags & GRE_SEQUENCE);
	return type == ETHER_ERSPAN3 ? erspan3(l, r) : gre_payload(l, r, type);
}

enum decoded tunnel_gre(struct layer *l, struct reader r)
{
	return attempt(l, r, open_gre);
}

/* The network identifier has to be announced, and what is reserved to be 0; group policy (0x80) has bits of its own. */
static enum decoded open_vxlan(struct layer *l, struct reader r)
{
	uint8_t flags = reader_u8(&r);
	uint32_t reserved = reader_u24(&r);
	uint8_t last;

	reader_skip(&r, 3); /* network identifier */
	last = reader_u8(&r);
	if (!reader_ok(&r) || (flags & 0x7f) != 0x08 || (flags == 0x08 && reserved != 0) || last != 0 ||
	    !layer_encapsulated(l, ENCAP_VXLAN))
		return DECODED_MALFORMED;
	return ethernet(l, r);
}

/* The generic protocol extension (draft-ietf-nvo3-vxlan-gpe): flag 0x04 says that a reserved byte names the content. */
static enum decoded open_vxlan_gpe(struct layer *l, struct reader r)
{
	uint8_t flags = reader_u8(&r);
	uint8_t content;

	reader_skip(&r, 2);
	content = reader_u8(&r);
	reader_skip(&r, 4); /* network identifier, reserved */
	if (!reader_ok(&r) || (flags & 0xcc) != 0x0c || !layer_encapsulated(l, ENCAP_VXLAN))
		return DECODED_MALFORMED;
	switch (content) {
	case 1: return ip4(l, r);
	case 2: return ip6(l, r);
	case 3: return ethernet(l, r);
	default: return DECODED_MALFORMED;
	}
}

static enum decoded open_geneve(struct layer *l, struct reader r)
{
	uint8_t version_size = reader_u8(&r);
	uint8_t flags = reader_u8(&r);
	uint16_t type = reader_u16(&r);
	uint8_t last;

	reader_skip(&r, 3); /* network identifier */
	last = reader_u8(&r);
	reader_skip(&r, (version_size & 0x3fu) * 4);
	if (!reader_ok(&r) || version_size >> 6 != 0 || (flags & 0x3f) != 0 || last != 0 ||
	    !layer_encapsulated(l, ENCAP_GENEVE))
		return DECODED_MALFORMED;
	if (type == ETHER_TEB)
		return ethernet(l, r);
	return type == ETHER_IP4 || type == ETHER_IP6 ? ether_payload(l, r, type) : DECODED_MALFORMED;
}

/* Authentication and origin, each optional, stand before the IPv6 packet. */
static void teredo_indications(struct reader *r)
{
	struct reader look = *r;
	uint16_t kind = reader_u16(&look);

	if (kind == 1) {
		size_t client = reader_u8(&look);
		size_t value = reader_u8(&look);
		reader_skip(&look, client + value + 9); /* nonce, confirmation */
		*r = look;
		kind = reader_u16(&look);
	}
	if (kind == 0) {
		reader_skip(&look, 6); /* port, address */
		*r = look;
	}
}

/* 2001::/32 of the service, or the link-local addresses of its set-up. */
static bool teredo_prefix(uint32_t prefix)
{
	return prefix == 0x20010000 || prefix >> 22 == 0xfe80 >> 6;
}

/* One end has an address of the service. Trailers may follow the packet (RFC 6081). */
static enum decoded open_teredo(struct layer *l, struct reader r)
{
	struct reader h;
	uint32_t version, source, destination;
	uint16_t size;

	teredo_indications(&r);
	h = r;
	version = reader_u32(&h) >> 28;
	size = reader_u16(&h);
	reader_skip(&h, 2);
	source = reader_u32(&h);
	reader_skip(&h, 12);
	destination = reader_u32(&h);
	reader_skip(&h, 12);
	remember_outer(l->packet);
	if (!reader_ok(&h) || version != 6 || size > reader_left(&h) + l->missing ||
	    (!teredo_prefix(source) && !teredo_prefix(destination)) || !layer_encapsulated(l, ENCAP_TEREDO))
		return DECODED_MALFORMED;
	return ip6(l, r);
}

enum decoded tunnel_udp(struct layer *l, struct reader r)
{
	switch (l->packet->destination_port) {
	case UDP_VXLAN:
	case UDP_VXLAN_LINUX: return attempt(l, r, open_vxlan);
	case UDP_VXLAN_GPE: return attempt(l, r, open_vxlan_gpe);
	case UDP_GENEVE: return attempt(l, r, open_geneve);
	default: return attempt(l, r, open_teredo);
	}
}
