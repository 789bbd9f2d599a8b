/* SPDX-License-Identifier: BSD-2-Clause
 * Who began a flow: by its first packet, by ports where that does not say, by content where it was missed; and whether a
 * packet on the same ports begins another one (RFC 9293 section 3.10.7, RFC 5961). */
#include <string.h>

#include "flow.h"

void origin_note(const struct engine *e, struct flow *f, const struct packet *p, bool from_client, bool source_is_a, uint16_t source_port,
			uint16_t destination_port)
{
	f->client_is_a = from_client == source_is_a;
	f->port[CLIENT] = from_client ? source_port : destination_port;
	f->port[SERVER] = from_client ? destination_port : source_port;
	f->interface = e->interface;
	f->has_mac = p->has_mac;
	memcpy(f->mac[from_client ? CLIENT : SERVER], p->source_mac, 6);
	memcpy(f->mac[from_client ? SERVER : CLIENT], p->destination_mac, 6);
	f->n_vlan = p->n_vlan < 2 ? p->n_vlan : 2;
	memcpy(f->vlan, p->vlan, sizeof(f->vlan));
	f->n_encap = p->n_encap < sizeof(f->encap) ? p->n_encap : sizeof(f->encap);
	memcpy(f->encap, p->encap, f->n_encap);
}

static bool server_hint(uint16_t port, bool datagram)
{
	for (const struct protocol *const *protocol = protocols; *protocol; protocol++)
		for (const struct port_hint *h = (*protocol)->ports; h && h->port; h++)
			if (h->port == port && h->datagram == datagram)
				return true;
	return false;
}

/* Who is the client, where the first packet does not say: the side whose port no protocol has, else the higher port. */
bool origin_by_port(const struct packet *p, bool datagram)
{
	bool source = server_hint(p->source_port, datagram), destination = server_hint(p->destination_port, datagram);

	if (source != destination)
		return destination;
	return p->source_port >= p->destination_port;
}

static enum speaker speaker_of(struct bytes start)
{
	for (const struct protocol *const *protocol = protocols; *protocol; protocol++) {
		enum speaker s = (*protocol)->speaker ? (*protocol)->speaker(start) : SPEAKER_UNKNOWN;
		if (s != SPEAKER_UNKNOWN)
			return s;
	}
	return SPEAKER_UNKNOWN;
}

/* Who is the client of a flow whose start was missed is a guess from its ports, until what they say proves it wrong. */
void origin_turn_if_wrong(struct flow *f, const struct packet *p, bool source_is_a)
{
	enum side side = flow_side(f, source_is_a);

	if (f->first.protocol || f->told_established || f->side[side].skip == BULK || p->payload.size == 0)
		return;
	if (speaker_of(p->payload) != (side == CLIENT ? SPEAKER_SERVER : SPEAKER_CLIENT))
		return;
	const struct stream stream = f->side[CLIENT];
	const uint16_t port = f->port[CLIENT];
	uint8_t mac[6];
	f->client_is_a = !f->client_is_a;
	f->side[CLIENT] = f->side[SERVER];
	f->side[SERVER] = stream;
	f->port[CLIENT] = f->port[SERVER];
	f->port[SERVER] = port;
	memcpy(mac, f->mac[CLIENT], sizeof(mac));
	memcpy(f->mac[CLIENT], f->mac[SERVER], sizeof(mac));
	memcpy(f->mac[SERVER], mac, sizeof(mac));
	if (f->closed_by >= 0)
		f->closed_by = f->closed_by == CLIENT ? SERVER : CLIENT;
}

/* A SYN that cannot be the one that opened this flow, sent again. */
static bool is_ahead(const struct flow *f, enum side side, const struct packet *p)
{
	const struct stream *s = &f->side[side];

	return f->established && s->started && p->seq + 1 != s->next && f->side[CLIENT].bytes + f->side[SERVER].bytes > 0 &&
	       !seq_after(s->next, p->seq);
}

/* Are the ports used again? A SYN inside a connection is thrown away by its receiver (RFC 5961 section 4.2), a RST may
 * never reach it: of the first the other side's answer decides, where the other side is heard at all, of the second
 * whether bytes sent after it are acknowledged. */
bool origin_begins_anew(struct flow *f, enum side side, const struct packet *p)
{
	enum side other = side == CLIENT ? SERVER : CLIENT;
	unsigned flags = p->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST);

	if (f->over) {
		f->went_on |= f->reset_by == (int)side && p->payload_size > 0 && p->seq == f->side[side].next;
		return flags == TCP_SYN || (flags == TCP_ACK && f->went_on && f->reset_by == (int)other && seq_after(p->ack, f->side[other].next));
	}
	if (flags == TCP_SYN && is_ahead(f, side, p)) {
		f->reopened_by = (int8_t)side;
		f->reopened = p->seq + 1;
		return !f->side[other].seen;
	}
	return f->established && f->reopened_by == (int)other && p->ack == f->reopened && (flags == (TCP_SYN | TCP_ACK) || flags == (TCP_RST | TCP_ACK));
}

/* While nobody has said anything: does this answer a SYN that the client never sent? The client resets what does, and goes
 * on waiting (RFC 9293 section 3.10.7.3). Of several SYNs the one that is answered counts. */
bool origin_answers_no_syn(struct flow *f, enum side side, const struct packet *p)
{
	struct stream *client = &f->side[CLIENT];
	unsigned flags = p->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST);

	if (f->established || !f->syn || !client->started || client->bytes > 0)
		return false;
	if (flags == TCP_SYN && side == CLIENT && p->seq + 1 != client->next) {
		f->reopened_by = CLIENT;
		f->reopened = p->seq + 1;
	}
	if (flags != (TCP_SYN | TCP_ACK) || side != SERVER || p->ack == client->next)
		return false;
	if (f->reopened_by != CLIENT || p->ack != f->reopened)
		return true;
	client->next = f->reopened;
	return false;
}

/* A first datagram from a port below 1024, or from one of a protocol that is known here (LLMNR's), answers something. */
bool origin_by_datagram(const struct packet *p)
{
	if (p->destination_port < 1024)
		return true;
	if (p->source_port < 1024)
		return origin_by_port(p, true);
	return !server_hint(p->source_port, true) || server_hint(p->destination_port, true);
}

/* Names asked of everybody (NetBIOS, multicast DNS, LLMNR): the question went to a group, so nothing is missing in front
 * of the answer. */
bool origin_asked_of_all(const struct packet *p)
{
	return p->protocol == IP_UDP && (p->source_port == 137 || p->source_port == 5353 || p->source_port == 5355);
}
