/* SPDX-License-Identifier: BSD-2-Clause
 * Global filters (Sigma filters specification 2.1): what the filter's condition holds for, the rules it names do not
 * fire for. The filter's own log source says what its field names mean. */
#include "rule_private.h"

static bool apply_to(struct compile *c, const struct node *root, const struct node *n, const struct expr *wanted,
		     const struct field_set *reads)
{
	struct rule *r = n->kind == NODE_SCALAR ? rules_find(c->rules, n->text) : NULL;

	if (!r)
		return node_error(c->document, n, c->err, "no rule has the name or id '%s'", n->text ? n->text : "");
	if (!r->expr)
		return node_error(c->document, n, c->err, "'%s' is a correlation: filter the rules behind it", n->text);
	if (!(r->about.datasets & c->datasets))
		return node_error(c->document, n, c->err, "the filter's log source is not that of '%s'", n->text);
	keep_text(r, root);
	r->expr = expr_join(c, EXPR_AND, (const struct expr *[]){ r->expr, wanted }, 2);
	for (unsigned i = 0; i < ARRAY_SIZE(reads->bits); i++)
		r->reads.bits[i] |= reads->bits[i];
	return r->expr != NULL;
}

bool filter_apply(struct compile *c, const struct node *root)
{
	const struct node *section = node_get(root, "filter"), *list = node_get(section, "rules");
	struct field_set reads = { { 0 } };
	const struct expr *implied, *unwanted, *wanted;

	c->reads = &reads;
	if (!node_get(root, "title"))
		return node_error(c->document, root, c->err, "'title' is missing");
	if (section->kind != NODE_MAP || !list || list->kind != NODE_LIST || !list->first)
		return node_error(c->document, section, c->err,
				  "a filter needs its 'rules', a selection and a condition");
	if (!logsource_find(c, root, &implied))
		return false;
	unwanted = detection_compile(c, section);
	if (unwanted && implied)
		unwanted = expr_join(c, EXPR_AND, (const struct expr *[]){ implied, unwanted }, 2);
	wanted = unwanted ? expr_not(c, unwanted) : NULL;
	if (!wanted)
		return false;
	for (const struct node *n = list->first; n; n = n->next)
		if (!apply_to(c, root, n, wanted, &reads))
			return false;
	return true;
}
