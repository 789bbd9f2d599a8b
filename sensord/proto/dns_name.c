/* SPDX-License-Identifier: BSD-2-Clause
 * Names in DNS messages (RFC 1035 sections 3.1, 4.1.4, 5.1), and the names of types and result codes (IANA, Domain Name
 * System Parameters). */
#include "dns.h"

#include <stdio.h>

#define NAME_WIRE 255 /* RFC 1035 section 2.3.4 */
#define NAME_JUMPS 32 /* pointers followed in one name */

static bool is_plain(uint8_t c, bool dots)
{
	return c >= 0x21 && c <= 0x7e && c != '\\' && !(dots && c == '.');
}

void dns_escape(struct text *out, struct bytes data, bool dots)
{
	for (size_t i = 0; i < data.size; i++) {
		size_t run = i;
		while (run < data.size && is_plain(data.at[run], dots))
			run++;
		text_add(out, bytes_of(data.at + i, run - i));
		if (run < data.size)
			text_printf(out, "\\%03u", data.at[run]);
		i = run;
	}
}

/* Follows a pointer. *limit: where the part of the name under way began; the pointer must lead before it, so that no
 * chain of them is endless. */
static bool jump(struct bytes message, struct reader *at, uint8_t high, size_t *limit)
{
	size_t target = (size_t)(high & 0x3f) << 8 | reader_u8(at);

	if (!reader_ok(at) || target >= *limit)
		return false;
	*limit = target;
	*at = reader_open(message);
	reader_skip(at, target);
	return true;
}

/* Reads labels from at up to the root. *ret_end: behind the name as it stands in place. */
static bool labels(struct bytes message, struct reader at, struct text *out, const uint8_t **ret_end)
{
	size_t limit = (size_t)(at.at - message.at);
	size_t wire = 0;
	unsigned jumps = 0;

	*ret_end = NULL;
	for (;;) {
		uint8_t size = reader_u8(&at);
		if (!reader_ok(&at))
			return false;
		if ((size & 0xc0) == 0xc0) {
			if (!*ret_end)
				*ret_end = at.at + 1;
			if (++jumps > NAME_JUMPS || !jump(message, &at, size, &limit))
				return false;
			continue;
		}
		struct bytes label = reader_take(&at, size);
		bool first = wire == 0;
		wire += (size_t)size + 1;
		if (size > 63 || !reader_ok(&at) || wire > NAME_WIRE)
			return false;
		if (out && (first ? size == 0 : size > 0))
			text_char(out, '.');
		if (size == 0)
			break;
		if (out)
			dns_escape(out, label, true);
	}
	if (!*ret_end)
		*ret_end = at.at;
	return true;
}

bool dns_name(struct bytes message, struct reader *r, struct text *out)
{
	const uint8_t *end;

	if (!reader_ok(r) || !labels(message, *r, out, &end)) {
		reader_fail(r);
		return false;
	}
	reader_skip(r, (size_t)(end - r->at));
	return reader_ok(r);
}

struct code {
	uint16_t number;
	const char *name;
};

static const struct code types[] = {
	{ 1, "A" },        { 2, "NS" },        { 5, "CNAME" },    { 6, "SOA" },        { 10, "NULL" },
	{ 11, "WKS" },     { 12, "PTR" },      { 13, "HINFO" },   { 15, "MX" },        { 16, "TXT" },
	{ 17, "RP" },      { 18, "AFSDB" },    { 24, "SIG" },     { 25, "KEY" },       { 28, "AAAA" },
	{ 29, "LOC" },     { 33, "SRV" },      { 35, "NAPTR" },   { 36, "KX" },        { 37, "CERT" },
	{ 39, "DNAME" },   { 41, "OPT" },      { 42, "APL" },     { 43, "DS" },        { 44, "SSHFP" },
	{ 45, "IPSECKEY" }, { 46, "RRSIG" },   { 47, "NSEC" },    { 48, "DNSKEY" },    { 49, "DHCID" },
	{ 50, "NSEC3" },   { 51, "NSEC3PARAM" }, { 52, "TLSA" },  { 53, "SMIMEA" },    { 55, "HIP" },
	{ 59, "CDS" },     { 60, "CDNSKEY" },  { 61, "OPENPGPKEY" }, { 62, "CSYNC" },  { 63, "ZONEMD" },
	{ 64, "SVCB" },    { 65, "HTTPS" },    { 99, "SPF" },     { 108, "EUI48" },    { 109, "EUI64" },
	{ 249, "TKEY" },   { 250, "TSIG" },    { 251, "IXFR" },   { 252, "AXFR" },     { 253, "MAILB" },
	{ 254, "MAILA" },  { 255, "ANY" },     { 256, "URI" },    { 257, "CAA" },
};

static const struct code rcodes[] = {
	{ 0, "NOERROR" },  { 1, "FORMERR" },  { 2, "SERVFAIL" },   { 3, "NXDOMAIN" },  { 4, "NOTIMP" },
	{ 5, "REFUSED" },  { 6, "YXDOMAIN" }, { 7, "YXRRSET" },    { 8, "NXRRSET" },   { 9, "NOTAUTH" },
	{ 10, "NOTZONE" }, { 11, "DSOTYPENI" }, { 16, "BADVERS" }, { 23, "BADCOOKIE" },
};

static const char *code_name(const struct code *codes, size_t n, uint16_t number, const char *otherwise, char *room)
{
	for (size_t i = 0; i < n; i++)
		if (codes[i].number == number)
			return codes[i].name;
	snprintf(room, DNS_CODE_TEXT, "%s%u", otherwise, number);
	return room;
}

const char *dns_type_name(uint16_t type, char room[DNS_CODE_TEXT])
{
	return code_name(types, ARRAY_SIZE(types), type, "TYPE", room);
}

const char *dns_rcode_name(uint16_t rcode, char room[DNS_CODE_TEXT])
{
	return code_name(rcodes, ARRAY_SIZE(rcodes), rcode, "RCODE", room);
}
