/* SPDX-License-Identifier: BSD-2-Clause
 * Who touched whom with which account: three columns (source, account, destination), laid out by us so that the same
 * capture gives the same drawing: each column in the order of the mean place of its neighbours to the left. */
#include <stdlib.h>
#include <string.h>

#include "base/attributes.h"
#include "report.h"
#include "report_words.h"

#define ROW 26
#define BOX_WIDTH 220
#define BOX_HEIGHT 20
#define TEXT_CELLS 28 /* letters that fit a box; wide ones count twice */
#define WIDTH 1000

enum column { FROM, ACCOUNT, TO, COLUMNS };

struct node {
	const struct gather_touch *touch; /* one that names it */
	double place;                     /* mean row of its neighbours to the left, then its row */
	bool alerted;
};

struct graph {
	struct node nodes[COLUMNS][REPORT_PATHS];
	size_t n[COLUMNS];
	const struct gather_touch *const *touches;
	size_t n_touches;
};

static bool same(enum column c, const struct gather_touch *a, const struct gather_touch *b)
{
	if (c == ACCOUNT)
		return strcmp(a->account, b->account) == 0;
	return address_equal(c == FROM ? &a->source : &a->destination, c == FROM ? &b->source : &b->destination);
}

static size_t find(const struct graph *g, enum column c, const struct gather_touch *t)
{
	size_t i = 0;

	while (i < g->n[c] && !same(c, g->nodes[c][i].touch, t))
		i++;
	return i;
}

static void add(struct graph *g, enum column c, const struct gather_touch *t)
{
	size_t i = find(g, c, t);

	if (i == g->n[c])
		g->nodes[c][g->n[c]++] = (struct node){ .touch = t };
	g->nodes[c][i].alerted = g->nodes[c][i].alerted || t->alerts > 0;
}

static int by_address(const void *left, const void *right)
{
	const struct node *a = left, *b = right;

	return address_compare(&a->touch->source, &b->touch->source);
}

static int by_place(const void *left, const void *right)
{
	const struct node *a = left, *b = right;

	if (a->place != b->place)
		return a->place < b->place ? -1 : 1;
	int o = strcmp(a->touch->account, b->touch->account);
	return o ? o : address_compare(&a->touch->destination, &b->touch->destination);
}

static void order_column(struct graph *g, enum column c)
{
	for (size_t i = 0; i < g->n[c]; i++) {
		double sum = 0;
		unsigned n = 0;
		for (size_t j = 0; j < g->n_touches; j++) {
			if (!same(c, g->touches[j], g->nodes[c][i].touch))
				continue;
			sum += (double)find(g, c - 1, g->touches[j]);
			n++;
		}
		g->nodes[c][i].place = n ? sum / n : 0;
	}
	qsort(g->nodes[c], g->n[c], sizeof(g->nodes[c][0]), by_place);
}

static void lay_out(struct graph *g, const struct gathered *all)
{
	g->touches = all->touches;
	g->n_touches = all->n_touches < REPORT_PATHS ? all->n_touches : REPORT_PATHS;
	for (size_t i = 0; i < g->n_touches; i++)
		for (enum column c = FROM; c < COLUMNS; c++)
			add(g, c, g->touches[i]);
	qsort(g->nodes[FROM], g->n[FROM], sizeof(g->nodes[FROM][0]), by_address);
	order_column(g, ACCOUNT);
	order_column(g, TO);
}

static unsigned left_of(enum column c)
{
	return c == FROM ? 2 : c == ACCOUNT ? (WIDTH - BOX_WIDTH) / 2 : WIDTH - BOX_WIDTH - 2;
}

/* Columns stand centred beside the highest. */
static unsigned top_of(const struct graph *g, enum column c, size_t i, size_t rows)
{
	return (unsigned)((rows - g->n[c]) * ROW / 2 + i * ROW + 2);
}

/* As much of the text as fits the box. */
static struct bytes fitting(struct bytes text)
{
	size_t cells = 0, i = 0;

	while (i < text.size) {
		uint8_t b = text.at[i];
		size_t n = b < 0x80 ? 1 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4;
		cells += n > 2 ? 2 : 1;
		if (cells > TEXT_CELLS || i + n > text.size)
			break;
		i += n;
	}
	return bytes_of(text.at, i);
}

/* A link to its section, where it has one; the script lights its paths either way. Returns the tag to close. */
static const char *open_node(struct html *h, const struct report *r, enum column c, const struct gather_touch *t)
{
	const struct address *a = c == FROM ? &t->source : &t->destination;
	size_t account = c == ACCOUNT ? report_account_place(r, t->account) : REPORT_ACCOUNTS;
	char text[ADDRESS_TEXT];

	if (c == ACCOUNT && account < REPORT_ACCOUNTS)
		fprintf(h->to, "<a class=\"pick\" href=\"#account-%zu\"", account);
	else if (c != ACCOUNT && report_has_host(r, a))
		fprintf(h->to, "<a class=\"pick\" href=\"#host-%s\"", address_format(a, text));
	else {
		html_raw(h, "<g class=\"pick\" tabindex=\"0\"");
		return "g";
	}
	return "a";
}

static void put_node(struct html *h, const struct graph *g, const struct report *r, enum column c, size_t i, size_t rows)
{
	const struct node *n = &g->nodes[c][i];
	char text[ADDRESS_TEXT];
	struct bytes name = c == ACCOUNT ? bytes_string(n->touch->account) :
					   bytes_string(address_format(c == FROM ? &n->touch->source : &n->touch->destination, text));
	unsigned x = left_of(c), y = top_of(g, c, i, rows);
	struct bytes fits = fitting(name);
	const char *tag = open_node(h, r, c, n->touch);

	fprintf(h->to, " data-node=\"%c%zu\"><title>", "sad"[c], i);
	html_text(h, name);
	fprintf(h->to, "</title><rect class=\"node%s\" data-node=\"%c%zu\" x=\"%u\" y=\"%u\" width=\"%d\" height=\"%d\" rx=\"%d\"/>",
		n->alerted ? " alerted" : "", "sad"[c], i, x, y, BOX_WIDTH, BOX_HEIGHT, c == ACCOUNT ? 10 : 2);
	fprintf(h->to, "<text class=\"name\" data-node=\"%c%zu\" x=\"%u\" y=\"%u\">", "sad"[c], i, x + 10, y + 14);
	html_text(h, fits);
	fprintf(h->to, "%s</text></%s>\n", fits.size < name.size ? "\xe2\x80\xa6" : "", tag);
}

static void put_edge(struct html *h, const struct graph *g, const struct gather_touch *t, enum column c, size_t rows)
{
	size_t from = find(g, c, t), to = find(g, c + 1, t);
	unsigned x1 = left_of(c) + BOX_WIDTH, x2 = left_of(c + 1), middle = (x1 + x2) / 2;
	unsigned y1 = top_of(g, c, from, rows) + BOX_HEIGHT / 2, y2 = top_of(g, c + 1, to, rows) + BOX_HEIGHT / 2;

	fprintf(h->to, "<path class=\"edge%s%s\" data-path=\"s%zu a%zu d%zu\" d=\"M%u %uC%u %u %u %u %u %u\"/>\n",
		t->alerts ? " alerted" : "", t->failures && !t->successes && !t->unknown ? " failed" : "", find(g, FROM, t), find(g, ACCOUNT, t),
		find(g, TO, t), x1, y1, middle, y1, middle, y2, x2, y2);
}

static void put_drawing(struct html *h, const struct report *r, const struct graph *g)
{
	size_t rows = g->n[FROM];

	for (enum column c = ACCOUNT; c < COLUMNS; c++)
		rows = g->n[c] > rows ? g->n[c] : rows;
	fprintf(h->to, "<svg class=\"graph\" viewBox=\"0 0 %d %zu\" role=\"group\" aria-labelledby=\"graph-title\">\n", WIDTH, rows * ROW + 4);
	for (size_t i = 0; i < g->n_touches; i++)
		for (enum column c = FROM; c < TO; c++)
			put_edge(h, g, g->touches[i], c, rows);
	for (enum column c = FROM; c < COLUMNS; c++)
		for (size_t i = 0; i < g->n[c]; i++)
			put_node(h, g, r, c, i, rows);
	html_raw(h, "</svg>\n");
}

static void put_count(struct html *h, uint64_t n)
{
	html_raw(h, "<td class=\"number\">");
	html_number(h, n);
	html_raw(h, "</td>");
}

static void put_table(struct html *h, const struct report *r, size_t n)
{
	static const enum word heads[] = { WORD_FROM, WORD_ACCOUNT, WORD_TO, WORD_HOW, WORD_SUCCESSES, WORD_FAILURES, WORD_UNKNOWN,
					   WORD_ALERTS_COUNT };

	html_raw(h, "<table>\n");
	html_words(h, "caption", NULL, word(WORD_TOUCHES_CAPTION));
	html_raw(h, "<thead><tr>");
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		html_raw(h, i > 3 ? "<th scope=\"col\" class=\"number\">" : "<th scope=\"col\">");
		html_words(h, NULL, NULL, word(heads[i]));
		html_raw(h, "</th>");
	}
	html_raw(h, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < n; i++) {
		const struct gather_touch *t = r->all->touches[i];
		html_raw(h, "<tr><td>");
		report_host(h, r, &t->source);
		html_raw(h, "</td><td>");
		report_account(h, r, t->account);
		html_raw(h, "</td><td>");
		report_host(h, r, &t->destination);
		html_raw(h, "</td>");
		html_wire(h, "td", "small", bytes_string(t->how));
		put_count(h, t->successes);
		put_count(h, t->failures);
		put_count(h, t->unknown);
		put_count(h, t->alerts);
		html_raw(h, "</tr>\n");
	}
	html_raw(h, "</tbody></table>\n");
}

void report_graph(struct html *h, const struct report *r)
{
	size_t n = r->all->n_touches < REPORT_TOUCHES ? r->all->n_touches : REPORT_TOUCHES;
	struct graph *g = calloc(1, sizeof(*g));

	report_section(h, "graph", WORD_PART_GRAPH);
	if (n == 0) {
		html_words(h, "p", NULL, word(WORD_GRAPH_NONE));
	} else {
		html_words(h, "p", "faint small", word(WORD_GRAPH_CAPTION));
		if (g) { /* without memory the table alone */
			lay_out(g, r->all);
			put_drawing(h, r, g);
		}
		put_table(h, r, n);
	}
	report_cut(h, r->all->n_touches - n, WORD_CUT_MORE);
	html_raw(h, "</section>\n");
	free(g);
}
