/* SPDX-License-Identifier: BSD-2-Clause
 * The set of rules: files and folders read, documents compiled, references linked, and the set indexed by kind of
 * record. Every error is told; a set with one is not handed out. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "rule_private.h"

#define FOLDER_DEPTH 8

struct load {
	struct rules *rules;
	const struct rules_settings *settings;
	void (*complain)(void *to, const struct error *err);
	void *to;
	struct document **documents;
	size_t n_documents, max_documents;
	bool failed;
};

static void problem(struct load *l, const struct error *err)
{
	l->failed = true;
	if (l->complain)
		l->complain(l->to, err);
}

/* ---- files ---- */

static bool document_keep(struct load *l, struct document *d)
{
	if (l->n_documents == l->max_documents) {
		size_t max = l->max_documents ? l->max_documents * 2 : 32;
		struct document **all = realloc(l->documents, max * sizeof(struct document *));
		if (!all)
			return false;
		l->documents = all;
		l->max_documents = max;
	}
	l->documents[l->n_documents++] = d;
	return true;
}

static void file_read(struct load *l, const char *path)
{
	struct error err = { 0 };
	struct document *d = l->n_documents < RULE_FILES ? document_read(path, &err) : NULL;

	if (d && document_keep(l, d))
		return;
	if (l->n_documents >= RULE_FILES)
		error_at(&err, path, 0, 0, "more than %d files of rules", RULE_FILES);
	else if (d)
		error_set(&err, "out of memory");
	document_free(d);
	problem(l, &err);
}

static void path_read(struct load *l, const char *path, unsigned depth);

static bool is_rule_file(const char *name)
{
	return bytes_ends_nocase(bytes_string(name), bytes_string(".yml"));
}

static void folder_read(struct load *l, const char *path, unsigned depth)
{
	struct dirent **entries;
	struct error err = { 0 };
	int n = depth < FOLDER_DEPTH ? scandir(path, &entries, NULL, alphasort) : -1;

	if (n < 0) {
		error_at(&err, path, 0, 0, "the folder cannot be read");
		problem(l, &err);
		return;
	}
	for (int i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;
		char *inner;
		struct stat st;

		if (name[0] != '.' && asprintf(&inner, "%s/%s", path, name) > 0) {
			if (stat(inner, &st) == 0 && (S_ISDIR(st.st_mode) || is_rule_file(name)))
				path_read(l, inner, depth + 1);
			free(inner);
		}
		free(entries[i]);
	}
	free(entries);
}

static void path_read(struct load *l, const char *path, unsigned depth)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		folder_read(l, path, depth);
	else
		file_read(l, path);
}

/* ---- documents ---- */

static struct rule *rule_new(struct rules *r)
{
	struct rule *rule = store_take(&r->store, sizeof(*rule));

	if (!rule)
		return NULL;
	if (r->n_list == r->max_list) {
		size_t max = r->max_list ? r->max_list * 2 : 64;
		struct rule **list = realloc(r->list, max * sizeof(struct rule *));
		if (!list)
			return NULL;
		r->list = list;
		r->max_list = max;
	}
	r->list[r->n_list++] = rule;
	return rule;
}

static bool unique(struct compile *c, const struct node *root, const struct rule *rule)
{
	const struct rule_about *a = &rule->about;

	for (size_t i = 0; i < c->rules->n_list; i++) {
		const struct rule_about *b = &c->rules->list[i]->about;

		if (c->rules->list[i] == rule)
			continue;
		if (a->name && b->name && strcmp(a->name, b->name) == 0)
			return node_error(c->document, node_get(root, "name"), c->err,
					  "the name '%s' is taken by %s:%u", a->name, b->file, b->line);
		if (a->uuid && b->uuid && strcmp(a->uuid, b->uuid) == 0)
			return node_error(c->document, node_get(root, "id"), c->err, "the id '%s' is taken by %s:%u",
					  a->uuid, b->file, b->line);
	}
	return true;
}

static bool detection_read(struct compile *c, const struct node *root, struct rule *rule)
{
	const struct expr *implied, *e;

	if (!logsource_find(c, root, &implied) || !about_read(c, root, rule))
		return false;
	e = detection_compile(c, node_get(root, "detection"));
	if (e && implied)
		e = expr_join(c, EXPR_AND, (const struct expr *[]){ implied, e }, 2);
	rule->expr = e;
	rule->foreign = c->foreign;
	rule->about.datasets = c->datasets;
	return e != NULL;
}

static bool rule_read(struct compile *c, const struct node *root)
{
	struct rule *rule = rule_new(c->rules);
	bool ok;

	if (!rule)
		return compile_memory(c);
	rule->document = c->document;
	rule->root = root;
	keep_text(rule, root);
	c->reads = &rule->reads;
	c->datasets = DATASETS_ALL;
	c->foreign = NULL;
	if (node_get(root, "detection"))
		ok = detection_read(c, root, rule);
	else
		ok = about_read(c, root, rule) && correlation_read(c, root, rule);
	return ok && unique(c, root, rule);
}

static bool root_read(struct compile *c, const struct node *root)
{
	unsigned kinds = !!node_get(root, "detection") + !!node_get(root, "correlation") + !!node_get(root, "filter");

	if (root->kind != NODE_MAP)
		return node_error(c->document, root, c->err, "a rule is a map");
	if (node_get(root, "action"))
		return node_error(c->document, node_get(root, "action"), c->err,
				  "'action' (rule collections) is obsolete: write the documents out");
	if (kinds != 1)
		return node_error(c->document, root, c->err,
				  "a document is a detection, a correlation or a filter: this is %s",
				  kinds ? "several" : "none");
	return node_get(root, "filter") || rule_read(c, root);
}

/* Calls read for every document of every file; the errors are told as they come. */
static void documents_each(struct load *l, bool (*read)(struct compile *c, const struct node *root))
{
	for (size_t i = 0; i < l->n_documents; i++) {
		for (size_t k = 0; k < document_count(l->documents[i]); k++) {
			struct error err = { 0 };
			struct compile c = { .rules = l->rules, .settings = l->settings, .document = l->documents[i],
					     .err = &err };

			if (!read(&c, document_root(l->documents[i], k)))
				problem(l, &err);
		}
	}
}

static bool filter_read(struct compile *c, const struct node *root)
{
	return !node_get(root, "filter") || filter_apply(c, root);
}

static void correlations_link(struct load *l)
{
	for (size_t i = 0; i < l->rules->n_list; i++) {
		struct error err = { 0 };
		struct compile c = { .rules = l->rules, .settings = l->settings, .err = &err };

		if (l->rules->list[i]->correlation && !correlation_link(&c, l->rules->list[i]))
			problem(l, &err);
	}
}

/* ---- the site's settings ---- */

static bool answers_to(const struct rule_about *a, const char *name)
{
	return strcmp(a->rule_id, name) == 0 || (a->name && strcmp(a->name, name) == 0) ||
	       (a->uuid && strcmp(a->uuid, name) == 0);
}

/* A name that no rule has is told, and is no reason not to start. */
static void unknown_rule(struct load *l, const char *name)
{
	struct error err = { 0 };

	error_set(&err, "no rule is called '%s'", name);
	if (l->complain)
		l->complain(l->to, &err);
}

static void overrides_apply(struct load *l)
{
	const struct rules_settings *s = l->settings;

	for (size_t k = 0; k < s->n_disabled; k++) {
		bool any = false;

		for (size_t i = 0; i < l->rules->n_list; i++) {
			if (!answers_to(&l->rules->list[i]->about, s->disabled[k]))
				continue;
			l->rules->list[i]->about.enabled = false;
			any = true;
		}
		if (!any)
			unknown_rule(l, s->disabled[k]);
	}
	for (size_t k = 0; k < s->n_levels; k++) {
		struct error err = { 0 };
		enum level level;
		bool any = false;

		if (!level_find(s->levels[2 * k + 1], &level)) {
			error_set(&err, "'%s' is no level of a rule", s->levels[2 * k + 1]);
			problem(l, &err);
			continue;
		}
		for (size_t i = 0; i < l->rules->n_list; i++) {
			if (!answers_to(&l->rules->list[i]->about, s->levels[2 * k]))
				continue;
			l->rules->list[i]->about.level = level;
			any = true;
		}
		if (!any)
			unknown_rule(l, s->levels[2 * k]);
	}
}

/* ---- the set ---- */

static int by_name(const void *a, const void *b)
{
	const struct rule_about *x = &(*(struct rule *const *)a)->about, *y = &(*(struct rule *const *)b)->about;
	int order = strcmp(x->name ? x->name : x->rule_id, y->name ? y->name : y->rule_id);

	if (!order)
		order = strcmp(x->title, y->title);
	if (!order)
		order = strcmp(x->file, y->file);
	return order ? order : (x->line > y->line) - (x->line < y->line);
}

bool rule_is_live(const struct rule *r)
{
	if (!r->about.enabled)
		return false;
	if (!r->silent)
		return true;
	for (size_t i = 0; i < r->n_parents; i++)
		if (rule_is_live(r->parents[i].rule))
			return true;
	return false;
}

static bool index_dataset(struct rules *r, enum dataset d)
{
	r->by_dataset[d] = store_take(&r->store, (r->n_list + 1) * sizeof(struct rule *));
	if (!r->by_dataset[d])
		return false;
	for (size_t i = 0; i < r->n_list; i++)
		if (r->list[i]->expr && (r->list[i]->about.datasets & DATASET_BIT(d)) && rule_is_live(r->list[i]))
			r->by_dataset[d][r->n_by_dataset[d]++] = r->list[i];
	return true;
}

static bool index_make(struct rules *r)
{
	if (r->n_list)
		qsort(r->list, r->n_list, sizeof(struct rule *), by_name);
	for (size_t i = 0; i < r->n_list; i++) {
		struct rule *one = r->list[i];

		one->number = (uint32_t)i;
		one->document = NULL;
		one->root = NULL;
		if (one->correlation && one->correlation->timespan_ns > r->longest_ns)
			r->longest_ns = one->correlation->timespan_ns;
		if (!rule_is_live(one))
			continue;
		r->datasets |= one->about.datasets;
		for (unsigned k = 0; k < ARRAY_SIZE(r->reads.bits); k++)
			r->reads.bits[k] |= one->reads.bits[k];
	}
	for (unsigned d = 0; d < DATASET_COUNT; d++)
		if (!index_dataset(r, d))
			return false;
	feeds_make(r);
	return keep_identities(r);
}

static struct rules *rules_new(const struct rules_settings *s)
{
	struct rules *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->match_data = pcre2_match_data_create(1, NULL);
	r->match_context = pcre2_match_context_create(NULL);
	if (!r->match_data || !r->match_context || !windows_new(r, s)) {
		rules_free(r);
		return NULL;
	}
	pcre2_set_match_limit(r->match_context, RULE_MATCH_LIMIT);
	pcre2_set_heap_limit(r->match_context, RULE_HEAP_LIMIT);
	return r;
}

void rules_free(struct rules *r)
{
	if (!r)
		return;
	windows_free(r->windows);
	for (size_t i = 0; i < r->n_codes; i++)
		pcre2_code_free(r->codes[i]);
	free(r->codes);
	pcre2_match_data_free(r->match_data);
	pcre2_match_context_free(r->match_context);
	free(r->list);
	free(r->candidates);
	free(r->verdicts);
	store_release(&r->store);
	free(r);
}

struct rules *rules_view_new(const struct rules *r)
{
	struct rules *view = malloc(sizeof(*view));

	if (!view)
		return NULL;
	*view = *r;
	view->candidates = NULL;
	view->verdicts = NULL;
	view->windows = NULL;
	view->folded_from = (struct bytes){ 0 };
	view->match_data = pcre2_match_data_create(1, NULL);
	if (view->match_data)
		return view;
	free(view);
	return NULL;
}

void rules_view_renew(struct rules *view, const struct rules *r)
{
	view->generation = r->generation;
}

void rules_view_free(struct rules *view)
{
	if (!view)
		return;
	pcre2_match_data_free(view->match_data);
	free(view);
}

static void text_read(struct load *l, const char *name, struct bytes yaml)
{
	struct error err = { 0 };
	struct document *d = document_parse(name, yaml, &err);

	if (d && document_keep(l, d))
		return;
	if (d)
		error_set(&err, "out of memory");
	document_free(d);
	problem(l, &err);
}

static void load_all(struct load *l, const char *name, struct bytes yaml)
{
	for (size_t i = 0; i < l->settings->n_paths; i++)
		path_read(l, l->settings->paths[i], 0);
	if (name)
		text_read(l, name, yaml);
	documents_each(l, root_read);
	if (l->failed)
		return; /* what refers to a broken document would only repeat its error */
	correlations_link(l);
	documents_each(l, filter_read);
	if (l->failed)
		return;
	overrides_apply(l);
	if (!index_make(l->rules)) {
		struct error err = { 0 };
		error_set(&err, "out of memory");
		problem(l, &err);
	}
}

struct rules *rules_parse(const struct rules_settings *s, const char *name, struct bytes yaml,
			  void (*complain)(void *to, const struct error *err), void *to)
{
	struct load l = { .settings = s, .complain = complain, .to = to };
	struct error err = { 0 };

	l.rules = rules_new(s);
	if (l.rules) {
		load_all(&l, name, yaml);
	} else {
		error_set(&err, "out of memory");
		problem(&l, &err);
	}
	for (size_t i = 0; i < l.n_documents; i++)
		document_free(l.documents[i]);
	free(l.documents);
	if (!l.failed)
		return l.rules;
	rules_free(l.rules);
	return NULL;
}

struct rules *rules_load(const struct rules_settings *s, void (*complain)(void *to, const struct error *err), void *to)
{
	return rules_parse(s, NULL, (struct bytes){ 0 }, complain, to);
}

size_t rules_count(const struct rules *r)
{
	return r->n_list;
}

const struct rule_about *rules_about(const struct rules *r, size_t index)
{
	return index < r->n_list ? &r->list[index]->about : NULL;
}

uint32_t rules_datasets(const struct rules *r)
{
	return r->datasets;
}

bool rules_read_field(const struct rules *r, enum field f)
{
	return f < FIELD_COUNT && field_set_has(&r->reads, f);
}
