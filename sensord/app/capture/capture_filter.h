/* SPDX-License-Identifier: BSD-2-Clause
 * A pcap-filter(7) expression over frames of any link type, and the DLT_ number of a LINKTYPE_ number. */
#ifndef APP_CAPTURE_FILTER_H
#define APP_CAPTURE_FILTER_H

#include "capture.h"

struct capture_filter;

enum filtered {
	FILTER_PASS,
	FILTER_DROP,
	FILTER_UNFIT, /* the expression has no meaning for this link type */
};

/* NULL, with err set, where the expression fits none of the common link types, or there is no memory. */
struct capture_filter *capture_filter_new(const char *expression, struct error *err);
void capture_filter_free(struct capture_filter *f);
enum filtered capture_filter_test(struct capture_filter *f, const struct frame *frame);
/* Why the last FILTER_UNFIT was one. */
const char *capture_filter_why(const struct capture_filter *f);

/* What libpcap makes of the link type in a file; -1 where there is no memory. */
int capture_link_type(uint16_t in_file);

#endif
