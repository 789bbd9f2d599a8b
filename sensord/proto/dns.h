/* SPDX-License-Identifier: BSD-2-Clause
 * The parts of the DNS parser that need no flow: names, and the names of numbers. */
#ifndef PROTO_DNS_H
#define PROTO_DNS_H

#include "base/reader.h"
#include "base/text.h"

#define DNS_NAME_TEXT 1024 /* room for any name: 255 bytes, each as up to four characters */
#define DNS_CODE_TEXT 16

enum { DNS_A = 1, DNS_NS = 2, DNS_CNAME = 5, DNS_SOA = 6, DNS_PTR = 12, DNS_MX = 15, DNS_TXT = 16, DNS_AAAA = 28,
       DNS_NB = 32, DNS_SRV = 33, DNS_DNAME = 39, DNS_OPT = 41, DNS_SPF = 99 };

/* Reads a name (RFC 1035 sections 3.1 and 4.1.4) at r, a reader within message, and appends it to out (NULL: it is only
 * passed over) without the final dot; the root is ".". Bytes that would be ambiguous or unreadable are written \DDD, as
 * in zone files. Pointers may only lead backwards. On failure r has failed. */
bool dns_name(struct bytes message, struct reader *r, struct text *out) MUST_CHECK;
/* Appends data with unreadable bytes and backslashes as \DDD. dots: those too. */
void dns_escape(struct text *out, struct bytes data, bool dots);

/* "AAAA", or "TYPE65280" (RFC 3597 section 5). Returns the name or room. */
const char *dns_type_name(uint16_t type, char room[DNS_CODE_TEXT]);
/* "NXDOMAIN", or "RCODE99". */
const char *dns_rcode_name(uint16_t rcode, char room[DNS_CODE_TEXT]);

#endif
