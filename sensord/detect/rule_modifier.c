/* SPDX-License-Identifier: BSD-2-Clause
 * Value modifiers: "field|contains|all" (Sigma modifiers appendix 2.1). Here they are read and checked against each
 * other; what they do to values is in rule_value.c, rule_text.c and rule_typed.c. */
#include "rule_private.h"

struct modifier {
	const char *name;
	uint32_t bit;
	uint8_t detail; /* enum compare, enum time_part or enum encoding */
};

static const struct modifier modifiers[] = {
	{ "contains", MOD_CONTAINS, 0 },
	{ "startswith", MOD_STARTSWITH, 0 },
	{ "endswith", MOD_ENDSWITH, 0 },
	{ "all", MOD_ALL, 0 },
	{ "re", MOD_RE, 0 },
	{ "i", MOD_RE_I, 0 },
	{ "m", MOD_RE_M, 0 },
	{ "s", MOD_RE_S, 0 },
	{ "cidr", MOD_CIDR, 0 },
	{ "exists", MOD_EXISTS, 0 },
	{ "cased", MOD_CASED, 0 },
	{ "neq", MOD_NEQ, 0 },
	{ "fieldref", MOD_FIELDREF, 0 },
	{ "expand", MOD_EXPAND, 0 },
	{ "windash", MOD_WINDASH, 0 },
	{ "lt", MOD_COMPARE, COMPARE_LT },
	{ "lte", MOD_COMPARE, COMPARE_LTE },
	{ "gt", MOD_COMPARE, COMPARE_GT },
	{ "gte", MOD_COMPARE, COMPARE_GTE },
	{ "minute", MOD_PART, PART_MINUTE },
	{ "hour", MOD_PART, PART_HOUR },
	{ "day", MOD_PART, PART_DAY },
	{ "week", MOD_PART, PART_WEEK },
	{ "month", MOD_PART, PART_MONTH },
	{ "year", MOD_PART, PART_YEAR },
	{ "base64", MOD_ENCODE, ENCODING_BASE64 },
	{ "base64offset", MOD_ENCODE, ENCODING_BASE64OFFSET },
	{ "utf16le", MOD_ENCODE, ENCODING_UTF16LE },
	{ "wide", MOD_ENCODE, ENCODING_UTF16LE },
	{ "utf16be", MOD_ENCODE, ENCODING_UTF16BE },
	{ "utf16", MOD_ENCODE, ENCODING_UTF16 },
};

#define MOD_SEARCH (MOD_CONTAINS | MOD_STARTSWITH | MOD_ENDSWITH)
#define MOD_TEXT (MOD_ENCODE | MOD_WINDASH)
#define MOD_RE_FLAGS (MOD_RE_I | MOD_RE_M | MOD_RE_S)

/* Pairs that cannot stand together; the first that is there is named first in the error. */
static const struct {
	uint32_t one, others;
} clashes[] = {
	{ MOD_RE, MOD_SEARCH | MOD_CIDR | MOD_EXISTS | MOD_FIELDREF | MOD_COMPARE | MOD_PART | MOD_TEXT },
	{ MOD_CIDR, MOD_SEARCH | MOD_EXISTS | MOD_FIELDREF | MOD_COMPARE | MOD_PART | MOD_TEXT | MOD_CASED },
	{ MOD_EXISTS,
	  MOD_SEARCH | MOD_FIELDREF | MOD_COMPARE | MOD_PART | MOD_TEXT | MOD_CASED | MOD_ALL | MOD_EXPAND },
	{ MOD_FIELDREF, MOD_COMPARE | MOD_PART | MOD_ENCODE | MOD_WINDASH | MOD_ALL | MOD_EXPAND },
	{ MOD_COMPARE, MOD_SEARCH | MOD_ENCODE | MOD_WINDASH | MOD_CASED },
	{ MOD_PART, MOD_SEARCH | MOD_ENCODE | MOD_WINDASH | MOD_CASED },
	{ MOD_ENCODE, MOD_WINDASH },
	{ MOD_CONTAINS, MOD_STARTSWITH | MOD_ENDSWITH },
	{ MOD_STARTSWITH, MOD_ENDSWITH },
};

static const char *modifier_name(uint32_t bits)
{
	for (size_t i = 0; i < ARRAY_SIZE(modifiers); i++)
		if (modifiers[i].bit & bits)
			return modifiers[i].name;
	return "?";
}

static const char *modifier_suggest(const char *word)
{
	const char *names[ARRAY_SIZE(modifiers) + 1];

	for (size_t i = 0; i < ARRAY_SIZE(modifiers); i++)
		names[i] = modifiers[i].name;
	names[ARRAY_SIZE(modifiers)] = NULL;
	return conf_suggest(word, names);
}

static bool modifier_unknown(struct compile *c, const struct node *n, struct bytes word, unsigned column)
{
	char name[64] = "";
	const char *near;

	memcpy(name, word.at, word.size < sizeof(name) ? word.size : sizeof(name) - 1);
	near = modifier_suggest(name);
	return error_at(c->err, document_name(c->document), n->key_line, column, "unknown modifier '%s'%s%s%s", name,
			near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static bool modifier_take(struct modifiers *m, const struct modifier *found)
{
	if (found->bit == MOD_ENCODE) {
		if (m->n_encodings == ARRAY_SIZE(m->encodings))
			return false;
		m->encodings[m->n_encodings++] = found->detail;
	} else if (m->bits & found->bit) {
		return false;
	}
	if (found->bit == MOD_COMPARE)
		m->compare = found->detail;
	if (found->bit == MOD_PART)
		m->part = found->detail;
	m->bits |= found->bit;
	return true;
}

static bool modifiers_agree(struct compile *c, const struct node *n, const struct modifiers *m)
{
	const char *file = document_name(c->document);

	if ((m->bits & MOD_RE_FLAGS) && !(m->bits & MOD_RE))
		return error_at(c->err, file, n->key_line, n->key_column, "modifier '%s' needs 're' before it",
				modifier_name(m->bits & MOD_RE_FLAGS));
	for (size_t i = 0; i < ARRAY_SIZE(clashes); i++)
		if ((m->bits & clashes[i].one) && (m->bits & clashes[i].others))
			return error_at(c->err, file, n->key_line, n->key_column,
					"modifiers '%s' and '%s' do not go together", modifier_name(clashes[i].one),
					modifier_name(m->bits & clashes[i].others));
	return true;
}

bool modifiers_parse(struct compile *c, const struct node *n, struct bytes *ret_field, struct modifiers *ret)
{
	struct bytes rest = bytes_string(n->key);
	const uint8_t *start = rest.at;
	struct modifiers m = { 0 };

	*ret_field = bytes_split(&rest, '|');
	if (ret_field->size < strlen(n->key) && !rest.size)
		return error_at(c->err, document_name(c->document), n->key_line, n->key_column,
				"modifier missing behind '|'");
	while (rest.size) {
		struct bytes word = bytes_split(&rest, '|');
		unsigned column = n->key_column + (unsigned)(word.at - start);
		const struct modifier *found = NULL;

		for (size_t i = 0; i < ARRAY_SIZE(modifiers) && !found; i++)
			if (bytes_equal(word, bytes_string(modifiers[i].name)))
				found = &modifiers[i];
		if (!found)
			return modifier_unknown(c, n, word, column);
		if (!modifier_take(&m, found))
			return error_at(c->err, document_name(c->document), n->key_line, column,
					"modifier '%s' stands twice", found->name);
	}
	*ret = m;
	return modifiers_agree(c, n, &m);
}
