/* SPDX-License-Identifier: BSD-2-Clause
 * The audit as one page that stands alone: state first, then the matrix, then the evidence, in English and Japanese. */
#include <inttypes.h>
#include <stdlib.h>

#include "audit_write.h"

#define ROOM 1024

static const char *const marks[] = {
	[AUDIT_PROVEN] = "good", [AUDIT_VIOLATED] = "critical", [AUDIT_NOT_EXERCISED] = "low",
	[AUDIT_INCONCLUSIVE] = "medium", [AUDIT_NOT_VISIBLE] = "informational", [AUDIT_EXEMPT] = "informational",
};

static void verdict(struct html *h, const char *tag, enum audit_verdict v)
{
	char class[48];

	snprintf(class, sizeof(class), "badge %s", marks[v]);
	html_words(h, tag, class, (struct words){ audit_verdict_name(v), audit_verdict_name_ja(v) });
}

static void row_of_numbers(struct html *h, const struct audit_sum *sum)
{
	for (unsigned v = 0; v < AUDIT_VERDICTS; v++) {
		html_raw(h, "<td class=\"number\">");
		html_number(h, sum->of[v]);
		html_raw(h, "</td>");
	}
	html_raw(h, "<td class=\"number\">");
	html_number(h, audit_coverage(sum));
	html_raw(h, " %</td></tr>\n");
}

static void summary(struct html *h, const struct audit *a)
{
	struct audit_sum all = audit_sum(a, 0);

	html_raw(h, "<section>");
	html_words(h, "h2", NULL, audit_passed(a) ? (struct words){ "Passed", "合格" } : (struct words){ "Not passed", "不合格" });
	html_raw(h, "<table><thead><tr><th></th>");
	for (unsigned v = 0; v < AUDIT_VERDICTS; v++)
		html_words(h, "th", NULL, (struct words){ audit_verdict_name(v), audit_verdict_name_ja(v) });
	html_words(h, "th", NULL, (struct words){ "decided", "判定率" });
	html_raw(h, "</tr></thead><tbody>\n");
	for (size_t i = 0; i < AUDIT_SETS; i++) {
		struct audit_sum sum = audit_sum(a, audit_set_names[i].set);
		char en[128], ja[192];
		snprintf(en, sizeof(en), "%c  %s", audit_set_names[i].set, audit_set_names[i].name.en);
		snprintf(ja, sizeof(ja), "%c  %s", audit_set_names[i].set, audit_set_names[i].name.ja);
		html_raw(h, "<tr>");
		html_words(h, "th", NULL, (struct words){ en, ja });
		row_of_numbers(h, &sum);
	}
	html_raw(h, "<tr>");
	html_words(h, "th", NULL, (struct words){ "all", "全体" });
	row_of_numbers(h, &all);
	html_raw(h, "</tbody></table></section>\n");
}

static void quality(struct html *h, const struct audit *a)
{
	const struct audit_quality *q = &a->quality;
	char room[ROOM], first[32], last[32];

	html_raw(h, "<section>");
	html_words(h, "h2", NULL, (struct words){ "The captures", "取得データの品質" });
	html_raw(h, "<p>");
	for (size_t i = 0; i < a->n_files; i++) {
		html_wire(h, "code", NULL, bytes_string(a->files[i]));
		html_raw(h, " ");
	}
	snprintf(room, sizeof(room), "%s – %s, %" PRIu64 " packets, %.2f %% missing, %" PRIu64 " of %" PRIu64 " connections one-sided", audit_time(q->first_ns, first),
		 audit_time(q->last_ns, last), q->packets, audit_loss(a), q->one_sided, q->one_sided + q->two_sided);
	html_raw(h, "</p><p>");
	html_string(h, room);
	html_raw(h, "</p>");
	for (size_t i = 0; audit_note(a, i, room, sizeof(room)); i++)
		html_element(h, "p", "note", room);
	html_raw(h, "</section>\n");
}

static void matrix(struct html *h, const struct audit_cell *const *cells, size_t n)
{
	html_raw(h, "<table><tbody>\n");
	for (size_t i = 0, end; i < n; i = end) {
		html_raw(h, "<tr>");
		html_wire(h, "th", NULL, bytes_string(cells[i]->from));
		html_wire(h, "td", NULL, bytes_string(cells[i]->to));
		html_element(h, "td", NULL, audit_version_name(cells[i]->version));
		html_raw(h, "<td>");
		for (end = i; end < n && audit_same_row(cells[i], cells[end]); end++) {
			html_wire(h, "span", NULL, bytes_string(cells[end]->item));
			html_raw(h, " ");
			verdict(h, "span", cells[end]->finding.verdict);
			html_raw(h, " ");
		}
		html_raw(h, "</td></tr>\n");
	}
	html_raw(h, "</tbody></table>\n");
}

static void details(struct html *h, const struct audit *a, const struct audit_cell *c)
{
	char id[AUDIT_ID], room[ROOM];
	struct text t = TEXT_ON(room);

	html_raw(h, "<details><summary>");
	verdict(h, "span", c->finding.verdict);
	html_raw(h, " ");
	html_wire(h, "code", NULL, bytes_string(audit_id(c, id, sizeof(id))));
	html_raw(h, "</summary><p>");
	audit_reason(a, c, &t);
	html_words(h, NULL, NULL, (struct words){ text_end(&t), audit_why_text_ja(c->finding.why) });
	html_raw(h, "</p><ul>");
	for (unsigned e = 0; e < AUDIT_EVENTS; e++) {
		struct text line = TEXT_ON(room);
		if (c->count[e] == 0)
			continue;
		text_printf(&line, "%s %" PRIu64 "; ", audit_event_name(e), c->count[e]);
		audit_sight_text(a, &c->first[e], &line);
		text_end(&line);
		html_wire(h, "li", NULL, bytes_string(room));
	}
	html_raw(h, "</ul>");
	if (c->hint)
		html_element(h, "p", "note", c->hint);
	html_raw(h, "</details>\n");
}

static void drift(struct html *h, const struct audit_drifts *d)
{
	html_raw(h, "<section>");
	html_words(h, "h2", NULL, (struct words){ "Since the baseline", "前回からの変化" });
	html_raw(h, "<ul>");
	for (size_t i = 0; i < d->count; i++) {
		const struct audit_drift *one = &d->items[i];
		html_raw(h, "<li>");
		html_wire(h, "code", NULL, bytes_string(one->id));
		html_raw(h, " ");
		html_string(h, one->was == AUDIT_VERDICTS ? "–" : audit_verdict_name(one->was));
		html_raw(h, " → ");
		html_string(h, one->cell ? audit_verdict_name(one->cell->finding.verdict) : "–");
		html_raw(h, "</li>\n");
	}
	html_raw(h, "</ul></section>\n");
}

bool audit_write_html(FILE *to, const struct audit *a, const struct audit_drifts *d)
{
	struct html h = { .to = to };
	size_t n, end;
	const struct audit_cell **cells = audit_sorted(a, &n);

	if (!cells)
		return false;
	html_begin(&h, (struct words){ "Go-live audit", "導入前検証" });
	html_words(&h, "h1", NULL, (struct words){ "Go-live audit", "導入前検証" });
	if (site_name(a->site))
		html_wire(&h, "p", NULL, bytes_string(site_name(a->site)));
	quality(&h, a);
	summary(&h, a);
	if (d && d->compared)
		drift(&h, d);
	for (size_t i = 0; i < n; i = end) {
		for (end = i + 1; end < n && cells[end]->set == cells[i]->set; end++)
			;
		char head[AUDIT_ID];
		snprintf(head, sizeof(head), "%c", cells[i]->set);
		html_raw(&h, "<section>");
		html_element(&h, "h2", NULL, head);
		html_words(&h, "p", NULL, audit_set_names[cells[i]->set - 'A'].name);
		matrix(&h, cells + i, end - i);
		for (size_t k = i; k < end; k++)
			if (cells[k]->finding.verdict != AUDIT_EXEMPT)
				details(&h, a, cells[k]);
		html_raw(&h, "</section>\n");
	}
	free(cells);
	return html_end(&h, (struct bytes){ 0 });
}
