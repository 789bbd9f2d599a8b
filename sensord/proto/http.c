/* SPDX-License-Identifier: BSD-2-Clause
 * HTTP/1.x (RFC 9112) as two byte streams: where each message's head and body begin and end. Heads go to http_pair.c;
 * bodies are counted off and never held. Where a stream makes no sense (a gap, a capture begun in the middle, a sender
 * that lies about its length) the next start line is looked for. */
#include "http.h"

#include <stdlib.h>

#include "base/limits.h"

#define CHUNK_LINE_MAX 4096      /* bytes of a chunk's size line with its extensions (RFC 9112 section 7.1) */
#define GARBAGE_MAX (16u << 20)  /* bytes looked through for the next message before a side is given up */
#define HELD_MAX (16u << 10)     /* client bytes behind a CONNECT after which its answer is taken as not captured */
#define BODY_MAX ((uint64_t)INT64_MAX)

enum go { GO_ON, GO_WAIT, GO_FOREIGN };

/* What follows a head. */
static enum go begin_body(struct parse *p, struct http_side *side, struct reader *r, struct http_framing framing)
{
	side->phase = HTTP_HEAD;
	side->plausible = side->versioned = false;
	side->scanned = 0;
	side->doubted |= framing.body == HTTP_IN_DOUBT;
	if (side->doubted && (framing.body == HTTP_SIZED || framing.body == HTTP_SOAP))
		framing.body = HTTP_IN_DOUBT;
	switch (framing.body) {
	case HTTP_NO_BODY:
		return GO_ON;
	case HTTP_SIZED:
		return parse_pass(p, r, framing.size) ? GO_ON : GO_WAIT;
	case HTTP_SOAP:
		side->phase = HTTP_ENVELOPE;
		side->size = framing.size;
		return GO_ON;
	case HTTP_CHUNKED:
		side->phase = HTTP_CHUNK;
		return GO_ON;
	case HTTP_TO_THE_END:
		side->phase = HTTP_UNTIL_CLOSE;
		return GO_ON;
	case HTTP_TUNNEL:
		side->phase = HTTP_HELD;
		return GO_WAIT;
	case HTTP_IN_DOUBT:
	case HTTP_NOT_A_HEAD:
		break;
	}
	side->phase = HTTP_LOST;
	return GO_ON;
}

static enum go head_found(struct parse *p, struct http *http, struct http_side *side, struct reader *r, size_t size,
			  bool whole)
{
	struct bytes head = reader_take(r, size);
	struct http_framing framing = parse_side(p) == CLIENT ? http_request_seen(p, http, head)
							      : http_response_seen(p, http, head);
	if (framing.body == HTTP_NOT_A_HEAD && !http->confirmed)
		return GO_FOREIGN;
	if (whole || (framing.body == HTTP_TUNNEL && parse_side(p) == SERVER))
		return begin_body(p, side, r, framing);
	side->phase = HTTP_HEAD_REST;
	side->in_line = head.at[head.size - 1] != '\n';
	side->after = (uint8_t)framing.body;
	side->size = framing.size;
	return GO_ON;
}

/* A request of HTTP/0.9 is its line alone (a method, a target, nothing behind it): its size, or 0. */
static size_t simple_request(struct http_side *side, struct bytes b)
{
	if (side->versioned || side->scanned >= b.size || !memchr(b.at + side->scanned, '\n', b.size - side->scanned))
		return 0;
	side->versioned = true;
	struct bytes rest = b;
	struct bytes line = bytes_split(&rest, '\n');
	size_t size = line.size + 1;
	while (line.size && (line.at[line.size - 1] == '\r' || line.at[line.size - 1] == ' '))
		line.size--;
	bytes_split(&line, ' ');
	return memchr(line.at, ' ', line.size) ? 0 : size;
}

/* Is what stands here the start of a message at all? */
static enum go check_start(struct parse *p, const struct http *http, struct http_side *side, struct bytes b)
{
	enum probe answer = parse_side(p) == CLIENT ? http_probe_request(b) : http_probe_response(b);
	if (answer == PROBE_MORE)
		return GO_WAIT;
	if (answer == PROBE_NO && !http->confirmed)
		return GO_FOREIGN;
	if (answer == PROBE_NO)
		side->phase = HTTP_LOST;
	side->plausible = answer == PROBE_YES;
	return GO_ON;
}

static enum go read_head(struct parse *p, struct http *http, struct http_side *side, struct reader *r)
{
	while (reader_peek(r) == '\r' || reader_peek(r) == '\n')
		reader_skip(r, 1);
	struct bytes b = reader_rest(r);
	if (b.size == 0)
		return GO_WAIT;
	if (!side->plausible) {
		enum go go = check_start(p, http, side, b);
		if (!side->plausible)
			return go;
	}
	size_t size = parse_side(p) == CLIENT ? simple_request(side, b) : 0;
	if (size == 0)
		size = http_head_size(b, &side->scanned);
	if (size > 0 && size <= LIMIT_HTTP_HEADERS)
		return head_found(p, http, side, r, size, true);
	if (b.size < LIMIT_HTTP_HEADERS)
		return GO_WAIT;
	/* Cut so that a blank line is not cut in two. */
	size = LIMIT_HTTP_HEADERS - (b.at[LIMIT_HTTP_HEADERS - 1] == '\r');
	return head_found(p, http, side, r, size, false);
}

/* The fields of an oversized head are passed over line by line, up to the blank one. */
static enum go read_head_rest(struct parse *p, struct http *http, struct http_side *side, struct reader *r)
{
	(void)http;
	while (reader_left(r) > 0) {
		struct bytes rest = reader_rest(r);
		const uint8_t *lf = memchr(rest.at, '\n', rest.size);
		size_t size = lf ? (size_t)(lf - rest.at) : rest.size;
		bool blank = lf && !side->in_line && (size == 0 || (size == 1 && rest.at[0] == '\r'));
		if (!lf && !side->in_line && size == 1 && rest.at[0] == '\r')
			return GO_WAIT; /* CR of a blank line, or of a line that is not */
		reader_skip(r, lf ? size + 1 : size);
		side->in_line = !lf;
		if (blank)
			return begin_body(p, side, r, (struct http_framing){ (enum http_body)side->after, side->size });
	}
	return GO_WAIT;
}

static enum go lose(struct http_side *side)
{
	side->phase = HTTP_LOST;
	side->plausible = false;
	side->scanned = 0;
	return GO_ON;
}

static enum go read_chunk(struct parse *p, struct http *http, struct http_side *side, struct reader *r)
{
	struct reader try = *r;
	struct bytes line;
	uint64_t size;

	(void)http;
	if (!reader_line(&try, CHUNK_LINE_MAX, &line))
		return reader_ok(&try) ? GO_WAIT : lose(side);
	if (!bytes_hex(bytes_trim(http_until(line, ";")), BODY_MAX, &size))
		return lose(side);
	*r = try;
	if (size == 0) {
		side->phase = HTTP_TRAILER;
		return GO_ON;
	}
	side->phase = HTTP_CHUNK_END;
	return parse_pass(p, r, size) ? GO_ON : GO_WAIT;
}

static enum go read_chunk_end(struct parse *p, struct http *http, struct http_side *side, struct reader *r)
{
	struct reader try = *r;
	struct bytes line;

	(void)p;
	(void)http;
	if (!reader_line(&try, 1, &line))
		return reader_ok(&try) ? GO_WAIT : lose(side);
	*r = try;
	side->phase = HTTP_CHUNK;
	return line.size == 0 ? GO_ON : lose(side);
}

static enum go read_trailer(struct parse *p, struct http *http, struct http_side *side, struct reader *r)
{
	struct reader try = *r;
	struct bytes line;

	(void)p;
	(void)http;
	if (!reader_line(&try, LIMIT_HTTP_LINE, &line))
		return reader_ok(&try) ? GO_WAIT : lose(side);
	*r = try;
	if (line.size == 0)
		side->phase = HTTP_HEAD;
	return GO_ON;
}

static enum go read_envelope(struct parse *p, struct http *http, struct http_side *side, struct reader *r)
{
	if (reader_left(r) < side->size) {
		parse_need(p, (size_t)side->size);
		return GO_WAIT;
	}
	struct bytes body = reader_take(r, (size_t)side->size);
	if (http->last)
		http_winrm_envelope(p, http->last, body);
	side->phase = HTTP_HEAD;
	return GO_ON;
}

static enum go read_until_close(struct parse *p, struct http *http, struct http_side *side, struct reader *r)
{
	(void)p;
	(void)http;
	(void)side;
	reader_skip(r, reader_left(r));
	return GO_WAIT;
}

static enum go read_held(struct parse *p, struct http *http, struct http_side *side, struct reader *r)
{
	(void)side;
	/* Where nothing of the proxy was captured, its yes is in that the client goes on. */
	if (reader_left(r) >= HELD_MAX || parse_alone(p))
		http_assume_tunnel(p, http);
	return GO_WAIT;
}

static enum go read_lost(struct parse *p, struct http *http, struct http_side *side, struct reader *r)
{
	bool client = parse_side(p) == CLIENT;
	struct bytes b = reader_rest(r);
	size_t keep = 0;

	if (!client && http->first && http->first->connect) {
		enum probe answer = http_probe_response(b);
		if (answer == PROBE_MORE)
			return GO_WAIT;
		if (answer == PROBE_NO) {
			http_assume_tunnel(p, http);
			return GO_WAIT;
		}
	}
	size_t at;
	if (client && http_probe_request(b) == PROBE_YES)
		at = 0;
	else
		at = client ? http_find_request(b, &keep) : http_find_response(b, &keep);
	if (at == SIZE_MAX) {
		side->garbage += (uint32_t)(b.size - keep);
		reader_skip(r, b.size - keep);
		if (side->garbage > GARBAGE_MAX)
			parse_finish(p, false);
		return GO_WAIT;
	}
	reader_skip(r, at);
	side->garbage = 0;
	side->phase = HTTP_HEAD;
	side->plausible = true;
	side->versioned = false;
	side->scanned = 0;
	return GO_ON;
}

typedef enum go step(struct parse *p, struct http *http, struct http_side *side, struct reader *r);

static step *const steps[] = {
	[HTTP_HEAD] = read_head,         [HTTP_HEAD_REST] = read_head_rest,
	[HTTP_CHUNK] = read_chunk,       [HTTP_CHUNK_END] = read_chunk_end,
	[HTTP_TRAILER] = read_trailer,   [HTTP_UNTIL_CLOSE] = read_until_close,
	[HTTP_HELD] = read_held,         [HTTP_ENVELOPE] = read_envelope,
	[HTTP_LOST] = read_lost,
};

static void begin(struct parse *p, struct http *http, struct http_side *side)
{
	side->begun = true;
	if (!parse_midstream(p))
		return;
	side->phase = HTTP_LOST;
	for (int door = 0; door < HTTP_DOORS; door++)
		http->logins[door].unknown = !http->logins[door].authenticated;
}

static enum parsed http_parse(struct parse *p, struct reader *r)
{
	struct http *http = parse_state(p);
	if (!http)
		return PARSE_MALFORMED;
	struct http_side *side = &http->sides[parse_side(p)];
	if (!side->begun)
		begin(p, http, side);
	while (reader_left(r) > 0) {
		enum go go = steps[side->phase](p, http, side, r);
		if (go == GO_FOREIGN)
			return PARSE_NOT_MINE;
		if (go == GO_WAIT)
			break;
	}
	return PARSED;
}

/* What of a head stands in front of a gap, as with captures that keep the first bytes of each packet only: its whole lines. */
static void save_head(struct parse *p, struct http *http, struct http_side *side)
{
	struct bytes left = parse_left(p);
	const uint8_t *lf = left.size ? memrchr(left.at, '\n', left.size) : NULL;

	if (side->phase != HTTP_HEAD || !side->plausible || !lf || left.size > LIMIT_HTTP_HEADERS)
		return;
	struct bytes head = bytes_of(left.at, (size_t)(lf - left.at) + 1);
	http->head_cut = true;
	struct http_framing framing = parse_side(p) == CLIENT ? http_request_seen(p, http, head) : http_response_seen(p, http, head);
	http->head_cut = false;
	if (framing.body == HTTP_TUNNEL && parse_side(p) == CLIENT)
		side->phase = HTTP_HELD;
}

/* A gap that reaches behind a body of known size, or into a head. Bodies without a size go on. */
static bool http_gap(struct parse *p, uint64_t size)
{
	struct http *http = parse_state(p);
	(void)size;
	if (!http)
		return false;
	struct http_side *side = &http->sides[parse_side(p)];
	side->begun = true;
	if (side->phase == HTTP_UNTIL_CLOSE)
		return true;
	if (parse_side(p) == SERVER)
		http->lost_answers = true;
	for (int door = 0; door < HTTP_DOORS; door++)
		http->logins[door].unknown = !http->logins[door].authenticated;
	save_head(p, http, side);
	if (side->phase != HTTP_HELD)
		lose(side);
	return true;
}

static void http_close(struct parse *p, enum ending how)
{
	struct http *http = parse_state(p);
	(void)how;
	while (http && http->first)
		http_unanswered(p, http);
}

static void http_release(void *state)
{
	struct http *http = state;
	while (http->first) {
		struct http_request *q = http->first;
		http->first = q->next;
		http_request_free(q);
	}
	for (int door = 0; door < HTTP_DOORS; door++)
		record_free(http->logins[door].identity);
}

static enum speaker http_speaker(struct bytes start)
{
	if (http_probe_response(start) == PROBE_YES)
		return SPEAKER_SERVER;
	return http_probe_request(start) == PROBE_YES ? SPEAKER_CLIENT : SPEAKER_UNKNOWN;
}

static enum probe http_probe(enum side side, struct bytes start)
{
	return side == CLIENT ? http_probe_request(start) : http_probe_response(start);
}

static const struct port_hint ports[] = {
	{ 80, false }, { 8080, false }, { 3128, false }, { 8000, false }, { 8888, false }, { 8118, false },
	{ 5985, false }, { 0, false },
};

extern const struct protocol protocol_http;
const struct protocol protocol_http = {
	.name = "http",
	.about = "RFC 9110, 9112; authentication RFC 7617, 7616, 4559, MS-NTHT",
	.ports = ports,
	.stream = true,
	.state_size = sizeof(struct http),
	.probe = http_probe,
	.speaker = http_speaker,
	.parse = http_parse,
	.gap = http_gap,
	.close = http_close,
	.release = http_release,
};
