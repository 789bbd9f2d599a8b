/* SPDX-License-Identifier: BSD-2-Clause
 * The section `correlation` (Sigma correlation rules specification 2.1): read when its document is met, linked to the
 * rules it names once all documents are there. What happens at match time is in rule_fire.c. */
#include <math.h>
#include <stdlib.h>

#include "rule_private.h"

static const struct { const char *name; enum correlation_kind kind; } kinds[] = {
	{ "event_count", CORRELATION_EVENT_COUNT },
	{ "value_count", CORRELATION_VALUE_COUNT },
	{ "value_sum", CORRELATION_VALUE_SUM },
	{ "value_avg", CORRELATION_VALUE_AVG },
	{ "temporal", CORRELATION_TEMPORAL },
	{ "temporal_ordered", CORRELATION_TEMPORAL_ORDERED },
};

static bool is_temporal(const struct correlation *k)
{
	return k->kind == CORRELATION_TEMPORAL || k->kind == CORRELATION_TEMPORAL_ORDERED;
}

/* ---- reading ---- */

static bool kind_read(struct compile *c, const struct node *section, struct correlation *k)
{
	const struct node *n = node_get(section, "type");
	const char *names[ARRAY_SIZE(kinds) + 1] = { NULL };

	if (!n || n->kind != NODE_SCALAR)
		return node_error(c->document, n ? n : section, c->err, "a correlation needs its 'type'");
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		names[i] = kinds[i].name;
		if (strcmp(n->text, kinds[i].name) == 0) {
			k->kind = kinds[i].kind;
			return true;
		}
	}
	const char *near = conf_suggest(n->text, names);
	if (strcmp(n->text, "value_percentile") == 0)
		return node_error(c->document, n, c->err, "value_percentile is not supported");
	return node_error(c->document, n, c->err, "unknown type of correlation '%s'%s%s%s", n->text,
			  near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static bool bound_read(struct compile *c, const struct node *n, struct correlation *k)
{
	static const char *const names[6] = { "eq", "lt", "lte", "gt", "gte", "neq" };
	char *end;

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(n->key, names[i]) != 0)
			continue;
		double v = n->kind == NODE_SCALAR ? strtod(n->text, &end) : NAN;
		if (!isfinite(v) || end == n->text || *end || v < 0)
			return node_error(c->document, n, c->err, "'%s' takes a number", names[i]);
		k->bounds.has[i] = true;
		k->bounds.value[i] = v;
		if (k->kind == CORRELATION_VALUE_SUM || k->kind == CORRELATION_VALUE_AVG)
			return true;
		if (v > RULE_THRESHOLD)
			return node_error(c->document, n, c->err, "counts go up to %d", RULE_THRESHOLD);
		if (v + 1 > (double)k->max_events)
			k->max_events = (size_t)v + 1;
		return true;
	}
	return error_at(c->err, document_name(c->document), n->key_line, n->key_column,
			"unknown criterion '%s': known are gt, gte, lt, lte, eq, neq and field", n->key);
}

static bool bounds_read(struct compile *c, const struct node *section, struct correlation *k)
{
	const struct node *condition = node_get(section, "condition");
	bool any = false;

	if (!condition && is_temporal(k))
		return true;
	if (!condition || condition->kind != NODE_MAP)
		return node_error(c->document, condition ? condition : section, c->err,
				  "a correlation of this type needs a 'condition', as {gte: 10}");
	for (const struct node *n = condition->first; n; n = n->next) {
		if (strcmp(n->key, "field") == 0)
			continue;
		if (!bound_read(c, n, k))
			return false;
		any = true;
	}
	return any || node_error(c->document, condition, c->err, "the condition compares with nothing");
}

static bool timespan_read(struct compile *c, const struct node *section, struct correlation *k)
{
	const struct node *n = node_get(section, "timespan");

	if (!n || n->kind != NODE_SCALAR || !conf_duration(bytes_of(n->text, n->size), &k->timespan_ns) ||
	    !k->timespan_ns)
		return node_error(c->document, n ? n : section, c->err, "a correlation needs its 'timespan', as 10m");
	return true;
}

static bool generate_read(struct compile *c, const struct node *root, const struct node *section, struct correlation *k)
{
	const struct node *n = node_get(root, "generate") ? node_get(root, "generate") : node_get(section, "generate");

	if (n && (n->kind != NODE_SCALAR || !truth_parse(n->text, &k->generate)))
		return node_error(c->document, n, c->err, "'generate' is true or false");
	return true;
}

bool correlation_read(struct compile *c, const struct node *root, struct rule *r)
{
	const struct node *section = node_get(root, "correlation");
	struct correlation *k = store_take(&c->rules->store, sizeof(*k));

	if (!k)
		return compile_memory(c);
	if (section->kind != NODE_MAP)
		return node_error(c->document, section, c->err, "'correlation' is a map");
	k->max_events = RULE_EVENTS;
	r->correlation = k;
	r->about.is_correlation = true;
	return kind_read(c, section, k) && timespan_read(c, section, k) && bounds_read(c, section, k) &&
	       generate_read(c, root, section, k);
}

/* ---- linking ---- */

struct rule *rules_find(const struct rules *r, const char *name)
{
	for (size_t i = 0; i < r->n_list; i++) {
		const struct rule_about *a = &r->list[i]->about;

		if ((a->name && strcmp(a->name, name) == 0) || (a->uuid && strcmp(a->uuid, name) == 0))
			return r->list[i];
	}
	return NULL;
}

static bool is_called(const struct rule *r, const char *name)
{
	return (r->about.name && strcmp(r->about.name, name) == 0) ||
	       (r->about.uuid && strcmp(r->about.uuid, name) == 0);
}

static bool parent_add(struct compile *c, struct rule *child, struct rule *parent, size_t index)
{
	struct parent *all = store_take(&c->rules->store, (child->n_parents + 1) * sizeof(*all));

	if (!all)
		return compile_memory(c);
	if (child->n_parents)
		memcpy(all, child->parents, child->n_parents * sizeof(*all));
	all[child->n_parents] = (struct parent){ parent, index };
	child->parents = all;
	child->n_parents++;
	if (parent->correlation->generate)
		child->generated = true;
	child->silent = !child->generated;
	return true;
}

static bool child_link(struct compile *c, struct rule *r, const struct node *n)
{
	struct rule *child = n->kind == NODE_SCALAR ? rules_find(c->rules, n->text) : NULL;
	struct correlation *k = r->correlation;

	if (!child)
		return node_error(c->document, n, c->err, "no rule has the name or id '%s'", n->text ? n->text : "");
	for (size_t i = 0; i < k->n_children; i++)
		if (k->children[i] == child)
			return node_error(c->document, n, c->err, "the rule '%s' is named twice", n->text);
	if (child->visit == 1)
		return node_error(c->document, n, c->err, "the correlation refers to itself through '%s'", n->text);
	if (child->correlation && child->visit == 0 && !correlation_link(c, child))
		return false;
	if (!child->expr && !child->correlation)
		return node_error(c->document, n, c->err, "the rule '%s' has an error itself", n->text);
	if (!k->n_children)
		r->foreign = child->foreign;
	r->about.datasets |= child->about.datasets;
	k->children[k->n_children] = child;
	return parent_add(c, child, r, k->n_children++);
}

static bool children_link(struct compile *c, const struct node *section, struct rule *r)
{
	const struct node *list = node_get(section, "rules");
	struct correlation *k = r->correlation;

	if (!list || (list->kind == NODE_LIST && !list->first) || list->kind == NODE_MAP || list->kind == NODE_NULL)
		return node_error(c->document, list ? list : section, c->err, "a correlation needs its 'rules'");
	if (k->kind == CORRELATION_TEMPORAL_ORDERED && list->count > RULE_CHILDREN)
		return node_error(c->document, list, c->err, "more than %d rules in one temporal_ordered",
				  RULE_CHILDREN);
	k->children = store_take(&c->rules->store, (list->count + 1) * sizeof(struct rule *));
	if (!k->children)
		return compile_memory(c);
	if (list->kind == NODE_SCALAR)
		return child_link(c, r, list);
	for (const struct node *n = list->first; n; n = n->next)
		if (!child_link(c, r, n))
			return false;
	return true;
}

/* The field of one child that a name of group-by stands for: an alias, or the field itself in the child's own names.
 * A field that the child's records never carry groups as absent. */
static bool group_field(struct compile *c, const struct node *section, const struct rule *child,
			const struct node *name, enum field *ret)
{
	const struct node *alias = node_get(node_get(section, "aliases"), name->text);
	const struct node *use = name;
	struct compile of = *c;
	struct operand o;

	if (alias) {
		use = NULL;
		for (const struct node *n = alias->kind == NODE_MAP ? alias->first : NULL; n; n = n->next)
			if (is_called(child, n->key))
				use = n;
		if (!use || use->kind != NODE_SCALAR)
			return node_error(c->document, alias, c->err, "the alias names no field of the rule '%s'",
					  child->about.name ? child->about.name : child->about.title);
	}
	of.foreign = child->foreign;
	of.datasets = DATASETS_ALL;
	if (!operand_find(&of, use, false, bytes_of(use->text, use->size), &o))
		return false;
	if (o.sources[0] >= FIELD_COUNT)
		return node_error(c->document, use, c->err, "'%s' cannot be grouped by", use->text);
	*ret = o.sources[0];
	field_set_add(c->reads, o.sources[0]);
	return true;
}

static bool group_column(struct compile *c, const struct node *section, struct correlation *k, const struct node *name,
			 size_t column)
{
	for (size_t i = 0; i < k->n_children; i++) {
		enum field *f = &k->group[i * k->n_group + column];

		if (!group_field(c, section, k->children[i], name, f))
			return false;
		if (fields[*f].type != fields[k->group[column]].type)
			return node_error(c->document, name, c->err, "'%s' stands for fields of different types",
					  name->text);
	}
	return true;
}

static bool group_link(struct compile *c, const struct node *section, struct rule *r)
{
	const struct node *list = node_get(section, "group-by");
	struct correlation *k = r->correlation;
	size_t column = 0;

	if (!list || list->kind == NODE_NULL)
		return true;
	if (list->kind == NODE_MAP)
		return node_error(c->document, list, c->err, "'group-by' is a list of fields");
	k->n_group = list->kind == NODE_LIST ? list->count : 1;
	k->group = store_take(&c->rules->store, (k->n_group * k->n_children + 1) * sizeof(*k->group));
	if (!k->group)
		return compile_memory(c);
	for (const struct node *n = list->kind == NODE_LIST ? list->first : list; n;
	     n = list->kind == NODE_LIST ? n->next : NULL) {
		if (n->kind != NODE_SCALAR)
			return node_error(c->document, n, c->err, "expected the name of a field");
		if (!group_column(c, section, k, n, column++))
			return false;
	}
	if (!r->about.n_group) { /* what completes a correlation is most often a record of its last rule */
		r->about.group = k->group + (k->n_children - 1) * k->n_group;
		r->about.n_group = k->n_group;
	}
	return true;
}

static bool values_link(struct compile *c, const struct node *section, struct correlation *k)
{
	const struct node *n = node_get(node_get(section, "condition"), "field");

	if (is_temporal(k) || k->kind == CORRELATION_EVENT_COUNT)
		return true;
	if (!n || n->kind == NODE_MAP || n->kind == NODE_NULL)
		return node_error(c->document, section, c->err, "the condition needs the 'field' whose values count");
	if (!about_fields(c, n, &k->values, &k->n_values))
		return false;
	if (k->kind == CORRELATION_VALUE_COUNT)
		return true;
	enum field_type type = fields[k->values[0]].type;
	if (k->n_values != 1 || (type != FIELD_TYPE_UINT && type != FIELD_TYPE_REAL))
		return node_error(c->document, n, c->err, "expected one field that holds a number");
	return true;
}

static bool link_parts(struct compile *c, struct rule *r)
{
	const struct node *section = node_get(r->root, "correlation");

	if (!children_link(c, section, r))
		return false;
	c->foreign = r->foreign;
	c->datasets = DATASETS_ALL;
	return group_link(c, section, r) && values_link(c, section, r->correlation);
}

bool correlation_link(struct compile *c, struct rule *r)
{
	struct compile own = *c;
	bool ok;

	if (r->visit == 2)
		return true;
	if (c->depth >= RULE_CHAIN)
		return node_error(r->document, r->root, c->err, "the chain of correlations is too long");
	own.depth = c->depth + 1;
	own.document = r->document;
	own.reads = &r->reads;
	r->visit = 1;
	ok = link_parts(&own, r);
	r->visit = 2;
	return ok;
}
