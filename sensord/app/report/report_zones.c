/* SPDX-License-Identifier: BSD-2-Clause
 * Which zone opened connections to which, what became of them, and what the policy says. Words, not colours, carry it. */
#include <string.h>

#include "base/attributes.h"
#include "report.h"
#include "report_words.h"

struct labels {
	const char *at[REPORT_ZONES];
	size_t n;
	uint64_t left_out;
};

/* Zones first, by name; then what is in none. */
static int label_order(const char *a, const char *b)
{
	return (a[0] == '~') != (b[0] == '~') ? (a[0] == '~') - (b[0] == '~') : strcmp(a, b);
}

static void add(struct labels *l, const char *label)
{
	size_t at = 0;

	while (at < l->n && label_order(l->at[at], label) < 0)
		at++;
	if (at < l->n && strcmp(l->at[at], label) == 0)
		return;
	if (at == REPORT_ZONES) {
		l->left_out++;
		return;
	}
	if (l->n == REPORT_ZONES) {
		l->left_out++;
		l->n--;
	}
	memmove(&l->at[at + 1], &l->at[at], (l->n - at) * sizeof(l->at[0]));
	l->at[at] = label;
	l->n++;
}

static void put_label(struct html *h, const char *tag, const char *label)
{
	static const struct {
		const char *role;
		enum word word;
	} roles[] = { { "~external", WORD_ZONE_EXTERNAL }, { "~internal", WORD_ZONE_INTERNAL }, { "~group", WORD_ZONE_GROUP } };

	for (size_t i = 0; i < ARRAY_SIZE(roles); i++) {
		if (strcmp(label, roles[i].role) != 0)
			continue;
		html_words(h, tag, NULL, word(roles[i].word));
		return;
	}
	html_wire(h, tag, NULL, bytes_string(label[0] == '~' ? label + 1 : label));
}

static void put_line(struct html *h, uint64_t n, enum word w, bool strong)
{
	if (n == 0)
		return;
	html_raw(h, strong ? "<span class=\"line\"><strong>" : "<span class=\"line\">");
	html_number(h, n);
	html_raw(h, " ");
	html_words(h, NULL, NULL, word(w));
	html_raw(h, strong ? "</strong></span>" : "</span>");
}

static void put_cell(struct html *h, const struct gather_crossing *c)
{
	if (!c) {
		html_raw(h, "<td class=\"none\">\xe2\x80\x93</td>");
		return;
	}
	html_raw(h, c->denied_open ? "<td class=\"bad\">" : c->denied_stopped ? "<td class=\"good\">" : "<td>");
	put_line(h, c->denied_open, WORD_DENIED_OPEN, true);
	put_line(h, c->denied_stopped, WORD_DENIED_STOPPED, true);
	put_line(h, c->flows[REACH_OPEN], WORD_OPEN, false);
	put_line(h, c->flows[REACH_STOPPED], WORD_STOPPED, false);
	put_line(h, c->flows[REACH_UNANSWERED], WORD_UNANSWERED, false);
	put_line(h, c->flows[REACH_MIDSTREAM], WORD_MIDSTREAM, false);
	html_raw(h, "<span class=\"line faint\">");
	for (size_t i = 0; i < GATHER_SERVICES && c->services[i].count; i++) {
		html_raw(h, i ? ", " : "");
		html_string(h, c->services[i].name);
	}
	html_raw(h, "</span></td>");
}

static const struct gather_crossing *find(const struct gathered *all, const char *from, const char *to)
{
	for (size_t i = 0; i < all->n_crossings; i++)
		if (strcmp(all->crossings[i]->from, from) == 0 && strcmp(all->crossings[i]->to, to) == 0)
			return all->crossings[i];
	return NULL;
}

static void put_matrix(struct html *h, const struct gathered *all, const struct labels *from, const struct labels *to)
{
	html_raw(h, "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-labelledby=\"zones-title\"><table class=\"matrix\">\n");
	html_words(h, "caption", NULL, word(WORD_ZONES_CAPTION));
	html_raw(h, "<thead><tr><td></td>");
	for (size_t i = 0; i < to->n; i++) {
		html_raw(h, "<th scope=\"col\">\xe2\x86\x92 ");
		put_label(h, "span", to->at[i]);
		html_raw(h, "</th>");
	}
	html_raw(h, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < from->n; i++) {
		html_raw(h, "<tr><th scope=\"row\">");
		put_label(h, "span", from->at[i]);
		html_raw(h, "</th>");
		for (size_t j = 0; j < to->n; j++)
			put_cell(h, find(all, from->at[i], to->at[j]));
		html_raw(h, "</tr>\n");
	}
	html_raw(h, "</tbody></table></div>\n");
}

void report_zones(struct html *h, const struct report *r)
{
	struct labels from = { 0 }, to = { 0 };

	report_section(h, "zones", WORD_PART_ZONES);
	for (size_t i = 0; i < r->all->n_crossings; i++) {
		add(&from, r->all->crossings[i]->from);
		add(&to, r->all->crossings[i]->to);
	}
	if (from.n)
		put_matrix(h, r->all, &from, &to);
	else
		html_words(h, "p", NULL, word(WORD_ZONES_NONE));
	report_cut(h, from.left_out + to.left_out, WORD_CUT_MORE);
	html_raw(h, "</section>\n");
}
