/* SPDX-License-Identifier: BSD-2-Clause
 * What a document says of itself (Sigma rules specification 2.1, "Components"), and our own attributes: alert_by,
 * suppress, enabled; the tags ipa.x, basis.x and attack.tNNNN. */
#include "rule_private.h"

#define SUPPRESS_DEFAULT_NS (10 * NS_PER_MIN)

static const char *const levels[] = { "informational", "low", "medium", "high", "critical" };

const char *level_name(enum level l)
{
	return (unsigned)l < ARRAY_SIZE(levels) ? levels[l] : "unknown";
}

bool level_find(const char *name, enum level *ret)
{
	for (unsigned i = 0; i < ARRAY_SIZE(levels); i++) {
		if (strcmp(name, levels[i]) == 0) {
			*ret = (enum level)i;
			return true;
		}
	}
	return false;
}

bool about_string(struct compile *c, const struct node *map, const char *key, const char **ret)
{
	const struct node *n = node_get(map, key);

	if (!n || n->kind == NODE_NULL)
		return true;
	if (n->kind != NODE_SCALAR)
		return node_error(c->document, n, c->err, "'%s' is a text", key);
	*ret = store_string(&c->rules->store, bytes_of(n->text, n->size));
	return *ret || compile_memory(c);
}

static bool about_strings(struct compile *c, const struct node *map, const char *key, const char *const **ret,
			  size_t *ret_count)
{
	const struct node *n = node_get(map, key);
	size_t count = 0;

	if (!n || n->kind == NODE_NULL)
		return true;
	if (n->kind == NODE_MAP)
		return node_error(c->document, n, c->err, "'%s' is a list of texts", key);
	const char **list = store_take(&c->rules->store, (n->count + 1) * sizeof(*list));
	if (!list)
		return compile_memory(c);
	for (const struct node *v = n->kind == NODE_LIST ? n->first : n; v; v = n->kind == NODE_LIST ? v->next : NULL) {
		if (v->kind != NODE_SCALAR)
			return node_error(c->document, v, c->err, "'%s' is a list of texts", key);
		list[count] = store_string(&c->rules->store, bytes_of(v->text, v->size));
		if (!list[count++])
			return compile_memory(c);
	}
	*ret = list;
	*ret_count = count;
	return true;
}

bool about_fields(struct compile *c, const struct node *n, enum field **ret, size_t *ret_count)
{
	size_t count = 0;
	enum field *list = store_take(&c->rules->store, (n->count + 1) * sizeof(*list));

	if (!list)
		return compile_memory(c);
	for (const struct node *v = n->kind == NODE_LIST ? n->first : n; v; v = n->kind == NODE_LIST ? v->next : NULL) {
		struct operand o;

		if (v->kind != NODE_SCALAR)
			return node_error(c->document, v, c->err, "expected the name of a field");
		if (!operand_find(c, v, false, bytes_of(v->text, v->size), &o))
			return false;
		if (o.sources[0] >= FIELD_COUNT)
			return node_error(c->document, v, c->err, "'%s' cannot be used here", v->text);
		list[count++] = o.sources[0];
		field_set_add(c->reads, o.sources[0]);
	}
	*ret = list;
	*ret_count = count;
	return true;
}

/* ---- tags ---- */

/* "attack.t1071.001" -> "T1071.001"; other tags of ATT&CK name tactics. */
static bool is_technique(const char *tag)
{
	return strncmp(tag, "attack.t", 8) == 0 && tag[8] >= '0' && tag[8] <= '9';
}

static bool tags_read(struct compile *c, struct rule_about *a)
{
	const char **techniques = store_take(&c->rules->store, (a->n_tags + 1) * sizeof(*techniques));

	if (!techniques)
		return compile_memory(c);
	for (size_t i = 0; i < a->n_tags; i++) {
		const char *tag = a->tags[i];
		char *made = NULL;

		if (strncmp(tag, "basis.", 6) == 0) {
			a->basis = tag + 6;
		} else if (strncmp(tag, "ipa.", 4) == 0 || is_technique(tag)) {
			made = store_string(&c->rules->store, bytes_string(strchr(tag, '.') + 1));
			if (!made)
				return compile_memory(c);
			made[0] = made[0] >= 'a' && made[0] <= 'z' ? (char)(made[0] - 32) : made[0];
			if (tag[0] == 'i')
				a->measure = made;
			else
				techniques[a->n_techniques++] = made;
		}
	}
	a->techniques = techniques;
	return true;
}

/* ---- the rest ---- */

/* "E-11" and "E-11-many": a letter, a hyphen, two digits. */
static bool is_own_name(const char *name)
{
	return name[0] >= 'A' && name[0] <= 'Z' && name[1] == '-' && name[2] >= '0' && name[2] <= '9' &&
	       name[3] >= '0' && name[3] <= '9' && (name[4] == '\0' || name[4] == '-');
}

static bool rule_id_make(struct compile *c, struct rule_about *a)
{
	a->rule_id = a->name ? a->name : a->uuid ? a->uuid : a->title;
	if (!a->name || !is_own_name(a->name))
		return true;
	a->rule_id = store_string(&c->rules->store, bytes_of(a->name, 4));
	return a->rule_id || compile_memory(c);
}

static bool level_read(struct compile *c, const struct node *root, enum level *ret)
{
	const struct node *n = node_get(root, "level");

	*ret = LEVEL_MEDIUM;
	if (!n)
		return true;
	if (n->kind != NODE_SCALAR || !level_find(n->text, ret))
		return node_error(c->document, n, c->err,
				  "a level is one of informational, low, medium, high, critical");
	return true;
}

static bool own_attributes(struct compile *c, const struct node *root, struct rule_about *a)
{
	const struct node *suppress = node_get(root, "suppress"), *enabled = node_get(root, "enabled");
	const struct node *alert_by = node_get(root, "alert_by");
	enum field *group;

	a->enabled = true;
	a->suppress_ns = SUPPRESS_DEFAULT_NS;
	if (suppress && (suppress->kind != NODE_SCALAR ||
			 !conf_duration(bytes_of(suppress->text, suppress->size), &a->suppress_ns)))
		return node_error(c->document, suppress, c->err, "'suppress' is a duration, as 10m");
	if (enabled && (enabled->kind != NODE_SCALAR || !truth_parse(enabled->text, &a->enabled)))
		return node_error(c->document, enabled, c->err, "'enabled' is true or false");
	if (!alert_by)
		return true;
	if (!about_fields(c, alert_by, &group, &a->n_group))
		return false;
	a->group = group;
	return true;
}

bool about_read(struct compile *c, const struct node *root, struct rule *ret)
{
	struct rule_about *a = &ret->about;

	a->file = store_string(&c->rules->store, bytes_string(document_name(c->document)));
	a->line = root->line;
	if (!a->file)
		return compile_memory(c);
	if (!about_string(c, root, "title", &a->title) || !about_string(c, root, "name", &a->name) ||
	    !about_string(c, root, "id", &a->uuid) || !about_string(c, root, "description", &a->description) ||
	    !about_string(c, root, "status", &a->status) || !about_string(c, root, "author", &a->author))
		return false;
	if (!a->title)
		return node_error(c->document, root, c->err, "'title' is missing");
	if (!about_strings(c, root, "tags", &a->tags, &a->n_tags) ||
	    !about_strings(c, root, "falsepositives", &a->falsepositives, &a->n_falsepositives))
		return false;
	return level_read(c, root, &a->level) && tags_read(c, a) && rule_id_make(c, a) && own_attributes(c, root, a);
}
