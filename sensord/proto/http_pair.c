/* SPDX-License-Identifier: BSD-2-Clause
 * Requests joined to their responses (RFC 9112 section 9.3: in order), and told as one record: `proxy` where a proxy
 * was asked (absolute-form, CONNECT, Proxy-Authorization, or a 407), else `http`. CONNECT and Upgrade end in a tunnel
 * (RFC 9110 sections 9.3.6 and 7.8). */
#include "http.h"

#include <stdlib.h>

#include "base/limits.h"

#define SHORT_MAX 256 /* bytes of a field that is short by nature */
#define TEXT_MAX 512  /* bytes of one that may be long */
#define KEPT_MAX 4096 /* bytes of a head that is kept as it is */
#define BODY_MAX ((uint64_t)INT64_MAX)

struct record *http_scratch(struct parse *p)
{
	static const enum dataset kinds[] = { DATASET_PROXY, DATASET_HTTP, DATASET_AUTH, DATASET_TUNNEL, DATASET_WINRM };
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (parse_wants(p, kinds[i]))
			return parse_record(p, kinds[i]);
	return NULL;
}

/* --- framing (RFC 9112 section 6.3) --- */
static struct http_framing framing_of(const struct http_head *head, enum http_body otherwise)
{
	struct http_framing ret = { otherwise, 0 };
	struct bytes coding = head->values[HTTP_TRANSFER_ENCODING];
	struct bytes length = head->values[HTTP_CONTENT_LENGTH];

	if (bytes_ends_nocase(coding, bytes_string("chunked")))
		ret.body = HTTP_CHUNKED;
	else if (head->lengths_differ)
		ret.body = HTTP_IN_DOUBT;
	else if (bytes_decimal(bytes_trim(http_until(length, ",")), BODY_MAX, &ret.size))
		ret.body = HTTP_SIZED;
	return ret;
}

static void tell_mime_type(struct record *r, enum field f, struct bytes value)
{
	http_set_value(r, f, bytes_trim(http_until(value, ";,")), SHORT_MAX);
}

/* --- requests --- */

struct start_line {
	struct bytes method, target;
	struct bytes version; /* "1.1"; "0.9" where the line has none; empty where it cannot be read */
};

/* "HTTP/1.1" at the end of what stands behind the target. */
static struct bytes version_of(struct bytes rest)
{
	rest = bytes_trim(rest);
	if (rest.size == 0)
		return bytes_string("0.9");
	if (rest.size < 8 || memcmp(rest.at + rest.size - 8, "HTTP/", 5) != 0)
		return (struct bytes){ 0 };
	return bytes_of(rest.at + rest.size - 3, 3);
}

static bool read_request_line(struct bytes line, struct start_line *ret)
{
	ret->method = bytes_split(&line, ' ');
	line = bytes_trim(line);
	ret->target = bytes_split(&line, ' ');
	ret->version = version_of(line);
	return ret->method.size > 0 && ret->target.size > 0;
}

static struct http_request *add_request(struct parse *p, struct http *http)
{
	if (http->n_waiting == LIMIT_HTTP_PIPELINE)
		http_unanswered(p, http);
	struct http_request *q = calloc(1, sizeof(*q));
	if (!q)
		return NULL;
	if (http->last)
		http->last->next = q;
	else
		http->first = q;
	http->last = q;
	http->n_waiting++;
	q->time_ns = parse_time_ns(p);
	q->packet = parse_packet(p);
	return q;
}

static size_t weight(const struct http_request *q)
{
	return sizeof(*q) + q->kept.size + (q->record ? record_memory(q->record) : 0) + (q->login ? record_memory(q->login) : 0) +
	       (q->envelope ? record_memory(q->envelope) : 0);
}

static void tell_request(struct record *r, const struct http_head *head, const struct start_line *start,
			 enum http_form form)
{
	const struct bytes *values = head->values;

	if (!r)
		return;
	http_set_value(r, FIELD_HTTP_REQUEST_METHOD, start->method, 32);
	http_set_value(r, FIELD_HTTP_VERSION, start->version, 8);
	http_set_value(r, FIELD_HTTP_REQUEST_HOST, values[HTTP_HOST], SHORT_MAX);
	http_set_value(r, FIELD_USER_AGENT_ORIGINAL, values[HTTP_USER_AGENT], TEXT_MAX);
	http_set_value(r, FIELD_HTTP_REQUEST_PROXY_CONNECTION, values[HTTP_PROXY_CONNECTION], 64);
	tell_mime_type(r, FIELD_HTTP_REQUEST_MIME_TYPE, values[HTTP_CONTENT_TYPE]);
	http_url_tell(r, form, start->target, values[HTTP_HOST]);
	http_set_value(r, FIELD_HTTP_REQUEST_REFERRER, values[HTTP_REFERER], TEXT_MAX);
	http_set_value(r, FIELD_HTTP_REQUEST_COOKIE, values[HTTP_COOKIE], TEXT_MAX);
}

/* Credentials go into the record first: what is long must not push them out. Returns the record to go on with. */
static struct record *read_credentials(struct parse *p, struct http_request *q, const struct http_head *head)
{
	struct record *r = http_scratch(p);
	struct bytes proxy = head->values[HTTP_PROXY_AUTHORIZATION];
	struct bytes server = head->values[HTTP_AUTHORIZATION];

	if (proxy.size && server.size) {
		q->credentials[HTTP_SERVER_DOOR] = http_credential_read(p, HTTP_SERVER_DOOR, server, r);
		q->login = r ? record_copy(r) : NULL;
		r = http_scratch(p);
		if (q->login)
			record_set_text(r, FIELD_HTTP_AUTH_SCHEME, record_text(q->login, FIELD_HTTP_AUTH_SCHEME));
	} else if (server.size) {
		q->credentials[HTTP_SERVER_DOOR] = http_credential_read(p, HTTP_SERVER_DOOR, server, r);
	}
	if (proxy.size)
		q->credentials[HTTP_PROXY_DOOR] = http_credential_read(p, HTTP_PROXY_DOOR, proxy, r);
	return r;
}

static void make_record(struct parse *p, struct http_request *q, const struct http_head *head,
			const struct start_line *start)
{
	struct record *r = read_credentials(p, q, head);
	struct http_framing framing = framing_of(head, HTTP_NO_BODY);

	tell_request(r, head, start, http_form(q->connect, start->target));
	if (q->cut)
		record_set_bool(r, FIELD_HTTP_REQUEST_CUT, true);
	if (framing.body == HTTP_SIZED && !q->connect)
		record_set_uint(r, FIELD_HTTP_REQUEST_BODY_BYTES, framing.size);
	q->record = r ? record_copy(r) : NULL;
}

/* Most requests are of no interest unless a proxy answers them. */
static bool keep_head(struct http_request *q, struct bytes whole)
{
	uint8_t *copy = whole.size <= KEPT_MAX ? malloc(whole.size) : NULL;

	if (!copy)
		return false;
	memcpy(copy, whole.at, whole.size);
	q->kept = bytes_of(copy, whole.size);
	return true;
}

static void drop_head(struct http_request *q)
{
	free((void *)(uintptr_t)q->kept.at);
	q->kept = (struct bytes){ 0 };
}

/* Could anybody want the record of kind http? Most paths are of no interest to any rule. */
static bool is_asked(const struct parse *p, enum http_form form, struct bytes target)
{
	struct bytes path = http_path(target);
	bool odd = form != HTTP_ORIGIN || path.size > SHORT_MAX;

	for (size_t i = 0; i < path.size && !odd; i++)
		odd = path.at[i] <= ' ' || path.at[i] >= 0x7f;
	return odd ? parse_wants(p, DATASET_HTTP) : parse_wants_text(p, DATASET_HTTP, FIELD_URL_PATH, path, NULL, 0);
}

/* Somebody asks after all. */
static void read_kept(struct parse *p, struct http_request *q)
{
	UNINITIALIZED struct http_head head;
	struct start_line start;
	size_t before = weight(q);

	if (q->kept.size == 0)
		return;
	http_head_read(q->kept, &head);
	if (read_request_line(head.start, &start))
		make_record(p, q, &head, &start);
	drop_head(q);
	parse_charge(p, weight(q), before);
}

/* A client that asks again has taken the answer before for complete, though nothing said where it ends. */
static void end_open_answer(struct http *http)
{
	struct http_side *server = &http->sides[SERVER];
	if (server->phase == HTTP_UNTIL_CLOSE && !http->first)
		server->phase = HTTP_LOST;
}

struct http_framing http_request_seen(struct parse *p, struct http *http, struct bytes whole)
{
	struct http_framing nothing = { HTTP_NOT_A_HEAD, 0 };
	UNINITIALIZED struct http_head head;
	struct start_line start;

	http_head_read(whole, &head);
	if (!read_request_line(head.start, &start))
		return nothing;
	bool connect = bytes_equal(start.method, bytes_string("CONNECT"));
	enum http_form form = http_form(connect, start.target);
	if (!http->confirmed)
		parse_confirm(p);
	http->confirmed = true;
	end_open_answer(http);
	nothing.body = connect ? HTTP_TUNNEL : HTTP_NO_BODY;
	struct http_framing framing = connect ? nothing : framing_of(&head, HTTP_NO_BODY);

	struct http_request *q = add_request(p, http);
	if (!q)
		return framing;
	q->connect = connect;
	q->cut = http->head_cut;
	q->head = bytes_equal(start.method, bytes_string("HEAD"));
	q->proxy = connect || form == HTTP_ABSOLUTE || head.values[HTTP_PROXY_AUTHORIZATION].size > 0;
	bool plain = !q->proxy && head.values[HTTP_AUTHORIZATION].size == 0 && !http_winrm_target(start.target);
	q->unasked = !is_asked(p, form, start.target);
	if (!plain || !q->unasked || !keep_head(q, whole))
		make_record(p, q, &head, &start);
	parse_charge(p, weight(q), 0);
	if (http_winrm_reads(q, framing))
		framing.body = HTTP_SOAP;
	if (!q->proxy) {
		uint64_t port;
		struct bytes host = http_authority(head.values[HTTP_HOST], &port);
		if (host.size)
			parse_server_name(p, host);
	}
	return framing;
}

/* --- responses --- */

struct answer {
	unsigned status;
	struct bytes version;
	struct http_head head;
	struct http_framing framing;
};

static bool read_status_line(struct bytes line, struct answer *ret)
{
	struct bytes version = bytes_split(&line, ' ');
	line = bytes_trim(line);
	if (version.size != 8 || line.size < 3 || (line.size > 3 && line.at[3] != ' '))
		return false;
	uint64_t status;
	if (!bytes_decimal(bytes_of(line.at, 3), 999, &status) || status < 100)
		return false;
	ret->status = (unsigned)status;
	ret->version = bytes_of(version.at + 5, 3);
	return true;
}

static void tell_answer(struct parse *p, struct record *r, const struct answer *a)
{
	if (!r)
		return;
	record_set_uint(r, FIELD_HTTP_RESPONSE_STATUS_CODE, a->status);
	if (!record_has(r, FIELD_HTTP_VERSION))
		record_set_wire(r, FIELD_HTTP_VERSION, a->version);
	http_challenges_tell(p, &a->head, r);
	http_set_value(r, FIELD_HTTP_RESPONSE_SERVER, a->head.values[HTTP_SERVER], SHORT_MAX);
	tell_mime_type(r, FIELD_HTTP_RESPONSE_MIME_TYPE, a->head.values[HTTP_CONTENT_TYPE]);
	if (a->framing.body == HTTP_SIZED)
		record_set_uint(r, FIELD_HTTP_RESPONSE_BODY_BYTES, a->framing.size);
}

/* Tells a request with its answer (NULL: none came) and lets the connection learn from it. */
static void tell_pair(struct parse *p, struct http *http, struct http_request *q, const struct answer *a)
{
	unsigned status = a ? a->status : 0;
	const struct http_head *head = a ? &a->head : NULL;
	enum http_verdict verdicts[HTTP_DOORS];
	enum dataset kind = q->proxy || status == 407 ? DATASET_PROXY : DATASET_HTTP;

	for (int door = 0; door < HTTP_DOORS; door++)
		verdicts[door] = http_judge(q->credentials[door], (enum http_door)door, status, head);
	bool asked = kind == DATASET_HTTP ? !q->unasked : parse_wants(p, kind);
	if (asked)
		read_kept(p, q);
	struct record *r = asked ? parse_record_at(p, kind, q->time_ns, q->packet) : NULL;
	if (r && q->record)
		record_merge(r, q->record);
	if (a)
		tell_answer(p, r, a);
	if (q->interim)
		record_set_uint(r, FIELD_HTTP_RESPONSE_INTERIM, q->interim);
	http_login_tell(http, q, verdicts, status, r);
	parse_emit(p, r);
	http_winrm_tell(p, http, q, verdicts, status);
	for (int door = 0; door < HTTP_DOORS; door++)
		http_login_learn(p, http, q, (enum http_door)door, verdicts[door], status);
}

/* A response whose request the capture does not hold. */
static void tell_orphan(struct parse *p, const struct answer *a)
{
	struct record *r = parse_record(p, a->status == 407 ? DATASET_PROXY : DATASET_HTTP);
	tell_answer(p, r, a);
	if (a->status == 407)
		record_set_bool(r, FIELD_PROXY_AUTHENTICATED, false);
	parse_emit(p, r);
}

void http_request_free(struct http_request *q)
{
	drop_head(q);
	record_free(q->record);
	record_free(q->login);
	record_free(q->envelope);
	free(q);
}

static void forget_first(struct parse *p, struct http *http)
{
	struct http_request *q = http->first;

	parse_charge(p, 0, weight(q));
	http->first = q->next;
	if (!http->first)
		http->last = NULL;
	http->n_waiting--;
	http_request_free(q);
}

void http_unanswered(struct parse *p, struct http *http)
{
	tell_pair(p, http, http->first, NULL);
	forget_first(p, http);
}

/* --- tunnels --- */

/* The fields that each record of a tunnel gets. It is filled as the proxy's own record is, so that both say the same of
 * the user. */
static void open_tunnel(struct parse *p, const struct http *http, struct http_request *q, const char *kind,
			unsigned status)
{
	static const enum field taken[] = { FIELD_URL_DOMAIN, FIELD_USER_AGENT_ORIGINAL, FIELD_USER_NAME,
					    FIELD_USER_DOMAIN, FIELD_PROXY_AUTH_SCHEME };
	if (q)
		read_kept(p, q);
	struct record *r = parse_record(p, DATASET_TUNNEL);
	struct record *common = NULL;

	if (r && q) {
		record_clear(r, q->proxy ? DATASET_PROXY : DATASET_TUNNEL, q->time_ns);
		for (size_t i = 0; i < ARRAY_SIZE(taken); i++)
			if (record_has(q->record, taken[i]))
				record_set_text(r, taken[i], record_text(q->record, taken[i]));
		if (record_has(q->record, FIELD_URL_PORT))
			record_set_uint(r, FIELD_URL_PORT, record_uint(q->record, FIELD_URL_PORT));
		if (record_has(q->record, FIELD_TUNNEL_TARGET_IS_IP))
			record_set_bool(r, FIELD_TUNNEL_TARGET_IS_IP,
					record_bool(q->record, FIELD_TUNNEL_TARGET_IS_IP));
		enum http_verdict verdicts[HTTP_DOORS];
		for (int door = 0; door < HTTP_DOORS; door++)
			verdicts[door] = http_judge(q->credentials[door], (enum http_door)door, status, NULL);
		http_login_tell(http, q, verdicts, status, r);
		record_unset(r, FIELD_PROXY_AUTH_OUTCOME);
		r->dataset = DATASET_TUNNEL;
		common = record_copy(r);
	}
	parse_tunnel(p, kind, common);
	record_free(common);
}

void http_assume_tunnel(struct parse *p, struct http *http)
{
	struct http_request *q = http->first;

	while (q && !q->connect) {
		http_unanswered(p, http);
		q = http->first;
	}
	if (!q)
		return;
	tell_pair(p, http, q, NULL);
	open_tunnel(p, http, q, "connect", 0);
	forget_first(p, http);
}

/* Does this answer make the rest of the connection something else? The name of the tunnel, or NULL. */
static const char *tunnel_kind(const struct http_request *q, const struct answer *a)
{
	struct bytes reason = a->head.start;
	bytes_split(&reason, ' ');
	bytes_split(&reason, ' ');
	if (a->status == 101) {
		bool websocket = bytes_equal_nocase(a->head.values[HTTP_UPGRADE], bytes_string("websocket"));
		return websocket ? "websocket" : "upgrade";
	}
	if (a->status / 100 != 2)
		return NULL;
	if (q ? q->connect : bytes_starts_nocase(reason, bytes_string("connection established")))
		return "connect";
	return NULL;
}

static struct http_framing answer_framing(const struct http_request *q, const struct answer *a)
{
	if (tunnel_kind(q, a))
		return (struct http_framing){ HTTP_TUNNEL, 0 };
	if ((q && q->head) || a->status < 200 || a->status == 204 || a->status == 304)
		return (struct http_framing){ HTTP_NO_BODY, 0 };
	return framing_of(&a->head, HTTP_TO_THE_END);
}

/* After a gap among the answers: a client that does not pipeline had one for all but its last request. */
static void drop_lost_answers(struct parse *p, struct http *http)
{
	while (http->lost_answers && http->n_waiting > 1)
		http_unanswered(p, http);
	http->lost_answers = false;
}

struct http_framing http_response_seen(struct parse *p, struct http *http, struct bytes whole)
{
	UNINITIALIZED struct answer a;

	http_head_read(whole, &a.head);
	if (!read_status_line(a.head.start, &a))
		return (struct http_framing){ HTTP_NOT_A_HEAD, 0 };
	if (!http->confirmed)
		parse_confirm(p);
	http->confirmed = true;
	drop_lost_answers(p, http);
	struct http_request *q = http->first;
	a.framing = answer_framing(q, &a);
	if (a.framing.body == HTTP_NO_BODY && a.status < 200) { /* interim: the answer is still to come */
		if (q)
			q->interim = (uint16_t)a.status;
		return a.framing;
	}
	if (q)
		tell_pair(p, http, q, &a);
	else
		tell_orphan(p, &a);
	if (a.framing.body == HTTP_TUNNEL)
		open_tunnel(p, http, q, tunnel_kind(q, &a), a.status);
	else if (q && q->connect)
		http->sides[CLIENT].phase = HTTP_HEAD;
	if (q)
		forget_first(p, http);
	return a.framing;
}
