/* SPDX-License-Identifier: BSD-2-Clause
 * A map of addresses to small numbers, cut into disjoint pieces. */
#include "ranges.h"

#include <stdio.h>
#include <stdlib.h>

/* a + 1; false where a is the last address. */
static bool next_address(struct address *a)
{
	for (int i = 15; i >= 0; i--)
		if (++a->octets[i])
			return true;
	return false;
}

static void previous_address(struct address *a)
{
	for (int i = 15; i >= 0; i--)
		if (a->octets[i]--)
			return;
}

/* last - first, as sixteen octets. */
static struct address span(const struct address_range *r)
{
	struct address out;
	int borrow = 0;

	for (int i = 15; i >= 0; i--) {
		int v = r->last.octets[i] - r->first.octets[i] - borrow;
		borrow = v < 0;
		out.octets[i] = (uint8_t)v;
	}
	return out;
}

bool ranges_add(struct ranges *all, const struct address_range *range, unsigned value)
{
	if (all->n_given == RANGES_MAX)
		return false;
	if (all->n_given == all->room_given) {
		size_t room = all->room_given ? all->room_given * 2 : 16;
		struct range_value *given = realloc(all->given, room * sizeof(*given));
		if (!given)
			return false;
		all->given = given;
		all->room_given = room;
	}
	all->given[all->n_given++] = (struct range_value){ *range, value };
	return true;
}

static int by_address(const void *a, const void *b) { return address_compare(a, b); }

/* Every address at which another range may begin to decide, ascending, once each. */
static struct address *edges(const struct ranges *all, size_t *ret_count)
{
	struct address *at = malloc(2 * all->n_given * sizeof(*at));
	size_t n = 0, kept = 0;

	if (!at)
		return NULL;
	for (size_t i = 0; i < all->n_given; i++) {
		struct address behind = all->given[i].range.last;
		at[n++] = all->given[i].range.first;
		if (next_address(&behind))
			at[n++] = behind;
	}
	qsort(at, n, sizeof(*at), by_address);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || address_compare(&at[kept - 1], &at[i]))
			at[kept++] = at[i];
	*ret_count = kept;
	return at;
}

static const struct range_value *narrowest(const struct ranges *all, const struct address *a)
{
	const struct range_value *best = NULL;
	struct address best_span = { { 0 } };

	for (size_t i = 0; i < all->n_given; i++) {
		const struct range_value *r = &all->given[i];
		if (!address_range_has(&r->range, a))
			continue;
		struct address s = span(&r->range);
		if (!best || address_compare(&s, &best_span) < 0) {
			best = r;
			best_span = s;
		}
	}
	return best;
}

bool ranges_build(struct ranges *all)
{
	struct address *at;
	size_t n = 0;

	free(all->pieces);
	all->pieces = NULL;
	all->n_pieces = 0;
	if (all->n_given == 0)
		return true;
	at = edges(all, &n);
	all->pieces = at ? calloc(n, sizeof(*all->pieces)) : NULL;
	for (size_t i = 0; all->pieces && i < n; i++) {
		const struct range_value *r = narrowest(all, &at[i]);
		if (!r)
			continue;
		struct range_value *piece = &all->pieces[all->n_pieces++];
		*piece = (struct range_value){ { at[i], r->range.last }, r->value };
		if (i + 1 < n && address_compare(&at[i + 1], &piece->range.last) <= 0) {
			piece->range.last = at[i + 1];
			previous_address(&piece->range.last);
		}
	}
	free(at);
	return all->pieces != NULL;
}

int ranges_piece(const struct ranges *all, const struct address *a)
{
	size_t low = 0, high = all->n_pieces;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct range_value *piece = &all->pieces[middle];
		if (address_compare(a, &piece->range.first) < 0)
			high = middle;
		else if (address_compare(a, &piece->range.last) > 0)
			low = middle + 1;
		else
			return (int)middle;
	}
	return -1;
}

int ranges_find(const struct ranges *all, const struct address *a)
{
	int piece = ranges_piece(all, a);

	return piece < 0 ? -1 : (int)all->pieces[piece].value;
}

void ranges_release(struct ranges *all)
{
	free(all->given);
	free(all->pieces);
	*all = (struct ranges){ 0 };
}

/* The last address of the network of this prefix that starts at a. */
static struct address network_last(const struct address *a, unsigned prefix)
{
	struct address last = *a;

	for (unsigned bit = prefix; bit < 128; bit++)
		last.octets[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	return last;
}

static bool starts_network(const struct address *a, unsigned prefix)
{
	for (unsigned bit = prefix; bit < 128; bit++)
		if (a->octets[bit / 8] & (0x80 >> bit % 8))
			return false;
	return true;
}

void range_networks(const struct address_range *range, void (*see)(void *context, const char *text), void *context)
{
	struct address at = range->first;

	for (unsigned rounds = 0; rounds < 256; rounds++) { /* a range is at most 254 networks */
		bool v4 = address_is_v4(&at) && address_is_v4(&range->last);
		unsigned prefix = 128, least = v4 ? 96 : 0;
		char text[ADDRESS_TEXT], room[ADDRESS_TEXT + 8];
		struct address last = at;
		while (prefix > least && starts_network(&at, prefix - 1)) {
			struct address wider = network_last(&at, prefix - 1);
			if (address_compare(&wider, &range->last) > 0)
				break;
			prefix--;
			last = wider;
		}
		address_format(&at, text);
		if (prefix == 128)
			snprintf(room, sizeof(room), "%s", text);
		else
			snprintf(room, sizeof(room), "%s/%u", text, prefix - least);
		see(context, room);
		if (address_compare(&last, &range->last) >= 0 || !next_address(&last))
			return;
		at = last;
	}
}
