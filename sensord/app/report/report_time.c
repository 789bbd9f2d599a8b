/* SPDX-License-Identifier: BSD-2-Clause
 * The alerts over time, a lane for each measure set; a mark where each began. The table below
 * it says the same in words. */
#include "base/instant.h"
#include "report.h"
#include "report_words.h"
#include "replay/when.h"

#define WIDTH 1000
#define LEFT 34
#define LANE 26
#define LABELS 5
#define MARK 4

struct scale {
	uint64_t first_ns, span_ns;
};

static unsigned place(const struct scale *s, uint64_t time_ns)
{
	uint64_t since = instant_since(time_ns, s->first_ns);

	since = since > s->span_ns ? s->span_ns : since;
	return LEFT + (unsigned)((double)since / (double)s->span_ns * (WIDTH - LEFT - 4));
}

static void put_lane(struct html *h, size_t lane, const char *name)
{
	unsigned y = (unsigned)lane * LANE;

	if (lane % 2 == 0)
		fprintf(h->to, "<rect class=\"band\" x=\"0\" y=\"%u\" width=\"%d\" height=\"%d\"/>\n", y, WIDTH, LANE);
	fprintf(h->to, "<text x=\"8\" y=\"%u\">%s</text>\n", y + 17, name);
}

static void put_labels(struct html *h, const struct report *r, const struct scale *s, unsigned y)
{
	for (unsigned i = 0; i < LABELS; i++) {
		char text[WHEN_TEXT];
		uint64_t at = s->first_ns + s->span_ns / (LABELS - 1) * i;
		const char *anchor = i == 0 ? "start" : i + 1 == LABELS ? "end" : "middle";
		when_format(r->site, at, text);
		text[10] = ' ';
		fprintf(h->to, "<line class=\"axis\" x1=\"%u\" x2=\"%u\" y1=\"0\" y2=\"%u\"/>\n", place(s, at), place(s, at), y);
		fprintf(h->to, "<text class=\"faint\" x=\"%u\" y=\"%u\" text-anchor=\"%s\">%.19s</text>\n", place(s, at), y + 16, anchor, text);
	}
}

/* A mark where it began, a thin line for as long as it was repeated. */
static void put_mark(struct html *h, const struct report *r, const struct scale *s, size_t i)
{
	const struct gather_alert *a = r->alerts[i];
	unsigned from = place(s, a->first_ns), to = place(s, a->last_ns), middle = a->set * LANE + LANE / 2;
	unsigned height = 6 + 3 * (unsigned)a->level;

	fprintf(h->to, "<a href=\"#alert-%zu\" class=\"tick %s\"><title>", i, level_name(a->level));
	html_text(h, record_text(a->record, FIELD_RULE_ID));
	html_raw(h, ": ");
	html_text(h, record_text(a->record, FIELD_MESSAGE));
	html_raw(h, "\n");
	html_text(h, record_text(a->record, FIELD_MESSAGE_JA));
	html_raw(h, "</title>");
	if (to > from + MARK)
		fprintf(h->to, "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"2\"/>", from, middle - 1, to - from);
	fprintf(h->to, "<rect x=\"%u\" y=\"%u\" width=\"%d\" height=\"%u\" rx=\"1\"/></a>\n", from, middle - height / 2, MARK, height);
}

void report_timeline(struct html *h, const struct report *r)
{
	static const char *const names[GATHER_SETS] = { "A", "B", "C", "D", "E", "F", "\xe2\x80\xa6" };
	struct scale s = { r->counts.first_ns, instant_since(r->counts.last_ns, r->counts.first_ns) };
	bool other = false;

	report_section(h, "time", WORD_PART_TIME);
	if (r->n_alerts == 0) {
		html_words(h, "p", NULL, word(WORD_NO_ALERTS));
		html_raw(h, "</section>\n");
		return;
	}
	for (size_t i = 0; i < r->n_alerts; i++)
		other = other || r->alerts[i]->set == GATHER_SETS - 1;
	s.span_ns = s.span_ns ? s.span_ns : NS_PER_S;
	unsigned lanes = GATHER_SETS - !other, height = lanes * LANE;
	fprintf(h->to, "<svg viewBox=\"0 0 %d %u\" role=\"group\" aria-label=\"", WIDTH, height + 24);
	html_string(h, word(WORD_TIMELINE_LABEL).en);
	html_raw(h, "\">\n");
	for (size_t lane = 0; lane < lanes; lane++)
		put_lane(h, lane, names[lane]);
	put_labels(h, r, &s, height);
	for (size_t i = 0; i < r->n_alerts; i++)
		put_mark(h, r, &s, i);
	html_raw(h, "</svg>\n</section>\n");
}
