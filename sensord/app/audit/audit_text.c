/* SPDX-License-Identifier: BSD-2-Clause
 * The audit for a terminal: the captures' own quality first, then the summary, the matrix by set, and what is to do. */
#include <inttypes.h>
#include <stdlib.h>

#include "audit_write.h"
#include "base/instant.h"
#include "ledger/ledger_print.h"

#define REASON_ROOM 512
#define LABEL 44 /* columns of "from > to" */

struct screen {
	FILE *to;
	const struct audit *audit;
	bool colours;
	const struct audit_cell **cells;
	size_t n_cells;
};

static const char *const marks[] = {
	[AUDIT_PROVEN] = "ok", [AUDIT_VIOLATED] = "XX", [AUDIT_NOT_EXERCISED] = "--",
	[AUDIT_INCONCLUSIVE] = "??", [AUDIT_NOT_VISIBLE] = "nv", [AUDIT_EXEMPT] = "ex",
};
static const char *const colours[] = {
	[AUDIT_PROVEN] = "32", [AUDIT_VIOLATED] = "1;31", [AUDIT_NOT_EXERCISED] = "33",
	[AUDIT_INCONCLUSIVE] = "35", [AUDIT_NOT_VISIBLE] = "2", [AUDIT_EXEMPT] = "36",
};

static void paint(const struct screen *s, const char *code, const char *text)
{
	if (s->colours)
		fprintf(s->to, "\033[%sm%s\033[0m", code, text);
	else
		fputs(text, s->to);
}

/* Without control characters: names are those of site files and of the wire. Returns the characters. */
static size_t plain(const struct screen *s, const char *text)
{
	char room[REASON_ROOM];
	struct text t = TEXT_ON(room);
	size_t n = ledger_plain(&t, bytes_string(text));

	fwrite(room, 1, t.used, s->to);
	return n;
}

static void pad(const struct screen *s, size_t used, size_t width)
{
	fprintf(s->to, "%*s", used < width ? (int)(width - used) : 1, "");
}

/* ---- quality ---- */

static void print_quality(const struct screen *s)
{
	const struct audit_quality *q = &s->audit->quality;
	char first[32], last[32], room[REASON_ROOM];
	uint64_t seconds = instant_since(q->last_ns, q->first_ns) / NS_PER_S;

	fprintf(s->to, "site      ");
	plain(s, site_name(s->audit->site) ? site_name(s->audit->site) : "(without a name)");
	fprintf(s->to, "\ncaptures  %zu file(s), %" PRIu64 " packets", s->audit->n_files, q->packets);
	if (q->packets)
		fprintf(s->to, ", %s to %s (%" PRIu64 " min %" PRIu64 " s)", audit_time(q->first_ns, first), audit_time(q->last_ns, last), seconds / 60, seconds % 60);
	fprintf(s->to, "\nquality   %.2f %% of %" PRIu64 " stream bytes missing; of %" PRIu64 " connections %" PRIu64 " one-sided, %" PRIu64 " begun before the capture\n",
		audit_loss(s->audit), q->stream_bytes + q->missed_bytes, q->one_sided + q->two_sided, q->one_sided, q->midstream);
	fprintf(s->to, "wires     ");
	for (unsigned w = 1; w < ARRAY_SIZE(q->wires); w++)
		if (w != 3) /* behind address translation nothing tells it apart */
			fprintf(s->to, "%sW%u %s %" PRIu64, w > 1 ? " · " : "", w, audit_wire_name(w), q->wires[w]);
	fprintf(s->to, "\n");
	for (size_t i = 0; audit_note(s->audit, i, false, room, sizeof(room)); i++) {
		paint(s, "1;33", "!         ");
		fprintf(s->to, "%s\n", room);
	}
}

static void print_networks(const struct screen *s)
{
	fprintf(s->to, "\nnetwork%*shosts  answered  one-sided  inside\n", LABEL - 5, "");
	for (size_t i = 0; i < s->audit->n_subnets; i++) {
		const struct audit_subnet *n = &s->audit->subnets[i];
		size_t used = plain(s, site_zone_view(s->audit->site, n->zone).name);
		used += (size_t)fprintf(s->to, " ");
		used += plain(s, n->text);
		pad(s, used, LABEL);
		fprintf(s->to, "%7" PRIu64 "%10" PRIu64 "%11" PRIu64 "%8" PRIu64, n->hosts, n->two_sided, n->one_sided, n->inside);
		if (n->hosts == 0)
			paint(s, "33", "   no packet of it");
		fprintf(s->to, "\n");
	}
}

/* ---- summary ---- */

static void print_counts(const struct screen *s, const struct audit_sum *sum)
{
	static const int widths[] = { 8, 10, 15, 14, 13, 8 };

	for (unsigned v = 0; v < AUDIT_VERDICTS; v++) {
		char room[24];
		snprintf(room, sizeof(room), "%*" PRIu64, widths[v], sum->of[v]);
		if (sum->of[v])
			paint(s, colours[v], room);
		else
			fputs(room, s->to);
	}
	fprintf(s->to, "%8u %%\n", audit_coverage(sum));
}

static void print_summary(const struct screen *s)
{
	fprintf(s->to, "\n%-*s  PROVEN  VIOLATED  NOT_EXERCISED  INCONCLUSIVE  NOT_VISIBLE  EXEMPT  decided\n", LABEL, "");
	for (size_t i = 0; i < AUDIT_SETS; i++) {
		struct audit_sum sum = audit_sum(s->audit, audit_set_names[i].set);
		fprintf(s->to, "%c  %-*s", audit_set_names[i].set, LABEL - 3, audit_set_names[i].name.en);
		print_counts(s, &sum);
	}
	struct audit_sum all = audit_sum(s->audit, 0);
	fprintf(s->to, "%-*s", LABEL, "all");
	print_counts(s, &all);
}

/* ---- matrix ---- */

static void print_row(const struct screen *s, size_t from, size_t end)
{
	const struct audit_cell *head = s->cells[from];
	size_t used = plain(s, head->from), at;

	if (strcmp(head->from, head->to) != 0) {
		used += (size_t)fprintf(s->to, " > ");
		used += plain(s, head->to);
	}
	pad(s, used, LABEL);
	at = LABEL + (size_t)fprintf(s->to, "%-5s", audit_version_name(head->version));
	for (size_t i = from; i < end; i++) {
		const struct audit_cell *c = s->cells[i];
		size_t width = strlen(c->item) + 5;
		if (at + width > 132 && i > from) {
			fprintf(s->to, "\n%*s", LABEL + 5, "");
			at = LABEL + 5;
		}
		at += width;
		fputc(' ', s->to);
		plain(s, c->item);
		fputc(' ', s->to);
		paint(s, colours[c->finding.verdict], marks[c->finding.verdict]);
		fputc(' ', s->to);
	}
	fputc('\n', s->to);
}

static void print_matrix(const struct screen *s)
{
	fprintf(s->to, "\nok proven   XX violated   -- not exercised   ?? inconclusive   nv not visible   ex exempt\n");
	for (size_t i = 0, end; i < s->n_cells; i = end) {
		if (i == 0 || s->cells[i]->set != s->cells[i - 1]->set) {
			char head[96];
			snprintf(head, sizeof(head), "\n%c  %s\n", s->cells[i]->set, audit_set_names[s->cells[i]->set - 'A'].name.en);
			paint(s, "1", head);
		}
		for (end = i + 1; end < s->n_cells && audit_same_row(s->cells[i], s->cells[end]); end++)
			;
		print_row(s, i, end);
	}
}

/* ---- what is behind it ---- */

static void print_evidence(const struct screen *s, const struct audit_cell *c)
{
	static const enum audit_event telling[] = { AUDIT_SUCCEEDED, AUDIT_OPEN, AUDIT_UNCLEAR, AUDIT_DEAD, AUDIT_STOPPED, AUDIT_TOLD };
	unsigned shown = 0;

	for (size_t i = 0; i < ARRAY_SIZE(telling) && shown < 2; i++) {
		char room[REASON_ROOM];
		struct text t = TEXT_ON(room);
		if (c->count[telling[i]] == 0)
			continue;
		audit_sight_text(s->audit, &c->first[telling[i]], &t);
		fprintf(s->to, "        ");
		plain(s, text_end(&t));
		fprintf(s->to, "\n");
		shown++;
	}
}

static void print_details(const struct screen *s, enum audit_verdict v)
{
	bool headed = false;

	for (size_t i = 0; i < s->n_cells; i++) {
		const struct audit_cell *c = s->cells[i];
		char id[AUDIT_ID], room[REASON_ROOM];
		struct text t = TEXT_ON(room);
		if (c->finding.verdict != v)
			continue;
		if (!headed)
			fprintf(s->to, "\n");
		headed = true;
		paint(s, colours[v], audit_verdict_name(v));
		fprintf(s->to, "  ");
		plain(s, audit_id(c, id, sizeof(id)));
		audit_reason(s->audit, c, &t);
		fprintf(s->to, "\n        %s\n", text_end(&t));
		print_evidence(s, c);
		if (c->hint)
			fprintf(s->to, "        %s: %s\n", v == AUDIT_NOT_VISIBLE ? "instead" : "wanted", c->hint);
	}
}

static void print_drift(const struct screen *s, const struct audit_drifts *d)
{
	if (!d || !d->compared)
		return;
	fprintf(s->to, "\nsince the baseline: %zu cell(s) differ\n", d->count);
	for (size_t i = 0; i < d->count; i++) {
		const struct audit_drift *one = &d->items[i];
		const char *is = one->cell ? audit_verdict_name(one->cell->finding.verdict) : "gone";
		paint(s, audit_drift_worse(one) ? "1;31" : "0", audit_drift_worse(one) ? "  drift  " : "         ");
		plain(s, one->id);
		fprintf(s->to, ": was %s, now %s\n", one->was == AUDIT_VERDICTS ? "not there" : audit_verdict_name(one->was), is);
	}
}

static void print_end(const struct screen *s)
{
	struct audit_sum sum = audit_sum(s->audit, 0);
	bool passed = audit_passed(s->audit);
	char room[160];

	snprintf(room, sizeof(room), "\n%s", passed ? "PASSED" : "NOT PASSED");
	paint(s, passed ? "1;32" : "1;31", room);
	fprintf(s->to, ": %" PRIu64 " violated; %u %% decided, %u %% wanted\n", sum.of[AUDIT_VIOLATED], audit_coverage(&sum), s->audit->options.coverage);
	if (sum.of[AUDIT_VIOLATED])
		fprintf(s->to, "next: close what is VIOLATED above, and try it again\n");
	if (sum.of[AUDIT_NOT_EXERCISED] + sum.of[AUDIT_INCONCLUSIVE])
		fprintf(s->to, "next: sensord audit --plan with the same files lists what is still to be tried, and from where (--plan=sh: as a script)\n");
}

bool audit_write_text(FILE *to, const struct audit *a, const struct audit_drifts *d, bool colours_wanted)
{
	struct screen s = { to, a, colours_wanted, NULL, 0 };

	s.cells = audit_sorted(a, &s.n_cells);
	if (!s.cells)
		return false;
	print_quality(&s);
	print_networks(&s);
	print_summary(&s);
	print_matrix(&s);
	print_details(&s, AUDIT_VIOLATED);
	print_details(&s, AUDIT_INCONCLUSIVE);
	print_details(&s, AUDIT_NOT_VISIBLE);
	print_drift(&s, d);
	print_end(&s);
	free(s.cells);
	return fflush(to) == 0 && !ferror(to);
}
