/* SPDX-License-Identifier: BSD-2-Clause
 * The cells of a site: the zone matrix of its policy (MEASURES 8.6) here, the per-set minimum in audit_sets.c. Also what
 * is asked of the finished audit. */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "audit_evidence.h"
#include "audit_words.h"

#define PROBE_OTHER	4444 /* ports that stand for any other service */
#define PROBE_OTHER_TOO 23

struct audit_cell *audit_find(const struct audit *a, const struct audit_key *key)
{
	const uint32_t *at = table_peek(a->index, key);

	return at ? &a->cells[*at] : NULL;
}

struct audit_cell *audit_cell_at(const struct audit *a, enum audit_what what, uint16_t version, size_t x, size_t y)
{
	return audit_find(a, &(struct audit_key){ (uint16_t)what, version, (uint16_t)x, (uint16_t)y, 0, 0 });
}

struct audit_cell *audit_make(struct audit *a, const struct audit_key *key, bool required)
{
	struct audit_cell *c = audit_find(a, key);

	if (c)
		return c;
	if (a->n_cells == AUDIT_CELLS_MAX) {
		a->full = true;
		return NULL;
	}
	if (a->n_cells == a->room) {
		size_t room = a->room ? 2 * a->room : 256;
		struct audit_cell *more = realloc(a->cells, room * sizeof(*more));
		if (!more)
			return NULL;
		a->cells = more;
		a->room = room;
	}
	uint32_t *at = table_make(a->index, key, 0, NULL);
	if (!at)
		return NULL;
	*at = (uint32_t)a->n_cells;
	c = &a->cells[a->n_cells++];
	memset(c, 0, sizeof(*c));
	c->key = *key;
	c->required = required;
	c->zone = c->subnet = c->listener = c->class = -1;
	return c;
}

static bool build_subnets(struct audit *a)
{
	a->subnets = calloc(AUDIT_SUBNETS_MAX, sizeof(*a->subnets));
	for (size_t z = 0; a->subnets && z < site_zones(a->site); z++) {
		struct site_zone_view zone = site_zone_view(a->site, z);
		for (size_t n = 0; n < zone.n_networks; n++) {
			if (a->n_subnets == AUDIT_SUBNETS_MAX) {
				a->full = true;
				return true;
			}
			struct audit_subnet *s = &a->subnets[a->n_subnets];
			if (!address_range_parse(bytes_string(zone.networks[n]), &s->range))
				continue;
			s->zone = z;
			s->network = n;
			s->text = zone.networks[n];
			s->v6 = !address_is_v4(&s->range.first);
			s->has_sample = site_zone_sample(a->site, z, n, &s->sample);
			a->n_subnets++;
		}
	}
	return a->subnets != NULL;
}

static const char *word(const char *const *words, size_t n, size_t i) { return n ? words[i] : "any"; }

static struct audit_cell *build_row_cell(struct audit *a, enum policy action, struct audit_key key, const char *from,
					 const char *to, const char *service)
{
	struct audit_cell *c;

	for (size_t i = 0; i < a->n_cells; i++) /* the same said twice: the first row decides */
		if (a->cells[i].set == 'D' && a->cells[i].version == key.version && !strcmp(a->cells[i].from, from) &&
		    !strcmp(a->cells[i].to, to) && !strcmp(a->cells[i].item, service))
			return NULL;
	c = audit_make(a, &key, true);
	if (!c)
		return NULL;
	c->set = 'D';
	c->kind = action == POLICY_ALLOW ? AUDIT_ALLOW : AUDIT_DENY;
	c->version = (uint8_t)key.version;
	c->wires = 1u << 1 | 1u << 5 | 1u << 6;
	c->rules[0] = "D-04";
	c->rules[1] = "D-01";
	snprintf(c->from, sizeof(c->from), "%s", from);
	snprintf(c->to, sizeof(c->to), "%s", to);
	snprintf(c->item, sizeof(c->item), "%s", service);
	return c;
}

static const struct audit_subnet *sample_of(const struct audit *a, size_t zone, bool v6)
{
	for (size_t i = 0; i < a->n_subnets; i++)
		if (a->subnets[i].zone == zone && a->subnets[i].v6 == v6 && a->subnets[i].has_sample)
			return &a->subnets[i];
	return NULL;
}

bool audit_zone_may(const struct audit *a, const struct audit_subnet *from)
{
	struct audit_way way;

	return site_policy_rows(a->site) == 0 || audit_way(a, from, &way);
}

bool audit_way(const struct audit *a, const struct audit_subnet *from, struct audit_way *ret)
{
	for (size_t i = 0; i < a->n_subnets; i++) {
		const struct audit_subnet *to = &a->subnets[i];
		if (!from->has_sample || !to->has_sample || to->v6 != from->v6)
			continue;
		for (unsigned k = 0; k < AUDIT_CLASSES; k++)
			if (site_policy(a->site, &from->sample, &to->sample, NULL, "tcp", audit_classes[k].ports[0]) ==
			    POLICY_ALLOW) {
				*ret = (struct audit_way){ to->zone, audit_classes[k].ports[0]
									     ? audit_classes[k].ports[0]
									     : PROBE_OTHER };
				return true;
			}
	}
	return false;
}

/* ---- rows ---- */

#define ALL_ZONES (-2)

/* Which zone a word of the policy means: its index, ALL_ZONES, or -1 where it means hosts, roles or what is outside. */
static int zone_of_word(const struct audit *a, const char *word)
{
	const char *name = strncmp(word, "zone:", 5) ? word : word + 5;

	for (size_t z = 0; z < site_zones(a->site); z++)
		if (strcmp(site_zone_view(a->site, z).name, name) == 0)
			return (int)z;
	return strcasecmp(word, "any") == 0 || strcasecmp(word, "internal") == 0 ? ALL_ZONES : -1;
}

/* A row that denies everything between zones says what silence says: the pairs of zones show it, service by service. */
static bool denies_all(const struct audit *a, const struct site_ruling *ruling)
{
	struct site_policy_view row = site_policy_view(a->site, (size_t)ruling->row);

	return row.action == POLICY_DENY &&
	       strcasecmp(word(row.services, row.n_services, ruling->service), "any") == 0 &&
	       zone_of_word(a, word(row.from, row.n_from, ruling->from)) != -1 &&
	       zone_of_word(a, word(row.to, row.n_to, ruling->to)) != -1;
}

/* One attempt between two zones shows nothing of the others: each pair has a cell of its own. */
static void build_row_zones(struct audit *a, enum policy action, const struct audit_key *key, const char *service,
			    int from_zone, int to_zone)
{
	for (size_t i = 0; i < site_zones(a->site) * site_zones(a->site); i++) {
		size_t f = i / site_zones(a->site), t = i % site_zones(a->site);
		const struct audit_subnet *from = sample_of(a, f, key->version == 6),
					  *to = sample_of(a, t, key->version == 6);
		struct audit_key own = {
			CELL_ROW, key->version, key->a, (uint16_t)(AUDIT_BY_ZONE | f), (uint16_t)(AUDIT_BY_ZONE | t),
			key->d
		};
		bool outside = !strcmp(site_zone_view(a->site, f).role, "external") ||
			       !strcmp(site_zone_view(a->site, t).role, "external");
		bool named = from_zone == (int)f && to_zone == (int)t;
		if (!from || !to || (from_zone >= 0 && from_zone != (int)f) || (to_zone >= 0 && to_zone != (int)t) ||
		    (!named && (f == t || outside)))
			continue;
		struct audit_cell *c = build_row_cell(a, action, own, site_zone_view(a->site, f).name,
						      site_zone_view(a->site, t).name, service);
		if (!c)
			continue;
		c->zone = (int16_t)f;
		c->control = audit_zone_may(a, from) ? CONTROL_ZONE : CONTROL_NONE;
	}
}

/* An address that a word stands for; none for roles, and for what is wider than a zone. */
static bool sample_of_word(const struct audit *a, const char *word, bool v6, struct address *ret)
{
	int zone = zone_of_word(a, word);
	const struct audit_subnet *s = zone >= 0 ? sample_of(a, (size_t)zone, v6) : NULL;
	struct address_range range;

	if (s)
		*ret = s->sample;
	else if (zone == -1 && address_range_parse(bytes_string(word), &range))
		*ret = range.first;
	else
		return false;
	return true;
}

/* Does another row decide before this one? Then no attempt ever belongs to its cell. */
static bool overruled(const struct audit *a, const struct audit_key *key, const char *from, const char *to,
		      unsigned class)
{
	bool icmp = class == AUDIT_CLASSES - 1, v6 = key->version == 6;
	uint16_t port = icmp ? 0 : audit_classes[class].ports[0] ? audit_classes[class].ports[0] : PROBE_OTHER;
	struct address source, target;

	return sample_of_word(a, from, v6, &source) && sample_of_word(a, to, v6, &target) &&
	       site_ruling(a->site, &source, &target, NULL,
			   !icmp ? "tcp"
			   : v6	 ? "ipv6-icmp"
				 : "icmp",
			   port)
			       .row != (int)key->a;
}

/* What is allowed is shown by one success; what is denied has to be tried place by place and service by service. */
static void build_row_word(struct audit *a, const struct site_policy_view *row, struct audit_key key)
{
	const char *from = word(row->from, row->n_from, key.b), *to = word(row->to, row->n_to, key.c);
	const char *service = word(row->services, row->n_services, key.d);
	bool all = strcasecmp(service, "any") == 0, out = !strcasecmp(to, "internet") || !strcasecmp(to, "external");
	int from_zone = zone_of_word(a, from), to_zone = zone_of_word(a, to);

	if (row->action != POLICY_DENY || (all && out)) {
		build_row_cell(a, row->action, key, from, to, service);
	} else if (from_zone != -1 && to_zone != -1) {
		if (!all || (from_zone >= 0 && from_zone == to_zone))
			build_row_zones(a, row->action, &key, service, from_zone, to_zone);
	} else if (all) {
		for (unsigned k = 0; k < AUDIT_CLASSES; k++) {
			if (overruled(a, &key, from, to, k))
				continue;
			key.d = (uint16_t)(AUDIT_BY_CLASS | k);
			struct audit_cell *c = build_row_cell(a, row->action, key, from, to, audit_classes[k].item);
			if (c)
				c->required = audit_classes[k].required;
		}
	} else {
		build_row_cell(a, row->action, key, from, to, service);
	}
}

static void build_row(struct audit *a, size_t index)
{
	struct site_policy_view row = site_policy_view(a->site, index);

	for (size_t f = 0; f < (row.n_from ? row.n_from : 1); f++)
		for (size_t t = 0; t < (row.n_to ? row.n_to : 1); t++) {
			unsigned versions = site_word_versions(a->site, word(row.from, row.n_from, f)) &
					    site_word_versions(a->site, word(row.to, row.n_to, t));
			for (size_t s = 0; s < (row.n_services ? row.n_services : 1); s++)
				for (uint8_t v = 4; v <= 6; v += 2)
					if (versions & (v == 4 ? SURVEY_V4 : SURVEY_V6))
						build_row_word(a, &row,
							       (struct audit_key){ CELL_ROW, v, (uint16_t)index,
										   (uint16_t)f, (uint16_t)t,
										   (uint16_t)s });
		}
}

/* ---- pairs of zones ---- */

static void build_pair_cell(struct audit *a, const struct audit_subnet *from, const struct audit_subnet *to, unsigned k)
{
	uint16_t port = audit_classes[k].ports[0] ? audit_classes[k].ports[0] : PROBE_OTHER;
	bool icmp = k == AUDIT_CLASSES - 1;
	struct site_ruling ruling = site_ruling(a->site, &from->sample, &to->sample, NULL, icmp ? from->v6 ? "ipv6-icmp" : "icmp" : "tcp", icmp ? 0 : port);
	struct audit_key key = { CELL_PAIR, from->v6 ? 6 : 4, (uint16_t)from->zone, (uint16_t)to->zone, (uint16_t)k, 0 };
	struct audit_cell *c;

	if ((ruling.row >= 0 && !denies_all(a, &ruling)) || ruling.action != POLICY_DENY ||
	    !(c = audit_make(a, &key, audit_classes[k].required)))
		return;
	c->set = 'D';
	c->kind = AUDIT_DENY;
	c->version = (uint8_t)key.version;
	c->wires = 1u << 1 | 1u << 5 | 1u << 6;
	c->rules[0] = "D-04";
	c->rules[1] = "D-01";
	c->rules[2] = "D-02";
	c->zone = (int16_t)from->zone;
	c->control = audit_zone_may(a, from) ? CONTROL_ZONE : CONTROL_NONE;
	snprintf(c->from, sizeof(c->from), "%s", site_zone_view(a->site, from->zone).name);
	snprintf(c->to, sizeof(c->to), "%s", site_zone_view(a->site, to->zone).name);
	snprintf(c->item, sizeof(c->item), "%s", audit_classes[k].item);
}

static void build_pairs(struct audit *a)
{
	size_t n = site_zones(a->site);

	for (size_t f = 0; f < n; f++)
		for (size_t t = 0; t < n; t++) {
			bool outside = !strcmp(site_zone_view(a->site, f).role, "external") || !strcmp(site_zone_view(a->site, t).role, "external");
			for (int v6 = 0; v6 < 2 && f != t && !outside; v6++) {
				const struct audit_subnet *from = sample_of(a, f, v6), *to = sample_of(a, t, v6);
				for (unsigned k = 0; from && to && k < AUDIT_CLASSES; k++)
					build_pair_cell(a, from, to, k);
			}
		}
}

struct audit *audit_new(const struct site *site, const struct audit_options *options)
{
	static const struct hash_key key = { 0x6175646974, 1 };
	struct audit *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->site = site;
	a->options = *options;
	a->index = table_new(sizeof(struct audit_key), sizeof(uint32_t), AUDIT_CELLS_MAX, &key, NULL, NULL);
	a->hosts = table_new(sizeof(struct address), sizeof(struct audit_host), AUDIT_HOSTS_MAX, &key, NULL, NULL);
	a->pending = table_new(sizeof(struct audit_waiting_key), sizeof(struct audit_waiting), AUDIT_PENDING_MAX, &key, NULL, NULL);
	if (!a->index || !a->hosts || !a->pending || !build_subnets(a)) {
		audit_free(a);
		return NULL;
	}
	for (size_t i = 0; i < site_policy_rows(site) && i < UINT16_MAX; i++)
		build_row(a, i);
	build_pairs(a);
	audit_sets_build(a);
	return a;
}

void audit_free(struct audit *a)
{
	if (!a)
		return;
	table_free(a->index);
	table_free(a->hosts);
	table_free(a->pending);
	for (size_t i = 0; i < a->n_files; i++)
		free(a->files[i]);
	free(a->subnets);
	free(a->cells);
	free(a);
}

int audit_subnet(const struct audit *a, const struct address *at)
{
	int best = -1;

	for (size_t i = 0; i < a->n_subnets; i++) {
		const struct address_range *r = &a->subnets[i].range;
		/* Networks are nested or apart: the one that begins last is the most specific. */
		if (address_range_has(r, at) && (best < 0 || address_compare(&r->first, &a->subnets[best].range.first) > 0 ||
						 address_compare(&r->last, &a->subnets[best].range.last) < 0))
			best = (int)i;
	}
	return best;
}

/* ---- exceptions ---- */

static bool exempts(const struct audit *a, const struct audit_cell *c, const struct address *from,
		    const struct address *to, uint16_t port)
{
	struct bytes none = { 0 };
	size_t index;

	for (size_t i = 0; i < AUDIT_RULES && c->rules[i]; i++)
		if (site_exception(a->site, c->rules[i], from, to, port, none, none, a->quality.last_ns, &index))
			return true;
	return false;
}

static bool exempts_ports(const struct audit *a, const struct audit_cell *c, const struct address *from,
			  const struct address *to)
{
	const struct audit_class *class = &audit_classes[c->key.c];

	if (strcmp(class->item, "icmp") == 0)
		return exempts(a, c, from, to, 0);
	if (class->ports[0] == 0)
		return exempts(a, c, from, to, PROBE_OTHER) && exempts(a, c, from, to, PROBE_OTHER_TOO);
	for (size_t i = 0; i < ARRAY_SIZE(class->ports) && class->ports[i]; i++)
		if (!exempts(a, c, from, to, class->ports[i]))
			return false;
	return true;
}

/* Hosts that stand for a network: one without a role at its begin, and its last address. */
static unsigned stand_ins(const struct audit *a, const struct audit_subnet *s, struct address into[2])
{
	const char *zone = site_zone(a->site, &s->range.last);

	if (!s->has_sample)
		return 0;
	into[0] = s->sample;
	into[1] = s->range.last;
	return zone && strcmp(zone, site_zone_view(a->site, s->zone).name) == 0 ? 2 : 1;
}

/* An exception for a host or a port leaves the rest of the cell to be shown. */
bool audit_exempt(const struct audit *a, const struct audit_cell *c)
{
	for (size_t f = 0; c->key.what == CELL_PAIR && f < a->n_subnets; f++) {
		struct address from[2], to[2];
		unsigned n_from = a->subnets[f].zone == c->key.a && a->subnets[f].v6 == (c->version == 6)
					  ? stand_ins(a, &a->subnets[f], from)
					  : 0;
		for (size_t t = 0; n_from && t < a->n_subnets; t++) {
			unsigned n_to = a->subnets[t].zone == c->key.b && a->subnets[t].v6 == (c->version == 6)
						? stand_ins(a, &a->subnets[t], to)
						: 0;
			for (unsigned i = 0; i < n_from * n_to; i++)
				if (!exempts_ports(a, c, &from[i / n_to], &to[i % n_to]))
					return false;
		}
	}
	return c->key.what == CELL_PAIR;
}

/* ---- questions ---- */

bool audit_listed(const struct audit_cell *c)
{
	uint64_t seen = 0;

	for (unsigned e = 0; e < AUDIT_EVENTS; e++)
		seen += c->count[e];
	return c->required || seen;
}

const char *audit_id(const struct audit_cell *c, char *room, size_t size)
{
	snprintf(room, size, "%c/%s>%s/%s/%s", c->set, c->from, c->to, c->item, audit_version_name(c->version));
	return room;
}

struct audit_sum audit_sum(const struct audit *a, char set)
{
	struct audit_sum sum = { 0 };

	for (size_t i = 0; i < a->n_cells; i++) {
		const struct audit_cell *c = &a->cells[i];
		if ((set && c->set != set) || !audit_listed(c))
			continue;
		sum.of[c->finding.verdict]++;
		sum.all++;
	}
	return sum;
}

unsigned audit_coverage(const struct audit_sum *sum)
{
	uint64_t decidable = sum->all - sum->of[AUDIT_EXEMPT] - sum->of[AUDIT_NOT_VISIBLE];

	return decidable ? (unsigned)(100 * (sum->of[AUDIT_PROVEN] + sum->of[AUDIT_VIOLATED]) / decidable) : 100;
}

double audit_loss(const struct audit *a)
{
	uint64_t all = a->quality.stream_bytes + a->quality.missed_bytes;

	return all ? 100.0 * (double)a->quality.missed_bytes / (double)all : 0;
}

void audit_sight_text(const struct audit *a, const struct audit_sight *s, struct text *out)
{
	char from[ADDRESS_TEXT], to[ADDRESS_TEXT];

	text_printf(out, "%s > %s", address_format(&s->from, from), address_format(&s->to, to));
	if (s->port)
		text_printf(out, " port %u", s->port);
	text_printf(out, ": %s", s->said);
	if (s->file < a->n_files)
		text_printf(out, " (%s#%llu)", a->files[s->file], (unsigned long long)s->packet);
}

void audit_reason(const struct audit *a, const struct audit_cell *c, struct text *out)
{
	const char *separator = " [";

	(void)a;
	text_string(out, audit_why_text(c->finding.why));
	for (unsigned e = 0; e < AUDIT_EVENTS; e++) {
		if (c->count[e] == 0)
			continue;
		text_printf(out, "%s%llu %s", separator, (unsigned long long)c->count[e], audit_event_words(e).en);
		separator = ", ";
	}
	if (separator[0] == ',')
		text_char(out, ']');
}
