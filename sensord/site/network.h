/* SPDX-License-Identifier: BSD-2-Clause
 * Zones, roles and proxies of a site, and selectors: who is meant by `from` and `to`. */
#ifndef SITE_NETWORK_H
#define SITE_NETWORK_H

#include "ranges.h"
#include "services.h"
#include "settings.h"

#define INFERRED_MAX 4096 /* hosts learned from the traffic */

/* Roles of hosts; the first that a host has names it. */
#define HOST_ROLES 20
extern const char *const host_roles[HOST_ROLES + 1];
enum { ROLE_PROXY, ROLE_DC, ROLE_FILE_SERVER, ROLE_ADMIN_TERMINAL };

struct proxy {
	struct address_range range;
	const struct proxy_setting *setting; /* NULL: inferred */
	struct port_span *ports;
	size_t n_ports;
	bool auth_required;
};

struct inferred {
	struct address address;
	int role;
	uint16_t ports[4]; /* of a proxy */
	unsigned n_ports;
	bool asks_authentication;
};

struct network {
	const struct settings *settings;
	struct ranges zones;     /* value: index of the zone setting */
	struct ranges roles;     /* value: index into host_roles */
	const char *private_role; /* of private addresses outside of all zones */
	uint64_t private_set, external_set;
	uint64_t admin_set, terminal_set; /* the bits of admin; of admin terminals and jump hosts */
	uint64_t *zone_sets;     /* of each zone: the bit of its role */
	uint64_t *role_sets;     /* of each piece of roles: bits of all roles declared there */
	struct proxy *proxies;
	size_t n_proxies;
	struct inferred *inferred; /* ascending by address */
	size_t n_inferred;
};

/* What is known of an address, found once for a question. */
struct place {
	const struct address *address; /* NULL: not known, fits nothing but any */
	int zone;                      /* index, -1: none */
	const char *role;              /* the one that names it */
	uint64_t roles;                /* all it has, as role_bit */
	bool external;
};

enum selector_kind { SELECT_ANY, SELECT_ZONE, SELECT_ROLE, SELECT_EXTERNAL, SELECT_INTERNAL, SELECT_RANGE };
struct selector {
	enum selector_kind kind;
	unsigned index;      /* zone */
	uint64_t role;       /* role_bit */
	struct address_range range;
};
struct selectors {
	struct selector *items;
	size_t count;
};

/* Settings must stay as long as the network. */
bool network_build(struct network *n, const struct settings *s, const struct document *d, struct error *err);
void network_release(struct network *n);

struct place network_place(const struct network *n, const struct address *a);
const char *network_zone_name(const struct network *n, int zone); /* NULL for -1 */
/* Index of the zone of that name, -1. */
int network_zone_index(const struct network *n, struct bytes name);
/* The name as the tables own it, or NULL. */
const char *network_role_name(struct bytes name);
/* One bit for each name of host_roles and zone_roles; 0 for any other word. */
uint64_t role_bit(struct bytes name);
const struct zone_setting *network_zone_setting(const struct network *n, size_t index);
const struct inferred *network_inferred(const struct network *n, const struct address *a);
/* The entry of a, made where there is none; NULL without memory or room. */
struct inferred *network_infer(struct network *n, const struct address *a);
/* The site file says itself who has this role. */
bool network_declares(const struct network *n, const char *role);

/* Words of `from`, `to`, `targets` …; every bad word is an error at its place. */
bool selectors_build(const struct network *n, const struct conf_strings *words, const struct document *d,
		     struct selectors *into, struct error *err);
/* None listed: fits all. */
bool selectors_fit(const struct selectors *all, const struct place *p);
void selectors_release(struct selectors *all);

/* An error at word i of a list. */
bool word_error(const struct document *d, const struct conf_strings *words, size_t i, struct error *err,
		const char *format, ...) PRINTF(5, 6);
/* An error at an item of a list. */
bool place_error(const struct document *d, struct conf_place place, struct error *err, const char *format, ...)
	PRINTF(4, 5);

#endif
