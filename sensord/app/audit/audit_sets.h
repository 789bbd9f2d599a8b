/* SPDX-License-Identifier: BSD-2-Clause
 * What has to be shown at the least for each measure set (MEASURES 16 and 5.5, 6.6, 7.6, 8.6, 9.6, 10.5): tables that
 * both the making of cells and the counting of evidence read. */
#ifndef APP_AUDIT_SETS_H
#define APP_AUDIT_SETS_H

#include "audit.h"

/* A: what a terminal may try towards the internet. The first row that fits names it. */
struct audit_egress {
	const char *item, *transport;
	uint16_t port; /* 0: any */
	bool required;
};
#define AUDIT_EGRESS 12
#define AUDIT_HIGH_PORT 50443  /* stands for the high ports */
#define AUDIT_HIGH_FIRST 1024
extern const struct audit_egress audit_egress[AUDIT_EGRESS];
unsigned audit_egress_of(const char *transport, uint16_t port);

/* D: classes of service of the zone matrix. */
struct audit_class {
	const char *item;
	const char *protocols[2]; /* of network.protocol */
	uint16_t ports[4];        /* TCP; the first is the one to probe */
	bool required;
};
#define AUDIT_CLASSES 8
extern const struct audit_class audit_classes[AUDIT_CLASSES];
unsigned audit_class_of(const char *protocol, const char *transport, uint16_t port);

/* B and C: what has to be shown at every listener of a proxy. */
enum { LISTENER_RIGHT, LISTENER_WRONG, LISTENER_SECOND, LISTENER_HOURS, LISTENER_EXEMPT, LISTENER_CONNECT, LISTENER_RAW,
       LISTENER_LONG, LISTENER_CUT, LISTENER_AGAIN, AUDIT_LISTENER_ITEMS };
struct audit_item {
	char set;
	enum audit_kind kind;
	const char *item;
	const char *rules[AUDIT_RULES];
	const char *hint;
};
extern const struct audit_item audit_listener[AUDIT_LISTENER_ITEMS];
#define AUDIT_CONNECT_PORTS 5
extern const uint16_t audit_connect_ports[AUDIT_CONNECT_PORTS]; /* that CONNECT has to be refused for */

/* D: what an admin terminal has to be refused. */
enum { AWAY_PROXY, AWAY_MAIL, AWAY_INTERNET, AUDIT_AWAY };
extern const char *const audit_away[AUDIT_AWAY];

/* E: carriers over which a trap account is tried; ways to run a program elsewhere. */
struct audit_trap {
	const char *item;
	const char *carrier; /* auth.carrier */
};
#define AUDIT_TRAPS 6
extern const struct audit_trap audit_traps[AUDIT_TRAPS];
struct audit_remote {
	const char *item;
	const char *endpoints[3]; /* dce_rpc.endpoint */
	const char *operations[4]; /* how dce_rpc.operation begins where it does something */
	uint16_t ports[2];        /* stopped at all of these, it cannot be done */
	const char *rule;
};
#define AUDIT_REMOTE 3
extern const struct audit_remote audit_remote[AUDIT_REMOTE];

/* F: of each class of administrator. */
enum { ADMIN_TERMINAL, ADMIN_PC, ADMIN_HOURS, ADMIN_FAILURES, AUDIT_ADMIN };
extern const struct audit_item audit_admin[AUDIT_ADMIN];

enum { SITE_AUTOCOMPLETE, SITE_OUTSIDE, SITE_DEVICE, SITE_SAMPLE, SITE_INTERACTIVE, SITE_LEDGER, SITE_CACHE, SITE_NO_ZONES,
       SITE_NO_POLICY, SITE_NO_PROXY, SITE_NO_PROXY_C, SITE_NO_TRAP, SITE_NO_ADMIN, AUDIT_SITE };
extern const struct audit_item audit_site[AUDIT_SITE];

#endif
