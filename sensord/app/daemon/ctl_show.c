/* SPDX-License-Identifier: BSD-2-Clause */
#include "ctl_show.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attributes.h"
#include "base/instant.h"
#include "base/limits.h"
#include "record/json.h"

#define COLUMNS_MAX 16

/* ---- text and colour ---- */

static size_t characters(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

void show_safe(FILE *to, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		bool second = c == 0xc2 && (unsigned char)text[1] >= 0x80 && (unsigned char)text[1] < 0xa0; /* C1 */
		fputc(c < 0x20 || c == 0x7f || second ? '?' : c, to);
		text += second;
	}
}

static bool coloured(FILE *to)
{
	const char *never = getenv("NO_COLOR");

	return (!never || !*never) && isatty(fileno(to));
}

static const struct {
	const char *word, *colour;
} colours[] = {
	{ "critical", "\033[1;31m" }, { "high", "\033[31m" }, { "medium", "\033[33m" }, { "low", "\033[36m" }, { "away", "\033[31m" },
	{ "failed", "\033[31m" }, { "partly", "\033[33m" }, { "up", "\033[32m" }, { "on", "\033[32m" }, { "false", "\033[31m" },
};

static void show_value(FILE *to, const char *text)
{
	const char *colour = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(colours) && coloured(to); i++)
		if (strcmp(colours[i].word, text) == 0)
			colour = colours[i].colour;
	if (colour)
		fputs(colour, to);
	show_safe(to, text);
	if (colour)
		fputs("\033[0m", to);
}

static void show_title(FILE *to, const char *text)
{
	bool colour = coloured(to);

	fputs(colour ? "\033[1m" : "", to);
	show_safe(to, text);
	fputs(colour ? "\033[0m" : "", to);
}

static void pad(FILE *to, size_t used, size_t width)
{
	for (; used < width; used++)
		fputc(' ', to);
}

static const char *text_of(const struct node *n)
{
	return n && n->kind == NODE_SCALAR && n->text ? n->text : "";
}

/* ---- lists of maps as tables ---- */

static size_t widths(const struct node *list, size_t width[COLUMNS_MAX])
{
	size_t n = 0;

	for (const struct node *c = list->first->first; c && n < COLUMNS_MAX; c = c->next)
		width[n++] = characters(c->key ? c->key : "");
	for (const struct node *row = list->first; row; row = row->next) {
		size_t i = 0;
		for (const struct node *c = row->first; c && i < n; c = c->next, i++)
			if (characters(text_of(c)) > width[i])
				width[i] = characters(text_of(c));
	}
	return n;
}

static bool is_number(const char *text)
{
	return *text && strspn(text, "0123456789.") == strlen(text) && !strchr(strchr(text, '.') ? strchr(text, '.') + 1 : "", '.');
}

static void show_row(FILE *to, const struct node *row, const size_t *width, size_t n, bool title)
{
	size_t i = 0;

	fputs("  ", to);
	for (const struct node *c = row->first; c && i < n; c = c->next, i++) {
		const char *text = title ? (c->key ? c->key : "") : text_of(c);
		bool right = is_number(text_of(c));
		if (right)
			pad(to, characters(text), width[i]);
		if (title)
			show_title(to, text);
		else
			show_value(to, text);
		if (!right && c->next)
			pad(to, characters(text), width[i]);
		fputs(c->next ? "  " : "\n", to);
	}
}

static void show_table(FILE *to, const struct node *list)
{
	size_t width[COLUMNS_MAX];

	if (!list->first || list->first->kind != NODE_MAP) {
		fputs("  none\n", to);
		return;
	}
	size_t n = widths(list, width);
	show_row(to, list->first, width, n, true);
	for (const struct node *row = list->first; row; row = row->next)
		show_row(to, row, width, n, false);
}

/* ---- answers ---- */

static void show_member(FILE *to, const struct node *n, size_t indent)
{
	pad(to, 0, indent);
	show_title(to, n->key);
	pad(to, characters(n->key), 18);
	fputs("  ", to);
	show_value(to, text_of(n));
	fputc('\n', to);
}

static void show_members(FILE *to, const struct node *map)
{
	for (const struct node *n = map->first; n; n = n->next) {
		if (!n->key || strcmp(n->key, "ok") == 0)
			continue;
		if (n->kind == NODE_SCALAR) {
			show_member(to, n, 0);
			continue;
		}
		show_title(to, n->key);
		fputc('\n', to);
		if (n->kind == NODE_LIST)
			show_table(to, n);
		for (const struct node *m = n->kind == NODE_MAP ? n->first : NULL; m; m = m->next)
			show_member(to, m, 2);
	}
}

void show_answer(FILE *to, enum control_verb verb, const struct node *answer)
{
	if (verb == CONTROL_RELOAD)
		fputs("site file and rules were read again\n", to);
	else if (verb == CONTROL_ROTATE)
		fputs("output files were opened anew\n", to);
	else
		show_members(to, answer);
}

/* ---- tail ---- */

static void show_field(FILE *to, const struct record *r, enum field f)
{
	char room[2 * LIMIT_FIELD_TEXT], text[2 * LIMIT_FIELD_TEXT + 1];
	const struct value *v = record_get(r, f);
	struct bytes shown = v ? record_show(r, f, v, room, sizeof(room)) : (struct bytes){ 0 };

	snprintf(text, sizeof(text), "%.*s", (int)shown.size, shown.size ? (const char *)shown.at : "");
	show_value(to, text);
}

static void show_alert(FILE *to, const struct record *r)
{
	char time[INSTANT_TEXT];

	instant_format(r->time_ns, time);
	fprintf(to, "%.10s %.8s ", time, time + 11);
	show_field(to, r, FIELD_RULE_LEVEL);
	fputc(' ', to);
	show_field(to, r, FIELD_RULE_ID);
	fputc(' ', to);
	show_field(to, r, FIELD_MESSAGE);
	fputc('\n', to);
}

static void show_record(FILE *to, const struct record *r)
{
	static const enum field shown[] = { FIELD_EVENT_ACTION, FIELD_SOURCE_IP, FIELD_SOURCE_PORT, FIELD_DESTINATION_IP,
					     FIELD_DESTINATION_PORT, FIELD_NETWORK_PROTOCOL, FIELD_USER_NAME, FIELD_EVENT_OUTCOME,
					     FIELD_SENSOR_REASON, FIELD_SENSOR_DETAIL };
	char time[INSTANT_TEXT];

	instant_format(r->time_ns, time);
	fprintf(to, "%.10s %.8s %s", time, time + 11, dataset_name(r->dataset));
	for (size_t i = 0; i < ARRAY_SIZE(shown); i++) {
		if (!record_has(r, shown[i]))
			continue;
		fputc(' ', to);
		show_field(to, r, shown[i]);
	}
	fputc('\n', to);
}

void show_line(FILE *to, struct bytes line)
{
	struct record *r = record_new();
	struct error err;
	char text[512];

	if (r && record_from_json(line, r, &err)) {
		if (r->kind == RECORD_ALERT)
			show_alert(to, r);
		else
			show_record(to, r);
	} else { /* {"lost":N}, or what a newer sensor says */
		snprintf(text, sizeof(text), "%.*s", (int)(line.size && line.at[line.size - 1] == '\n' ? line.size - 1 : line.size),
			 (const char *)line.at);
		show_safe(to, text);
		fputc('\n', to);
	}
	record_free(r);
}
