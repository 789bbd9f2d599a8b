/* SPDX-License-Identifier: BSD-2-Clause
 * SOCKS of either version. Behind a granted CONNECT (or BIND) the stream is a tunnel.
 *
 * Little in these messages is fixed, so nothing is believed before the server's answer has the right shape. A client may
 * send all its messages before the first answer, so each side is read on its own. Who sends the first message is the
 * SOCKS client, whoever opened the connection (reverse proxies call out to it). */
#include "socks.h"

static enum socks_step one_message(struct parse *p, struct socks *s, struct reader *r)
{
	bool client = parse_side(p) == s->asker;

	if (s->version == 4)
		return client ? socks4_client(p, s, r) : socks4_server(p, s, r);
	return client ? socks5_client(p, s, r) : socks5_server(p, s, r);
}

static enum parsed socks_parse(struct parse *p, struct reader *r)
{
	struct socks *s = parse_state(p);
	enum socks_step step = SOCKS_ON;

	if (!s)
		return PARSE_NOT_MINE;
	if (s->version == 0) {
		s->version = reader_peek(r);
		s->asker = parse_side(p);
		s->due = s->version == 5 ? DUE_METHOD : DUE_REPLY;
		if (s->version != 4 && s->version != 5)
			return PARSE_NOT_MINE;
	}
	while (step == SOCKS_ON && reader_left(r) > 0)
		step = one_message(p, s, r);
	if (step != SOCKS_BAD)
		return PARSED;
	return s->confirmed ? PARSE_MALFORMED : PARSE_NOT_MINE;
}

/* A server that answered is one, even where the exchange broke off. */
static void socks_close(struct parse *p, enum ending how)
{
	struct socks *s = parse_state(p);

	(void)how;
	if (!s || !s->confirmed || s->over)
		return;
	socks_tell_logon(p, s, "unknown");
	socks_tell(p, s, -1, "unknown");
}

static enum probe socks_probe(enum side side, struct bytes start)
{
	(void)side;
	if (start.at[0] == 4)
		return socks4_probe(start);
	return start.at[0] == 5 ? socks5_probe(start) : PROBE_NO;
}

static const struct port_hint socks_ports[] = { { 1080, false }, { 9050, false }, { 0, false } };

const struct protocol protocol_socks = {
	.name = "socks",
	.about = "RFC 1928, 1929; SOCKS 4, 4a",
	.ports = socks_ports,
	.stream = true,
	.state_size = sizeof(struct socks),
	.probe = socks_probe,
	.parse = socks_parse,
	.close = socks_close,
};
