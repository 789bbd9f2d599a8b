/* SPDX-License-Identifier: BSD-2-Clause
 * ARP for IPv4 over Ethernet (RFC 826): who asks for whose link address. */
#include "layer.h"

enum { HARDWARE_ETHERNET = 1 };

enum decoded arp(struct layer *l, struct reader r)
{
	struct packet *p = l->packet;
	uint16_t hardware = reader_u16(&r);
	uint16_t protocol = reader_u16(&r);
	uint8_t hardware_size = reader_u8(&r);
	uint8_t protocol_size = reader_u8(&r);
	uint16_t operation = reader_u16(&r);

	if (!reader_ok(&r))
		return DECODED_MALFORMED;
	if (hardware != HARDWARE_ETHERNET || protocol != ETHER_IP4 || hardware_size != 6 || protocol_size != 4)
		return DECODED_OTHER;
	struct bytes source_mac = reader_take(&r, 6);
	struct bytes source = reader_take(&r, 4);
	reader_skip(&r, 6);
	struct bytes destination = reader_take(&r, 4);
	if (!reader_ok(&r))
		return DECODED_MALFORMED;
	/* The sender's own word: cooked captures have no pair of addresses, and relays put theirs on the frame. */
	memcpy(p->source_mac, source_mac.at, 6);
	p->source = address_v4(source.at);
	p->destination = address_v4(destination.at);
	p->ip_version = 4;
	p->arp_operation = operation;
	return DECODED_ARP;
}
