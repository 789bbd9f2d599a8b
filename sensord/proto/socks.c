/* SPDX-License-Identifier: BSD-2-Clause
 * SOCKS 4 and 4a (the documents of Ying-Da Lee), SOCKS 5 (RFC 1928) with user and password (RFC 1929); GSS-API
 * (RFC 1961) is recognised and not followed. One `socks` record per request, told with its reply, and one `auth` record
 * per password logon. Behind a granted CONNECT (or BIND) the stream is a tunnel.
 *
 * Little in these messages is fixed, so nothing is believed before the server's answer has the right shape. A client may
 * send all its messages before the first answer, so each side is read on its own. Who sends the first message is the
 * SOCKS client, whoever opened the connection (reverse proxies call out to it). */
#include "base/limits.h"
#include "base/text.h"
#include "proto/protocol.h"

#define SOCKS_NAME 256      /* user or host with its zero: one byte of length (version 4 ends names with a zero) */
#define SOCKS_METHODS 16    /* methods offered in a greeting; RFC 1928 and IANA know ten */
#define SOCKS4_REPLY_SIZE 8

enum { METHOD_NONE = 0, METHOD_GSSAPI = 1, METHOD_PASSWORD = 2, METHOD_REFUSED = 0xff };
enum { COMMAND_CONNECT = 1, COMMAND_BIND = 2, COMMAND_ASSOCIATE = 3 };
enum { ADDRESS_V4 = 1, ADDRESS_NAME = 3, ADDRESS_V6 = 4 };

enum step { STEP_ON, STEP_WAIT, STEP_BAD };

/* What the server sends next. The client's messages tell by their first byte what they are. */
enum due { DUE_METHOD, DUE_LOGON, DUE_REPLY, DUE_SECOND_REPLY, DUE_NOTHING };

struct socks {
	uint64_t time_ns, packet;             /* of the request, of the greeting before it is there */
	uint64_t logon_time_ns, logon_packet; /* of user and password */
	enum side asker;
	enum due due;
	uint8_t version;                      /* 0: nothing read yet */
	uint8_t command;                      /* 0: no request yet */
	uint8_t method, n_offered, offered[SOCKS_METHODS];
	bool confirmed, told, method_known, logon_seen, over;
	uint16_t port, user_size, host_size;
	char user[SOCKS_NAME], host[SOCKS_NAME];
};

static void keep_name(char *into, uint16_t *ret_size, struct bytes wire)
{
	struct text t = { into, SOCKS_NAME, 0, false };

	text_utf8(&t, wire);
	*ret_size = (uint16_t)t.used;
}

static const char *command_name(uint8_t command)
{
	static const char *const names[] = { NULL, "connect", "bind", "udp-associate" };

	return command < ARRAY_SIZE(names) ? names[command] : NULL;
}

static const char *method_name(uint8_t method)
{
	static const char *const names[] = { "none", "gssapi", "password" };

	if (method < ARRAY_SIZE(names))
		return names[method];
	return method == METHOD_REFUSED ? "refused" : "other";
}

static bool target_is_ip(const struct socks *s)
{
	struct address a;

	return address_parse(bytes_of(s->host, s->host_size), &a);
}

/* What the `socks` record and the records of the tunnel have in common. */
static void set_target(struct record *r, const struct socks *s)
{
	record_set_uint(r, FIELD_SOCKS_VERSION, s->version);
	if (s->user_size > 0)
		record_set_text(r, FIELD_USER_NAME, bytes_of(s->user, s->user_size));
	if (s->command == 0)
		return;
	record_set_text(r, FIELD_URL_DOMAIN, bytes_of(s->host, s->host_size));
	record_set_uint(r, FIELD_URL_PORT, s->port);
	record_set_bool(r, FIELD_TUNNEL_TARGET_IS_IP, target_is_ip(s));
}

/* reply: -1 where the server gave none. */
static void tell(struct parse *p, struct socks *s, int reply, const char *outcome)
{
	if (s->told)
		return;
	s->told = true;
	struct record *r = parse_record_at(p, DATASET_SOCKS, s->time_ns, s->packet);
	if (!r)
		return;
	if (s->asker == SERVER)
		record_turn(r);
	set_target(r, s);
	record_set_string(r, FIELD_SOCKS_COMMAND, command_name(s->command));
	if (s->version == 4)
		record_set_string(r, FIELD_SOCKS_AUTH, "none");
	else if (s->method_known)
		record_set_string(r, FIELD_SOCKS_AUTH, method_name(s->method));
	if (reply >= 0)
		record_set_uint(r, FIELD_SOCKS_REPLY, (uint64_t)reply);
	record_set_string(r, FIELD_EVENT_OUTCOME, outcome);
	parse_emit(p, r);
}

/* RFC 1929. */
static void tell_logon(struct parse *p, struct socks *s, const char *outcome)
{
	if (!s->logon_seen)
		return;
	s->logon_seen = false;
	struct record *r = parse_record_at(p, DATASET_AUTH, s->logon_time_ns, s->logon_packet);
	if (!r)
		return;
	if (s->asker == SERVER)
		record_turn(r);
	record_set_string(r, FIELD_AUTH_MECHANISM, "socks-password");
	record_set_string(r, FIELD_AUTH_CARRIER, "socks");
	record_set_text(r, FIELD_USER_NAME, bytes_of(s->user, s->user_size));
	record_set_string(r, FIELD_AUTH_ATTRIBUTED_BY, "wire");
	record_set_string(r, FIELD_EVENT_OUTCOME, outcome);
	parse_emit(p, r);
}

static void open_tunnel(struct parse *p, struct socks *s)
{
	struct record *common = parse_record(p, DATASET_TUNNEL);

	if (common)
		set_target(common, s);
	s->over = true;
	if (s->asker == SERVER)
		parse_turn_inside(p);
	parse_tunnel(p, s->version == 4 ? "socks4" : "socks5", common);
}

/* A reply to the request; code 0 is success whatever the version's own number for it is. */
static enum step replied(struct parse *p, struct socks *s, uint8_t number, bool granted)
{
	bool second = s->due == DUE_SECOND_REPLY;

	tell(p, s, number, granted ? "success" : "failure");
	s->due = DUE_NOTHING;
	if (granted && (s->command == COMMAND_CONNECT || second)) {
		open_tunnel(p, s);
	} else if (granted && s->command == COMMAND_BIND) { /* the next reply says who called back */
		s->due = DUE_SECOND_REPLY;
		return STEP_ON;
	} else {
		parse_finish(p, true);
	}
	return STEP_WAIT;
}

/* --- version 4 --- */

/* A name that ends with a zero. False where its end is not there; r has then failed where it never comes. */
static bool zero_ended(struct reader *r, struct bytes *ret)
{
	struct bytes rest = reader_rest(r);
	const uint8_t *end = rest.size ? memchr(rest.at, 0, rest.size) : NULL;
	size_t size = end ? (size_t)(end - rest.at) : rest.size;

	if (size >= SOCKS_NAME)
		reader_fail(r);
	if (!end || size >= SOCKS_NAME)
		return false;
	*ret = bytes_of(rest.at, size);
	reader_skip(r, size + 1);
	return true;
}

struct request4 {
	uint8_t command;
	uint16_t port;
	struct bytes address, user, name;
};

/* STEP_WAIT: more bytes are needed. Version 4a: address 0.0.0.x, and the name follows. */
static enum step read_request4(struct reader *r, struct request4 *ret)
{
	struct request4 q = { 0 };

	if (reader_left(r) < 8)
		return STEP_WAIT;
	reader_skip(r, 1);
	q.command = reader_u8(r);
	q.port = reader_u16(r);
	q.address = reader_take(r, 4);
	if (q.command != COMMAND_CONNECT && q.command != COMMAND_BIND)
		return STEP_BAD;
	if (!zero_ended(r, &q.user))
		return reader_ok(r) ? STEP_WAIT : STEP_BAD;
	const uint8_t *a = q.address.at;
	if (a[0] == 0 && a[1] == 0 && a[2] == 0 && a[3] != 0 && !zero_ended(r, &q.name))
		return reader_ok(r) ? STEP_WAIT : STEP_BAD;
	*ret = q;
	return STEP_ON;
}

static void keep_address(struct socks *s, struct bytes octets)
{
	struct address a = octets.size == 4 ? address_v4(octets.at) : address_v6(octets.at);
	char room[ADDRESS_TEXT];

	keep_name(s->host, &s->host_size, bytes_string(address_format(&a, room)));
}

static void begin_request(struct parse *p, struct socks *s, uint8_t command, uint16_t port)
{
	s->command = command;
	s->port = port;
	s->time_ns = parse_time_ns(p);
	s->packet = parse_packet(p);
}

static enum step client4(struct parse *p, struct socks *s, struct reader *r)
{
	struct reader try = *r;
	struct request4 q;

	enum step step = s->command ? STEP_WAIT : read_request4(&try, &q); /* after the request: the tunnel's bytes */
	if (step != STEP_ON)
		return step;
	begin_request(p, s, q.command, q.port);
	keep_name(s->user, &s->user_size, q.user);
	if (q.name.size > 0)
		keep_name(s->host, &s->host_size, q.name);
	else
		keep_address(s, q.address);
	*r = try;
	return STEP_ON;
}

static enum step server4(struct parse *p, struct socks *s, struct reader *r)
{
	if (reader_left(r) < SOCKS4_REPLY_SIZE) {
		parse_need(p, SOCKS4_REPLY_SIZE);
		return reader_peek(r) == 0 ? STEP_WAIT : STEP_BAD;
	}
	uint8_t version = reader_u8(r);
	uint8_t code = reader_u8(r);
	reader_skip(r, SOCKS4_REPLY_SIZE - 2);
	if (version != 0 || code < 90 || code > 93 || s->command == 0)
		return STEP_BAD;
	if (!s->confirmed)
		parse_confirm(p);
	s->confirmed = true;
	return replied(p, s, code, code == 90);
}

/* --- version 5 --- */

static enum step greeting(struct parse *p, struct socks *s, struct reader *r)
{
	struct reader try = *r;

	reader_skip(&try, 1);
	struct bytes methods = reader_take8(&try);
	if (!reader_ok(&try))
		return STEP_WAIT;
	if (methods.size == 0 || methods.size > SOCKS_METHODS)
		return STEP_BAD;
	memcpy(s->offered, methods.at, methods.size);
	s->n_offered = (uint8_t)methods.size;
	s->time_ns = parse_time_ns(p);
	s->packet = parse_packet(p);
	*r = try;
	return STEP_ON;
}

static bool offers(const struct socks *s, uint8_t method)
{
	return memchr(s->offered, method, s->n_offered) != NULL;
}

/* RFC 1929 section 2; the password is passed over. */
static enum step logon(struct parse *p, struct socks *s, struct reader *r)
{
	struct reader try = *r;

	reader_skip(&try, 1);
	struct bytes user = reader_take8(&try);
	size_t password_size = reader_u8(&try);
	reader_skip(&try, password_size);
	if (!reader_ok(&try))
		return STEP_WAIT;
	keep_name(s->user, &s->user_size, user);
	s->logon_seen = true;
	s->logon_time_ns = parse_time_ns(p);
	s->logon_packet = parse_packet(p);
	*r = try;
	return STEP_ON;
}

/* RFC 1928 section 5. An empty view where r failed or the type is unknown; *ret_known tells which. */
static struct bytes read_address(struct reader *r, uint8_t type, bool *ret_known)
{
	*ret_known = type == ADDRESS_V4 || type == ADDRESS_NAME || type == ADDRESS_V6;
	if (type == ADDRESS_NAME)
		return reader_take8(r);
	return *ret_known ? reader_take(r, type == ADDRESS_V4 ? 4 : 16) : bytes_of(NULL, 0);
}

static enum step request5(struct parse *p, struct socks *s, struct reader *r)
{
	struct reader try = *r;
	bool known;

	reader_skip(&try, 1);
	uint8_t command = reader_u8(&try);
	reader_skip(&try, 1);
	uint8_t type = reader_u8(&try);
	if (!reader_ok(&try))
		return STEP_WAIT;
	struct bytes address = read_address(&try, type, &known);
	uint16_t port = reader_u16(&try);
	if (!known || command < COMMAND_CONNECT || command > COMMAND_ASSOCIATE)
		return STEP_BAD;
	if (!reader_ok(&try))
		return STEP_WAIT;
	begin_request(p, s, command, port);
	if (type == ADDRESS_NAME)
		keep_name(s->host, &s->host_size, address);
	else
		keep_address(s, address);
	*r = try;
	return STEP_ON;
}

static enum step client5(struct parse *p, struct socks *s, struct reader *r)
{
	if (s->n_offered == 0)
		return greeting(p, s, r);
	if (s->command) /* the tunnel's bytes, sent before the reply */
		return STEP_WAIT;
	if (reader_peek(r) == 5)
		return request5(p, s, r);
	/* The logon may come before the server has chosen it: then it is one where nothing else begins with 1. */
	bool password = s->method_known ? s->method == METHOD_PASSWORD : offers(s, METHOD_PASSWORD);
	return reader_peek(r) == 1 && password && s->user_size == 0 ? logon(p, s, r) : STEP_BAD;
}

static enum step method(struct parse *p, struct socks *s, struct reader *r)
{
	if (reader_left(r) < 2) {
		parse_need(p, 2);
		return reader_peek(r) == 5 ? STEP_WAIT : STEP_BAD;
	}
	uint8_t version = reader_u8(r);
	uint8_t chosen = reader_u8(r);
	if (version != 5 || s->n_offered == 0 || (chosen != METHOD_REFUSED && !offers(s, chosen)))
		return STEP_BAD;
	parse_confirm(p);
	s->confirmed = s->method_known = true;
	s->method = chosen;
	if (chosen == METHOD_NONE || chosen == METHOD_PASSWORD) {
		s->due = chosen == METHOD_NONE ? DUE_REPLY : DUE_LOGON;
		return STEP_ON;
	}
	tell(p, s, -1, chosen == METHOD_REFUSED ? "failure" : "unknown");
	parse_finish(p, true);
	return STEP_WAIT;
}

static enum step logon_answer(struct parse *p, struct socks *s, struct reader *r)
{
	if (reader_left(r) < 2) {
		parse_need(p, 2);
		return STEP_WAIT;
	}
	reader_skip(r, 1); /* 1, but servers are known to send 5 */
	bool accepted = reader_u8(r) == 0;
	tell_logon(p, s, accepted ? "success" : "failure");
	s->due = DUE_REPLY;
	if (accepted)
		return STEP_ON;
	tell(p, s, -1, "failure");
	parse_finish(p, true);
	return STEP_WAIT;
}

static enum step reply5(struct parse *p, struct socks *s, struct reader *r)
{
	struct reader try = *r;
	bool known;

	uint8_t version = reader_u8(&try);
	uint8_t code = reader_u8(&try);
	if (version != 5 || s->command == 0)
		return STEP_BAD;
	if (!reader_ok(&try))
		return STEP_WAIT;
	if (code != 0) { /* what follows a refusal says nothing, and may be missing */
		*r = try;
		return replied(p, s, code, false);
	}
	reader_skip(&try, 1);
	uint8_t type = reader_u8(&try);
	if (!reader_ok(&try))
		return STEP_WAIT;
	read_address(&try, type, &known);
	reader_skip(&try, 2);
	if (!known)
		return STEP_BAD;
	if (!reader_ok(&try))
		return STEP_WAIT;
	*r = try;
	return replied(p, s, code, true);
}

static enum step server5(struct parse *p, struct socks *s, struct reader *r)
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
	return STEP_BAD;
}

/* --- both --- */

static enum step one_message(struct parse *p, struct socks *s, struct reader *r)
{
	bool client = parse_side(p) == s->asker;

	if (s->version == 4)
		return client ? client4(p, s, r) : server4(p, s, r);
	return client ? client5(p, s, r) : server5(p, s, r);
}

static enum parsed socks_parse(struct parse *p, struct reader *r)
{
	struct socks *s = parse_state(p);
	enum step step = STEP_ON;

	if (!s)
		return PARSE_NOT_MINE;
	if (s->version == 0) {
		s->version = reader_peek(r);
		s->asker = parse_side(p);
		s->due = s->version == 5 ? DUE_METHOD : DUE_REPLY;
		if (s->version != 4 && s->version != 5)
			return PARSE_NOT_MINE;
	}
	while (step == STEP_ON && reader_left(r) > 0)
		step = one_message(p, s, r);
	if (step != STEP_BAD)
		return PARSED;
	return s->confirmed ? PARSE_MALFORMED : PARSE_NOT_MINE;
}

static bool socks_gap(struct parse *p, uint64_t size)
{
	(void)p;
	(void)size;
	return false;
}

/* A server that answered is one, even where the exchange broke off. */
static void socks_close(struct parse *p, enum ending how)
{
	struct socks *s = parse_state(p);

	(void)how;
	if (!s || !s->confirmed || s->over)
		return;
	tell_logon(p, s, "unknown");
	tell(p, s, -1, "unknown");
}

static bool is_name_byte(uint8_t c)
{
	return c > 0x20 && c < 0x7f;
}

/* Version 4: the whole first message is a request, and its names are readable. */
static enum probe probe4(struct bytes start)
{
	struct reader r = reader_open(start);
	struct request4 q;

	if (start.size > 1 && start.at[1] != COMMAND_CONNECT && start.at[1] != COMMAND_BIND)
		return PROBE_NO;
	for (size_t i = 8; i < start.size; i++)
		if (start.at[i] != 0 && !is_name_byte(start.at[i]))
			return PROBE_NO;
	enum step step = read_request4(&r, &q);
	if (step == STEP_WAIT)
		return start.size < LIMIT_PROBE ? PROBE_MORE : PROBE_YES;
	return step == STEP_ON && reader_left(&r) == 0 && q.port != 0 && q.address.at[0] < 224 ? PROBE_YES : PROBE_NO;
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
static enum probe probe5(struct bytes start)
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

static enum probe socks_probe(enum side side, struct bytes start)
{
	(void)side;
	if (start.at[0] == 4)
		return probe4(start);
	return start.at[0] == 5 ? probe5(start) : PROBE_NO;
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
	.gap = socks_gap,
	.close = socks_close,
};
