/* SPDX-License-Identifier: BSD-2-Clause
 * The cells of a site: the zone matrix of its policy (MEASURES 8.6) here, the per-set minimum in audit_sets.c. Also what
 * is asked of the finished audit. */
#include <stdio.h>
#include <stdlib.h>

#include "audit_evidence.h"

#define PROBE_OTHER 4444 /* a port that stands for any other service */

struct audit_cell *audit_find(const struct audit *a, const struct audit_key *key)
{
	const uint32_t *at = table_peek(a->index, key);

	return at ? &a->cells[*at] : NULL;
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

static void build_row_cell(struct audit *a, const struct site_policy_view *row, struct audit_key key)
{
	struct audit_cell *c;
	const char *from = word(row->from, row->n_from, key.b), *to = word(row->to, row->n_to, key.c);
	const char *service = word(row->services, row->n_services, key.d);

	for (size_t i = 0; i < a->n_cells; i++) /* the same said twice: the first row decides */
		if (a->cells[i].set == 'D' && a->cells[i].version == key.version && !strcmp(a->cells[i].from, from) &&
		    !strcmp(a->cells[i].to, to) && !strcmp(a->cells[i].item, service))
			return;
	c = audit_make(a, &key, true);
	if (!c)
		return;
	c->set = 'D';
	c->kind = row->action == POLICY_ALLOW ? AUDIT_ALLOW : AUDIT_DENY;
	c->version = (uint8_t)key.version;
	c->wires = 1u << 1 | 1u << 5 | 1u << 6;
	c->rules[0] = "D-04";
	c->rules[1] = "D-01";
	snprintf(c->from, sizeof(c->from), "%s", from);
	snprintf(c->to, sizeof(c->to), "%s", to);
	snprintf(c->item, sizeof(c->item), "%s", service);
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
						build_row_cell(a, &row, (struct audit_key){ CELL_ROW, v, (uint16_t)index, (uint16_t)f, (uint16_t)t, (uint16_t)s });
		}
}

static const struct audit_subnet *sample_of(const struct audit *a, size_t zone, bool v6)
{
	for (size_t i = 0; i < a->n_subnets; i++)
		if (a->subnets[i].zone == zone && a->subnets[i].v6 == v6 && a->subnets[i].has_sample)
			return &a->subnets[i];
	return NULL;
}

/* Does the zone have any way that is allowed? Then it has to be seen to work before a stop means anything. */
static bool zone_may(const struct audit *a, const struct audit_subnet *from)
{
	for (size_t i = 0; i < a->n_subnets; i++) {
		const struct audit_subnet *to = &a->subnets[i];
		if (!to->has_sample || to->v6 != from->v6)
			continue;
		for (unsigned k = 0; k < AUDIT_CLASSES; k++)
			if (site_policy(a->site, &from->sample, &to->sample, NULL, "tcp", audit_classes[k].ports[0]) == POLICY_ALLOW)
				return true;
	}
	return false;
}

static void build_pair_cell(struct audit *a, const struct audit_subnet *from, const struct audit_subnet *to, unsigned k)
{
	uint16_t port = audit_classes[k].ports[0] ? audit_classes[k].ports[0] : PROBE_OTHER;
	bool icmp = k == AUDIT_CLASSES - 1;
	struct site_ruling ruling = site_ruling(a->site, &from->sample, &to->sample, NULL, icmp ? from->v6 ? "ipv6-icmp" : "icmp" : "tcp", icmp ? 0 : port);
	struct audit_key key = { CELL_PAIR, from->v6 ? 6 : 4, (uint16_t)from->zone, (uint16_t)to->zone, (uint16_t)k, 0 };
	struct audit_cell *c;

	if (ruling.row >= 0 || ruling.action != POLICY_DENY || !(c = audit_make(a, &key, audit_classes[k].required)))
		return;
	c->set = 'D';
	c->kind = AUDIT_DENY;
	c->version = (uint8_t)key.version;
	c->wires = 1u << 1 | 1u << 5 | 1u << 6;
	c->rules[0] = "D-04";
	c->rules[1] = "D-01";
	c->rules[2] = "D-02";
	c->zone = (int16_t)from->zone;
	c->control = zone_may(a, from) ? CONTROL_ZONE : CONTROL_NONE;
	c->has_probe = true;
	c->probe_from = from->sample;
	c->probe_to = to->sample;
	c->probe_port = port;
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
	static const char *const words[] = { "came through", "refused by the host itself", "stopped", "unanswered, target silent", "ambiguous",
					     "told by rules", "under an exception" };
	const char *separator = " [";

	(void)a;
	text_string(out, audit_why_text(c->finding.why));
	for (unsigned e = 0; e < AUDIT_EVENTS; e++) {
		if (c->count[e] == 0)
			continue;
		text_printf(out, "%s%llu %s", separator, (unsigned long long)c->count[e], words[e]);
		separator = ", ";
	}
	if (separator[0] == ',')
		text_char(out, ']');
}
