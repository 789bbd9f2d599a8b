/* SPDX-License-Identifier: BSD-2-Clause
 * SOCKS 5 (RFC 1928): methods, a logon with user and password (RFC 1929), one request and its reply. GSS-API (RFC 1961)
 * is recognised and not followed. A client may send all its messages before the first answer. */
#include "socks.h"

enum { ADDRESS_V4 = 1, ADDRESS_NAME = 3, ADDRESS_V6 = 4 };

static enum socks_step greeting(struct parse *p, struct socks *s, struct reader *r)
{
	struct reader try = *r;

	reader_skip(&try, 1);
	struct bytes methods = reader_take8(&try);
	if (!reader_ok(&try))
		return SOCKS_WAIT;
	if (methods.size == 0 || methods.size > SOCKS_METHODS)
		return SOCKS_BAD;
	memcpy(s->offered, methods.at, methods.size);
	s->n_offered = (uint8_t)methods.size;
	s->time_ns = parse_time_ns(p);
	s->packet = parse_packet(p);
	*r = try;
	return SOCKS_ON;
}

static bool offers(const struct socks *s, uint8_t method)
{
	return memchr(s->offered, method, s->n_offered) != NULL;
}

/* RFC 1929 section 2; the password is passed over. */
static enum socks_step logon(struct parse *p, struct socks *s, struct reader *r)
{
	struct reader try = *r;

	reader_skip(&try, 1);
	struct bytes user = reader_take8(&try);
	size_t password_size = reader_u8(&try);
	reader_skip(&try, password_size);
	if (!reader_ok(&try))
		return SOCKS_WAIT;
	socks_keep_name(s->user, &s->user_size, user);
	s->logon_seen = true;
	s->logon_time_ns = parse_time_ns(p);
	s->logon_packet = parse_packet(p);
	*r = try;
	return SOCKS_ON;
}

/* RFC 1928 section 5. An empty view where r failed or the type is unknown; *ret_known tells which. */
static struct bytes read_address(struct reader *r, uint8_t type, bool *ret_known)
{
	*ret_known = type == ADDRESS_V4 || type == ADDRESS_NAME || type == ADDRESS_V6;
	if (type == ADDRESS_NAME)
		return reader_take8(r);
	return *ret_known ? reader_take(r, type == ADDRESS_V4 ? 4 : 16) : bytes_of(NULL, 0);
}

static enum socks_step request5(struct parse *p, struct socks *s, struct reader *r)
{
	struct reader try = *r;
	bool known;

	reader_skip(&try, 1);
	uint8_t command = reader_u8(&try);
	reader_skip(&try, 1);
	uint8_t type = reader_u8(&try);
	if (!reader_ok(&try))
		return SOCKS_WAIT;
	struct bytes address = read_address(&try, type, &known);
	uint16_t port = reader_u16(&try);
	if (!known || command < COMMAND_CONNECT || command > COMMAND_ASSOCIATE)
		return SOCKS_BAD;
	if (!reader_ok(&try))
		return SOCKS_WAIT;
	socks_begin(p, s, command, port);
	if (type == ADDRESS_NAME)
		socks_keep_name(s->host, &s->host_size, address);
	else
		socks_keep_address(s, address);
	*r = try;
	return SOCKS_ON;
}

enum socks_step socks5_client(struct parse *p, struct socks *s, struct reader *r)
{
	if (s->n_offered == 0)
		return greeting(p, s, r);
	if (s->command) /* the tunnel's bytes, sent before the reply */
		return SOCKS_WAIT;
	if (reader_peek(r) == 5)
		return request5(p, s, r);
	/* The logon may come before the server has chosen it: then it is one where nothing else begins with 1. */
	bool password = s->method_known ? s->method == METHOD_PASSWORD : offers(s, METHOD_PASSWORD);
	return reader_peek(r) == 1 && password && s->user_size == 0 ? logon(p, s, r) : SOCKS_BAD;
}

static enum socks_step method(struct parse *p, struct socks *s, struct reader *r)
{
	if (reader_left(r) < 2) {
		parse_need(p, 2);
		return reader_peek(r) == 5 ? SOCKS_WAIT : SOCKS_BAD;
	}
	uint8_t version = reader_u8(r);
	uint8_t chosen = reader_u8(r);
	if (version != 5 || s->n_offered == 0 || (chosen != METHOD_REFUSED && !offers(s, chosen)))
		return SOCKS_BAD;
	parse_confirm(p);
	s->confirmed = s->method_known = true;
	s->method = chosen;
	if (chosen == METHOD_NONE || chosen == METHOD_PASSWORD) {
		s->due = chosen == METHOD_NONE ? DUE_REPLY : DUE_LOGON;
		return SOCKS_ON;
	}
	socks_tell(p, s, -1, chosen == METHOD_REFUSED ? "failure" : "unknown");
	parse_finish(p, true);
	return SOCKS_WAIT;
}

static enum socks_step logon_answer(struct parse *p, struct socks *s, struct reader *r)
{
	if (reader_left(r) < 2) {
		parse_need(p, 2);
		return SOCKS_WAIT;
	}
	reader_skip(r, 1); /* 1, but servers are known to send 5 */
	bool accepted = reader_u8(r) == 0;
	socks_tell_logon(p, s, accepted ? "success" : "failure");
	s->due = DUE_REPLY;
	if (accepted)
		return SOCKS_ON;
	socks_tell(p, s, -1, "failure");
	parse_finish(p, true);
	return SOCKS_WAIT;
}

static enum socks_step reply5(struct parse *p, struct socks *s, struct reader *r)
{
	struct reader try = *r;
	bool known;

	uint8_t version = reader_u8(&try);
	uint8_t code = reader_u8(&try);
	if (version != 5 || s->command == 0)
		return SOCKS_BAD;
	if (!reader_ok(&try))
		return SOCKS_WAIT;
	if (code != 0) { /* what follows a refusal says nothing, and may be missing */
		*r = try;
		return socks_replied(p, s, code, false);
	}
	reader_skip(&try, 1);
	uint8_t type = reader_u8(&try);
	if (!reader_ok(&try))
		return SOCKS_WAIT;
	read_address(&try, type, &known);
	reader_skip(&try, 2);
	if (!known)
		return SOCKS_BAD;
	if (!reader_ok(&try))
		return SOCKS_WAIT;
	*r = try;
	return socks_replied(p, s, code, true);
}

enum socks_step socks5_server(struct parse *p, struct socks *s, struct reader *r)
{
	switch (s->due) {
	case DUE_METHOD:
		return method(p, s, r);
	case DUE_LOGON:
		return logon_answer(p, s, r);
	case DUE_REPLY:
	case DUE_SECOND_REPLY:
		return reply5(p, s, r);
	case DUE_NOTHING:
		break;
	}
	return SOCKS_BAD;
}

/* IANA's register of methods, and RFC 1928's private ones. */
static bool methods_like(struct bytes methods)
{
	for (size_t i = 0; i < methods.size; i++) {
		uint8_t m = methods.at[i];
		if ((m > 9 && m < 0x80) || m == METHOD_REFUSED || memchr(methods.at, m, i))
			return false;
	}
	return methods.size > 0;
}

/* Version 5: a greeting alone, or with what an eager client sends behind it. */
enum probe socks5_probe(struct bytes start)
{
	struct reader r = reader_open(start);

	reader_skip(&r, 1);
	size_t n = reader_u8(&r);
	struct bytes rest = reader_rest(&r);
	if (start.size < 2)
		return PROBE_MORE;
	if (n == 0 || n > SOCKS_METHODS || (rest.size > 0 && !methods_like(bytes_of(rest.at, n < rest.size ? n : rest.size))))
		return PROBE_NO;
	if (rest.size < n)
		return PROBE_MORE;
	reader_skip(&r, n);
	uint8_t next = reader_peek(&r);
	return reader_left(&r) == 0 || next == 5 || next == 1 ? PROBE_YES : PROBE_NO;
}
