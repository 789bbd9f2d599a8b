/* SPDX-License-Identifier: BSD-2-Clause
 * Sentences with values in them. The catalogue (rules/catalogue.yaml) is one YAML map, rule name to texts:
 *
 *     A-01:                 # name of the rule document; a document without an entry takes that of its rule id
 *       title_ja: 端末からの直接通信
 *       description_ja: …      # of the rule's description: what was seen and why it matters
 *       message: "{source.ip}[ ({user.name})] tried to reach {destination.domain|destination.ip}:{destination.port}
 *                 without the proxy[, {alert.count} times in {alert.span}]"
 *       message_ja: "{source.ip} が {destination.domain|destination.ip|\"外部\"} へ直接通信[ ({alert.span} に {alert.count} 回)]"
 *       response: Find the program on the terminal that does not use the proxy.
 *       response_ja: …
 *
 * Every member is optional; unknown members are errors. In a template:
 *     {field.name}            the first value of the field; of a list, up to five values joined with ", "
 *     {a|b|"text"}            the first alternative that the record has; a quoted text always is there
 *     {field:size}            bytes as "1.5 MB"
 *     {field:span}            seconds (event.duration: nanoseconds) as "12 min"; Japanese templates say 12分
 *     {field:percent}         a share of 0 to 1 as "37 %"
 *     {alert.span}            time from the first match to the last
 *     [optional part]         left out whole where a placeholder inside has no value; {alert.count} of 1 and
 *                             {alert.span} of 0 count as no value there. Parts do not nest.
 *     {{ }} [[ ]]             the characters themselves
 * A placeholder outside of a part that has no value is written "-". Values are escaped, so that a hostile name can
 * break neither a terminal nor a line, and cut at 200 bytes. The sentence is cut at 1024 bytes. */
#include "message.h"

#include "base/instant.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum style { STYLE_PLAIN, STYLE_SIZE, STYLE_SPAN, STYLE_PERCENT };

enum source { FROM_FIELD, FROM_TEXT, FROM_SPAN };

struct choice {
	enum source source;
	enum style style;
	enum field field;
	struct bytes text;
};

struct piece {
	unsigned part;     /* number of the optional part it stands in; 0: none */
	size_t n_choices;  /* 0: a literal */
	struct bytes text; /* literal */
	struct choice choices[MESSAGE_CHOICES];
};

struct message {
	enum language language;
	char *template; /* literals are views of it */
	struct piece *pieces;
	size_t n_pieces, room;
};

/* ---- compiling ---- */

/* Where a template is being read. */
struct cursor {
	struct message *m;
	struct bytes all;
	size_t at;
	unsigned part, parts; /* the open part, and how many there were */
	bool part_has_value;
	struct error *err;
};

static bool wrong(const struct cursor *c, const char *what)
{
	return error_at(c->err, NULL, 0, (unsigned)c->at + 1, "%s", what);
}

static struct piece *add_piece(struct cursor *c)
{
	struct message *m = c->m;

	if (m->n_pieces == MESSAGE_PIECES) {
		wrong(c, "the template has too many pieces");
		return NULL;
	}
	if (m->n_pieces == m->room) {
		size_t room = m->room ? m->room * 2 : 8;
		struct piece *pieces = realloc(m->pieces, room * sizeof(*pieces));
		if (!pieces) {
			wrong(c, "out of memory");
			return NULL;
		}
		m->pieces = pieces;
		m->room = room;
	}
	struct piece *p = &m->pieces[m->n_pieces++];
	*p = (struct piece){ .part = c->part };
	return p;
}

static bool choose_style(struct cursor *c, struct bytes name, enum style *ret)
{
	static const struct { const char *name; enum style style; } styles[] = {
		{ "size", STYLE_SIZE }, { "span", STYLE_SPAN }, { "percent", STYLE_PERCENT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(styles); i++) {
		if (bytes_equal(name, bytes_string(styles[i].name))) {
			*ret = styles[i].style;
			return true;
		}
	}
	return wrong(c, "after the colon size, span or percent is expected");
}

static bool numeric(enum field f)
{
	return fields[f].type == FIELD_TYPE_UINT || fields[f].type == FIELD_TYPE_REAL;
}

static bool read_choice(struct cursor *c, struct bytes word, struct choice *ret)
{
	if (word.size >= 2 && word.at[0] == '"' && word.at[word.size - 1] == '"') {
		*ret = (struct choice){ .source = FROM_TEXT, .text = bytes_of(word.at + 1, word.size - 2) };
		return true;
	}
	if (bytes_equal(word, bytes_string("alert.span"))) {
		*ret = (struct choice){ .source = FROM_SPAN };
		return true;
	}
	size_t colon = bytes_find(word, bytes_string(":"));
	struct bytes name = colon == SIZE_MAX ? word : bytes_of(word.at, colon);
	struct choice choice = { .source = FROM_FIELD, .field = field_find(name) };
	if (choice.field == FIELD_COUNT) {
		const char *near = field_suggest(name);
		return error_at(c->err, NULL, 0, (unsigned)c->at + 1, "unknown field %.*s%s%s%s", (int)name.size,
				(const char *)name.at, near ? ", did you mean " : "", near ? near : "", near ? "?" : "");
	}
	if (fields[choice.field].type == FIELD_TYPE_SECRET)
		return wrong(c, "this field is never written");
	if (colon != SIZE_MAX) {
		struct bytes style = bytes_of(word.at + colon + 1, word.size - colon - 1);
		if (!choose_style(c, style, &choice.style))
			return false;
		if (!numeric(choice.field))
			return wrong(c, "size, span and percent need a number");
	}
	*ret = choice;
	return true;
}

/* A placeholder; c->at stands behind its opening brace. */
static bool read_placeholder(struct cursor *c)
{
	struct bytes rest = bytes_of(c->all.at + c->at, c->all.size - c->at);
	size_t size = bytes_find(rest, bytes_string("}"));
	struct piece *p = add_piece(c);

	if (!p)
		return false;
	if (size == SIZE_MAX)
		return wrong(c, "a placeholder is not closed");
	struct bytes inside = bytes_of(rest.at, size);
	if (size == 0)
		return wrong(c, "a placeholder is empty");
	while (inside.size > 0) {
		struct bytes word = bytes_trim(bytes_split(&inside, '|'));
		if (p->n_choices == MESSAGE_CHOICES)
			return wrong(c, "a placeholder has too many alternatives");
		if (!read_choice(c, word, &p->choices[p->n_choices]))
			return false;
		p->n_choices++;
	}
	c->part_has_value = true;
	c->at += size + 1;
	return true;
}

static bool open_part(struct cursor *c)
{
	if (c->part)
		return wrong(c, "optional parts do not nest");
	c->part = ++c->parts;
	c->part_has_value = false;
	c->at++;
	return true;
}

static bool close_part(struct cursor *c)
{
	if (!c->part)
		return wrong(c, "a part is closed that was not opened");
	if (!c->part_has_value)
		return wrong(c, "an optional part has no placeholder inside");
	c->part = 0;
	c->at++;
	return true;
}

static bool special(uint8_t b)
{
	return b == '{' || b == '}' || b == '[' || b == ']';
}

static bool read_literal(struct cursor *c, size_t size)
{
	struct piece *p = add_piece(c);

	if (!p)
		return false;
	p->text = bytes_of(c->all.at + c->at, size);
	c->at += size;
	return true;
}

static bool read_piece(struct cursor *c)
{
	uint8_t b = c->all.at[c->at];

	if (!special(b)) {
		size_t end = c->at;
		while (end < c->all.size && !special(c->all.at[end]))
			end++;
		return read_literal(c, end - c->at);
	}
	if (c->at + 1 < c->all.size && c->all.at[c->at + 1] == b) {
		if (!read_literal(c, 1))
			return false;
		c->at++;
		return true;
	}
	if (b == '[')
		return open_part(c);
	if (b == ']')
		return close_part(c);
	if (b == '}')
		return wrong(c, "a placeholder is closed that was not opened");
	c->at++;
	return read_placeholder(c);
}

static bool compile(struct cursor *c)
{
	while (c->at < c->all.size)
		if (!read_piece(c))
			return false;
	return !c->part || wrong(c, "an optional part is not closed");
}

struct message *message_compile(struct bytes template, enum language language, struct error *err)
{
	if (template.size > MESSAGE_TEMPLATE) {
		error_set(err, "the template is longer than %d bytes", MESSAGE_TEMPLATE);
		return NULL;
	}
	struct message *m = calloc(1, sizeof(*m));
	if (m)
		m->template = malloc(template.size + 1);
	if (!m || !m->template) {
		error_set(err, "out of memory");
		message_free(m);
		return NULL;
	}
	if (template.size)
		memcpy(m->template, template.at, template.size);
	m->language = language;
	struct cursor c = { .m = m, .all = bytes_of(m->template, template.size), .err = err };
	if (!compile(&c)) {
		message_free(m);
		return NULL;
	}
	return m;
}

void message_free(struct message *m)
{
	if (!m)
		return;
	free(m->template);
	free(m->pieces);
	free(m);
}

/* ---- rendering ---- */

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
