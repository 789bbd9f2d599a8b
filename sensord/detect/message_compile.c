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
#include "message_piece.h"

#include <stdlib.h>

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
