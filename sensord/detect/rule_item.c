/* SPDX-License-Identifier: BSD-2-Clause
 * One line of a selection, "field|modifiers: values", checked against the type of the field and compiled (Sigma rules
 * specification 2.1, "Maps", "Special Field Values", "Field Existence", "Keywords search"). */
#include <stdarg.h>
#include <stdio.h>

#include "rule_private.h"

#define MOD_SEARCH (MOD_CONTAINS | MOD_STARTSWITH | MOD_ENDSWITH)

bool compile_memory(struct compile *c)
{
	return error_set(c->err, "out of memory");
}

bool key_error(struct compile *c, const struct node *n, const char *format, ...)
{
	char text[400];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return error_at(c->err, document_name(c->document), n->key_line, n->key_column, "%s", text);
}

static enum field_type source_type(uint16_t source)
{
	return source < FIELD_COUNT ? fields[source].type : FIELD_TYPE_TEXT;
}

static const char *source_name(uint16_t source)
{
	return source < FIELD_COUNT ? fields[source].name : "this field";
}

static void reads_add(struct compile *c, uint16_t source)
{
	if (source < FIELD_COUNT) {
		field_set_add(c->reads, source);
	} else if (source == SOURCE_PATH_QUERY) {
		field_set_add(c->reads, FIELD_URL_PATH);
		field_set_add(c->reads, FIELD_URL_QUERY);
	} else {
		field_set_add(c->reads, FIELD_FILE_PATH);
	}
}

/* ---- what the values are compared as ---- */

/* Text modifiers and wildcards on numbers and addresses compare them the way they are written in records. */
static bool as_text(const struct modifiers *m, const struct node *n)
{
	if (m->bits & (MOD_SEARCH | MOD_RE | MOD_ENCODE | MOD_WINDASH))
		return true;
	for (const struct node *v = n->kind == NODE_LIST ? n->first : n; v; v = n->kind == NODE_LIST ? v->next : NULL)
		if (v->kind == NODE_SCALAR && (memchr(v->text, '*', v->size) || memchr(v->text, '?', v->size)))
			return true;
	return false;
}

static bool suits_type(struct compile *c, const struct node *n, const struct modifiers *m, uint16_t source)
{
	enum field_type type = source_type(source);
	bool number = type == FIELD_TYPE_UINT || type == FIELD_TYPE_REAL;
	const char *name = source_name(source), *type_name = field_type_name(type);

	if ((m->bits & MOD_CIDR) && type != FIELD_TYPE_IP)
		return key_error(c, n, "'cidr' needs a field of type ip; %s is %s", name, type_name);
	if ((m->bits & MOD_PART) && type != FIELD_TYPE_TIME)
		return key_error(c, n, "a part of a date needs a field of type time; %s is %s", name, type_name);
	if ((m->bits & MOD_COMPARE) && !number && !(m->bits & MOD_PART))
		return key_error(c, n, "lt, lte, gt and gte need a number; %s is %s", name, type_name);
	if (type == FIELD_TYPE_BOOL && (m->bits & ~(uint32_t)(MOD_NEQ | MOD_EXPAND | MOD_ALL)))
		return key_error(c, n, "%s is true or false: it takes no such modifier", name);
	return true;
}

static bool tests_typed(struct compile *c, const struct node *n, const struct modifiers *m, const struct operand *o,
			struct item *ret)
{
	enum field_type type = source_type(o->sources[0]);
	bool text = type == FIELD_TYPE_TEXT || type == FIELD_TYPE_SECRET || (type == FIELD_TYPE_TIME && !m->part) ||
		    (type != FIELD_TYPE_BOOL && as_text(m, n));
	struct values v = { 0 };
	bool ok = values_read(c, n, m, text && !(m->bits & MOD_RE), &v);

	if (ok && text)
		ok = tests_text(c, m, o, &v, ret);
	else if (ok && type == FIELD_TYPE_BOOL)
		ok = tests_bool(c, &v, ret);
	else if (ok && type == FIELD_TYPE_IP)
		ok = tests_address(c, m, &v, ret);
	else if (ok)
		ok = tests_number(c, o, &v, ret);
	values_release(&v);
	return ok;
}

/* ---- foreign vocabularies ---- */

/* Words of the table that the rule's values hold for are replaced by ours; a word we never see holds for nothing. */
static bool tests_translate(struct compile *c, const struct foreign_word *words, struct item *item)
{
	size_t max = 0, count = 0;

	for (const struct foreign_word *w = words; w->word; w++)
		max += ARRAY_SIZE(w->ours);
	struct test *tests = store_take(&c->rules->store, (max + 1) * sizeof(*tests));
	if (!tests)
		return compile_memory(c);
	for (const struct foreign_word *w = words; w->word; w++) {
		bool holds = false;

		for (size_t i = 0; i < item->n_tests && !holds; i++) {
			c->rules->folded_from = (struct bytes){ 0 };
			holds = test_holds(c->rules, &item->tests[i], item->cased, bytes_string(w->word));
		}
		for (size_t i = 0; holds && i < ARRAY_SIZE(w->ours) && w->ours[i]; i++)
			tests[count++] = (struct test){ .kind = TEST_EQUAL, .needle = bytes_string(w->ours[i]) };
	}
	item->tests = tests;
	item->n_tests = count;
	item->all = item->cased = false;
	return true;
}

/* ---- items that compare with no value ---- */

static bool item_exists(struct compile *c, const struct node *n, struct item *item)
{
	bool wanted;

	if (n->kind != NODE_SCALAR || !truth_parse(n->text, &wanted))
		return node_error(c->document, n, c->err, "'exists' takes true or false");
	item->kind = ITEM_EXISTS;
	item->negate ^= !wanted;
	return true;
}

static bool item_reference(struct compile *c, const struct node *n, const struct modifiers *m, struct item *item)
{
	struct operand other;

	if (n->kind != NODE_SCALAR)
		return node_error(c->document, n, c->err, "'fieldref' takes the name of a field");
	if (!operand_find(c, n, false, bytes_of(n->text, n->size), &other))
		return false;
	item->kind = ITEM_REFERENCE;
	item->cased = m->bits & MOD_CASED;
	item->other = other.sources[0];
	item->reference = m->bits & MOD_CONTAINS ? TEST_CONTAIN : m->bits & MOD_STARTSWITH ? TEST_START :
			  m->bits & MOD_ENDSWITH ? TEST_END : TEST_EQUAL;
	reads_add(c, item->other);
	return true;
}

static bool item_null(struct compile *c, const struct node *n, const struct modifiers *m, struct item *item)
{
	if (m->bits & ~(uint32_t)MOD_NEQ)
		return key_error(c, n, "null takes no modifier but 'neq'");
	item->kind = ITEM_EXISTS;
	item->negate = !item->negate;
	return true;
}

static bool has_empty(const struct item *item)
{
	for (size_t i = 0; i < item->n_tests; i++)
		if (item->tests[i].kind == TEST_EQUAL && item->tests[i].needle.size == 0)
			return true;
	return false;
}

static bool item_values(struct compile *c, const struct node *n, const struct modifiers *m, const struct operand *o,
			struct item *item)
{
	for (unsigned i = 0; i < o->n_sources; i++)
		if (!suits_type(c, n, m, o->sources[i]))
			return false;
	if (!tests_typed(c, n, m, o, item))
		return false;
	item->compare = m->compare;
	item->part = m->part;
	item->absent_too = o->absent_is_empty && item->kind == ITEM_TEXT && has_empty(item);
	return !o->words || tests_translate(c, o->words, item);
}

const struct expr *item_compile(struct compile *c, const struct node *n)
{
	struct modifiers m;
	struct bytes name;
	struct operand o;
	bool ok;

	if (!modifiers_parse(c, n, &name, &m))
		return NULL;
	if (!name.size && m.bits == MOD_ALL)
		return keyword_compile(c, n, true);
	if (!operand_find(c, n, true, name, &o))
		return NULL;
	struct item *item = store_take(&c->rules->store, sizeof(*item));
	if (!item) {
		compile_memory(c);
		return NULL;
	}
	item->negate = m.bits & MOD_NEQ;
	item->all = m.bits & MOD_ALL;
	item->n_sources = o.n_sources;
	memcpy(item->sources, o.sources, sizeof(item->sources));
	for (unsigned i = 0; i < o.n_sources; i++)
		reads_add(c, o.sources[i]);
	if (m.bits & MOD_EXISTS)
		ok = item_exists(c, n, item);
	else if (m.bits & MOD_FIELDREF)
		ok = item_reference(c, n, &m, item);
	else if (n->kind == NODE_NULL)
		ok = item_null(c, n, &m, item);
	else
		ok = item_values(c, n, &m, &o, item);
	return ok ? expr_item(c, item) : NULL;
}

/* Words searched for in every text of the record. */
const struct expr *keyword_compile(struct compile *c, const struct node *n, bool all)
{
	struct modifiers m = { .bits = MOD_CONTAINS };
	struct operand o = { 0 };
	struct values v = { 0 };
	struct item *item = store_take(&c->rules->store, sizeof(*item));

	if (!item) {
		compile_memory(c);
		return NULL;
	}
	bool ok = values_read(c, n, &m, true, &v) && tests_text(c, &m, &o, &v, item);
	values_release(&v);
	item->kind = ITEM_KEYWORD;
	item->all = all;
	for (unsigned f = 0; f < FIELD_COUNT; f++)
		if (fields[f].type == FIELD_TYPE_TEXT)
			field_set_add(c->reads, f);
	return ok ? expr_item(c, item) : NULL;
}
