/* SPDX-License-Identifier: BSD-2-Clause
 * The end of the captures: what waited for a sign of life of its target is settled, and each cell gets the facts that
 * its verdict rests on: loss, sides, the control beside it (MEASURES 16). */
#include <stdio.h>

#include "audit_evidence.h"

static void settle(void *context, const void *key, void *value)
{
	struct audit *a = context;
	const struct audit_waiting_key *k = key;
	struct audit_waiting *w = value;
	struct audit_cell *c = &a->cells[k->cell];
	const struct audit_host *h = table_peek(a->hosts, &k->to);
	enum audit_event event = AUDIT_UNCLEAR;
	char *said = w->sight.said;
	size_t used = strlen(said), left = sizeof(w->sight.said) - used;

	if (k->ttl && h && h->ttl) {
		event = k->ttl == h->ttl ? AUDIT_OPEN : AUDIT_STOPPED;
		snprintf(said + used, left, "; the host itself answers with TTL %u", h->ttl);
	} else if (k->ttl) {
		snprintf(said + used, left, "; no other packet of that host to compare with");
	} else {
		event = audit_alive_at(h, w->sight.time_ns) || audit_alive_at(h, w->last_ns) ? AUDIT_STOPPED
											     : AUDIT_DEAD;
		snprintf(said + used, left,
			 event == AUDIT_STOPPED ? "; the host was alive" : "; no sign of life of the host");
	}
	if (event == AUDIT_STOPPED)
		c->ways_stopped |= w->ways;
	if (c->count[event] == 0 || w->sight.time_ns < c->first[event].time_ns)
		c->first[event] = w->sight;
	c->count[event] += w->count;
}

struct people {
	const struct audit *audit;
	uint64_t pcs[2]; /* IPv4, IPv6: most hosts have both */
};

static void count_pc(void *context, const void *key, void *value)
{
	struct people *p = context;
	const struct audit_host *h = value;

	p->pcs[!address_is_v4(key)] +=
		h->subnet >= 0 && h->n_spans && strcmp(site_role(p->audit->site, key), "user") == 0;
}

/* A tenth of the PCs, at least 30, never more than there are (MEASURES 9.6). */
static unsigned sample_size(const struct audit *a)
{
	struct people p = { a, { 0 } };

	table_walk(a->hosts, count_pc, &p);
	uint64_t pcs = p.pcs[0] > p.pcs[1] ? p.pcs[0] : p.pcs[1], want = pcs / 10 > 30 ? pcs / 10 : 30;
	return (unsigned)(want < pcs ? want : pcs ? pcs : 1);
}

/* What is placed nowhere has to hold where it was tried. */
static int tried_from(const struct audit *a, const struct audit_cell *c)
{
	bool network = c->key.what == CELL_ROW || c->key.what == CELL_REMOTE;

	return network && c->zone < 0 && c->subnet < 0 && c->count[AUDIT_STOPPED]
		       ? audit_subnet(a, &c->first[AUDIT_STOPPED].from)
		       : -1;
}

static void sum_subnets(const struct audit *a, const struct audit_cell *c, struct audit_subnet *sum)
{
	int tried = tried_from(a, c);

	for (size_t i = 0; i < a->n_subnets; i++) {
		const struct audit_subnet *s = &a->subnets[i];
		bool mine = (int)i == tried ||
			    (c->subnet >= 0 ? (int)i == c->subnet
					    : (int)s->zone == c->zone && (!c->version || s->v6 == (c->version == 6)));
		if (!mine)
			continue;
		sum->hosts += s->hosts;
		sum->two_sided += s->two_sided;
		sum->one_sided += s->one_sided;
		sum->allowed += s->allowed;
		sum->proxied += s->proxied;
	}
}

/* One account that could log on from an administration terminal: not all are locked out. */
static bool admins_work(const struct audit *a, const struct audit_cell *c)
{
	bool works = false;

	for (size_t i = 0; site_admin_class(a->site, i); i++) {
		const struct audit_cell *terminal = audit_cell_at(a, CELL_ADMIN, 0, i, ADMIN_TERMINAL);
		works |= (c->class < 0 || c->class == (int)i) && terminal && terminal->count[AUDIT_SUCCEEDED];
	}
	return works;
}

static bool listener_works(const struct audit *a, const struct audit_cell *c)
{
	const struct audit_cell *right =
		audit_cell_at(a, CELL_LISTENER, c->version, (size_t)c->listener, LISTENER_RIGHT);
	const struct audit_cell *tunnel =
		audit_cell_at(a, CELL_LISTENER, c->version, (size_t)c->listener, LISTENER_CONNECT);

	return (right && right->count[AUDIT_SUCCEEDED]) || (tunnel && tunnel->count[AUDIT_SUCCEEDED]);
}

static bool control_missing(const struct audit *a, const struct audit_cell *c, const struct audit_subnet *sum)
{
	int tried = tried_from(a, c);

	switch (c->control) {
	case CONTROL_LISTENER:
		return !listener_works(a, c);
	case CONTROL_ADMIN:
		return !admins_work(a, c);
	case CONTROL_PROXY:
		return sum->proxied == 0;
	case CONTROL_SUBNET:
	case CONTROL_ZONE:
		return sum->allowed == 0;
	case CONTROL_NONE:
		break;
	}
	return tried >= 0 && a->subnets[tried].has_sample && audit_zone_may(a, &a->subnets[tried]) && sum->allowed == 0;
}

static void decide(struct audit *a, struct audit_cell *c, unsigned sample)
{
	const struct audit_cell *kept = audit_cell_at(a, CELL_SITE, 0, SITE_SAMPLE, 0);
	struct audit_subnet sum = { 0 };

	if (c->weak && c->count[AUDIT_STOPPED] == 0) {
		c->count[AUDIT_UNCLEAR] += c->weak;
		c->first[AUDIT_UNCLEAR] = c->weak_first;
	}
	c->exempt |= audit_exempt(a, c);
	sum_subnets(a, c, &sum);
	bool placed = c->subnet >= 0 || c->zone >= 0, sided = placed || tried_from(a, c) >= 0;
	struct audit_facts f = {
		.kind = c->kind,
		.minimum = c == kept ? sample : a->options.attempts,
		.alarm = c->alarm,
		.exempt = c->exempt,
		.wire_missing = a->options.wires && c->wires && !(a->options.wires & c->wires),
		.weak = c->weak > 0,
		.source_seen = !placed || sum.hosts > 0,
		.one_sided = sided && sum.one_sided > 0 && sum.one_sided * 4 > sum.two_sided,
		.lossy = audit_loss(a) >= 0.1,
		.control_missing = control_missing(a, c, &sum),
		.way_missing = (c->ways_stopped & c->ways) != c->ways,
	};
	memcpy(f.count, c->count, sizeof(f.count));
	c->finding = audit_judge(&f);
}

void audit_decide(struct audit *a)
{
	unsigned sample = sample_size(a);

	table_walk(a->pending, settle, a);
	for (size_t i = 0; i < a->n_cells; i++)
		decide(a, &a->cells[i], sample);
}
