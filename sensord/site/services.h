/* SPDX-License-Identifier: BSD-2-Clause
 * Services of the policy: a name stands for protocols recognised by content and for ports where content is not known.
 */
#ifndef SITE_SERVICES_H
#define SITE_SERVICES_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct port_span {
	const char *transport; /* NULL: any */
	uint16_t first, last;  /* 0, 0: any port (ICMP has none) */
};

struct service; /* a row of the table */

/* What one word of a policy says. */
struct service_match {
	bool any;
	const struct service *service; /* NULL: the span alone */
	struct port_span span;
};

/* "smb", "tcp/8443", "udp/123", "8000-8100", "any". False on anything else. */
bool service_parse(struct bytes word, struct service_match *ret);
/* protocol: as in network.protocol, NULL where unknown. */
bool service_fits(const struct service_match *m, const char *protocol, const char *transport, uint16_t port);
/* The service that this fits, the first of the table; NULL where none does. */
const char *service_name(const char *protocol, const char *transport, uint16_t port);
/* The nearest service name to a misspelt word, or NULL. */
const char *service_suggest(const char *word);
/* "80", "8000-8100". False on anything else, 0 included. */
bool port_span_parse(struct bytes word, struct port_span *ret);

#endif
