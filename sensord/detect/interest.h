/* SPDX-License-Identifier: BSD-2-Clause
 * Answers to "could anybody want this record?", kept by what decides them: the same question comes for every flow. */
#ifndef DETECT_INTEREST_H
#define DETECT_INTEREST_H

#include "base/hash.h"
#include "detect/rule.h"
#include "record/interest.h"
#include "site/site.h"

#define INTEREST_HOSTS 1024  /* addresses whose site_class is remembered; powers of two */
#define INTEREST_ANSWERS 512 /* answers remembered */

struct interest_host {
	struct address address;
	uint64_t class;
	bool known;
};

struct interest_answer {
	uint64_t client, server; /* site_class */
	const char *action, *outcome, *transport, *protocol;
	uint16_t client_port, port; /* client_port: as far as rules tell it apart */
	bool has_port, known;
	enum dataset dataset;
	uint64_t wanted; /* as interest_question answers */
};

struct interests {
	const struct site *site;
	struct hash_key key;
	uint16_t port_max; /* client ports from here on are one to all rules */
	struct interest_host hosts[INTEREST_HOSTS];
	struct interest_answer answers[INTEREST_ANSWERS];
};

#define READINGS 256  /* answers about single fields remembered */
#define READ_ABSENT 16 /* fields said to be absent that are looked at */

/* Could a rule match a record of which one field is known? */
struct reading {
	enum dataset dataset;
	enum field field;
	const enum field *absent;
	size_t n_absent, size; /* of the text */
	char text[24];
	bool known, read;
};

struct readings { struct reading all[READINGS]; };

/* Takes dataset, field, text and absent of the question. Remembered where the text is short; lists of absent fields are
 * told apart by their place. `room` is overwritten. */
bool readings_ask(struct readings *all, struct rules *rules, struct record *room, const struct interest *i);

/* The place of this question: where it is not known, the caller sets `wanted` and `known`. */
struct interest_answer *interest_find(struct interests *all, const struct interest *i);

#endif
