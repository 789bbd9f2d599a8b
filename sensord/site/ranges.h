/* SPDX-License-Identifier: BSD-2-Clause
 * A map of addresses to small numbers: the most specific range that holds an address decides. Ranges are collected,
 * then cut into disjoint pieces once, so that a question is one binary search. */
#ifndef SITE_RANGES_H
#define SITE_RANGES_H

#include <stddef.h>

#include "base/address.h"

#define RANGES_MAX 8192 /* ranges of one map: cutting them takes time in the square */

struct range_value {
	struct address_range range;
	unsigned value;
};

struct ranges {
	struct range_value *given; /* as added */
	size_t n_given, room_given;
	struct range_value *pieces; /* disjoint, ascending */
	size_t n_pieces;
};

/* False where there is no memory or RANGES_MAX is reached. */
bool ranges_add(struct ranges *all, const struct address_range *range, unsigned value);
/* Cuts what was added. Of equal ranges the first added counts. False where there is no memory. */
bool ranges_build(struct ranges *all);
/* The value of the most specific range that has a; -1 where there is none. */
int ranges_find(const struct ranges *all, const struct address *a);
/* The index of the piece that has a; -1 where there is none. */
int ranges_piece(const struct ranges *all, const struct address *a);
void ranges_release(struct ranges *all);

/* Calls see for the address, or for each CIDR network that together make the range. */
void range_networks(const struct address_range *range, void (*see)(void *context, const char *text), void *context);

#endif
