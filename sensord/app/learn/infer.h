/* SPDX-License-Identifier: BSD-2-Clause
 * What a capture tells of the site where no site file does: proxies (and whether they ask for authentication),
 * name servers, domain controllers. */
#ifndef APP_INFER_H
#define APP_INFER_H

#include "capture/capture.h"
#include "record/record.h"
#include "site/site.h"

/* What one record says of its server, by content and never by port alone. */
struct inference {
	bool proxy; /* it fetched for a client what is elsewhere, or asked for proxy credentials */
	bool asks;  /* the latter */
	bool dc;    /* it issues tickets, or speaks for the domain */
	bool dns;   /* it answers names */
};
struct inference infer_from(const struct record *r);
#define INFER_DATASETS (DATASET_BIT(DATASET_PROXY) | DATASET_BIT(DATASET_DNS) | DATASET_BIT(DATASET_KERBEROS) | DATASET_BIT(DATASET_DCE_RPC))

/* What a record of INFER_DATASETS tells is noted in the site. */
void infer_note(struct site *site, const struct record *r);
/* False where it tells nothing, on whatever thread; infer_note need not see it then. */
bool infer_tells(const struct record *r);
/* Reads the capture once; the caller rewinds it. False where there was no memory. */
bool infer_site(struct site *site, struct capture *capture, struct error *err);

#endif
