/* SPDX-License-Identifier: BSD-2-Clause
 * What the site knows of a record, added to it before trackers and rules see it. */
#ifndef DETECT_ENRICH_H
#define DETECT_ENRICH_H

#include "detect/rule.h"
#include "record/record.h"
#include "site/site.h"

#define ENRICH_HOSTS 1024    /* addresses of which is remembered what the site says; powers of two */
#define ENRICH_POLICIES 512  /* answers of its policy */

struct enrich_host {
	struct address address;
	uint64_t class;                        /* site_class */
	const char *zone, *role, *admin_place; /* NULL: none */
	bool known, external;
};

struct enrich_policy {
	uint64_t from, to; /* site_class */
	char service[32], transport[16];
	uint16_t port;
	bool known;
	enum policy says;
};

struct enrich {
	const struct site *site;
	uint32_t wanted; /* steps to take, one bit each */
	struct hash_key key;
	struct enrich_host hosts[ENRICH_HOSTS];
	struct enrich_policy policies[ENRICH_POLICIES];
};

/* Takes the steps whose fields some rule reads, or all of them; zones, roles and account classes always, since every
 * alert shows them. */
void enrich_init(struct enrich *e, const struct site *site, const struct rules *rules, bool all);
void enrich_record(struct enrich *e, struct record *r);
/* A field that holds a link address; false where it holds none. */
bool enrich_mac(const struct record *r, enum field f, uint8_t mac[6]);
/* As site_is_external, remembered. */
bool enrich_is_external(struct enrich *e, const struct address *a);

#endif
