/* SPDX-License-Identifier: BSD-2-Clause
 * How a flow came out (MEASURES 4.3): attempted, refused, established, closed; and what a refusal says of the path. */
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "flow.h"

#define SETTLE_BYTES 4096 /* payload after which a flow is told though its protocol is not known */

/* server_mac: where the server's own packets come from. */
static void met(struct engine *e, const struct flow *f, bool over, const uint8_t server_mac[6])
{
	if (!e->settings.met)
		return;
	struct meeting m = {
		.client = f->client_is_a ? &f->key.a : &f->key.b, .server = f->client_is_a ? &f->key.b : &f->key.a,
		.client_seen = f->side[CLIENT].seen, .server_seen = f->side[SERVER].seen, .has_mac = f->has_mac,
		.counts = over && f->established && f->key.protocol == IP_TCP, .time_ns = f->last_ns,
	};
	memcpy(m.client_mac, f->mac[CLIENT], sizeof(m.client_mac));
	memcpy(m.server_mac, server_mac, sizeof(m.server_mac));
	e->settings.met(e->context, &m);
}

void outcome_heard(struct engine *e, const struct flow *f, const struct packet *p)
{
	if (e->settings.host)
		e->settings.host(e->context, &p->source, p->ttl);
	else
		hosts_note(e->hosts, &p->source, p->ttl, e->now_ns);
	/* Routers that share a link address answer by their own (RFC 9568 section 8.1.2). */
	if (f->has_mac && p->has_mac && memcmp(p->source_mac, f->mac[SERVER], sizeof(p->source_mac)) != 0)
		met(e, f, false, p->source_mac);
}

/* Who refused it was not the last to speak: a forged RST, a second try on the same ports. */
static void forget_refusal(struct flow *f)
{
	f->reject = 0;
	memset(&f->reject_by, 0, sizeof(f->reject_by));
}

void outcome_answered(struct engine *e, struct flow *f)
{
	if (f->established)
		return;
	f->established = true;
	if (f->reject)
		forget_refusal(f);
	f->told_attempt = false; /* it came through after all */
	met(e, f, false, f->mac[SERVER]);
	flow_wait(e, f, WAIT_SETTLE);
}

static void rejected(struct engine *e, struct flow *f, uint8_t how, const struct address *by)
{
	if (f->established || f->reject || f->midstream)
		return;
	f->reject = how;
	f->n_first_bytes = 0; /* their place is taken */
	f->reject_by = *by;
	if (!f->told_reject) {
		f->told_reject = true;
		told_flow(e, f, "rejected");
	}
	flow_wait(e, f, WAIT_SILENT);
}

static void reset(struct engine *e, struct flow *f, enum side side, const struct packet *p)
{
	if (f->syn && !f->syn_ack && !f->established && side == SERVER) {
		f->path_open = (int8_t)(e->settings.host ? 1 : hosts_path_open(e->hosts, &p->source, p->ttl));
		e->reject_ttl = e->settings.host ? p->ttl : 0;
		f->reject_ttl = f->reject ? f->reject_ttl : p->ttl;
		rejected(e, f, 1, &p->source);
		e->reject_ttl = 0;
		return;
	}
	if (f->syn_ack) /* SYN, SYN/ACK, RST: the service was reached */
		outcome_answered(e, f);
	if (!f->established && !f->midstream)
		return;
	if (f->closed_by < 0)
		f->closed_by = (int8_t)side;
	if (f->side[side].started && p->seq == f->side[side].next)
		f->reset_by = (int8_t)side;
	stream_flush(e, f);
	outcome_end(e, f, ENDED_RST);
}

bool outcome_known(const struct flow *f)
{
	return f->established && !f->told_established && f->protocol && f->side[CLIENT].bytes && f->side[SERVER].bytes;
}

void outcome_tcp(struct engine *e, struct flow *f, enum side side, const struct packet *p)
{
	uint8_t flags = p->tcp_flags;
	struct stream *s = f->side;

	if (flags & TCP_RST) {
		reset(e, f, side, p);
		return;
	}
	if (flags & TCP_SYN) {
		if (flags & TCP_ACK) {
			f->syn_ack = true;
			outcome_heard(e, f, p);
		} else {
			f->syn = true;
			f->syn_count += f->syn_count < UINT16_MAX;
		}
	} else if (!f->established && (flags & TCP_ACK) && (side == CLIENT || f->syn_ack || f->midstream)) {
		/* The client's ACK closes the handshake; where only one direction is captured it proves the other. */
		outcome_answered(e, f);
	}
	if ((flags & TCP_FIN) && f->closed_by < 0)
		f->closed_by = (int8_t)side;
	if (s[CLIENT].ended && s[SERVER].ended)
		outcome_end(e, f, ENDED_FIN);
	else if (outcome_known(f) || (f->established && !f->told_established && s[CLIENT].bytes + s[SERVER].bytes >= SETTLE_BYTES))
		f->tell = true;
}

void outcome_icmp_error(struct engine *e, struct flow *f, const struct packet *p)
{
	bool v4 = p->ip_version == 4;

	if (p->icmp_type != (v4 ? 3 : 1))
		return; /* time exceeded and the like refuse nothing */
	if (v4 && p->icmp_code == 4)
		return; /* fragmentation needed */
	f->reject_icmp_type = p->icmp_type;
	f->reject_icmp_code = p->icmp_code;
	/* Administratively prohibited: a filter said so. */
	f->path_open = v4 ? !(p->icmp_code == 9 || p->icmp_code == 10 || p->icmp_code == 13)
			  : !(p->icmp_code == 1 || p->icmp_code == 5 || p->icmp_code == 6);
	rejected(e, f, 2, &p->source);
}

void outcome_tell(struct engine *e, struct flow *f)
{
	f->tell = false;
	if (flow_tunnel(f))
		tunnel_tell_protocol(e, f);
	if (!f->established || f->told_established)
		return;
	f->told_established = true;
	told_flow(e, f, "established");
	if (f->wait == WAIT_SETTLE)
		flow_wait(e, f, f->key.protocol == IP_TCP ? WAIT_OPEN : WAIT_TALK);
}

void outcome_free(struct engine *e, struct flow *f, enum ending how)
{
	tunnel_close(e, f, how);
	layer_close(e, f, how);
	stream_release(e, f, CLIENT);
	stream_release(e, f, SERVER);
	/* What protocols owned is gone, whether they gave it back or not. */
	size_t left = sizeof(*f) + (f->server_name ? strlen(f->server_name) + 1 : 0) + (f->inside ? sizeof(*f->inside) : 0);
	flow_charge(e, f, left, f->memory);
}

void outcome_end(struct engine *e, struct flow *f, enum ending how)
{
	if (f->over)
		return;
	f->over = true;
	for (enum side side = CLIENT; side <= SERVER; side++) {
		if (f->side[side].ended)
			continue;
		f->side[side].ended = true;
		layer_end(e, f, side, how);
	}
	if (f->syn_ack)
		outcome_answered(e, f);
	bool reached = f->established || f->midstream;
	if (reached) {
		f->established = true;
		outcome_tell(e, f);
	} else if (!f->reject && !f->told_attempt) {
		f->told_attempt = true;
		told_flow(e, f, "attempted");
	}
	met(e, f, true, f->mac[SERVER]);
	outcome_free(e, f, how);
	if (reached)
		told_flow(e, f, "closed");
	flow_wait(e, f, WAIT_OVER);
}
