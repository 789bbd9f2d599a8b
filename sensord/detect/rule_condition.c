/* SPDX-License-Identifier: BSD-2-Clause
 * The condition (Sigma rules specification 2.1, "Condition"). Binding from least to most: or, and, not, "x of y",
 * parentheses. A list of conditions is an OR. Recursive descent, RULE_DEPTH deep at most.
 *
 *   or    = and { "or" and }            and  = not { "and" not }
 *   not   = "not" not | atom
 *   atom  = "(" or ")" | ("1" | "any" | "all") "of" ("them" | pattern) | identifier */
#include <stdlib.h>

#include "rule_private.h"

struct condition {
	struct compile *c;
	const struct node *n;
	const struct selection *all;
	size_t count;
	const char *at;       /* next character */
	struct bytes word;    /* the token looked at; empty at the end */
	unsigned depth;
};

static bool is_space(char ch) { return ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r'; }

static void advance(struct condition *p)
{
	while (is_space(*p->at))
		p->at++;

	const char *start = p->at;
	if (*p->at == '(' || *p->at == ')' || *p->at == '|')
		p->at++;
	else
		while (*p->at && !is_space(*p->at) && !strchr("()|", *p->at))
			p->at++;
	p->word = bytes_of(start, (size_t)(p->at - start));
}

static bool is_word(const struct condition *p, const char *word)
{
	return bytes_equal_nocase(p->word, bytes_string(word));
}

/* Error at the token looked at; in a block scalar only its start is known. */
static const struct expr *fail(struct condition *p, const char *what)
{
	unsigned column = p->n->column + (unsigned)((const char *)p->word.at - p->n->text) + (p->n->quoted ? 1 : 0);

	if (memchr(p->n->text, '\n', p->n->size))
		column = p->n->column;
	if (p->word.size)
		error_at(p->c->err, document_name(p->c->document), p->n->line, column, "%s, not '%.*s'", what,
			 (int)p->word.size, (const char *)p->word.at);
	else
		error_at(p->c->err, document_name(p->c->document), p->n->line, column, "%s at the end of the condition",
			 what);
	return NULL;
}

static bool glob_name(const char *pattern, size_t size, const char *name)
{
	const char *star = NULL, *back = NULL;
	size_t i = 0, star_i = 0;

	while (*name) {
		if (i < size && pattern[i] == '*') {
			star = name;
			star_i = ++i;
			back = name;
		} else if (i < size && pattern[i] == *name) {
			i++;
			name++;
		} else if (star) {
			name = ++back;
			i = star_i;
		} else {
			return false;
		}
	}
	while (i < size && pattern[i] == '*')
		i++;
	return i == size;
}

static const struct expr *parse_of(struct condition *p, bool all)
{
	const struct expr **parts, *e;
	size_t n = 0;

	advance(p); /* "of" is known to stand here */
	advance(p);
	if (!p->word.size || strchr("()|", (char)p->word.at[0]))
		return fail(p, "expected a pattern or 'them' behind 'of'");
	parts = calloc(p->count + 1, sizeof(*parts));
	if (!parts) {
		compile_memory(p->c);
		return NULL;
	}
	for (size_t i = 0; i < p->count; i++) {
		const char *name = p->all[i].name;
		bool takes = is_word(p, "them") ? name[0] != '_' :
			     glob_name((const char *)p->word.at, p->word.size, name);
		if (takes)
			parts[n++] = p->all[i].expr;
	}
	e = n ? expr_join(p->c, all ? EXPR_AND : EXPR_OR, parts, n)
	      : fail(p, "expected a pattern that some selection fits");
	free(parts);
	if (e)
		advance(p);
	return e;
}

static const struct expr *parse_or(struct condition *p);

static const struct expr *unknown_identifier(struct condition *p)
{
	const char **names = calloc(p->count + 1, sizeof(*names)), *near = NULL;
	char word[64] = "", text[160];

	memcpy(word, p->word.at, p->word.size < sizeof(word) ? p->word.size : sizeof(word) - 1);
	for (size_t i = 0; names && i < p->count; i++)
		names[i] = p->all[i].name;
	if (names)
		near = conf_suggest(word, names);
	struct text t = TEXT_ON(text);
	text_printf(&t, "expected the name of a selection%s%s%s", near ? " (did you mean '" : "", near ? near : "",
		    near ? "'?)" : "");
	free(names);
	return fail(p, text_end(&t));
}

/* "1 of", "all of": a selection may itself be named "all", so the next word decides. */
static bool is_of(struct condition *p)
{
	struct condition ahead = *p;

	if (!is_word(p, "1") && !is_word(p, "all") && !is_word(p, "any"))
		return false;
	advance(&ahead);
	return is_word(&ahead, "of");
}

static const struct expr *parse_atom(struct condition *p)
{
	const struct expr *e;

	if (is_word(p, "(")) {
		advance(p);
		e = parse_or(p);
		if (!e)
			return NULL;
		if (!is_word(p, ")"))
			return fail(p, "expected ')'");
		advance(p);
		return e;
	}
	if (is_of(p))
		return parse_of(p, is_word(p, "all"));
	if (!p->word.size || is_word(p, ")") || is_word(p, "and") || is_word(p, "or"))
		return fail(p, "expected a selection, 'not' or '('");
	if (is_word(p, "|"))
		return fail(p, "aggregations are obsolete: write a correlation");
	for (size_t i = 0; i < p->count; i++) {
		if (!bytes_equal(p->word, bytes_string(p->all[i].name)))
			continue;
		advance(p);
		return p->all[i].expr;
	}
	return unknown_identifier(p);
}

static const struct expr *parse_not(struct condition *p)
{
	bool negate = false;

	while (is_word(p, "not")) {
		negate = !negate;
		advance(p);
	}
	const struct expr *e = parse_atom(p);
	return e && negate ? expr_not(p->c, e) : e;
}

/* A chain of one operator: its parts joined at once, so that long chains make no deep trees. */
static const struct expr *parse_chain(struct condition *p, const char *word, enum expr_kind kind,
				      const struct expr *(*part)(struct condition *))
{
	const struct expr *parts[RULE_TERMS];
	size_t n = 0;

	for (;;) {
		if (n == RULE_TERMS)
			return fail(p, "too many terms in one chain");
		parts[n] = part(p);
		if (!parts[n++])
			return NULL;
		if (!is_word(p, word))
			return expr_join(p->c, kind, parts, n);
		advance(p);
	}
}

static const struct expr *parse_and(struct condition *p)
{
	return parse_chain(p, "and", EXPR_AND, parse_not);
}

static const struct expr *parse_or(struct condition *p)
{
	if (++p->depth > RULE_DEPTH)
		return fail(p, "the condition is nested too deeply");
	const struct expr *e = parse_chain(p, "or", EXPR_OR, parse_and);
	p->depth--;
	return e;
}

static const struct expr *parse_one(struct compile *c, const struct node *n, const struct selection *all, size_t count)
{
	struct condition p = { c, n, all, count, n->text, { 0 }, 0 };
	const struct expr *e;

	if (n->kind != NODE_SCALAR) {
		node_error(c->document, n, c->err, "a condition is a text, or a list of texts");
		return NULL;
	}
	advance(&p);
	e = parse_or(&p);
	if (e && p.word.size)
		return fail(&p, is_word(&p, "|") ? "aggregations are obsolete: write a correlation" :
						   "expected 'and' or 'or'");
	return e;
}

const struct expr *condition_compile(struct compile *c, const struct node *n, const struct selection *all, size_t count)
{
	const struct expr *parts[RULE_TERMS];
	size_t i = 0;

	if (n->kind != NODE_LIST)
		return parse_one(c, n, all, count);
	if (!n->first || n->count > RULE_TERMS) {
		node_error(c->document, n, c->err, "a list of conditions has 1 to %d", RULE_TERMS);
		return NULL;
	}
	for (const struct node *one = n->first; one; one = one->next) {
		parts[i] = parse_one(c, one, all, count);
		if (!parts[i++])
			return NULL;
	}
	return expr_join(c, EXPR_OR, parts, i);
}
