/* SPDX-License-Identifier: BSD-2-Clause
 * The PROXY protocol (HAProxy, "The PROXY protocol", versions 1 and 2): what a load balancer says in front of the stream
 * that it passes on. It is taken off; what follows is found by probing, as if the stream began there. A stream may have
 * passed several balancers, so one header may follow another. */
#include "base/attributes.h"
#include "proto/protocol.h"

#define LINE_MAX 107 /* version 1: the whole line with its CR LF */

/* Version 2: the sign, version and command, family and transport, and the size of what follows. */
static const uint8_t sign[12] = { '\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n' };
#define V2_HEAD 16
#define V2_SIZE_MAX 4096 /* addresses and TLVs; certificates of clients are not carried whole */

static bool v2_is_sound(struct bytes head)
{
	/* Version 2, LOCAL or PROXY; a family up to AF_UNIX, a transport up to DGRAM. */
	if (head.size > 12 && head.at[12] != 0x20 && head.at[12] != 0x21)
		return false;
	return head.size <= 13 || ((head.at[13] >> 4) <= 3 && (head.at[13] & 15) <= 2);
}

static enum probe probe_v2(struct bytes start)
{
	if (start.size < sizeof(sign))
		return bytes_starts(bytes_of(sign, sizeof(sign)), start) ? PROBE_MORE : PROBE_NO;
	if (!bytes_starts(start, bytes_of(sign, sizeof(sign))) || !v2_is_sound(start))
		return PROBE_NO;
	return start.size < 14 ? PROBE_MORE : PROBE_YES;
}

static enum probe probe_v1(struct bytes start)
{
	static const char *const families[] = { "PROXY TCP4 ", "PROXY TCP6 ", "PROXY UNKNOWN" };

	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		struct bytes family = bytes_string(families[i]);
		if (start.size >= family.size ? bytes_starts(start, family) : bytes_starts(family, start))
			return start.size >= family.size ? PROBE_YES : PROBE_MORE;
	}
	return PROBE_NO;
}

static enum probe proxy_header_probe(enum side side, struct bytes start)
{
	if (side != CLIENT || start.size == 0)
		return PROBE_NO;
	return start.at[0] == 'P' ? probe_v1(start) : probe_v2(start);
}

static enum parsed parse_v1(struct parse *p, struct reader *r)
{
	struct bytes line = reader_rest(r);
	const uint8_t *lf = memchr(line.at, '\n', line.size < LINE_MAX ? line.size : LINE_MAX);

	if (!lf)
		return line.size < LINE_MAX ? PARSED : PARSE_NOT_MINE;
	reader_skip(r, (size_t)(lf - line.at) + 1);
	parse_handover(p);
	return PARSED;
}

static enum parsed parse_v2(struct parse *p, struct reader *r)
{
	struct reader head = *r;

	if (reader_left(&head) < V2_HEAD) {
		parse_need(p, V2_HEAD);
		return PARSED;
	}
	reader_skip(&head, sizeof(sign) + 2);
	size_t size = reader_u16(&head);
	if (size > V2_SIZE_MAX)
		return PARSE_NOT_MINE;
	if (reader_left(&head) < size) {
		parse_need(p, V2_HEAD + size);
		return PARSED;
	}
	reader_skip(r, V2_HEAD + size);
	parse_handover(p);
	return PARSED;
}

static enum parsed proxy_header_parse(struct parse *p, struct reader *r)
{
	if (parse_side(p) != CLIENT)
		return PARSED; /* the server's words belong to what follows */
	return reader_peek(r) == 'P' ? parse_v1(p, r) : parse_v2(p, r);
}

const struct protocol protocol_proxy_header = {
	.name = "proxy-header",
	.about = "PROXY protocol, versions 1 and 2",
	.stream = true,
	.probe = proxy_header_probe,
	.parse = proxy_header_parse,
};
