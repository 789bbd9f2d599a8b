/* SPDX-License-Identifier: BSD-2-Clause
 * What a capture tells of the site where no site file does: proxies (and whether they ask for authentication),
 * name servers, domain controllers. */
#ifndef APP_INFER_H
#define APP_INFER_H

#include "capture.h"
#include "site/site.h"

/* Reads the capture once; the caller rewinds it. False where there was no memory. */
bool infer_site(struct site *site, struct capture *capture, struct error *err);

#endif
