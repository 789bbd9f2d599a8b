/* SPDX-License-Identifier: BSD-2-Clause
 * The HTML report of a replay (replay --report): one page that stands alone. report.c puts the parts in their order;
 * each part is one file report_X.c. The same input gives the same bytes. */
#ifndef APP_REPORT_H
#define APP_REPORT_H

#include "gather.h"
#include "html/html.h"
#include "sensor.h"
#include "site/site.h"

#define REPORT_ALERTS 500   /* shown; the lowest levels are left out first */
#define REPORT_HOSTS 200
#define REPORT_ACCOUNTS 200
#define REPORT_TOUCHES 200  /* rows of the table */
#define REPORT_PATHS 40     /* of them in the drawing */
#define REPORT_ZONES 16     /* rows and columns of the matrix */
#define REPORT_FILES 500

struct report {
	const struct gathered *all;
	const struct site *site;
	struct sensor_counts counts;
	struct capture *capture; /* read to its end */
	const char *chosen;      /* what was asked for (hosts, accounts, times, filter), for people; "": everything */
	/* filled by report_write */
	const struct gather_alert **alerts; /* those shown, by time */
	size_t n_alerts;
};

/* Writes the page. path "-": standard output. The file is there whole or not at all. */
bool report_write(struct report *r, const char *path, struct error *err) MUST_CHECK;

/* ---- parts, for report.c ---- */
void report_sets(struct html *h, const struct report *r);
void report_timeline(struct html *h, const struct report *r);
void report_alerts(struct html *h, const struct report *r);
void report_zones(struct html *h, const struct report *r);
void report_graph(struct html *h, const struct report *r);
void report_hosts(struct html *h, const struct report *r);
void report_accounts(struct html *h, const struct report *r);
void report_capture(struct html *h, const struct report *r);
/* The data of the page as JSON; malloc'd, NULL without memory. */
char *report_json(const struct report *r, size_t *ret_size);

/* ---- what they share (report_common.c) ---- */
/* <time> in the site's clock. */
void report_time(struct html *h, const struct report *r, uint64_t time_ns);
void report_level(struct html *h, enum level level);
/* "3 high, 1 low"; "none" where there are none. */
void report_levels(struct html *h, const uint32_t alerts[GATHER_LEVELS]);
/* Has this host a section? The place of this account among those that have one, or REPORT_ACCOUNTS. */
bool report_has_host(const struct report *r, const struct address *a);
size_t report_account_place(const struct report *r, const char *name);
/* An address, a link where its host has a section. */
void report_host(struct html *h, const struct report *r, const struct address *a);
/* The same of an account. */
void report_account(struct html *h, const struct report *r, const char *name);
/* Links to the alerts for which fits is true; nothing where there are none. */
void report_alert_links(struct html *h, const struct report *r, bool (*fits)(const struct gather_alert *a, const void *by),
			const void *by);
/* "<p class=cut>N …</p>" where n is not 0. */
void report_cut(struct html *h, uint64_t n, int what);
/* <section id=ID> with its heading; closed with "</section>". */
void report_section(struct html *h, const char *id, int title);
/* "12 open, 3 stopped". */
void report_reach(struct html *h, const uint64_t flows[REACH_COUNT]);

#endif
