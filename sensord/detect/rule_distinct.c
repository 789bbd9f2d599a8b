/* SPDX-License-Identifier: BSD-2-Clause
 * What correlations tell apart: the group that a record belongs to, and the value that it counts as. */
#include "rule_window.h"

#include <stdlib.h>

/* Alike for what rules compare alike: text without regard to case. */
bool record_words(struct rules *r, const void *source, enum field f, uint64_t ret[2])
{
	const struct record *record = source;
	const struct value *v = record_get(record, f);
	struct bytes text;

	ret[0] = ret[1] = 0;
	if (v && fields[f].type == FIELD_TYPE_IP) {
		memcpy(ret, &v->ip, sizeof(v->ip));
		return true;
	}
	if (v && fields[f].type == FIELD_TYPE_BOOL) {
		ret[0] = v->boolean;
		return true;
	}
	if (v && fields[f].type != FIELD_TYPE_TEXT && fields[f].type != FIELD_TYPE_SECRET) {
		ret[0] = v->uint;
		return true;
	}
	text = v ? fold(r, value_text(record, v)) :
		   record_show(record, f, NULL, r->room, sizeof(r->room)); /* fields of the struct; else empty */
	ret[0] = text.size ? hash_bytes(&r->windows->key, text.at, text.size) : 0;
	ret[1] = text.size;
	return text.size > 0;
}

static uint64_t fields_mark(struct rules *r, const struct hash_key *key, const enum field *f, size_t n, words_of *words,
			    const void *source)
{
	uint64_t mark = n, value[2];

	for (size_t i = 0; i < n; i++) {
		bool there = words(r, source, f[i], value);
		mark = hash_five(key, (const uint64_t[5]){ mark, value[0], value[1], there, i });
	}
	return mark;
}

void window_group(struct rules *r, const struct parent *p, words_of *words, const void *source, struct window_key *ret)
{
	const struct correlation *k = p->rule->correlation;
	const enum field *group = k->n_group ? k->group + p->child * k->n_group : NULL;
	const struct hash_key second = { ~r->windows->key.k1, r->windows->key.k0 ^ UINT64_C(0x6a09e667f3bcc908) };

	ret->correlation = p->rule->window_identity;
	ret->a = fields_mark(r, &r->windows->key, group, k->n_group, words, source);
	ret->b = fields_mark(r, &second, group, k->n_group, words, source);
}

uint64_t window_value(struct rules *r, const struct correlation *k, words_of *words, const void *source)
{
	uint64_t value[2];
	struct address a;

	if (k->n_values != 1 || !words(r, source, k->values[0], value))
		return fields_mark(r, &r->windows->key, k->values, k->n_values, words, source) | MARK_HASHED;
	if (fields[k->values[0]].type == FIELD_TYPE_UINT && value[0] < MARK_HASHED)
		return value[0];
	memcpy(&a, value, sizeof(a));
	const uint8_t *v4 = fields[k->values[0]].type == FIELD_TYPE_IP ? address_v4_octets(&a) : NULL;
	if (v4)
		return (uint64_t)v4[0] << 24 | (uint64_t)v4[1] << 16 | (uint64_t)v4[2] << 8 | v4[3];
	return fields_mark(r, &r->windows->key, k->values, 1, words, source) | MARK_HASHED;
}

char *value_words(const struct correlation *k, const struct record *record)
{
	char room[RULE_VALUE_TEXT], value[RULE_VALUE_TEXT];
	struct text t = TEXT_ON(room);

	for (size_t i = 0; i < k->n_values; i++) {
		const struct value *v = record_get(record, k->values[i]);
		if (i)
			text_char(&t, ' ');
		if (fields[k->values[i]].type != FIELD_TYPE_SECRET)
			text_add(&t, record_show(record, k->values[i], v, value, sizeof(value)));
	}
	return strdup(text_end(&t));
}

bool has_values(const struct correlation *k, const struct record *r)
{
	char room[RULE_VALUE_TEXT];

	for (size_t i = 0; i < k->n_values; i++)
		if (!record_has(r, k->values[i]) && !record_show(r, k->values[i], NULL, room, sizeof(room)).size)
			return false;
	return true;
}
