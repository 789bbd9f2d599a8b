/* SPDX-License-Identifier: BSD-2-Clause
 * SOCKS 4 and 4a (the documents of Ying-Da Lee): one request, one reply. */
#include "base/limits.h"
#include "socks.h"

#define REPLY_SIZE 8

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

/* SOCKS_WAIT: more bytes are needed. Version 4a: address 0.0.0.x, and the name follows. */
static enum socks_step read_request4(struct reader *r, struct request4 *ret)
{
	struct request4 q = { 0 };

	if (reader_left(r) < 8)
		return SOCKS_WAIT;
	reader_skip(r, 1);
	q.command = reader_u8(r);
	q.port = reader_u16(r);
	q.address = reader_take(r, 4);
	if (q.command != COMMAND_CONNECT && q.command != COMMAND_BIND)
		return SOCKS_BAD;
	if (!zero_ended(r, &q.user))
		return reader_ok(r) ? SOCKS_WAIT : SOCKS_BAD;
	const uint8_t *a = q.address.at;
	if (a[0] == 0 && a[1] == 0 && a[2] == 0 && a[3] != 0 && !zero_ended(r, &q.name))
		return reader_ok(r) ? SOCKS_WAIT : SOCKS_BAD;
	*ret = q;
	return SOCKS_ON;
}

enum socks_step socks4_client(struct parse *p, struct socks *s, struct reader *r)
{
	struct reader try = *r;
	struct request4 q;

	enum socks_step step = s->command ? SOCKS_WAIT : read_request4(&try, &q); /* after the request: the tunnel's bytes */
	if (step != SOCKS_ON)
		return step;
	socks_begin(p, s, q.command, q.port);
	socks_keep_name(s->user, &s->user_size, q.user);
	if (q.name.size > 0)
		socks_keep_name(s->host, &s->host_size, q.name);
	else
		socks_keep_address(s, q.address);
	*r = try;
	return SOCKS_ON;
}

enum socks_step socks4_server(struct parse *p, struct socks *s, struct reader *r)
{
	if (reader_left(r) < REPLY_SIZE) {
		parse_need(p, REPLY_SIZE);
		return reader_peek(r) == 0 ? SOCKS_WAIT : SOCKS_BAD;
	}
	uint8_t version = reader_u8(r);
	uint8_t code = reader_u8(r);
	reader_skip(r, REPLY_SIZE - 2);
	if (version != 0 || code < 90 || code > 93 || s->command == 0)
		return SOCKS_BAD;
	if (!s->confirmed)
		parse_confirm(p);
	s->confirmed = true;
	return socks_replied(p, s, code, code == 90);
}

static bool is_name_byte(uint8_t c)
{
	return c > 0x20 && c < 0x7f;
}

/* Version 4: the whole first message is a request, and its names are readable. */
enum probe socks4_probe(struct bytes start)
{
	struct reader r = reader_open(start);
	struct request4 q;

	if (start.size > 1 && start.at[1] != COMMAND_CONNECT && start.at[1] != COMMAND_BIND)
		return PROBE_NO;
	for (size_t i = 8; i < start.size; i++)
		if (start.at[i] != 0 && !is_name_byte(start.at[i]))
			return PROBE_NO;
	enum socks_step step = read_request4(&r, &q);
	if (step == SOCKS_WAIT)
		return start.size < LIMIT_PROBE ? PROBE_MORE : PROBE_YES;
	return step == SOCKS_ON && reader_left(&r) == 0 && q.port != 0 && q.address.at[0] < 224 ? PROBE_YES : PROBE_NO;
}
