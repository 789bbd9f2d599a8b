/* SPDX-License-Identifier: BSD-2-Clause
 * Which matches are one alert. A group is a rule id and the values of some fields (the shape). Documents of one rule id
 * may name different fields: one that lists fewer belongs to a group that agrees in those, so that "many attempts"
 * raises the alert of the single attempt instead of opening a second one. Where neither lists all fields of the other
 * they are different alerts.
 *
 * Values are held as bytes, one part a field: size (UINT32_MAX: absent), then the value; texts in lower case, because
 * accounts and host names know no case. */
#include <stdlib.h>

#include "alert.h"

/* alert.key must be the same in every run: this key is part of the format and never changes. */
static const struct hash_key fixed_key = { UINT64_C(0x73656e736f726420), UINT64_C(0x616c6572742e6b79) };

/* ---- values ---- */

static void add_lower(struct text *out, struct bytes b)
{
	for (size_t i = 0; i < b.size; i++)
		text_char(out, ascii_lower((char)b.at[i]));
}

static void add_size(struct text *out, uint32_t size)
{
	text_add(out, bytes_of(&size, sizeof(size)));
}

static bool is_text(enum field f)
{
	return fields[f].type == FIELD_TYPE_TEXT || fields[f].type == FIELD_TYPE_SECRET;
}

static void add_part(struct text *out, const struct record *r, enum field f)
{
	const struct value *v = record_get(r, f);

	if (!v) {
		add_size(out, UINT32_MAX);
	} else if (is_text(f)) {
		add_size(out, v->size);
		add_lower(out, value_text(r, v));
	} else if (fields[f].type == FIELD_TYPE_IP) {
		add_size(out, sizeof(v->ip));
		text_add(out, bytes_of(&v->ip, sizeof(v->ip)));
	} else {
		add_size(out, sizeof(v->uint));
		text_add(out, bytes_of(&v->uint, sizeof(v->uint)));
	}
}

static struct bytes record_ident(const struct shape *s, const struct record *r, struct text *out)
{
	out->used = 0;
	for (size_t i = 0; i < s->count; i++)
		add_part(out, r, s->fields[i]);
	return text_bytes(out);
}

/* Takes the next part, its size included, off an ident. */
static struct bytes next_part(struct bytes *rest)
{
	uint32_t size = UINT32_MAX;

	if (rest->size < sizeof(size))
		return (struct bytes){ 0 };
	memcpy(&size, rest->at, sizeof(size));
	size_t whole = sizeof(size) + (size == UINT32_MAX ? 0 : size);
	whole = whole < rest->size ? whole : rest->size;
	struct bytes part = bytes_of(rest->at, whole);
	*rest = bytes_of(rest->at + whole, rest->size - whole);
	return part;
}

uint64_t group_key(const struct document_memo *memo, const struct record *r)
{
	UNINITIALIZED char room[GROUP_IDENT];
	char shown[64];
	struct text t = TEXT_ON(room);
	const struct shape *s = &memo->family->shapes[memo->shape];

	text_string(&t, memo->family->rule_id);
	for (size_t i = 0; i < s->count; i++) {
		const struct value *v = record_get(r, s->fields[i]);
		if (!v)
			continue;
		struct bytes value = record_show(r, s->fields[i], v, shown, sizeof(shown));
		text_char(&t, '\n');
		text_string(&t, fields[s->fields[i]].name);
		text_char(&t, ' ');
		text_decimal(&t, value.size);
		text_char(&t, ' ');
		add_lower(&t, value);
	}
	return hash_bytes(&fixed_key, room, t.used);
}

/* ---- shapes and families ---- */

static bool shape_has(const struct shape *s, enum field f)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->fields[i] == f)
			return true;
	return false;
}

static void shape_add(struct shape *s, enum field f)
{
	size_t i = s->count;

	if (s->count == GROUP_FIELDS || shape_has(s, f))
		return;
	for (; i > 0 && s->fields[i - 1] > f; i--)
		s->fields[i] = s->fields[i - 1];
	s->fields[i] = f;
	s->count++;
}

static struct shape shape_shared(const struct shape *a, const struct shape *b)
{
	struct shape shared = { .count = 0 };

	for (size_t i = 0; i < a->count; i++)
		if (shape_has(b, a->fields[i]))
			shape_add(&shared, a->fields[i]);
	return shared;
}

static struct shape shape_of(const struct rule_about *about)
{
	static const enum field usual[] = { FIELD_SOURCE_IP, FIELD_DESTINATION_IP };
	const enum field *list = about->n_group ? about->group : usual;
	size_t n = about->n_group ? about->n_group : ARRAY_SIZE(usual);
	struct shape s = { .count = 0 };

	for (size_t i = 0; i < n; i++)
		shape_add(&s, list[i]);
	return s;
}

static bool shape_equal(const struct shape *a, const struct shape *b)
{
	return a->count == b->count && memcmp(a->fields, b->fields, a->count * sizeof(a->fields[0])) == 0;
}

/* Number of the shape in the family, noted there where new; GROUP_SHAPES where there is no room. */
static size_t family_shape(struct family *f, const struct shape *s)
{
	for (size_t i = 0; i < f->n_shapes; i++)
		if (shape_equal(&f->shapes[i], s))
			return i;
	if (f->n_shapes == GROUP_SHAPES)
		return GROUP_SHAPES;
	f->shapes[f->n_shapes] = *s;
	return f->n_shapes++;
}

static struct family *family_make(struct groups *all, const char *rule_id)
{
	for (struct family *f = all->families; f; f = f->next)
		if (strcmp(f->rule_id, rule_id) == 0)
			return f;
	struct family *f = calloc(1, sizeof(*f));
	if (!f)
		return NULL;
	f->rule_id = strdup(rule_id);
	if (!f->rule_id) {
		free(f);
		return NULL;
	}
	f->next = all->families;
	all->families = f;
	return f;
}

struct document_memo *groups_memo(struct groups *all, const struct rule_about *about, const struct catalogue *catalogue)
{
	struct document_memo *memo = table_peek(all->memos, &about);
	struct shape s = shape_of(about);
	bool fresh;

	if (memo && memo->family)
		return memo;
	struct family *family = family_make(all, about->rule_id);
	memo = family ? table_make(all->memos, &about, 0, &fresh) : NULL;
	if (!memo)
		return NULL;
	memo->family = family;
	memo->shape = family_shape(family, &s);
	if (memo->shape == GROUP_SHAPES)
		memo->shape = 0; /* too many shapes: grouped as the rule's first document is */
	memo->entry = catalogue_find(catalogue, about->name, about->rule_id);
	return memo;
}

/* ---- the index ---- */

bool groups_init(struct groups *all, const struct hash_key *key)
{
	all->key = *key;
	all->n_buckets = 256;
	all->buckets = calloc(all->n_buckets, sizeof(*all->buckets));
	all->memos = table_new(sizeof(struct rule_about *), sizeof(struct document_memo), 65536, key, NULL, NULL);
	return all->buckets && all->memos;
}

void groups_release(struct groups *all)
{
	while (all->families) {
		struct family *f = all->families;
		all->families = f->next;
		free(f->rule_id);
		free(f);
	}
	table_free(all->memos);
	free(all->buckets);
}

void groups_forget(struct groups *all)
{
	struct family **at = &all->families;

	table_expire(all->memos, UINT64_MAX);
	while (*at) {
		struct family *f = *at;

		if (f->newest) {
			at = &f->next;
			continue;
		}
		*at = f->next;
		free(f->rule_id);
		free(f);
	}
}

static uint64_t ident_hash(const struct groups *all, const struct family *f, size_t shape, struct bytes ident)
{
	struct hash_key key = { all->key.k0 ^ (uintptr_t)f, all->key.k1 ^ shape };

	return hash_bytes(&key, ident.at, ident.size);
}

static struct group *lookup(const struct groups *all, const struct family *f, size_t shape, struct bytes ident)
{
	uint64_t hash = ident_hash(all, f, shape, ident);

	for (struct group *g = all->buckets[hash & (all->n_buckets - 1)]; g; g = g->chain)
		if (g->hash == hash && g->family == f && g->shape == shape &&
		    bytes_equal(bytes_of(g->ident, g->ident_size), ident))
			return g;
	return NULL;
}

static void enchain(struct groups *all, struct group *g)
{
	struct group **bucket = &all->buckets[g->hash & (all->n_buckets - 1)];

	g->chain = *bucket;
	*bucket = g;
}

static void unchain(struct groups *all, struct group *g)
{
	struct group **at = &all->buckets[g->hash & (all->n_buckets - 1)];

	while (*at != g)
		at = &(*at)->chain;
	*at = g->chain;
}

static void grow(struct groups *all)
{
	struct group **buckets = calloc(all->n_buckets * 2, sizeof(*buckets));

	if (!buckets)
		return; /* longer chains, nothing worse */
	free(all->buckets);
	all->buckets = buckets;
	all->n_buckets *= 2;
	for (struct group *g = all->oldest; g; g = g->newer)
		enchain(all, g);
}

/* Do the values of the record agree with the group in every field that both shapes name (at least one present)? */
static bool agrees(const struct group *g, const struct shape *wanted, const struct record *r)
{
	char room[GROUP_IDENT];
	const struct shape *s = &g->family->shapes[g->shape];
	struct bytes rest = bytes_of(g->ident, g->ident_size);
	bool any = false;

	for (size_t i = 0; i < s->count; i++) {
		struct bytes part = next_part(&rest);
		struct text t = TEXT_ON(room);
		if (!shape_has(wanted, s->fields[i]))
			continue;
		add_part(&t, r, s->fields[i]);
		if (!bytes_equal(part, text_bytes(&t)))
			return false;
		any = any || record_has(r, s->fields[i]);
	}
	return any;
}

static bool shape_within(const struct shape *a, const struct shape *b)
{
	return shape_shared(a, b).count == a->count;
}

/* Groups that name fewer fields than the document: found by their own values. One of a lower level does not take it: what
 * got through is told for each target, though the attempts that were stopped were one alert. */
static struct group *find_wider(const struct groups *all, const struct document_memo *memo, const struct record *r,
				enum level level)
{
	char room[GROUP_IDENT];
	struct text t = TEXT_ON(room);
	const struct family *f = memo->family;
	struct group *best = NULL;

	for (size_t i = 0; i < f->n_shapes; i++) {
		if (i == memo->shape || !shape_within(&f->shapes[i], &f->shapes[memo->shape]))
			continue;
		struct group *g = lookup(all, f, i, record_ident(&f->shapes[i], r, &t));
		if (g && g->level >= level && agrees(g, &f->shapes[memo->shape], r) &&
		    (!best || g->opened_ns > best->opened_ns))
			best = g;
	}
	return best;
}

/* Groups that name more fields than the document: any of them agrees, the newest is the one it speaks of. */
static struct group *find_narrower(const struct document_memo *memo, const struct record *r)
{
	const struct family *f = memo->family;
	const struct shape *wanted = &f->shapes[memo->shape];
	size_t left = GROUP_SCAN;

	for (struct group *g = f->newest; g && left > 0; g = g->family_older, left--)
		if (g->shape != memo->shape && shape_within(wanted, &f->shapes[g->shape]) && agrees(g, wanted, r))
			return g;
	return NULL;
}

struct group *groups_find(struct groups *all, const struct document_memo *memo, const struct record *r, enum level level)
{
	char room[GROUP_IDENT];
	struct text t = TEXT_ON(room);
	const struct family *f = memo->family;
	struct group *g = lookup(all, f, memo->shape, record_ident(&f->shapes[memo->shape], r, &t));

	if (g || f->n_shapes == 1 || !f->newest)
		return g;
	g = find_wider(all, memo, r, level);
	return g ? g : find_narrower(memo, r);
}

static bool set_ident(struct groups *all, struct group *g, size_t shape, struct bytes ident)
{
	uint8_t *copy = malloc(ident.size ? ident.size : 1);

	if (!copy)
		return false;
	if (ident.size)
		memcpy(copy, ident.at, ident.size);
	free(g->ident);
	g->ident = copy;
	g->ident_size = ident.size;
	g->shape = shape;
	g->hash = ident_hash(all, g->family, shape, ident);
	return true;
}

static void link_group(struct groups *all, struct group *g)
{
	g->older = all->newest;
	*(all->newest ? &all->newest->newer : &all->oldest) = g;
	all->newest = g;
	g->family_older = g->family->newest;
	if (g->family_older)
		g->family_older->family_newer = g;
	g->family->newest = g;
	all->count++;
}

struct group *groups_open(struct groups *all, const struct document_memo *memo, const struct record *r)
{
	char room[GROUP_IDENT];
	struct text t = TEXT_ON(room);
	struct group *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->family = memo->family;
	if (!set_ident(all, g, memo->shape, record_ident(&memo->family->shapes[memo->shape], r, &t))) {
		free(g);
		return NULL;
	}
	if (all->count >= all->n_buckets)
		grow(all);
	enchain(all, g);
	link_group(all, g);
	return g;
}

void groups_widen(struct groups *all, struct group *g, const struct document_memo *memo)
{
	char room[GROUP_IDENT];
	struct text t = TEXT_ON(room);
	struct family *f = g->family;
	struct shape now = f->shapes[g->shape];
	struct shape shared = shape_shared(&now, &f->shapes[memo->shape]);
	struct bytes rest = bytes_of(g->ident, g->ident_size);

	if (shared.count == 0 || shared.count == now.count)
		return;
	size_t shape = family_shape(f, &shared);
	for (size_t i = 0; i < now.count; i++) {
		struct bytes part = next_part(&rest);
		if (shape_has(&shared, now.fields[i]))
			text_add(&t, part);
	}
	if (shape == GROUP_SHAPES || lookup(all, f, shape, text_bytes(&t)))
		return;
	unchain(all, g);
	(void)set_ident(all, g, shape, text_bytes(&t)); /* without memory it stays as narrow as it was */
	enchain(all, g);
}

static void words_release(struct words *w)
{
	for (size_t i = 0; i < w->count; i++)
		free(w->items[i]);
	free(w->items);
}

void words_add(struct words *w, size_t max, struct bytes word)
{
	if (word.size == 0 || w->count >= max)
		return;
	word.size = word.size < ALERT_TEXT ? word.size : ALERT_TEXT;
	for (size_t i = 0; i < w->count; i++)
		if (bytes_equal_nocase(bytes_string(w->items[i]), word))
			return;
	if (!w->items)
		w->items = calloc(max, sizeof(*w->items));
	if (!w->items)
		return;
	char *copy = strndup((const char *)word.at, word.size);
	if (copy)
		w->items[w->count++] = copy;
}

static size_t words_bytes(const struct words *w, size_t room)
{
	size_t bytes = w->items ? room * sizeof(*w->items) : 0;

	for (size_t i = 0; i < w->count; i++)
		bytes += strlen(w->items[i]) + 1;
	return bytes;
}

size_t group_bytes(const struct group *g)
{
	return sizeof(*g) + g->ident_size + (g->base ? record_packed_size(g->base) : 0) + (g->ips ? ALERT_RELATED * sizeof(*g->ips) : 0) +
	       words_bytes(&g->users, ALERT_RELATED) + words_bytes(&g->values, ALERT_VALUES);
}

void group_free(struct group *g)
{
	if (!g)
		return;
	words_release(&g->users);
	words_release(&g->values);
	record_free(g->base);
	free(g->ips);
	free(g->ident);
	free(g);
}

void groups_close(struct groups *all, struct group *g)
{
	unchain(all, g);
	*(g->older ? &g->older->newer : &all->oldest) = g->newer;
	*(g->newer ? &g->newer->older : &all->newest) = g->older;
	*(g->family_newer ? &g->family_newer->family_older : &g->family->newest) = g->family_older;
	if (g->family_older)
		g->family_older->family_newer = g->family_newer;
	all->count--;
	group_free(g);
}
