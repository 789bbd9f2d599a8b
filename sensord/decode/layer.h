/* SPDX-License-Identifier: BSD-2-Clause
 * The descent into one frame. Every header is a function that takes what is left behind the header outside it and
 * returns how the whole frame ended. Headers nest (tunnels), so these functions call each other; layer_enter bounds
 * how deep. */
#ifndef SENSORD_DECODE_LAYER_H
#define SENSORD_DECODE_LAYER_H

#include "base/limits.h"
#include "base/reader.h"
#include "decode/packet.h"
#include "fragment.h"

struct layer {
	struct packet *packet;       /* what was found so far; inner headers replace outer ones */
	struct fragments *fragments;
	struct decoder_counts *counts;
	size_t missing;              /* bytes that stood on the wire behind the captured ones of the current header */
	uint8_t n_entered;           /* VLAN tags and tunnels opened */
	uint8_t n_ip;                /* IP headers opened */
	uint8_t reassembled_at;      /* n_ip of the datagram that was put together last */
};

enum ether_type {
	ETHER_IP4 = 0x0800, ETHER_ARP = 0x0806, ETHER_TEB = 0x6558, ETHER_VLAN = 0x8100, ETHER_IP6 = 0x86dd,
	ETHER_MPLS = 0x8847, ETHER_MPLS_MULTICAST = 0x8848, ETHER_PPPOE = 0x8864, ETHER_PPTP = 0x880b,
	ETHER_QINQ = 0x88a8, ETHER_ERSPAN = 0x88be, ETHER_ERSPAN3 = 0x22eb, ETHER_VNTAG = 0x8926, ETHER_ETAG = 0x893f,
	ETHER_OLD_QINQ = 0x9100, ETHER_OLDER_QINQ = 0x9200,
	ETHER_LENGTH_MAX = 1500, /* up to here the field is a length (IEEE 802.3) */
};

enum decoded ethernet(struct layer *l, struct reader r);
enum decoded ether_payload(struct layer *l, struct reader r, uint16_t type);
enum decoded llc(struct layer *l, struct reader r);
enum decoded arp(struct layer *l, struct reader r);
enum decoded ppp(struct layer *l, struct reader r);
enum decoded pppoe(struct layer *l, struct reader r);
enum decoded mpls(struct layer *l, struct reader r);
enum decoded linux_sll(struct layer *l, struct reader r);
enum decoded linux_sll2(struct layer *l, struct reader r);
enum decoded bsd_null(struct layer *l, struct reader r);
enum decoded hdlc(struct layer *l, struct reader r);
enum decoded radiotap(struct layer *l, struct reader r);
enum decoded ieee80211(struct layer *l, struct reader r);

enum decoded ip4(struct layer *l, struct reader r);
enum decoded ip6(struct layer *l, struct reader r);
enum decoded ip_any(struct layer *l, struct reader r); /* the version nibble decides */
enum decoded icmp4(struct layer *l, struct reader r);
enum decoded icmp6(struct layer *l, struct reader r);

/* Tunnels: *l->packet is the outer packet, complete; it stays where the tunnel cannot be opened. */
enum decoded tunnel_ip(struct layer *l, struct reader r);
enum decoded tunnel_gre(struct layer *l, struct reader r);
enum decoded tunnel_udp(struct layer *l, struct reader r);

enum udp_tunnel {
	UDP_TEREDO = 3544, UDP_VXLAN = 4789, UDP_VXLAN_GPE = 4790, UDP_GENEVE = 6081, UDP_VXLAN_LINUX = 8472,
};

/* All but Teredo are met on the far end's port only, so that a client's random port is not mistaken for them. */
static inline bool tunnel_udp_port(const struct packet *p)
{
	uint16_t port = p->destination_port;

	return port == UDP_VXLAN || port == UDP_VXLAN_LINUX || port == UDP_VXLAN_GPE || port == UDP_GENEVE ||
	       port == UDP_TEREDO || p->source_port == UDP_TEREDO;
}

/* One header deeper; false where that is too deep. */
static inline bool layer_enter(struct layer *l)
{
	return l->n_entered++ < LIMIT_ENCAPSULATION;
}

static inline bool layer_encapsulated(struct layer *l, enum encapsulation e)
{
	struct packet *p = l->packet;

	if (!layer_enter(l) || p->n_encap >= ARRAY_SIZE(p->encap))
		return false;
	p->encap[p->n_encap++] = (uint8_t)e;
	return true;
}

/* Narrows *r to the size that a header told. More than the wire carried is taken as "cut": captures that were
 * shortened by tools which do not keep the size on the wire are common, and lie in just this way. */
static inline void layer_narrow(struct layer *l, struct reader *r, size_t size)
{
	size_t left = reader_left(r);

	l->missing = size > left ? size - left : 0;
	if (size < left)
		*r = reader_sub(r, size);
}

static inline enum decoded layer_payload(struct layer *l, const struct reader *r)
{
	struct packet *p = l->packet;

	p->payload = reader_rest(r);
	p->payload_size = (uint32_t)(p->payload.size + l->missing);
	p->cut = l->missing > 0;
	return DECODED;
}

#endif
