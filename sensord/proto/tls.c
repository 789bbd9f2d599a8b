/* SPDX-License-Identifier: BSD-2-Clause
 * TLS over TCP: record layer and handshake of SSL 3.0 to TLS 1.3 (RFC 6101, 2246, 4346, 5246, 8446) as far as they are
 * readable, and the version 2 form of the ClientHello (RFC 5246 appendix E.2). One `tls` record per ClientHello, told
 * when the server's part is known.
 *
 * A handshake message may be spread over records, and records over segments. Nothing is copied aside for that: the
 * message stays in the stream's reader until it is whole; `left` says how much of the record under way is unread.
 *
 * The side that sends the ClientHello is the TLS client, whoever opened the connection. */
#include "base/limits.h"
#include "proto/protocol.h"
#include "tls.h"

#define RECORD_HEADER 5
#define RECORD_MAX (16384 + 2048) /* RFC 5246 section 6.2.3 */
#define HELLO_MAX 16384           /* bytes of a hello, or of the server's own certificate */
#define RECORDS_WATCHED 16        /* records of a side whose framing is checked before it is left alone */
#define ALPN_NAMES 32

enum { CHANGE_CIPHER_SPEC = 20, ALERT = 21, HANDSHAKE = 22, APPLICATION = 23, HEARTBEAT = 24 };
enum { HELLO_REQUEST = 0, CLIENT_HELLO = 1, SERVER_HELLO = 2, NEW_SESSION_TICKET = 4, CERTIFICATE = 11, LAST_MESSAGE = 24 };

enum step {
	STEP_ON,   /* something was consumed */
	STEP_WAIT, /* more bytes are needed, or the side is done */
	STEP_BAD,
};

struct tls_side {
	uint32_t left; /* bytes of the readable handshake record under way */
	uint32_t pass; /* bytes of the handshake message under way that nobody wants */
	uint8_t records;
	bool hidden;   /* encrypted from here on */
};

struct tls {
	struct tls_side sides[2];
	struct record *pending; /* the ClientHello whose server part is not known yet */
	uint64_t time_ns, packet;
	uint8_t session_size, session[32];
	enum side asker; /* who sent the ClientHello; meaningless before `asked` */
	bool asked, confirmed, retry;
};

/* Where a handshake message may run on over the headers of further records. */
struct walk {
	struct reader r;
	uint32_t left;
	size_t missing; /* STEP_WAIT: bytes that have to follow at least */
	unsigned records;
};

/* The first up to five bytes could be a record header. */
static bool header_like(struct bytes b)
{
	static const struct {
		uint8_t low, high;
	} allowed[] = { { CHANGE_CIPHER_SPEC, HEARTBEAT }, { 3, 3 }, { 0, 4 }, { 0, RECORD_MAX >> 8 } };

	for (size_t i = 0; i < b.size && i < ARRAY_SIZE(allowed); i++)
		if (b.at[i] < allowed[i].low || b.at[i] > allowed[i].high)
			return false;
	if (b.size < RECORD_HEADER)
		return true;
	size_t size = (size_t)b.at[3] << 8 | b.at[4];
	return size <= RECORD_MAX && (size > 0 || b.at[0] == APPLICATION);
}

static enum step next_record(struct walk *w)
{
	struct bytes rest = reader_rest(&w->r);

	if (rest.size < RECORD_HEADER) /* judged as a whole, so that it does not matter how it came in pieces */
		return STEP_WAIT;
	if (!header_like(rest) || rest.at[0] != HANDSHAKE)
		return STEP_BAD;
	reader_skip(&w->r, 3);
	w->left = reader_u16(&w->r);
	w->records++;
	return STEP_ON;
}

/* The next n bytes of handshake content: in place, or gathered into room where they lie in several records. */
static enum step gather(struct walk *w, size_t n, uint8_t *room, struct bytes *ret)
{
	size_t have = 0;

	if (w->left >= n && reader_left(&w->r) >= n) {
		*ret = reader_take(&w->r, n);
		w->left -= (uint32_t)n;
		return STEP_ON;
	}
	while (have < n) {
		enum step step = w->left == 0 ? next_record(w) : STEP_ON;
		w->missing = n - have + (step == STEP_WAIT ? RECORD_HEADER : 0);
		if (step != STEP_ON)
			return step;
		size_t part = n - have < w->left ? n - have : w->left;
		struct bytes b = reader_take(&w->r, part);
		if (!reader_ok(&w->r))
			return STEP_WAIT;
		memcpy(room + have, b.at, part);
		have += part;
		w->left -= (uint32_t)part;
	}
	*ret = bytes_of(room, n);
	return STEP_ON;
}

/* Waits for what the walk misses; r still stands at the start of the message. */
static enum step wait_for(struct parse *p, const struct reader *r, const struct walk *w)
{
	parse_need(p, (size_t)(w->r.at - r->at) + w->missing);
	return STEP_WAIT;
}

/* Takes over how far the walk got; `pass` bytes of the message remain unread. */
static void accept_walk(struct tls_side *side, struct reader *r, const struct walk *w, size_t pass)
{
	reader_skip(r, (size_t)(w->r.at - r->at));
	side->left = w->left;
	side->pass = (uint32_t)pass;
	side->records = (uint8_t)(side->records + w->records < RECORDS_WATCHED ? side->records + w->records : RECORDS_WATCHED);
}

/* Counts n bytes off; false where some of them are still to come. */
static bool pass_over(struct parse *p, struct reader *r, size_t n)
{
	if (reader_left(r) >= n) {
		reader_skip(r, n);
		return true;
	}
	parse_skip(p, n);
	return false;
}

static void confirm(struct parse *p, struct tls *t)
{
	if (!t->confirmed)
		parse_confirm(p);
	t->confirmed = true;
}

/* A blank record at the time of the ClientHello with what is known of it. */
static struct record *reopen(struct parse *p, const struct tls *t)
{
	struct record *r = parse_record_at(p, DATASET_TLS, t->time_ns, t->packet);

	if (r && t->pending)
		record_merge(r, t->pending);
	return r;
}

/* Tells the ClientHello, if one waits. */
static void tell(struct parse *p, struct tls *t)
{
	if (!t->pending)
		return;
	struct record *r = reopen(p, t);
	if (r)
		parse_emit(p, r);
	parse_charge_record(p, NULL, t->pending);
	record_free(t->pending);
	t->pending = NULL;
}

/* Keeps r as the ClientHello that waits; tells it at once where there is no memory to wait. */
static void keep(struct parse *p, struct tls *t, struct record *r)
{
	struct record *copy = r ? record_copy(r) : NULL;

	parse_charge_record(p, copy, t->pending);
	record_free(t->pending);
	t->pending = copy;
	if (r && !copy)
		parse_emit(p, r);
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

static void set_version(struct record *r, uint16_t version)
{
	record_set_string(r, FIELD_TLS_VERSION, tls_version_name(version));
	record_set_string(r, FIELD_TLS_VERSION_PROTOCOL, version <= 0x0300 ? "ssl" : "tls");
}

static void set_client(struct record *r, const struct tls_hello *hello)
{
	struct reader names = reader_open(hello->alpn);
	struct bytes name;
	char ja3[JA3_TEXT], ja4[JA4_TEXT];

	record_printf(r, FIELD_TLS_CLIENT_VERSION, "0x%04x", hello->version);
	set_version(r, hello->top_version);
	if (hello->server_name.size > 0)
		record_set_wire(r, FIELD_TLS_CLIENT_SERVER_NAME, hello->server_name);
	for (unsigned i = 0; i < ALPN_NAMES && tls_alpn(&names, &name); i++) {
		char room[256];
		struct text utf8 = TEXT_ON(room);
		text_utf8(&utf8, name);
		record_add_text(r, FIELD_TLS_CLIENT_ALPN, text_bytes(&utf8));
	}
	if (hello->encrypted_hello)
		record_set_bool(r, FIELD_TLS_CLIENT_ECH, true);
	if (tls_ja3(hello, ja3))
		record_set_string(r, FIELD_TLS_CLIENT_JA3, ja3);
	if (tls_ja4(hello, 't', ja4))
		record_set_string(r, FIELD_TLS_CLIENT_JA4, ja4);
}

/* Begins a new `tls` record at the packet under way. */
static struct record *begin(struct parse *p, struct tls *t)
{
	tell(p, t); /* one before it that no server answered */
	t->time_ns = parse_time_ns(p);
	t->packet = parse_packet(p);
	return parse_record(p, DATASET_TLS);
}

static enum step client_hello(struct parse *p, struct tls *t, struct bytes body)
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
	struct record *r = begin(p, t);
	if (r)
		set_client(r, &hello);
	keep(p, t, r);
	return STEP_ON;
}

/* RFC 8446 section 4.2.11: the server took up a key of before; RFC 5246 section 7.4.1.3: it repeats the session id. */
static bool is_resumed(const struct tls *t, const struct tls_hello *hello)
{
	if (hello->top_version >= 0x0304)
		return hello->pre_shared_key;
	return t->session_size > 0 && bytes_equal(hello->session, bytes_of(t->session, t->session_size));
}

static void set_server(struct record *r, const struct tls *t, const struct tls_hello *hello)
{
	struct reader names = reader_open(hello->alpn);
	struct reader cipher = reader_open(hello->ciphers);
	struct bytes name;
	char ja3s[JA3_TEXT];

	record_printf(r, FIELD_TLS_CIPHER, "0x%04x", reader_u16(&cipher));
	set_version(r, hello->top_version);
	if (tls_alpn(&names, &name))
		record_set_wire(r, FIELD_TLS_NEXT_PROTOCOL, name);
	record_set_bool(r, FIELD_TLS_RESUMED, is_resumed(t, hello));
	if (tls_ja3s(hello, ja3s))
		record_set_string(r, FIELD_TLS_SERVER_JA3S, ja3s);
}

static enum step server_hello(struct parse *p, struct tls *t, struct tls_side *side, struct bytes body)
{
	struct tls_hello hello;

	if (!tls_hello_server(body, &hello))
		return STEP_BAD;
	confirm(p, t);
	struct record *r = t->pending ? reopen(p, t) : NULL;
	if (r)
		set_server(r, t, &hello);
	keep(p, t, r);
	t->retry = hello.retry;
	if (hello.top_version >= 0x0304) { /* all that follows is encrypted, certificates too */
		tell(p, t);
		side->hidden = !hello.retry;
	}
	return STEP_ON;
}

/* Certificate (RFC 5246 section 7.4.2): the first of the list is the server's own. */
static enum step certificate(struct parse *p, struct tls *t, struct walk *w, size_t size, size_t *ret_read)
{
	uint8_t lengths[6];
	UNINITIALIZED uint8_t room[HELLO_MAX];
	struct bytes b;

	if (size < sizeof(lengths))
		return STEP_ON;
	enum step step = gather(w, sizeof(lengths), lengths, &b);
	if (step != STEP_ON)
		return step;
	struct reader r = reader_open(b);
	reader_skip(&r, 3);
	size_t first = reader_u24(&r);
	*ret_read = sizeof(lengths);
	if (first > sizeof(room) || first > size - sizeof(lengths))
		return STEP_ON;
	step = gather(w, first, room, &b);
	if (step != STEP_ON)
		return step;
	*ret_read += first;
	struct record *told = t->pending ? reopen(p, t) : NULL;
	if (told && tls_certificate(b, parse_time_ns(p), told))
		keep(p, t, told);
	return STEP_ON;
}

static enum step hello(struct parse *p, struct tls *t, struct tls_side *side, struct walk *w, uint8_t type, size_t size)
{
	UNINITIALIZED uint8_t room[HELLO_MAX];
	struct bytes body;

	if (size > sizeof(room))
		return STEP_BAD;
	enum step step = gather(w, size, room, &body);
	if (step != STEP_ON)
		return step;
	if (!takes_role(p, t, type == CLIENT_HELLO))
		return STEP_BAD;
	return type == CLIENT_HELLO ? client_hello(p, t, body) : server_hello(p, t, side, body);
}

/* One handshake message (RFC 5246 section 7.4), which is consumed as a whole or not at all. */
static enum step message(struct parse *p, struct tls *t, struct tls_side *side, struct reader *r)
{
	struct walk w = { *r, side->left, 0, 0 };
	uint8_t room[4];
	struct bytes head;
	size_t done = 0;

	enum step step = gather(&w, sizeof(room), room, &head);
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
		tell(p, t);
	return STEP_ON;
}

static enum step record_layer(struct parse *p, struct tls *t, struct tls_side *side, struct reader *r)
{
	struct bytes rest = reader_rest(r);

	if (rest.size < RECORD_HEADER) {
		parse_need(p, RECORD_HEADER);
		return STEP_WAIT;
	}
	if (!header_like(rest))
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
		tell(p, t);
	if (side->records == RECORDS_WATCHED) {
		parse_finish(p, false);
		return STEP_WAIT;
	}
	return pass_over(p, r, size) ? STEP_ON : STEP_WAIT;
}

/* Content of a readable handshake record. */
static enum step handshake(struct parse *p, struct tls *t, struct tls_side *side, struct reader *r)
{
	if (side->pass == 0 && !side->hidden)
		return message(p, t, side, r);
	uint32_t part = side->hidden || side->pass > side->left ? side->left : side->pass;
	side->left -= part;
	side->pass -= side->hidden ? 0 : part;
	return pass_over(p, r, part) ? STEP_ON : STEP_WAIT;
}

/* RFC 5246 appendix E.2: the ClientHello of version 2 that offers something newer, or version 2 itself. */
struct v2_hello {
	size_t size; /* of the message behind its two bytes of length */
	uint16_t version, cipher_size, session_size, challenge_size;
};

static bool v2_like(struct bytes start, struct v2_hello *ret)
{
	struct reader r = reader_open(start);
	struct v2_hello h;

	h.size = reader_u16(&r) & 0x7fff;
	uint8_t type = reader_u8(&r);
	h.version = reader_u16(&r);
	h.cipher_size = reader_u16(&r);
	h.session_size = reader_u16(&r);
	h.challenge_size = reader_u16(&r);
	if (!reader_ok(&r) || !(start.at[0] & 0x80) || type != CLIENT_HELLO)
		return false;
	if (h.version != 0x0002 && (h.version < 0x0300 || h.version > 0x0304))
		return false;
	if (h.cipher_size == 0 || h.cipher_size % 3 != 0 || (h.session_size != 0 && h.session_size != 16) ||
	    h.challenge_size < 16 || h.challenge_size > 32)
		return false;
	*ret = h;
	return h.size == (size_t)9 + h.cipher_size + h.session_size + h.challenge_size;
}

static enum step v2_client_hello(struct parse *p, struct tls *t, struct tls_side *side, struct reader *r)
{
	struct v2_hello h;

	if (reader_left(r) < 11) {
		parse_need(p, 11);
		return STEP_WAIT;
	}
	if (!v2_like(reader_rest(r), &h) || !takes_role(p, t, true))
		return STEP_BAD;
	confirm(p, t);
	side->records = 1;
	struct record *told = begin(p, t);
	record_printf(told, FIELD_TLS_CLIENT_VERSION, "0x%04x", h.version);
	if (told)
		set_version(told, h.version);
	keep(p, t, told);
	if (h.version == 0x0002) {
		tell(p, t); /* what follows has framing of its own */
		parse_finish(p, true);
		return STEP_WAIT;
	}
	return pass_over(p, r, 2 + h.size) ? STEP_ON : STEP_WAIT;
}

static enum parsed tls_parse(struct parse *p, struct reader *r)
{
	struct tls *t = parse_state(p);
	if (!t)
		return PARSE_NOT_MINE;
	struct tls_side *side = &t->sides[parse_side(p)];
	enum step step = STEP_ON;

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
		tell(p, t);
	return PARSE_MALFORMED;
}

static void tls_end(struct parse *p, enum ending how)
{
	struct tls *t = parse_state(p);

	(void)how;
	if (t && from_server(p, t))
		tell(p, t);
}

static void tls_close(struct parse *p, enum ending how)
{
	struct tls *t = parse_state(p);

	(void)how;
	if (t)
		tell(p, t);
}

static void tls_release(void *state)
{
	struct tls *t = state;

	record_free(t->pending);
	t->pending = NULL;
}

/* A hello: type, three bytes of length, version; as far as these stand in the first record. */
static enum probe probe_hello(const uint8_t *body, size_t there, size_t size)
{
	size_t n = there < size ? there : size;

	if (n > 0 && body[0] != CLIENT_HELLO && body[0] != SERVER_HELLO)
		return PROBE_NO;
	if (n > 1 && body[1] != 0)
		return PROBE_NO;
	if (n > 4 && body[4] != 3 && body[4] != 0x7f)
		return PROBE_NO;
	return n > 4 || n == size ? PROBE_YES : PROBE_MORE;
}

static enum probe tls_probe(enum side side, struct bytes start)
{
	struct v2_hello v2;

	(void)side;
	if (start.at[0] & 0x80) {
		if (start.size >= 3 && start.at[2] != CLIENT_HELLO)
			return PROBE_NO;
		return start.size < 11 ? PROBE_MORE : v2_like(start, &v2) ? PROBE_YES : PROBE_NO;
	}
	if (!header_like(start))
		return PROBE_NO;
	if (start.size < RECORD_HEADER)
		return PROBE_MORE;
	size_t size = (size_t)start.at[3] << 8 | start.at[4];
	if (start.at[0] == HANDSHAKE)
		return probe_hello(start.at + RECORD_HEADER, start.size - RECORD_HEADER, size);
	if (start.at[0] == ALERT) /* a server that refuses at once, or an encrypted one */
		return size == 2 || size >= 16 ? PROBE_YES : PROBE_NO;
	return start.at[0] == APPLICATION && size > 0 && start.at[2] > 0 ? PROBE_YES : PROBE_NO;
}

/* Record framing cannot be found again behind a gap. What stands before it may be the beginning of a hello of which a
 * capture kept no more: what it says is gone, what it is is not. */
static bool tls_gap(struct parse *p, uint64_t size)
{
	struct tls *t = parse_state(p);
	struct bytes left = parse_left(p);

	(void)size;
	if (t && t->sides[parse_side(p)].left > 0 && left.size > 4 && probe_hello(left.at, left.size, left.size) == PROBE_YES)
		confirm(p, t);
	if (t && from_server(p, t))
		tell(p, t);
	return false;
}

/* A hello in a record of its own kind; anything else either side may send. */
static enum speaker tls_speaker(struct bytes start)
{
	if (start.size <= RECORD_HEADER || start.at[0] != HANDSHAKE || tls_probe(CLIENT, start) != PROBE_YES)
		return SPEAKER_UNKNOWN;
	if (start.at[RECORD_HEADER] == CLIENT_HELLO)
		return SPEAKER_CLIENT;
	return start.at[RECORD_HEADER] == SERVER_HELLO ? SPEAKER_SERVER : SPEAKER_UNKNOWN;
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
