/* SPDX-License-Identifier: BSD-2-Clause
 * What a site file declares, for who has to walk through all of it (audit). Questions about one address or account are
 * those of site/site.h. All texts belong to the site. */
#ifndef SITE_SURVEY_H
#define SITE_SURVEY_H

#include "site/site.h"

struct site_zone_view {
	const char *name, *role;
	const char *const *networks; /* as written */
	size_t n_networks;
};
size_t site_zones(const struct site *s);
struct site_zone_view site_zone_view(const struct site *s, size_t zone);
/* An address of the network, in the zone and of no role of its own, that may stand for any of its hosts; the first that
 * fits among some hundred. False where there is none. */
bool site_zone_sample(const struct site *s, size_t zone, size_t network, struct address *ret);

/* Every proxy with every port it listens on. */
struct site_listener {
	const char *address; /* as written */
	struct address_range range;
	uint16_t first, last;
	bool auth_required;
	const char *const *exempt; /* hosts reached without authentication */
	size_t n_exempt;
};
size_t site_listeners(const struct site *s);
struct site_listener site_listener(const struct site *s, size_t index);

/* Rows of the policy as written; a row without words in from or to fits all. */
struct site_policy_view {
	enum policy action;
	const char *const *from, *const *to, *const *services;
	size_t n_from, n_to, n_services;
};
size_t site_policy_rows(const struct site *s);
struct site_policy_view site_policy_view(const struct site *s, size_t row);
/* Which row decides what site_policy says, and which of its words: the first that fit. row -1: none does. */
struct site_ruling {
	enum policy action;
	int row;
	unsigned from, to, service;
};
struct site_ruling site_ruling(const struct site *s, const struct address *from, const struct address *to,
			       const char *service, const char *transport, uint16_t port);

/* The IP versions (SURVEY_V4, SURVEY_V6) of the hosts that a word of from or to stands for; of any, internal, external:
 * those of all zones. */
enum { SURVEY_V4 = 1, SURVEY_V6 = 2 };
unsigned site_word_versions(const struct site *s, const char *word);

/* Kinds of administrator that accounts.admin names, each once; "" where an entry gives none. NULL beyond the last. */
const char *site_admin_class(const struct site *s, size_t index);
uint64_t site_forced_cut_seconds(const struct site *s); /* 0: the proxies do not cut */
bool site_hours_known(const struct site *s);            /* a time zone is given */
/* The word of the policy for such a connection ("smb"); NULL where only transport/port says it. */
const char *site_service_name(const char *protocol, const char *transport, uint16_t port);

#endif
