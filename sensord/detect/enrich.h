/* SPDX-License-Identifier: BSD-2-Clause
 * What the site knows of a record, added to it before trackers and rules see it. */
#ifndef DETECT_ENRICH_H
#define DETECT_ENRICH_H

#include "detect/rule.h"
#include "record/record.h"
#include "site/site.h"

struct enrich {
	const struct site *site;
	uint32_t wanted; /* steps to take, one bit each */
};

/* Takes the steps whose fields some rule reads, or all of them; zones, roles and account classes always, since every
 * alert shows them. */
void enrich_init(struct enrich *e, const struct site *site, const struct rules *rules, bool all);
void enrich_record(const struct enrich *e, struct record *r);

#endif
