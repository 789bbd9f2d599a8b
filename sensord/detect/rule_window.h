/* SPDX-License-Identifier: BSD-2-Clause
 * The windows of correlations (rule_window.c), as rule_fire.c (records) and rule_contact.c (contacts) both fill them. */
#ifndef DETECT_RULE_WINDOW_H
#define DETECT_RULE_WINDOW_H

#include "rule_private.h"

#define MARK_HASHED (UINT64_C(1) << 63) /* a mark without this bit is the value itself: a number or an IPv4 address */

struct event {
	uint64_t time_ns, id, packet;
	uint64_t mark;       /* what is distinct: the value, or the rule */
	union {
		double value;    /* of a sum */
		char *text;      /* value_count, hashed marks: the value for people */
	};
	uint64_t weight;     /* events behind this one */
};

/* temporal_ordered: rules seen in order, ending with a certain rule, so many of them; the latest start is the best.
 * `before` is what stood here before the latest record: one record may match two rules, and is not two in order. */
struct chain { uint64_t start_ns, last_ns, last_id; bool set; };
struct step { struct chain now, before; };

struct window {
	struct event *events; /* `room` of them, `count` used from `head` on; many windows never have more than `one` */
	struct step *steps;   /* n_children rows of n_children lengths */
	uint64_t newest_ns;
	uint32_t head, count, room;
	uint32_t late;        /* events in a row that came too late */
	struct event one;
};

struct window_key { uint64_t a, b; uint64_t correlation; };

/* Two words that stand for one value of a field; false where there is none. */
typedef bool words_of(struct rules *r, const void *source, enum field f, uint64_t ret[2]);
/* The group that the source of the words belongs to. */
void window_group(struct rules *r, const struct parent *p, words_of *words, const void *source, struct window_key *ret);
/* What makes one value distinct. */
uint64_t window_value(struct rules *r, const struct correlation *k, words_of *words, const void *source);
/* rule_distinct.c too: the words of a record; its values joined for people, NULL where there is no memory (the count does
 * not need it); has it all that are counted? */
words_of record_words;
char *value_words(const struct correlation *k, const struct record *record);
bool has_values(const struct correlation *k, const struct record *r);
/* rule_chain.c. Follows every chain that this event can continue; returns the longest it makes, and when that began. */
size_t steps_add(const struct correlation *k, struct window *w, size_t child, const struct record *r, uint64_t *ret_start);
/* Empties it, as if nothing had come. */
void window_restart(struct rules *r, const struct correlation *k, struct window *w);
/* Out of the window goes what is too old for it. */
void window_expire(struct rules *r, const struct correlation *k, struct window *w);
/* Takes the older event of the same mark out and puts this one in. False where it adds nothing, or there is no memory:
 * its text is freed then. */
bool window_put(struct rules *r, const struct correlation *k, struct window *w, const struct event *e, bool replaces);

#endif
