/* SPDX-License-Identifier: BSD-2-Clause
 * TLS over TCP: record layer and handshake of SSL 3.0 to TLS 1.3 (RFC 6101, 2246, 4346, 5246, 8446) as far as they are
 * readable, and the version 2 form of the ClientHello (RFC 5246 appendix E.2). One `tls` record per ClientHello, told
 * when the server's part is known.
 *
 * A handshake message may be spread over records, and records over segments. Nothing is copied aside for that: the
 * message stays in the stream's reader until it is whole; `left` says how much of the record under way is unread.
 *
 * The side that sends the ClientHello is the TLS client, whoever opened the connection. */
#include "tls_stream.h"

#define HELLO_MAX 65536    /* bytes of a hello (padded ones, RFC 7685, are large), or of the server's own certificate */
#define RECORDS_WATCHED 16 /* records of a side whose framing is checked before it is left alone */

/* Waits for what the walk misses; r still stands at the start of the message. */
static enum tls_step wait_for(struct parse *p, const struct reader *r, const struct tls_walk *w)
{
	parse_need(p, (size_t)(w->r.at - r->at) + w->missing);
	return STEP_WAIT;
}

/* Takes over how far the walk got; `pass` bytes of the message remain unread. */
static void accept_walk(struct tls_side *side, struct reader *r, const struct tls_walk *w, size_t pass)
{
	reader_skip(r, (size_t)(w->r.at - r->at));
	side->left = w->left;
	side->pass = (uint32_t)pass;
	side->records = (uint8_t)(side->records + w->records < RECORDS_WATCHED ? side->records + w->records : RECORDS_WATCHED);
}

static void confirm(struct parse *p, struct tls *t)
{
	if (!t->confirmed)
		parse_confirm(p);
	t->confirmed = true;
}

/* True where the side under way is the TLS client (or server), or may become it. */
static bool takes_role(struct parse *p, struct tls *t, bool client)
{
	enum side side = parse_side(p);

	if (!t->asked)
		t->asker = client == (side == CLIENT) ? CLIENT : SERVER;
	t->asked = true;
	return client == (side == t->asker);
}

static bool from_server(struct parse *p, const struct tls *t)
{
	return t->asked && parse_side(p) != t->asker;
}

static enum tls_step client_hello(struct parse *p, struct tls *t, struct bytes body)
{
	struct tls_hello hello;

	if (!tls_hello_client(body, &hello))
		return STEP_BAD;
	confirm(p, t);
	if (hello.server_name.size > 0)
		parse_server_name(p, hello.server_name);
	t->session_size = (uint8_t)hello.session.size;
	if (hello.session.size > 0)
		memcpy(t->session, hello.session.at, hello.session.size);
	struct record *r = tls_tell_begin(p, t);
	if (r)
		tls_set_client(r, &hello);
	tls_tell_keep(p, t, r);
	return STEP_ON;
}

static enum tls_step server_hello(struct parse *p, struct tls *t, struct tls_side *side, struct bytes body)
{
	struct tls_hello hello;

	if (!tls_hello_server(body, &hello))
		return STEP_BAD;
	confirm(p, t);
	struct record *r = t->pending ? tls_tell_again(p, t) : NULL;
	if (r)
		tls_set_server(r, t, &hello);
	tls_tell_keep(p, t, r);
	t->retry = hello.retry;
	if (hello.top_version >= 0x0304) { /* all that follows is encrypted, certificates too */
		tls_tell(p, t);
		side->hidden = !hello.retry;
	}
	return STEP_ON;
}

/* Certificate (RFC 5246 section 7.4.2): the first of the list is the server's own. */
static enum tls_step certificate(struct parse *p, struct tls *t, struct tls_walk *w, size_t size, size_t *ret_read)
{
	uint8_t lengths[6];
	UNINITIALIZED uint8_t room[HELLO_MAX];
	struct bytes b;

	if (size < sizeof(lengths))
		return STEP_ON;
	enum tls_step step = tls_gather(w, sizeof(lengths), lengths, &b);
	if (step != STEP_ON)
		return step;
	struct reader r = reader_open(b);
	reader_skip(&r, 3);
	size_t first = reader_u24(&r);
	*ret_read = sizeof(lengths);
	if (first > sizeof(room) || first > size - sizeof(lengths))
		return STEP_ON;
	step = tls_gather(w, first, room, &b);
	if (step != STEP_ON)
		return step;
	*ret_read += first;
	struct record *told = t->pending ? tls_tell_again(p, t) : NULL;
	if (told && tls_certificate(b, parse_time_ns(p), told))
		tls_tell_keep(p, t, told);
	return STEP_ON;
}

static enum tls_step hello(struct parse *p, struct tls *t, struct tls_side *side, struct tls_walk *w, uint8_t type, size_t size)
{
	UNINITIALIZED uint8_t room[HELLO_MAX];
	struct bytes body;

	if (size > sizeof(room))
		return STEP_BAD;
	enum tls_step step = tls_gather(w, size, room, &body);
	if (step != STEP_ON)
		return step;
	if (!takes_role(p, t, type == CLIENT_HELLO))
		return STEP_BAD;
	return type == CLIENT_HELLO ? client_hello(p, t, body) : server_hello(p, t, side, body);
}

/* One handshake message (RFC 5246 section 7.4), which is consumed as a whole or not at all. */
static enum tls_step message(struct parse *p, struct tls *t, struct tls_side *side, struct reader *r)
{
	struct tls_walk w = { *r, side->left, 0, 0 };
	uint8_t room[4];
	struct bytes head;
	size_t done = 0;

	enum tls_step step = tls_gather(&w, sizeof(room), room, &head);
	if (step != STEP_ON)
		return step == STEP_WAIT ? wait_for(p, r, &w) : step;
	struct reader start = reader_open(head);
	uint8_t type = reader_u8(&start);
	size_t size = reader_u24(&start);
	if (type > LAST_MESSAGE) { /* a capture that begins behind ChangeCipherSpec: this is encrypted */
		side->hidden = true;
		return STEP_ON;
	}
	if (type == CLIENT_HELLO || type == SERVER_HELLO) {
		step = hello(p, t, side, &w, type, size);
		done = size;
	} else if (type == CERTIFICATE && t->pending) {
		step = certificate(p, t, &w, size, &done);
	}
	if (step != STEP_ON)
		return step == STEP_WAIT ? wait_for(p, r, &w) : step;
	accept_walk(side, r, &w, size - done);
	if (from_server(p, t) && type != SERVER_HELLO && type != HELLO_REQUEST && type != NEW_SESSION_TICKET)
		tls_tell(p, t);
	return STEP_ON;
}

static enum tls_step record_layer(struct parse *p, struct tls *t, struct tls_side *side, struct reader *r)
{
	struct bytes rest = reader_rest(r);

	if (rest.size < RECORD_HEADER) {
		parse_need(p, RECORD_HEADER);
		return STEP_WAIT;
	}
	if (!tls_header_like(rest))
		return STEP_BAD;
	uint8_t type = reader_u8(r);
	reader_skip(r, 2);
	size_t size = reader_u16(r);
	if (side->records < RECORDS_WATCHED)
		side->records++;
	if (side->records > 2) /* a capture from within: this many headers in a row are no accident */
		confirm(p, t);
	if (type == HANDSHAKE && !side->hidden) {
		side->left = (uint32_t)size;
		return STEP_ON;
	}
	/* After a HelloRetryRequest ChangeCipherSpec means nothing: a hello follows (RFC 8446 appendix D.4). */
	if (type == CHANGE_CIPHER_SPEC && !t->retry)
		side->hidden = true;
	if (from_server(p, t))
		tls_tell(p, t);
	if (side->records == RECORDS_WATCHED) {
		parse_finish(p, false);
		return STEP_WAIT;
	}
	return parse_pass(p, r, size) ? STEP_ON : STEP_WAIT;
}

/* Content of a readable handshake record. */
static enum tls_step handshake(struct parse *p, struct tls *t, struct tls_side *side, struct reader *r)
{
	if (side->pass == 0 && !side->hidden)
		return message(p, t, side, r);
	uint32_t part = side->hidden || side->pass > side->left ? side->left : side->pass;
	side->left -= part;
	side->pass -= side->hidden ? 0 : part;
	return parse_pass(p, r, part) ? STEP_ON : STEP_WAIT;
}

static enum tls_step v2_client_hello(struct parse *p, struct tls *t, struct tls_side *side, struct reader *r)
{
	struct tls_v2_hello h;

	if (reader_left(r) < 11) {
		parse_need(p, 11);
		return STEP_WAIT;
	}
	if (!tls_v2_like(reader_rest(r), &h) || !takes_role(p, t, true))
		return STEP_BAD;
	confirm(p, t);
	side->records = 1;
	struct record *told = tls_tell_begin(p, t);
	record_printf(told, FIELD_TLS_CLIENT_VERSION, "0x%04x", h.version);
	if (told)
		tls_set_version(told, h.version);
	tls_tell_keep(p, t, told);
	if (h.version == 0x0002) {
		tls_tell(p, t); /* what follows has framing of its own */
		parse_finish(p, true);
		return STEP_WAIT;
	}
	return parse_pass(p, r, 2 + h.size) ? STEP_ON : STEP_WAIT;
}

static enum parsed tls_parse(struct parse *p, struct reader *r)
{
	struct tls *t = parse_state(p);
	if (!t)
		return PARSE_NOT_MINE;
	struct tls_side *side = &t->sides[parse_side(p)];
	enum tls_step step = STEP_ON;

	while (step == STEP_ON && reader_left(r) > 0) {
		if (side->left > 0)
			step = handshake(p, t, side, r);
		else if (side->records == 0 && !t->asked && reader_peek(r) & 0x80)
			step = v2_client_hello(p, t, side, r);
		else
			step = record_layer(p, t, side, r);
	}
	if (step != STEP_BAD)
		return PARSED;
	if (!t->confirmed)
		return PARSE_NOT_MINE;
	if (from_server(p, t))
		tls_tell(p, t);
	return PARSE_MALFORMED;
}

/* Record framing cannot be found again behind a gap. What stands before it may be the beginning of a hello of which a
 * capture kept no more: what it says is gone, what it is is not. */
static bool tls_gap(struct parse *p, uint64_t size)
{
	struct tls *t = parse_state(p);
	struct bytes left = parse_left(p);

	(void)size;
	if (t && t->sides[parse_side(p)].left > 0 && left.size > 4 && tls_probe_hello(left, left.size) == PROBE_YES)
		confirm(p, t);
	if (t && from_server(p, t))
		tls_tell(p, t);
	return false;
}

static void tls_end(struct parse *p, enum ending how)
{
	struct tls *t = parse_state(p);

	(void)how;
	if (t && from_server(p, t))
		tls_tell(p, t);
}

static void tls_close(struct parse *p, enum ending how)
{
	struct tls *t = parse_state(p);

	(void)how;
	if (t)
		tls_tell(p, t);
}

static void tls_release(void *state)
{
	struct tls *t = state;

	record_free(t->pending);
	t->pending = NULL;
}

static const struct port_hint tls_ports[] = { { 443, false },  { 8443, false }, { 993, false }, { 995, false },
					      { 465, false },  { 636, false },  { 853, false }, { 990, false },
					      { 3269, false }, { 5986, false }, { 0, false } };

const struct protocol protocol_tls = {
	.name = "tls",
	.about = "RFC 8446, 5246, 6066, 7301, 6101; JA3, JA4",
	.ports = tls_ports,
	.stream = true,
	.state_size = sizeof(struct tls),
	.probe = tls_probe,
	.speaker = tls_speaker,
	.parse = tls_parse,
	.gap = tls_gap,
	.end = tls_end,
	.close = tls_close,
	.release = tls_release,
};
