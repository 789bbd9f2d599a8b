/* SPDX-License-Identifier: BSD-2-Clause
 * Sentences with values in them, written out of templates (message_compile.c says how those look). Values are escaped, so
 * that a hostile name can break neither a terminal nor a line. */
#include "message_piece.h"

#include "base/instant.h"

#include <math.h>
#include <stdio.h>

static size_t hidden_size(struct bytes b, char out[12])
{
	uint8_t c = b.at[0];

	if (c < 0x20 || c == 0x7f) {
		snprintf(out, 12, "\\x%02x", c);
		return 1;
	}
	if (b.size >= 2 && c == 0xc2 && b.at[1] < 0xa0) { /* C1 controls */
		snprintf(out, 12, "\\x%02x", b.at[1]);
		return 2;
	}
	if (b.size < 3 || (c != 0xe2 && c != 0xef))
		return 0;
	uint32_t scalar = (c & 15u) << 12 | (b.at[1] & 63u) << 6 | (b.at[2] & 63u);
	bool hidden = (scalar >= 0x200b && scalar <= 0x200f) || (scalar >= 0x2028 && scalar <= 0x202e) ||
		      (scalar >= 0x2060 && scalar <= 0x206f) || scalar == 0xfeff;
	if (!hidden)
		return 0;
	snprintf(out, 12, "\\u%04x", scalar);
	return 3;
}

/* Size of the character that starts b; text in records is valid UTF-8, anything else counts as single bytes. */
static size_t character(struct bytes b)
{
	size_t n = b.at[0] < 0xc0 ? 1 : b.at[0] < 0xe0 ? 2 : b.at[0] < 0xf0 ? 3 : 4;

	return n <= b.size ? n : b.size;
}

void message_value(struct text *out, struct bytes value)
{
	size_t written = 0;

	while (value.size > 0) {
		char escape[12];
		size_t taken = hidden_size(value, escape);
		struct bytes shown = taken ? bytes_string(escape) : bytes_of(value.at, character(value));
		if (written + shown.size > MESSAGE_VALUE) {
			text_string(out, "…");
			return;
		}
		if (out->size - out->used < shown.size) {
			out->cut = true;
			return;
		}
		text_add(out, shown);
		written += shown.size;
		taken = taken ? taken : shown.size;
		value = bytes_of(value.at + taken, value.size - taken);
	}
}

void message_span(struct text *out, uint64_t span_ns, enum language language)
{
	static const struct {
		uint64_t below_ns, unit_ns, rest_ns;
		const char *unit[2], *rest[2];
	} steps[] = {
		{ NS_PER_S, NS_PER_MS, 0, { " ms", "ミリ秒" }, { NULL, NULL } },
		{ 2 * NS_PER_MIN, NS_PER_S, 0, { " s", "秒" }, { NULL, NULL } },
		{ 2 * NS_PER_HOUR, NS_PER_MIN, 0, { " min", "分" }, { NULL, NULL } },
		{ 2 * NS_PER_DAY, NS_PER_HOUR, NS_PER_MIN, { " h", "時間" }, { " min", "分" } },
		{ UINT64_MAX, NS_PER_DAY, NS_PER_HOUR, { " d", "日" }, { " h", "時間" } },
	};
	size_t i = 0;

	while (span_ns >= steps[i].below_ns && i + 1 < ARRAY_SIZE(steps))
		i++;
	if (span_ns == 0)
		i = 1;
	else if (span_ns < NS_PER_MS)
		span_ns = NS_PER_MS; /* "0 ms" would read as no time at all */
	text_printf(out, "%llu%s", (unsigned long long)(span_ns / steps[i].unit_ns), steps[i].unit[language]);
	uint64_t rest = steps[i].rest_ns ? span_ns % steps[i].unit_ns / steps[i].rest_ns : 0;
	if (rest)
		text_printf(out, "%s%llu%s", language == LANGUAGE_EN ? " " : "", (unsigned long long)rest,
			    steps[i].rest[language]);
}

void message_whole(struct text *out)
{
	size_t start = out->used;

	while (start > 0 && out->used - start < 3 && ((uint8_t)out->at[start - 1] & 0xc0) == 0x80)
		start--;
	if (start > 0 && (uint8_t)out->at[start - 1] >= 0xc0 &&
	    character(bytes_of(out->at + start - 1, 4)) > out->used - start + 1)
		out->used = start - 1;
}

static void show_size(struct text *out, double bytes)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB" };
	size_t i = 0;

	for (; bytes >= 1000 && i + 1 < ARRAY_SIZE(units); i++)
		bytes /= 1000;
	text_printf(out, i ? "%.1f %s" : "%.0f %s", bytes, units[i]);
}

static void show_number(struct text *out, const struct choice *c, double v, enum language language)
{
	if (!(v >= 0 && v < 1e18)) /* negative, endless or not a number */
		v = 0;
	if (c->style == STYLE_SIZE)
		show_size(out, v);
	else if (c->style == STYLE_PERCENT)
		text_printf(out, "%.0f %%", v * 100);
	else if (c->field == FIELD_EVENT_DURATION)
		message_span(out, (uint64_t)v, language);
	else
		message_span(out, (uint64_t)((v < 1e9 ? v : 1e9) * 1e9), language);
}

/* Two decimals are enough in a sentence; the field beside it has all of them. */
static void show_real(struct text *out, double v)
{
	char room[64];
	int n = snprintf(room, sizeof(room), "%.2f", v);

	if (n < 0 || (size_t)n >= sizeof(room) || !isfinite(v)) {
		text_char(out, '-');
		return;
	}
	while (n > 1 && room[n - 1] == '0')
		n--;
	if (room[n - 1] == '.')
		n--;
	text_add(out, bytes_of(room, (size_t)n));
}

/* Words of ours, not of the wire, that stand in Japanese sentences. */
static struct bytes in_japanese(enum field f, struct bytes value)
{
	static const struct { enum field field; const char *word, *ja; } words[] = {
		{ FIELD_FLOW_OUTCOME, "unanswered", "応答なし" }, { FIELD_FLOW_OUTCOME, "rejected", "拒否" },
		{ FIELD_FLOW_OUTCOME, "blocked", "フィルタが拒否" }, { FIELD_FLOW_OUTCOME, "established", "成立" },
		{ FIELD_FLOW_OUTCOME, "replied", "応答あり" }, { FIELD_FLOW_OUTCOME, "midstream", "途中から観測" },
		{ FIELD_TUNNEL_FIRST_SPEAKER, "client", "クライアント" }, { FIELD_TUNNEL_FIRST_SPEAKER, "server", "サーバ" },
		{ FIELD_EVENT_OUTCOME, "success", "成功" }, { FIELD_EVENT_OUTCOME, "failure", "失敗" },
		{ FIELD_EVENT_OUTCOME, "unknown", "不明" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (words[i].field == f && bytes_equal(value, bytes_string(words[i].word)))
			return bytes_string(words[i].ja);
	return value;
}

static void show_values(struct text *out, const struct record *r, enum field f, enum language language)
{
	char room[512];
	const struct value *v = record_get(r, f);
	size_t n = 0;

	if (v && fields[f].type == FIELD_TYPE_REAL) {
		show_real(out, v->real);
		return;
	}
	do {
		if (n == MESSAGE_LISTED) {
			text_string(out, ", …");
			return;
		}
		if (n++ > 0)
			text_string(out, ", ");
		struct bytes shown = record_show(r, f, v, room, sizeof(room));
		message_value(out, language == LANGUAGE_JA ? in_japanese(f, shown) : shown);
		v = v ? record_next(r, v) : NULL;
	} while (v);
}

static uint64_t alert_span(const struct record *r)
{
	return instant_since(record_uint(r, FIELD_ALERT_LAST), record_uint(r, FIELD_ALERT_FIRST));
}

static bool in_struct(enum field f)
{
	return f == FIELD_TIMESTAMP || f == FIELD_EVENT_KIND || f == FIELD_EVENT_DATASET || f == FIELD_EVENT_ID;
}

static bool has_value(const struct choice *c, const struct record *r, bool optional)
{
	if (c->source == FROM_TEXT)
		return true;
	if (c->source == FROM_SPAN)
		return !optional || alert_span(r) > 0;
	if (in_struct(c->field))
		return true;
	if (optional && c->field == FIELD_ALERT_COUNT)
		return record_uint(r, FIELD_ALERT_COUNT) > 1;
	const struct value *v = record_get(r, c->field);
	return v && (fields[c->field].type != FIELD_TYPE_TEXT || v->size > 0);
}

static const struct choice *chosen(const struct piece *p, const struct record *r)
{
	for (size_t i = 0; i < p->n_choices; i++)
		if (has_value(&p->choices[i], r, p->part != 0))
			return &p->choices[i];
	return NULL;
}

static bool part_shown(const struct message *m, size_t i, const struct record *r)
{
	for (unsigned part = m->pieces[i].part; i < m->n_pieces && m->pieces[i].part == part; i++)
		if (m->pieces[i].n_choices && !chosen(&m->pieces[i], r))
			return false;
	return true;
}

static void show_piece(const struct piece *p, const struct record *r, enum language language, struct text *out)
{
	const struct choice *c = chosen(p, r);

	if (p->n_choices == 0)
		text_add(out, p->text);
	else if (!c)
		text_char(out, '-');
	else if (c->source == FROM_TEXT)
		text_add(out, c->text);
	else if (c->source == FROM_SPAN)
		message_span(out, alert_span(r), language);
	else if (c->style != STYLE_PLAIN)
		show_number(out, c, record_real(r, c->field), language);
	else
		show_values(out, r, c->field, language);
}

void message_render(const struct message *m, const struct record *r, struct text *out)
{
	unsigned part = 0;
	bool shown = true;

	for (size_t i = 0; i < m->n_pieces && !out->cut; i++) {
		const struct piece *p = &m->pieces[i];
		if (p->part != part) {
			part = p->part;
			shown = part == 0 || part_shown(m, i, r);
		}
		if (shown)
			show_piece(p, r, m->language, out);
	}
	message_whole(out);
}
