/* SPDX-License-Identifier: BSD-2-Clause
 * Credentials in HTTP (RFC 9110 section 11): Basic (RFC 7617) and Digest (RFC 7616) stand for one request, NTLM and
 * Negotiate (MS-NTHT, RFC 4559) log the connection on. What the answer makes of them follows MEASURES section 6.2:
 * a failure is a Basic, Digest, final NTLM or Kerberos credential that is refused, not the legs before.
 * Passwords and responses are looked at by nobody; only names leave this file. */
#include "http.h"

#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"

#define TOKEN_MAX (LIMIT_HTTP_LINE / 4 * 3) /* bytes of a decoded token */
#define SCHEME_TEXT 24
#define ACCOUNT_MAX 512

static enum http_scheme scheme_of(struct bytes name)
{
	static const struct {
		const char *name;
		enum http_scheme scheme;
	} schemes[] = { { "basic", HTTP_BASIC }, { "digest", HTTP_DIGEST }, { "ntlm", HTTP_NTLM },
			{ "negotiate", HTTP_NEGOTIATE }, { "kerberos", HTTP_NEGOTIATE } };
	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++)
		if (bytes_equal_nocase(name, bytes_string(schemes[i].name)))
			return schemes[i].scheme;
	return HTTP_OTHER_SCHEME;
}

/* A scheme's name as records show it: lower case, or "other" where it is no token of sensible length. */
static struct bytes scheme_text(struct bytes name, char room[SCHEME_TEXT])
{
	if (name.size == 0 || name.size > SCHEME_TEXT)
		return bytes_string("other");
	for (size_t i = 0; i < name.size; i++) {
		if (name.at[i] <= ' ' || name.at[i] >= 0x7f)
			return bytes_string("other");
		room[i] = ascii_lower((char)name.at[i]);
	}
	return bytes_of(room, name.size);
}

/* Splits "DOMAIN\user" and "user@realm". */
static void tell_account(struct record *r, struct bytes account)
{
	const uint8_t *cut = account.size ? memchr(account.at, '\\', account.size) : NULL;
	struct bytes user = account, domain = { 0 };

	if (cut) {
		domain = bytes_of(account.at, (size_t)(cut - account.at));
		user = bytes_of(cut + 1, account.size - domain.size - 1);
	} else if (account.size && (cut = memrchr(account.at, '@', account.size))) {
		user = bytes_of(account.at, (size_t)(cut - account.at));
		domain = bytes_of(cut + 1, account.size - user.size - 1);
	}
	if (user.size)
		record_set_wire(r, FIELD_USER_NAME, user);
	if (domain.size)
		record_set_wire(r, FIELD_USER_DOMAIN, domain);
}

static void read_basic(struct bytes token, struct record *r)
{
	uint8_t room[ACCOUNT_MAX];
	struct bytes pair = bytes_of(room, base64_decode(token, room, sizeof(room)));

	tell_account(r, bytes_split(&pair, ':'));
	explicit_bzero(room, sizeof(room));
}

/* The value of one parameter of a list (RFC 9110 section 11.2), quotes and escapes undone. */
static bool parameter(struct bytes list, const char *name, struct text *ret)
{
	bool quoted = false;

	for (size_t i = 0; i < list.size; i++) {
		if (list.at[i] == '"')
			quoted = !quoted;
		else if (quoted && list.at[i] == '\\')
			i++;
		bool first = i == 0 || list.at[i - 1] == ',' || list.at[i - 1] == ' ' || list.at[i - 1] == '\t';
		if (quoted || i >= list.size || !first)
			continue;
		struct bytes rest = bytes_of(list.at + i, list.size - i);
		struct bytes found = bytes_trim(http_until(rest, "=,"));
		if (!bytes_equal_nocase(found, bytes_string(name)))
			continue;
		bytes_split(&rest, '=');
		rest = bytes_trim(rest);
		bool inside = rest.size && rest.at[0] == '"';
		for (size_t k = inside ? 1 : 0; k < rest.size && rest.at[k] != (inside ? '"' : ','); k++) {
			if (inside && rest.at[k] == '\\' && k + 1 < rest.size)
				k++;
			text_char(ret, (char)rest.at[k]);
		}
		return true;
	}
	return false;
}

static void read_digest(struct bytes list, struct record *r)
{
	char room[ACCOUNT_MAX];
	struct text name = TEXT_ON(room);

	if (parameter(list, "username", &name))
		tell_account(r, text_bytes(&name));
}

static bool read_token(struct parse *p, enum http_scheme scheme, struct bytes token, struct record *r)
{
	uint8_t room[TOKEN_MAX];
	struct bytes decoded = bytes_of(room, base64_decode(token, room, sizeof(room)));

	return r && decoded.size && parse_inner(p, scheme == HTTP_NTLM ? "ntlm" : "gss", decoded, r);
}

static enum http_stage token_stage(struct parse *p, enum http_scheme scheme, struct bytes token, struct record *r)
{
	bool known = read_token(p, scheme, token, r);

	if (known && record_text_is(r, FIELD_NTLM_MESSAGE, "negotiate"))
		return HTTP_OPENING;
	if (known && record_text_is(r, FIELD_NTLM_MESSAGE, "authenticate"))
		return HTTP_FINAL;
	if (scheme == HTTP_NTLM)
		return HTTP_FINAL;
	if (!record_has(r, FIELD_AUTH_MECHANISM))
		record_set_string(r, FIELD_AUTH_MECHANISM, "negotiate");
	return HTTP_TOKEN;
}

struct http_credential http_credential_read(struct parse *p, enum http_door door, struct bytes value, struct record *r)
{
	char room[SCHEME_TEXT];
	struct bytes rest = value;
	struct bytes name = bytes_split(&rest, ' ');
	struct http_credential ret = { (uint8_t)scheme_of(name), HTTP_FINAL };

	rest = bytes_trim(rest);
	record_set_text(r, door == HTTP_PROXY_DOOR ? FIELD_PROXY_AUTH_SCHEME : FIELD_HTTP_AUTH_SCHEME,
			scheme_text(name, room));
	switch (ret.scheme) {
	case HTTP_BASIC:
		record_set_string(r, FIELD_AUTH_MECHANISM, "basic");
		read_basic(rest, r);
		break;
	case HTTP_DIGEST:
		record_set_string(r, FIELD_AUTH_MECHANISM, "digest");
		read_digest(rest, r);
		break;
	case HTTP_NTLM:
	case HTTP_NEGOTIATE:
		ret.stage = (uint8_t)token_stage(p, ret.scheme, rest, r);
		break;
	default:
		break;
	}
	return ret;
}

/* --- challenges --- */

/* Takes the next element of a challenge list: its scheme, and what stands behind it up to the next comma outside of
 * quotes. An element that is only a parameter of the challenge before has no scheme. */
static struct bytes next_challenge(struct bytes *rest, struct bytes *ret_behind)
{
	bool quoted = false;
	size_t n = 0;

	for (; n < rest->size && (quoted || rest->at[n] != ','); n++) {
		if (rest->at[n] == '"')
			quoted = !quoted;
		else if (quoted && rest->at[n] == '\\' && n + 1 < rest->size)
			n++;
	}
	struct bytes element = bytes_trim(bytes_of(rest->at, n));
	*rest = n < rest->size ? bytes_of(rest->at + n + 1, rest->size - n - 1) : bytes_of(rest->at + n, 0);
	struct bytes name = http_until(element, " \t=\r\n");
	*ret_behind = bytes_trim(bytes_of(element.at + name.size, element.size - name.size));
	if (ret_behind->size && ret_behind->at[0] == '=')
		return (struct bytes){ 0 };
	return name;
}

static void tell_challenge(struct parse *p, enum http_door door, struct bytes list, struct record *r)
{
	char room[SCHEME_TEXT];

	while (list.size > 0) {
		struct bytes behind;
		struct bytes name = next_challenge(&list, &behind);
		if (name.size == 0)
			continue;
		record_add_text(r, door == HTTP_PROXY_DOOR ? FIELD_HTTP_RESPONSE_PROXY_AUTHENTICATE
							   : FIELD_HTTP_RESPONSE_WWW_AUTHENTICATE,
				scheme_text(name, room));
		enum http_scheme scheme = scheme_of(name);
		if (behind.size && (scheme == HTTP_NTLM || scheme == HTTP_NEGOTIATE))
			read_token(p, scheme, behind, r);
	}
}

void http_challenges_tell(struct parse *p, const struct http_head *head, struct record *r)
{
	if (!r)
		return;
	for (int door = 0; door < HTTP_DOORS; door++)
		for (size_t i = 0; i < head->n_challenges[door]; i++)
			tell_challenge(p, (enum http_door)door, head->challenges[door][i], r);
}

/* The refusal goes on with the exchange: Negotiate with a token of its own, Digest with a nonce that only aged. */
static bool is_next_leg(struct http_credential c, enum http_door door, const struct http_head *head)
{
	char room[8];

	for (size_t i = 0; head && i < head->n_challenges[door]; i++) {
		struct bytes behind, list = head->challenges[door][i];
		if (scheme_of(next_challenge(&list, &behind)) != (enum http_scheme)c.scheme)
			continue;
		if (c.stage == HTTP_TOKEN && behind.size)
			return true;
		struct text stale = TEXT_ON(room);
		if (c.scheme == HTTP_DIGEST && parameter(head->challenges[door][i], "stale", &stale) &&
		    bytes_equal_nocase(text_bytes(&stale), bytes_string("true")))
			return true;
	}
	return false;
}

/* --- verdicts --- */

enum http_verdict http_judge(struct http_credential c, enum http_door door, unsigned status,
			     const struct http_head *head)
{
	unsigned refusal = door == HTTP_PROXY_DOOR ? 407 : 401;

	if (c.stage == HTTP_NO_CREDENTIAL)
		return HTTP_NONE;
	if (status == refusal) {
		if (c.stage == HTTP_OPENING || is_next_leg(c, door, head))
			return HTTP_HANDSHAKE;
		return HTTP_FAILURE;
	}
	/* 400: it may not have been looked at. 407 before the server: it never came there. */
	if (status == 0 || status == 400 || (door == HTTP_SERVER_DOOR && status == 407) || c.stage == HTTP_OPENING)
		return HTTP_UNKNOWN;
	return HTTP_SUCCESS;
}

static void tell_identity(const struct record *identity, struct record *r)
{
	static const enum field who[] = { FIELD_USER_NAME, FIELD_USER_DOMAIN, FIELD_AUTH_WORKSTATION,
					  FIELD_KERBEROS_TICKET, FIELD_KERBEROS_TICKET_REALM };
	for (size_t i = 0; i < ARRAY_SIZE(who); i++)
		if (record_has(identity, who[i]) && !record_has(r, who[i]))
			record_set_text(r, who[i], record_text(identity, who[i]));
}

void http_login_tell(const struct http *http, const struct http_request *q,
		     const enum http_verdict verdicts[HTTP_DOORS], unsigned status, struct record *r)
{
	static const char *const outcomes[] = { "none", "handshake", "failure", "success", "unknown" };
	const struct http_login *proxy = &http->logins[HTTP_PROXY_DOOR];
	const struct http_login *server = &http->logins[HTTP_SERVER_DOOR];
	enum http_verdict verdict = verdicts[HTTP_PROXY_DOOR];

	if (!r)
		return;
	/* A user (or a ticket, which stands for one) of its own, or the connection's, as long as no door was shut. */
	bool nobody = !record_has(r, FIELD_USER_NAME) && !record_has(r, FIELD_KERBEROS_TICKET);
	if (nobody && proxy->authenticated && status != 407)
		tell_identity(proxy->identity, r);
	else if (nobody && server->authenticated && status != 401)
		tell_identity(server->identity, r);
	if (r->dataset != DATASET_PROXY)
		return;
	if (verdict == HTTP_NONE && !q->cut)
		record_set_string(r, FIELD_PROXY_AUTH_SCHEME, "none");
	record_set_string(r, FIELD_PROXY_AUTH_OUTCOME, outcomes[verdict == HTTP_NONE && q->cut ? HTTP_UNKNOWN : verdict]);
	if (status == 407)
		record_set_bool(r, FIELD_PROXY_AUTHENTICATED, false);
	else if (verdict == HTTP_SUCCESS || proxy->authenticated)
		record_set_bool(r, FIELD_PROXY_AUTHENTICATED, true);
	else if (!proxy->unknown && !q->cut && !(verdict == HTTP_UNKNOWN && q->credentials[HTTP_PROXY_DOOR].stage != HTTP_OPENING))
		record_set_bool(r, FIELD_PROXY_AUTHENTICATED, false);
}

/* --- what the connection knows, and auth records --- */

static const struct record *login_of(const struct http_request *q, enum http_door door)
{
	return door == HTTP_SERVER_DOOR && q->login ? q->login : q->record;
}

static void forget(struct parse *p, struct http_login *login)
{
	parse_charge_record(p, NULL, login->identity);
	record_free(login->identity);
	login->identity = NULL;
}

static void remember(struct parse *p, struct http_login *login, const struct record *from)
{
	forget(p, login);
	struct record *r = from ? http_scratch(p) : NULL;
	if (!r || !(record_has(from, FIELD_USER_NAME) || record_has(from, FIELD_KERBEROS_TICKET)))
		return;
	record_clear(r, r->dataset, from->time_ns);
	tell_identity(from, r);
	login->identity = record_copy(r);
	parse_charge_record(p, login->identity, NULL);
}

static void learn(struct parse *p, struct http *http, const struct http_request *q, enum http_door door,
		  enum http_verdict verdict, unsigned status)
{
	struct http_login *login = &http->logins[door];
	struct http_credential c = q->credentials[door];
	bool connection = c.scheme == HTTP_NTLM || c.scheme == HTTP_NEGOTIATE;

	if (status == (door == HTTP_PROXY_DOOR ? 407 : 401)) {
		login->authenticated = login->unknown = false;
		forget(p, login);
	} else if (verdict == HTTP_SUCCESS && connection) {
		login->authenticated = true;
		login->unknown = false;
		remember(p, login, login_of(q, door));
	} else if (verdict == HTTP_UNKNOWN && connection && c.stage != HTTP_OPENING) {
		login->unknown = !login->authenticated;
	}
}

/* True the first time that a connection shows this logon with this outcome. */
static bool is_news(struct http *http, enum http_door door, enum http_verdict verdict, const struct record *from)
{
	static const struct hash_key key = { 0, 0 }; /* collisions only silence a sender's own repeats */
	char room[ACCOUNT_MAX];
	struct text t = TEXT_ON(room);

	text_printf(&t, "%d %d ", (int)door, (int)verdict);
	text_add(&t, record_text(from, FIELD_AUTH_MECHANISM));
	text_char(&t, ' ');
	text_add(&t, record_text(from, FIELD_KERBEROS_TICKET));
	text_char(&t, ' ');
	text_add(&t, record_text(from, FIELD_USER_DOMAIN));
	text_char(&t, '\\');
	text_add(&t, record_text(from, FIELD_USER_NAME));
	uint64_t hash = hash_bytes(&key, t.at, t.used) | 1;
	for (size_t i = 0; i < HTTP_TOLD; i++)
		if (http->told[i] == hash)
			return false;
	http->told[http->next_told] = hash;
	http->next_told = (uint8_t)((http->next_told + 1) % HTTP_TOLD);
	return true;
}

static void tell_target(enum http_door door, const struct record *from, struct record *r)
{
	char room[ADDRESS_TEXT];

	if (record_has(r, FIELD_AUTH_TARGET))
		return;
	if (door == HTTP_SERVER_DOOR && record_has(from, FIELD_HTTP_REQUEST_HOST)) {
		record_set_text(r, FIELD_AUTH_TARGET, record_text(from, FIELD_HTTP_REQUEST_HOST));
		return;
	}
	const struct address *a = record_ip(r, FIELD_DESTINATION_IP);
	if (a)
		record_printf(r, FIELD_AUTH_TARGET, address_is_v4(a) ? "%s:%u" : "[%s]:%u", address_format(a, room),
			      (unsigned)record_uint(r, FIELD_DESTINATION_PORT));
}

static void tell_logon(struct parse *p, const struct http_request *q, enum http_door door, enum http_verdict verdict,
		       unsigned status)
{
	static const enum field taken[] = { FIELD_AUTH_MECHANISM, FIELD_USER_NAME, FIELD_USER_DOMAIN,
					    FIELD_AUTH_WORKSTATION, FIELD_AUTH_TARGET, FIELD_NTLM_MESSAGE,
					    FIELD_NTLM_RESPONSE, FIELD_KERBEROS_TICKET, FIELD_KERBEROS_TICKET_ETYPE,
					    FIELD_KERBEROS_TICKET_REALM, FIELD_KERBEROS_SERVICE,
					    FIELD_KERBEROS_AUTHENTICATOR_ETYPE, FIELD_USER_AGENT_ORIGINAL };
	const struct record *from = login_of(q, door);
	struct record *r = parse_record_at(p, DATASET_AUTH, q->time_ns, q->packet);

	if (!r)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++)
		if (record_has(from, taken[i]))
			record_set_text(r, taken[i], record_text(from, taken[i]));
	record_set_string(r, FIELD_AUTH_CARRIER, door == HTTP_PROXY_DOOR ? "http-proxy"
						 : http_is_winrm(q)	   ? "winrm"
									   : "http");
	tell_target(door, q->record, r);
	record_set_string(r, FIELD_EVENT_OUTCOME, verdict == HTTP_SUCCESS   ? "success"
						  : verdict == HTTP_FAILURE ? "failure"
									    : "unknown");
	if (verdict == HTTP_FAILURE)
		record_printf(r, FIELD_AUTH_ERROR, "%u", status);
	if (record_has(r, FIELD_USER_NAME))
		record_set_string(r, FIELD_AUTH_ATTRIBUTED_BY, "wire");
	parse_emit(p, r);
}

void http_login_learn(struct parse *p, struct http *http, const struct http_request *q, enum http_door door,
		      enum http_verdict verdict, unsigned status)
{
	struct http_credential c = q->credentials[door];
	bool decided = verdict == HTTP_SUCCESS || verdict == HTTP_FAILURE ||
		       (verdict == HTTP_UNKNOWN && c.stage != HTTP_OPENING);

	if (decided && c.scheme != HTTP_OTHER_SCHEME && parse_wants(p, DATASET_AUTH)) {
		bool each = verdict == HTTP_FAILURE || (c.stage == HTTP_FINAL && c.scheme >= HTTP_NTLM);
		if (each || is_news(http, door, verdict, login_of(q, door)))
			tell_logon(p, q, door, verdict, status);
	}
	learn(p, http, q, door, verdict, status);
}
