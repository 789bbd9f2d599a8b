/* SPDX-License-Identifier: BSD-2-Clause
 * Who is meant by `from`, `to` and `targets`: a zone, a role, an address or network, any, internal, external. */
#include "network.h"

#include <stdlib.h>

#define NAMES_MAX 256 /* names offered as suggestions */

static bool keyword(struct bytes word, struct selector *ret)
{
	static const struct {
		const char *word;
		enum selector_kind kind;
	} keywords[] = { { "any", SELECT_ANY },
			 { "external", SELECT_EXTERNAL },
			 { "internet", SELECT_EXTERNAL },
			 { "internal", SELECT_INTERNAL } };

	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++) {
		if (bytes_equal_nocase(word, bytes_string(keywords[i].word))) {
			*ret = (struct selector){ .kind = keywords[i].kind };
			return true;
		}
	}
	return false;
}

static bool named(const struct network *n, struct bytes word, struct selector *ret)
{
	struct bytes rest = word, head = bytes_split(&rest, ':');
	bool zone_only = bytes_equal(head, bytes_string("zone"));
	int zone;

	if (bytes_equal(head, bytes_string("role")) && head.size < word.size) {
		*ret = (struct selector){ .kind = SELECT_ROLE, .role = role_bit(rest) };
		return ret->role != 0;
	}
	zone = network_zone_index(n, zone_only && head.size < word.size ? rest : word);
	if (zone >= 0)
		*ret = (struct selector){ .kind = SELECT_ZONE, .index = (unsigned)zone };
	return zone >= 0;
}

static const char *nearest(const struct network *n, const char *word)
{
	static const char *const others[] = { "any", "external", "internet", "internal", NULL };
	const char *names[NAMES_MAX + 1];
	size_t count = 0;

	if (!strncmp(word, "role:", 5)) {
		const char *near = conf_suggest(word + 5, host_roles);
		return near ? near : conf_suggest(word + 5, zone_roles);
	}
	for (size_t i = 0; i < n->settings->site.zones.count && count < NAMES_MAX - ARRAY_SIZE(others); i++)
		names[count++] = network_zone_setting(n, i)->name;
	for (size_t i = 0; others[i]; i++)
		names[count++] = others[i];
	names[count] = NULL;
	return conf_suggest(strncmp(word, "zone:", 5) ? word : word + 5, names);
}

static bool bad_word(const struct network *n, const struct conf_strings *words, size_t i, const struct document *d,
		     struct error *err)
{
	static const char what[] = "is no zone, role:NAME, address or network";
	const char *word = words->items[i], *near = nearest(n, word);

	return near ? word_error(d, words, i, err, "`%s` %s; did you mean `%s%s`?", word, what,
				 strncmp(word, "role:", 5) ? "" : "role:", near) :
		      word_error(d, words, i, err, "`%s` %s", word, what);
}

bool selectors_build(const struct network *n, const struct conf_strings *words, const struct document *d,
		     struct selectors *into, struct error *err)
{
	struct selectors all = { calloc(words->count + 1, sizeof(*all.items)), words->count };

	if (!all.items)
		return error_set(err, "out of memory");
	for (size_t i = 0; i < words->count; i++) {
		struct bytes word = bytes_string(words->items[i]);
		struct selector *s = &all.items[i];
		if (named(n, word, s) || keyword(word, s))
			continue;
		s->kind = SELECT_RANGE;
		if (!address_range_parse(word, &s->range)) {
			selectors_release(&all);
			return bad_word(n, words, i, d, err);
		}
	}
	*into = all;
	return true;
}

static bool fits(const struct selector *s, const struct place *p)
{
	switch (s->kind) {
	case SELECT_ANY: return true;
	case SELECT_ZONE: return p->zone == (int)s->index;
	case SELECT_ROLE: return (p->roles & s->role) != 0;
	case SELECT_EXTERNAL: return p->address && p->external;
	case SELECT_INTERNAL: return p->address && !p->external && !address_is_group(p->address);
	case SELECT_RANGE: return p->address && address_range_has(&s->range, p->address);
	}
	return false;
}

bool selectors_fit(const struct selectors *all, const struct place *p)
{
	for (size_t i = 0; i < all->count; i++)
		if (fits(&all->items[i], p))
			return true;
	return all->count == 0;
}

void selectors_release(struct selectors *all)
{
	free(all->items);
	*all = (struct selectors){ 0 };
}
