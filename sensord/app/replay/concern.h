/* SPDX-License-Identifier: BSD-2-Clause
 * Which alerts and records are shown where only some hosts or accounts are asked for (replay --host, --account).
 * Detection sees everything: only what is written is chosen. */
#ifndef APP_CONCERN_H
#define APP_CONCERN_H

#include "base/address.h"
#include "base/error.h"
#include "record/record.h"

#define CONCERNS_MAX 32  /* of each kind */
#define CONCERN_NAME 256 /* bytes of a name or account, with its zero */

struct concern {
	struct address_range ranges[CONCERNS_MAX];
	const char *names[CONCERNS_MAX];    /* kept by the caller */
	const char *accounts[CONCERNS_MAX]; /* the same */
	size_t n_ranges, n_names, n_accounts;
};

/* An address, a network, a range, or the name of a host; * and ? stand for anything in a name. False, with err set, where
 * it is none of them, or there are too many. */
bool concern_add_host(struct concern *c, const char *host, struct error *err);
/* USER, DOMAIN\USER or USER@REALM; globs as above. */
bool concern_add_account(struct concern *c, const char *account, struct error *err);
/* True where a record names one of the hosts, and one of the accounts; a kind of which none was added is not asked. */
bool concern_is(const struct concern *c, const struct record *r);
bool concern_is_any(const struct concern *c); /* was anything added? */

#endif
