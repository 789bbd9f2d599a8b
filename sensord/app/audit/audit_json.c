/* SPDX-License-Identifier: BSD-2-Clause
 * The audit as one JSON object (RFC 8259); contrib/audit-schema.json describes it. The same captures, site file and
 * options give the same bytes. */
#include <inttypes.h>
#include <stdlib.h>

#include "audit_write.h"
#include "base/instant.h"
#include "ledger/ledger_print.h"

#define PIECE 128 /* bytes of a string that are escaped at a time */

/* How much of the string may be taken without parting a character. */
static size_t piece(struct bytes b)
{
	size_t n = b.size < PIECE ? b.size : PIECE;

	while (n > PIECE / 2 && n < b.size && (b.at[n] & 0xc0) == 0x80)
		n--;
	return n;
}

/* Names of files and sites may be longer than any room. */
static void string(FILE *to, const char *name, const char *value)
{
	struct bytes rest = bytes_string(value);

	if (name)
		fprintf(to, "\"%s\": ", name);
	fputc('"', to);
	while (rest.size) {
		char clean[4 * PIECE], room[8 * sizeof(clean)];
		struct text t = TEXT_ON(room), c = TEXT_ON(clean);
		size_t n = piece(rest);
		text_utf8(&c, bytes_of(rest.at, n));
		ledger_json_string(&t, text_bytes(&c));
		fwrite(room + 1, 1, t.used - 2, to); /* without its quotes */
		rest = bytes_of(rest.at + n, rest.size - n);
	}
	fputc('"', to);
}

static void write_quality(FILE *to, const struct audit *a)
{
	const struct audit_quality *q = &a->quality;
	char first[INSTANT_TEXT], last[INSTANT_TEXT], room[512];

	fprintf(to, " \"quality\": {\"packets\": %" PRIu64 ", \"bytes\": %" PRIu64 ", \"packets_cut_short\": %" PRIu64 ", \"packets_malformed\": %" PRIu64 ",\n",
		q->packets, q->bytes, q->snapped, q->malformed);
	if (q->packets)
		fprintf(to, "  \"first\": \"%s\", \"last\": \"%s\",\n", instant_format(q->first_ns, first), instant_format(q->last_ns, last));
	fprintf(to, "  \"stream_bytes\": %" PRIu64 ", \"missing_bytes\": %" PRIu64 ", \"missing_percent\": %.3f,\n", q->stream_bytes, q->missed_bytes, audit_loss(a));
	fprintf(to, "  \"connections\": %" PRIu64 ", \"two_sided\": %" PRIu64 ", \"one_sided\": %" PRIu64 ", \"midstream\": %" PRIu64 ", \"outside_of_zones\": %" PRIu64 ",\n",
		q->flows, q->two_sided, q->one_sided, q->midstream, q->unplaced);
	fprintf(to, "  \"wires\": {");
	for (unsigned w = 1; w < ARRAY_SIZE(q->wires); w++)
		if (w != 3)
			fprintf(to, "%s\"W%u\": %" PRIu64, w > 1 ? ", " : "", w, q->wires[w]);
	fprintf(to, "},\n  \"networks\": [");
	for (size_t i = 0; i < a->n_subnets; i++) {
		const struct audit_subnet *n = &a->subnets[i];
		fprintf(to, "%s\n   {", i ? "," : "");
		string(to, "zone", site_zone_view(a->site, n->zone).name);
		fprintf(to, ", ");
		string(to, "network", n->text);
		fprintf(to, ", \"hosts\": %" PRIu64 ", \"two_sided\": %" PRIu64 ", \"one_sided\": %" PRIu64 ", \"allowed\": %" PRIu64 ", \"inside\": %" PRIu64 "}",
			n->hosts, n->two_sided, n->one_sided, n->allowed, n->inside);
	}
	fprintf(to, "],\n  \"notes\": [");
	for (size_t i = 0; audit_note(a, i, false, room, sizeof(room)); i++) {
		fprintf(to, "%s", i ? ", " : "");
		string(to, NULL, room);
	}
	fprintf(to, "]},\n");
}

static void write_sum(FILE *to, const char *name, const struct audit_sum *sum)
{
	fprintf(to, "\"%s\": {", name);
	for (unsigned v = 0; v < AUDIT_VERDICTS; v++)
		fprintf(to, "\"%s\": %" PRIu64 ", ", audit_verdict_name(v), sum->of[v]);
	fprintf(to, "\"coverage\": %u}", audit_coverage(sum));
}

static void write_summary(FILE *to, const struct audit *a)
{
	struct audit_sum all = audit_sum(a, 0);

	fprintf(to, " \"summary\": {");
	for (size_t i = 0; i < AUDIT_SETS; i++) {
		struct audit_sum sum = audit_sum(a, audit_set_names[i].set);
		write_sum(to, (char[]){ audit_set_names[i].set, '\0' }, &sum);
		fprintf(to, ",\n  ");
	}
	write_sum(to, "all", &all);
	fprintf(to, "},\n \"coverage_wanted\": %u, \"passed\": %s,\n", a->options.coverage, audit_passed(a) ? "true" : "false");
}

static void write_sight(FILE *to, const struct audit *a, enum audit_event e, const struct audit_sight *s)
{
	char from[ADDRESS_TEXT], dest[ADDRESS_TEXT], time[INSTANT_TEXT];

	fprintf(to, "{\"kind\": \"%s\", ", audit_event_name(e));
	if (s->file < a->n_files) {
		string(to, "file", a->files[s->file]);
		fprintf(to, ", \"packet\": %" PRIu64 ", ", s->packet);
	}
	fprintf(to, "\"time\": \"%s\", \"source\": \"%s\", \"destination\": \"%s\", \"port\": %u, ", instant_format(s->time_ns, time),
		address_format(&s->from, from), address_format(&s->to, dest), s->port);
	string(to, "said", s->said);
	fprintf(to, "}");
}

static const char *kind_name(enum audit_kind k)
{
	static const char *const names[] = { "deny", "allow", "trace", "document", "missing" };

	return names[k];
}

static void write_cell(FILE *to, const struct audit *a, const struct audit_cell *c)
{
	char id[AUDIT_ID], reason[512];
	struct text t = TEXT_ON(reason);
	const char *separator = "";

	fprintf(to, "\n  {");
	string(to, "id", audit_id(c, id, sizeof(id)));
	fprintf(to, ", \"set\": \"%c\", \"expect\": \"%s\", ", c->set, kind_name(c->kind));
	string(to, "from", c->from);
	fprintf(to, ", ");
	string(to, "to", c->to);
	fprintf(to, ", ");
	string(to, "item", c->item);
	fprintf(to, ", \"ip_version\": \"%s\", \"verdict\": \"%s\", \"verdict_ja\": \"%s\", \"why\": \"%s\", ", audit_version_name(c->version),
		audit_verdict_name(c->finding.verdict), audit_verdict_name_ja(c->finding.verdict), audit_why_name(c->finding.why));
	audit_reason(a, c, &t);
	string(to, "reason", text_end(&t));
	if (c->hint) {
		fprintf(to, ", ");
		string(to, "wanted", c->hint);
	}
	fprintf(to, ", \"counts\": {");
	for (unsigned e = 0; e < AUDIT_EVENTS; e++)
		fprintf(to, "%s\"%s\": %" PRIu64, e ? ", " : "", audit_event_name(e), c->count[e]);
	fprintf(to, "}, \"evidence\": [");
	for (unsigned e = 0; e < AUDIT_EVENTS; e++) {
		if (c->count[e] == 0)
			continue;
		fputs(separator, to);
		separator = ", ";
		write_sight(to, a, e, &c->first[e]);
	}
	fprintf(to, "]}");
}

static void write_drift(FILE *to, const struct audit_drifts *d)
{
	fprintf(to, ",\n \"drift\": [");
	for (size_t i = 0; i < d->count; i++) {
		const struct audit_drift *one = &d->items[i];
		fprintf(to, "%s\n  {", i ? "," : "");
		string(to, "id", one->id);
		fprintf(to, ", \"was\": %s%s%s", one->was == AUDIT_VERDICTS ? "null" : "\"", one->was == AUDIT_VERDICTS ? "" : audit_verdict_name(one->was),
			one->was == AUDIT_VERDICTS ? "" : "\"");
		fprintf(to, ", \"now\": %s%s%s, \"worse\": %s}", one->cell ? "\"" : "null", one->cell ? audit_verdict_name(one->cell->finding.verdict) : "",
			one->cell ? "\"" : "", audit_drift_worse(one) ? "true" : "false");
	}
	fprintf(to, "]");
}

bool audit_write_json(FILE *to, const struct audit *a, const struct audit_drifts *d)
{
	size_t n;
	const struct audit_cell **cells = audit_sorted(a, &n);

	if (!cells)
		return false;
	fprintf(to, "{\"format\": \"sensord-audit-1\",\n ");
	string(to, "site", site_name(a->site));
	fprintf(to, ", \"files\": [");
	for (size_t i = 0; i < a->n_files; i++) {
		fprintf(to, "%s", i ? ", " : "");
		string(to, NULL, a->files[i]);
	}
	fprintf(to, "],\n");
	write_quality(to, a);
	write_summary(to, a);
	fprintf(to, " \"cells\": [");
	for (size_t i = 0; i < n; i++) {
		fputs(i ? "," : "", to);
		write_cell(to, a, cells[i]);
	}
	fprintf(to, "]");
	if (d && d->compared)
		write_drift(to, d);
	fprintf(to, "}\n");
	free(cells);
	return fflush(to) == 0 && !ferror(to);
}
