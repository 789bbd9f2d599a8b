/* SPDX-License-Identifier: BSD-2-Clause
 * The audit as one page that stands alone, in English and Japanese: the six measure sets at a glance, the captures' own
 * quality, then set by set the matrix and what is behind each cell, what is open first. */
#include <inttypes.h>
#include <stdlib.h>

#include "audit_words.h"
#include "audit_write.h"
#include "report/report_words.h"

#define ROOM 1024
#define FILES_SHOWN 6 /* more stand folded */
#define TODO_MAX    3 /* cells named on the card of a set */

/* How a verdict looks: its class, and a mark for those who do not see colours. */
static const struct {
	const char *class, *mark;
} looks[] = {
	[AUDIT_PROVEN] = { "good", "\xe2\x9c\x93" },	    [AUDIT_VIOLATED] = { "bad", "\xe2\x9c\x97" },
	[AUDIT_NOT_EXERCISED] = { "open", "\xe2\x80\x93" }, [AUDIT_INCONCLUSIVE] = { "warn", "?" },
	[AUDIT_NOT_VISIBLE] = { "none", "\xc2\xb7" },	    [AUDIT_EXEMPT] = { "none", "e" },
};

/* What has to be looked at first. */
static const enum audit_verdict urgent[] = { AUDIT_VIOLATED,	AUDIT_INCONCLUSIVE, AUDIT_NOT_EXERCISED,
					     AUDIT_NOT_VISIBLE, AUDIT_EXEMPT,	    AUDIT_PROVEN };

static struct words verdict_words(enum audit_verdict v)
{
	return (struct words){ audit_verdict_name(v), audit_verdict_name_ja(v) };
}

static void put_verdict(struct html *h, enum audit_verdict v)
{
	fprintf(h->to, "<span class=\"cell %s\"><b aria-hidden=\"true\">%s</b> ", looks[v].class, looks[v].mark);
	html_words(h, NULL, NULL, verdict_words(v));
	html_raw(h, "</span>");
}

/* A word of ours in both languages, or a name of the site file. */
static void put_place(struct html *h, const char *tag, const char *place)
{
	struct words w = audit_words(place);

	if (w.en == w.ja)
		html_wire(h, tag, NULL, bytes_string(place));
	else
		html_words(h, tag, NULL, w);
}

static void put_sum(struct html *h, uint64_t n, struct words of)
{
	html_raw(h, "<strong>");
	html_number(h, n);
	html_raw(h, "</strong> ");
	html_words(h, NULL, NULL, of);
}

/* ---- the captures ---- */

static void put_files(struct html *h, const struct audit *a)
{
	bool many = a->n_files > FILES_SHOWN;

	html_words(h, "dt", NULL, (struct words){ "Files", "ファイル" });
	html_raw(h, "<dd>");
	if (many) {
		html_raw(h, "<details><summary>");
		html_number(h, a->n_files);
		html_raw(h, "</summary>");
	}
	for (size_t i = 0; i < a->n_files; i++) {
		html_wire(h, "code", NULL, bytes_string(a->files[i]));
		html_raw(h, " ");
	}
	html_raw(h, many ? "</details></dd>\n" : "</dd>\n");
}

static void put_notes(struct html *h, const struct audit *a)
{
	char en[ROOM], ja[ROOM];

	for (size_t i = 0; audit_note(a, i, false, en, sizeof(en)) && audit_note(a, i, true, ja, sizeof(ja)); i++)
		html_words(h, "p", "cut", (struct words){ en, ja });
}

static void put_quality(struct html *h, const struct audit *a)
{
	const struct audit_quality *q = &a->quality;
	char first[32], last[32], loss[32];

	html_raw(h, "<dl class=\"facts\">\n");
	html_words(h, "dt", NULL, (struct words){ "Site", "サイト" });
	html_wire(h, "dd", NULL, bytes_string(site_name(a->site) ? site_name(a->site) : ""));
	put_files(h, a);
	if (q->packets) {
		html_words(h, "dt", NULL, (struct words){ "Period", "期間" });
		fprintf(h->to, "<dd>%s \xe2\x80\x93 %s</dd>\n", audit_time(q->first_ns, first),
			audit_time(q->last_ns, last));
	}
	html_words(h, "dt", NULL, (struct words){ "Read", "読み取り" });
	html_raw(h, "<dd>");
	put_sum(h, q->packets, (struct words){ "packets, ", "パケット、" });
	put_sum(h, q->one_sided + q->two_sided,
		(struct words){ "connections, of them one-sided ", "通信、うち片方向 " });
	html_number(h, q->one_sided);
	snprintf(loss, sizeof(loss), "%.2f", audit_loss(a));
	html_words(h, NULL, NULL, (struct words){ "; of the stream bytes missing ", "、ストリームの欠落 " });
	fprintf(h->to, "%s %%</dd>\n</dl>\n", loss);
	put_notes(h, a);
}

/* ---- the six sets ---- */

/* The state of a set, as a class of the cards and in words. */
static const char *state_of(const struct audit_sum *sum, struct words *ret)
{
	static const struct words words[] = {
		{ "Violated", "違反あり" }, { "Not shown", "未実証" }, { "Proven", "実証済" }, { "No cell", "対象なし" }
	};
	static const char *const classes[] = { "bad", "warn", "good", "unknown" };
	uint64_t open = sum->of[AUDIT_NOT_EXERCISED] + sum->of[AUDIT_INCONCLUSIVE];
	unsigned i = sum->of[AUDIT_VIOLATED] ? 0 : open ? 1 : sum->of[AUDIT_PROVEN] ? 2 : 3;

	*ret = words[i];
	return classes[i];
}

static void put_todo(struct html *h, const struct audit_cell *const *cells, size_t n, char set,
		     const struct audit_sum *sum)
{
	size_t named = 0;
	char id[AUDIT_ID];

	html_words(h, "h4", NULL, (struct words){ "What to do", "対応" });
	html_raw(h, "<ul class=\"small\">\n");
	for (size_t i = 0; i < n && named < TODO_MAX; i++) {
		if (cells[i]->set != set || cells[i]->finding.verdict != AUDIT_VIOLATED)
			continue;
		named++;
		html_raw(h, "<li>");
		html_words(h, NULL, NULL, (struct words){ "Close: ", "遮断する：" });
		fprintf(h->to, "<a href=\"#c%zu\">", i);
		html_wire(h, "code", NULL, bytes_string(audit_id(cells[i], id, sizeof(id))));
		html_raw(h, "</a></li>\n");
	}
	if (sum->of[AUDIT_NOT_EXERCISED] + sum->of[AUDIT_INCONCLUSIVE]) {
		html_raw(h, "<li>");
		html_words(h, NULL, NULL,
			   (struct words){ "Try what is open; sensord audit --plan lists it: ",
					   "未判定のセルを試行する（sensord audit --plan が一覧を示す）：" });
		html_number(h, sum->of[AUDIT_NOT_EXERCISED] + sum->of[AUDIT_INCONCLUSIVE]);
		html_raw(h, "</li>\n");
	}
	if (sum->of[AUDIT_NOT_VISIBLE]) {
		html_raw(h, "<li>");
		html_words(h, NULL, NULL,
			   (struct words){ "Attach documents for what no wire shows: ",
					   "通信で確認できない項目の証拠文書を添付する：" });
		html_number(h, sum->of[AUDIT_NOT_VISIBLE]);
		html_raw(h, "</li>\n");
	}
	html_raw(h, "</ul>\n");
}

/* Risks of a set that is open are those of the report; what was not tried may be as open. */
static void put_risk(struct html *h, size_t set, const char *class)
{
	static const struct words untried = {
		"Whether the measure holds everywhere was not shown: what nobody tried may be open.",
		"対策がすべての箇所で有効かは示されていません。試行されていない経路は開いている可能性があります。"
	};
	static const struct words none = {
		"What a wire can show was tried and holds; it says nothing of later changes.",
		"通信で確認できる範囲は試行され、有効でした。今後の変更については何も示しません。"
	};

	html_words(h, "h4", NULL, word(WORD_RISK));
	html_words(h, "p", "small",
		   strcmp(class, "bad") == 0	? word((enum word)(WORD_RISK_A + set))
		   : strcmp(class, "good") == 0 ? none
						: untried);
}

static void put_card(struct html *h, const struct audit *a, const struct audit_cell *const *cells, size_t n, size_t set)
{
	struct audit_sum sum = audit_sum(a, audit_set_names[set].set);
	struct words state;
	const char *class = state_of(&sum, &state);
	char badge[24];

	snprintf(badge, sizeof(badge), "state %s", class);
	fprintf(h->to, "<article class=\"set %s\">\n<header><span class=\"letter\">%c</span>", class,
		audit_set_names[set].set);
	html_words(h, "h3", NULL, audit_set_names[set].name);
	html_words(h, "span", badge, state);
	html_raw(h, "</header>\n<p class=\"small\">");
	for (unsigned v = 0; v < AUDIT_VERDICTS; v++) {
		if (sum.of[v] == 0)
			continue;
		put_verdict(h, (enum audit_verdict)v);
		html_raw(h, " ");
		html_number(h, sum.of[v]);
		html_raw(h, " ");
	}
	html_raw(h, "</p>\n<p class=\"small\">");
	html_words(h, NULL, NULL, (struct words){ "decided: ", "判定率：" });
	fprintf(h->to, "%u %%</p>\n", audit_coverage(&sum));
	put_risk(h, set, class);
	put_todo(h, cells, n, audit_set_names[set].set, &sum);
	html_raw(h, "</article>\n");
}

static void put_result(struct html *h, const struct audit *a)
{
	struct audit_sum all = audit_sum(a, 0);
	bool passed = audit_passed(a);

	html_raw(h, "<p class=\"lead\">");
	html_words(h, "span", passed ? "state good" : "state bad",
		   passed ? (struct words){ "Passed", "合格" } : (struct words){ "Not passed", "不合格" });
	html_raw(h, " ");
	for (unsigned v = 0; v < AUDIT_VERDICTS; v++) {
		put_verdict(h, (enum audit_verdict)v);
		html_raw(h, " ");
		html_number(h, all.of[v]);
		html_raw(h, " ");
	}
	html_words(h, NULL, NULL, (struct words){ "decided: ", "判定率：" });
	fprintf(h->to, "%u %% / %u %%</p>\n", audit_coverage(&all), a->options.coverage);
}

/* ---- the matrix and what is behind it ---- */

static void put_matrix(struct html *h, const struct audit_cell *const *cells, size_t first, size_t n)
{
	static const struct words heads[] = {
		{ "From", "送信元" }, { "To", "宛先" }, { "IP", "IP" }, { "What", "項目" }
	};

	html_raw(h, "<table class=\"cells\">");
	html_words(
		h, "caption", NULL,
		(struct words){ "Who may not, and who may: one cell is one thing to show. Each leads to its evidence.",
				"禁止と許可：一つのセルが一つの確認項目。選ぶと証拠を表示します。" });
	html_raw(h, "<thead><tr>");
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		html_words(h, "th", NULL, heads[i]);
	html_raw(h, "</tr></thead><tbody>\n");
	for (size_t i = first, end; i < n; i = end) {
		html_raw(h, "<tr>");
		put_place(h, "th", cells[i]->from);
		put_place(h, "td", cells[i]->to);
		html_element(h, "td", NULL, cells[i]->version ? audit_version_name(cells[i]->version) : "");
		html_raw(h, "<td>");
		for (end = i; end < n && audit_same_row(cells[i], cells[end]); end++) {
			enum audit_verdict v = cells[end]->finding.verdict;
			fprintf(h->to, "<a class=\"cell %s\" href=\"#c%zu\"><b aria-hidden=\"true\">%s</b> ",
				looks[v].class, end, looks[v].mark);
			html_wire(h, "span", NULL, bytes_string(cells[end]->item));
			html_raw(h, "<span class=\"unseen\"> ");
			html_words(h, NULL, NULL, verdict_words(v));
			html_raw(h, "</span></a> ");
		}
		html_raw(h, "</td></tr>\n");
	}
	html_raw(h, "</tbody></table>\n");
}

static void put_sights(struct html *h, const struct audit *a, const struct audit_cell *c)
{
	html_raw(h, "<ul>");
	for (unsigned e = 0; e < AUDIT_EVENTS; e++) {
		char en[ROOM], ja[ROOM];
		struct text in_en = TEXT_ON(en), in_ja = TEXT_ON(ja);
		if (c->count[e] == 0)
			continue;
		audit_sight_text(a, &c->first[e], &in_en);
		audit_sight_ja(a, &c->first[e], &in_ja);
		html_raw(h, "<li>");
		html_words(h, NULL, NULL, audit_event_words((enum audit_event)e));
		fprintf(h->to, " %" PRIu64 "; ", c->count[e]);
		text_end(&in_en);
		text_end(&in_ja);
		html_raw(h, "<bdi>");
		html_words_wire(h, bytes_string(en), bytes_string(ja));
		html_raw(h, "</bdi></li>");
	}
	html_raw(h, "</ul>");
}

static void put_cell(struct html *h, const struct audit *a, const struct audit_cell *c, size_t index)
{
	char id[AUDIT_ID], en[ROOM], ja[ROOM];
	struct text in_en = TEXT_ON(en), in_ja = TEXT_ON(ja);

	fprintf(h->to, "<details class=\"entry\" id=\"c%zu\"><summary>", index);
	put_verdict(h, c->finding.verdict);
	html_raw(h, " ");
	html_wire(h, "code", NULL, bytes_string(audit_id(c, id, sizeof(id))));
	html_raw(h, "</summary><div class=\"inside\"><p>");
	audit_reason(a, c, &in_en);
	audit_reason_ja(c, &in_ja);
	html_words(h, NULL, NULL, (struct words){ text_end(&in_en), text_end(&in_ja) });
	html_raw(h, "</p>");
	put_sights(h, a, c);
	if (c->hint)
		html_words(h, "p", "faint", audit_words(c->hint));
	html_raw(h, "</div></details>\n");
}

/* What is decided stands folded. */
static void put_cells(struct html *h, const struct audit *a, const struct audit_cell *const *cells, size_t first,
		      size_t n, enum audit_verdict v)
{
	uint64_t of = 0;

	for (size_t i = first; i < n; i++)
		of += cells[i]->finding.verdict == v;
	if (of == 0)
		return;
	html_raw(h, v == AUDIT_VIOLATED || v == AUDIT_INCONCLUSIVE ? "<details open>" : "<details>");
	html_raw(h, "<summary class=\"group\">");
	put_verdict(h, v);
	html_raw(h, " ");
	html_number(h, of);
	html_raw(h, "</summary>\n");
	for (size_t i = first; i < n; i++)
		if (cells[i]->finding.verdict == v)
			put_cell(h, a, cells[i], i);
	html_raw(h, "</details>\n");
}

static void put_drift(struct html *h, const struct audit_drifts *d)
{
	html_raw(h, "<section>");
	html_words(h, "h2", NULL, (struct words){ "Since the baseline", "前回からの変化" });
	if (d->count == 0)
		html_words(h, "p", NULL, (struct words){ "Nothing has changed.", "変化はありません。" });
	html_raw(h, "<ul>\n");
	for (size_t i = 0; i < d->count; i++) {
		const struct audit_drift *one = &d->items[i];
		html_raw(h, "<li>");
		html_wire(h, "code", NULL, bytes_string(one->id));
		html_raw(h, " ");
		html_words(h, NULL, NULL,
			   one->was == AUDIT_VERDICTS ? (struct words){ "not there", "なし" }
						      : verdict_words(one->was));
		html_raw(h, " \xe2\x86\x92 ");
		html_words(h, "span", audit_drift_worse(one) ? "high" : NULL,
			   one->cell ? verdict_words(one->cell->finding.verdict) : (struct words){ "gone", "なし" });
		html_raw(h, "</li>\n");
	}
	html_raw(h, "</ul></section>\n");
}

static void put_set(struct html *h, const struct audit *a, const struct audit_cell *const *cells, size_t first,
		    size_t end)
{
	const struct audit_set_name *set = &audit_set_names[cells[first]->set - 'A'];

	fprintf(h->to, "<section id=\"set-%c\"><h2>%c  ", set->set, set->set);
	html_words(h, NULL, NULL, set->name);
	html_raw(h, "</h2>\n");
	put_matrix(h, cells, first, end);
	for (size_t i = 0; i < ARRAY_SIZE(urgent); i++)
		put_cells(h, a, cells, first, end, urgent[i]);
	html_raw(h, "</section>\n");
}

/* The whole audit for other programs, as --format json writes it. */
static bool put_end(struct html *h, const struct audit *a, const struct audit_drifts *d)
{
	size_t size = 0;
	char *json = NULL;
	FILE *into = open_memstream(&json, &size);
	bool fine = into && audit_write_json(into, a, d);

	fine = into && fclose(into) == 0 && fine;
	fine = fine && html_end(h, bytes_of(json, size));
	free(json);
	return fine;
}

bool audit_write_html(FILE *to, const struct audit *a, const struct audit_drifts *d)
{
	struct html h = { .to = to };
	size_t n, end;
	const struct audit_cell **cells = audit_sorted(a, &n);
	static const struct words title = { "Go-live audit", "導入前検証" };

	if (!cells)
		return false;
	html_begin(&h, title);
	html_words(&h, "h1", NULL, title);
	put_result(&h, a);
	put_quality(&h, a);
	html_raw(&h, "<section>");
	html_words(&h, "h2", NULL, (struct words){ "The six measure sets", "六つの対策セット" });
	html_raw(&h, "<div class=\"sets\">\n");
	for (size_t i = 0; i < AUDIT_SETS; i++)
		put_card(&h, a, cells, n, i);
	html_raw(&h, "</div></section>\n");
	if (d && d->compared)
		put_drift(&h, d);
	for (size_t i = 0; i < n; i = end) {
		for (end = i + 1; end < n && cells[end]->set == cells[i]->set; end++)
			;
		put_set(&h, a, cells, i, end);
	}
	free(cells);
	return put_end(&h, a, d);
}
