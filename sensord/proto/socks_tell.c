/* SPDX-License-Identifier: BSD-2-Clause
 * What is told of SOCKS: one `socks` record per request with its reply, one `auth` record per password logon, and the
 * tunnel that a granted request opens. */
#include "socks.h"

void socks_keep_name(char *into, uint16_t *ret_size, struct bytes wire)
{
	struct text t = { into, SOCKS_NAME, 0, false };

	text_utf8(&t, wire);
	*ret_size = (uint16_t)t.used;
}

void socks_keep_address(struct socks *s, struct bytes octets)
{
	struct address a = octets.size == 4 ? address_v4(octets.at) : address_v6(octets.at);
	char room[ADDRESS_TEXT];

	socks_keep_name(s->host, &s->host_size, bytes_string(address_format(&a, room)));
}

void socks_begin(struct parse *p, struct socks *s, uint8_t command, uint16_t port)
{
	s->command = command;
	s->port = port;
	s->time_ns = parse_time_ns(p);
	s->packet = parse_packet(p);
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
void socks_tell(struct parse *p, struct socks *s, int reply, const char *outcome)
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
void socks_tell_logon(struct parse *p, struct socks *s, const char *outcome)
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
enum socks_step socks_replied(struct parse *p, struct socks *s, uint8_t number, bool granted)
{
	bool second = s->due == DUE_SECOND_REPLY;

	socks_tell(p, s, number, granted ? "success" : "failure");
	s->due = DUE_NOTHING;
	if (granted && (s->command == COMMAND_CONNECT || second)) {
		open_tunnel(p, s);
	} else if (granted && s->command == COMMAND_BIND) { /* the next reply says who called back */
		s->due = DUE_SECOND_REPLY;
		return SOCKS_ON;
	} else {
		parse_finish(p, true);
	}
	return SOCKS_WAIT;
}
