/* SPDX-License-Identifier: BSD-2-Clause
 * The tables behind gather.h: gather.c fills them from records, gather_alerts.c from alerts and puts them in order. */
#ifndef APP_GATHER_TABLES_H
#define APP_GATHER_TABLES_H

#include "base/table.h"
#include "gather.h"

#define ALERTS_MAX 10000      /* kept whole, about 4 KiB each */
#define ALERTS_MINOR 5000     /* of them below medium */
#define HOSTS_MAX 60000
#define ACCOUNTS_MAX 12000
#define TOUCHES_MAX 60000
#define CROSSINGS_MAX 1024
#define KEPT_FOR_ALERTS 4000  /* places of each table beyond that */

struct touch_key {
	struct address source, destination;
	char account[LEDGER_NAME];
};

struct crossing_key {
	char from[GATHER_LABEL], to[GATHER_LABEL];
};

struct account_key {
	char name[LEDGER_NAME];
};

struct key_text {
	char text[24];
};

struct gather {
	struct gather_alert *alerts;
	struct table *by_key; /* alert.key -> index of the alert told last under it */
	struct table *hosts, *accounts, *touches, *crossings;
	struct gather_notice notices[GATHER_NOTICES];
	struct gathered all;
};

/* One side of a record. */
struct side {
	enum field ip, zone, role, domain;
};
extern const struct side gather_source, gather_destination;

/* The entry that a record names, made where there is room; extra: places beyond those of records. NULL: none. */
struct gather_host *gather_see_host(struct gather *g, const struct record *r, const struct side *side, size_t extra);
struct gather_account *gather_see_account(struct gather *g, const struct record *r, size_t extra);
struct gather_touch *gather_see_touch(struct gather *g, const struct record *r, size_t extra);
/* Text of the wire into a fixed place, made UTF-8 and terminated. */
void gather_put(char *out, size_t size, struct bytes text);

#endif
