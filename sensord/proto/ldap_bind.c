/* SPDX-License-Identifier: BSD-2-Clause
 * Binds (RFC 4511 section 4.2): simple (RFC 4513 section 5.1), SASL (RFC 4513 section 5.2; GSSAPI RFC 4752, PLAIN RFC
 * 4616, SCRAM RFC 5802), and the NTLM binds of Active Directory (MS-ADTS 5.1.1.1.3). Each leg has its `ldap` record,
 * the attempt one `auth` record. Passwords and responses are looked at by nobody; only names leave this file. */
#include "ldap.h"

#include "base/limits.h"

#define ACCOUNT_MAX 256
#define MECHANISM_MAX 32

enum { BIND_SIMPLE = 0x80, BIND_SASL = 0xa3, BIND_DISCOVERY = 0x89, BIND_NEGOTIATE = 0x8a, BIND_ANSWER = 0x8b };

/* What an attempt tells, over all its legs. */
static const enum field told_fields[] = {
	FIELD_AUTH_MECHANISM, FIELD_USER_NAME, FIELD_USER_DOMAIN, FIELD_AUTH_WORKSTATION, FIELD_AUTH_TARGET,
	FIELD_KERBEROS_TICKET, FIELD_KERBEROS_TICKET_ETYPE, FIELD_KERBEROS_TICKET_REALM, FIELD_KERBEROS_SERVICE,
	FIELD_KERBEROS_ERROR_NAME, FIELD_NTLM_MESSAGE, FIELD_NTLM_RESPONSE, FIELD_NTLM_NEGOTIATE_DOMAIN,
	FIELD_NTLM_NEGOTIATE_WORKSTATION, FIELD_NTLM_TARGET, FIELD_NTLM_NB_COMPUTER, FIELD_NTLM_NB_DOMAIN,
	FIELD_NTLM_DNS_COMPUTER, FIELD_NTLM_DNS_DOMAIN, FIELD_NTLM_DNS_TREE, FIELD_LDAP_ERROR,
};

/* --- names --- */

static void set_account(struct record *r, struct bytes user, struct bytes domain)
{
	if (user.size > 0)
		record_set_wire(r, FIELD_USER_NAME,
				bytes_of(user.at, user.size < ACCOUNT_MAX ? user.size : ACCOUNT_MAX));
	if (domain.size > 0)
		record_set_wire(r, FIELD_USER_DOMAIN,
				bytes_of(domain.at, domain.size < ACCOUNT_MAX ? domain.size : ACCOUNT_MAX));
}

/* The next relative name of a DN (RFC 4514): what stands before the next comma that is not escaped. */
static struct bytes next_rdn(struct bytes *rest)
{
	size_t n = 0;

	while (n < rest->size && rest->at[n] != ',')
		n += rest->at[n] == '\\' && n + 1 < rest->size ? 2 : 1;
	struct bytes rdn = bytes_of(rest->at, n);
	size_t behind = n < rest->size ? n + 1 : n;
	*rest = bytes_of(rest->at + behind, rest->size - behind);
	return bytes_trim(rdn);
}

/* "cn=admin,ou=people,dc=example,dc=com" is admin of example.com. */
static void tell_dn(struct record *r, struct bytes dn)
{
	char room[ACCOUNT_MAX];
	struct text domain = TEXT_ON(room);
	struct bytes user = next_rdn(&dn);

	bytes_split(&user, '=');
	while (dn.size > 0) {
		struct bytes value = next_rdn(&dn);
		struct bytes type = bytes_split(&value, '=');
		if (!bytes_equal_nocase(bytes_trim(type), bytes_string("dc")))
			continue;
		if (domain.used > 0)
			text_char(&domain, '.');
		text_utf8(&domain, value);
	}
	set_account(r, user, text_bytes(&domain));
}

/* A bind names an entry, or (Active Directory) an account as DOMAIN\user or user@realm. */
static void tell_name(struct record *r, struct bytes name)
{
	struct bytes domain = { 0 };

	if (name.size > 0 && memchr(name.at, '=', name.size)) {
		tell_dn(r, name);
		return;
	}
	if (name.size > 0 && memchr(name.at, '\\', name.size)) {
		domain = bytes_split(&name, '\\');
	} else if (name.size > 0) {
		const uint8_t *at = memrchr(name.at, '@', name.size);
		if (at) {
			domain = bytes_of(at + 1, name.size - (size_t)(at + 1 - name.at));
			name.size = (size_t)(at - name.at);
		}
	}
	set_account(r, name, domain);
}

/* --- requests --- */

static void set_mechanism(struct record *r, struct bytes name)
{
	char room[MECHANISM_MAX], lower[MECHANISM_MAX];
	struct text t = TEXT_ON(room), l = TEXT_ON(lower);

	text_utf8(&t, name);
	for (size_t i = 0; i < t.used; i++)
		text_char(&l, ascii_lower(room[i]));
	record_set_text(r, FIELD_LDAP_MECHANISM, text_bytes(&t));
	if (!record_has(r, FIELD_AUTH_MECHANISM))
		record_set_text(r, FIELD_AUTH_MECHANISM, text_bytes(&l));
}

static void read_simple(struct record *r, struct bytes name, struct reader password)
{
	bool secret = reader_left(&password) > 0;

	record_set_string(r, FIELD_LDAP_MECHANISM, secret ? "simple" : name.size ? "unauthenticated" : "anonymous");
	if (!secret && name.size == 0)
		return;
	record_set_string(r, FIELD_AUTH_MECHANISM, "ldap-simple");
	tell_name(r, name);
}

/* The value behind `key` in a list parted by commas, quotes taken off. */
static struct bytes listed(struct bytes list, const char *key)
{
	while (list.size > 0) {
		struct bytes value = bytes_trim(bytes_split(&list, ','));
		if (!bytes_starts(value, bytes_string(key)))
			continue;
		bytes_split(&value, '=');
		bool quoted = value.size >= 2 && value.at[0] == '"' && value.at[value.size - 1] == '"';
		return quoted ? bytes_of(value.at + 1, value.size - 2) : value;
	}
	return list;
}

/* Mechanisms that name the account in clear. */
static void read_clear(struct record *r, struct bytes mechanism, struct bytes token)
{
	struct bytes user = { 0 };

	if (bytes_equal_nocase(mechanism, bytes_string("PLAIN"))) {
		struct bytes other = bytes_split(&token, 0); /* to act as */
		user = bytes_split(&token, 0);
		user = user.size ? user : other;
	} else if (bytes_starts_nocase(mechanism, bytes_string("SCRAM-"))) {
		user = listed(token, "n=");
	} else if (bytes_equal_nocase(mechanism, bytes_string("DIGEST-MD5"))) {
		user = listed(token, "username=");
	} else if (bytes_equal_nocase(mechanism, bytes_string("CRAM-MD5"))) {
		user = bytes_split(&token, ' ');
	}
	if (user.size > 0)
		tell_name(r, user);
}

static void read_sasl(struct parse *p, struct record *r, struct reader sasl)
{
	struct bytes mechanism = ber_bytes(&sasl, BER_OCTETS);
	struct bytes token = reader_left(&sasl) > 0 ? ber_bytes(&sasl, BER_OCTETS) : (struct bytes){ 0 };

	if (token.size > 0 && !parse_inner(p, "gss", token, r))
		read_clear(r, mechanism, token);
	set_mechanism(r, mechanism);
}

void ldap_bind_request(struct parse *p, struct ldap *l, struct reader op, struct record *r)
{
	uint8_t tag;
	uint64_t version = ber_number(&op, BER_INTEGER);
	struct bytes name = ber_bytes(&op, BER_OCTETS);
	struct reader choice = ber_element(&op, &tag);

	(void)l;
	if (!reader_ok(&choice))
		return;
	record_set_uint(r, FIELD_LDAP_VERSION, version);
	if (name.size > 0)
		record_set_wire(r, FIELD_LDAP_DN, name);
	if (tag == BIND_SIMPLE) {
		read_simple(r, name, choice);
	} else if (tag == BIND_SASL) {
		read_sasl(p, r, choice);
	} else if (tag >= BIND_DISCOVERY && tag <= BIND_ANSWER) {
		record_set_string(r, FIELD_LDAP_MECHANISM, "sicily");
		record_set_string(r, FIELD_AUTH_MECHANISM, "ntlm");
		if (tag != BIND_DISCOVERY)
			parse_inner(p, "gss", reader_rest(&choice), r);
	}
}

/* --- what becomes of it --- */

static void take(struct record *to, const struct record *from, bool over)
{
	for (size_t i = 0; i < ARRAY_SIZE(told_fields); i++)
		if (record_has(from, told_fields[i]) && (over || !record_has(to, told_fields[i])))
			record_set_text(to, told_fields[i], record_text(from, told_fields[i]));
}

/* Results that a bind may have (RFC 4511 section 4.1.9, appendix A), by their names; others stay numbers. */
static const char *result_name(uint64_t result)
{
	static const struct { uint8_t result; const char *name; } names[] = {
		{ 1, "operationsError" }, { 2, "protocolError" }, { 7, "authMethodNotSupported" }, { 8, "strongerAuthRequired" },
		{ 13, "confidentialityRequired" }, { 19, "constraintViolation" }, { 32, "noSuchObject" },
		{ 34, "invalidDNSyntax" }, { 48, "inappropriateAuthentication" }, { 49, "invalidCredentials" },
		{ 50, "insufficientAccessRights" }, { 51, "busy" }, { 52, "unavailable" }, { 53, "unwillingToPerform" },
		{ 80, "other" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].result == result)
			return names[i].name;
	return NULL;
}

static void set_error(struct record *r, uint64_t result)
{
	const char *name = result_name(result);

	if (name)
		record_set_string(r, FIELD_AUTH_ERROR, name);
	else
		record_printf(r, FIELD_AUTH_ERROR, "%llu", (unsigned long long)result);
}

static void set_outcome(struct record *r, uint64_t result, bool unknown)
{
	record_set_string(r, FIELD_AUTH_CARRIER, "ldap");
	if (record_has(r, FIELD_USER_NAME))
		record_set_string(r, FIELD_AUTH_ATTRIBUTED_BY, "wire");
	record_set_string(r, FIELD_EVENT_OUTCOME, unknown ? "unknown" : result == LDAP_SUCCESS ? "success" : "failure");
	if (!unknown && result != LDAP_SUCCESS)
		set_error(r, result);
}

/* leg: what this leg showed. The attempt is over unless it is to go on. */
static void learn(struct parse *p, struct ldap *l, const struct record *leg, uint64_t time_ns, uint64_t packet,
		  uint64_t result, bool answered)
{
	bool over = !answered || result != LDAP_BIND_IN_PROGRESS;
	bool anonymous = !record_has(leg, FIELD_AUTH_MECHANISM) && !l->login;
	bool nameless = record_text_is(leg, FIELD_LDAP_MECHANISM, "unauthenticated");
	enum dataset kind = parse_wants(p, DATASET_AUTH) ? DATASET_AUTH : DATASET_LDAP;
	struct record *r = parse_record_at(p, kind, time_ns, packet);

	take(r, l->login, true);
	take(r, leg, true);
	record_free(l->login);
	l->login = NULL;
	if (!over) {
		l->login = r ? record_copy(r) : NULL;
		return;
	}
	if (answered) {
		record_free(l->identity);
		l->identity = NULL;
		if (result == LDAP_SUCCESS && r && !nameless && record_has(r, FIELD_USER_NAME))
			l->identity = record_copy(r);
	}
	if (!r || anonymous || r->dataset != DATASET_AUTH)
		return;
	set_outcome(r, result, !answered || (nameless && result == LDAP_SUCCESS));
	parse_emit(p, r);
}

/* MS-ADTS 5.1.1.1.3: the answers to a Sicily bind but the last are success, and the challenge stands where the matched
 * DN stands else. */
static bool is_sicily_leg(const struct record *told, struct bytes matched)
{
	if (!record_text_is(told, FIELD_LDAP_MECHANISM, "sicily"))
		return false;
	return matched.size > 0 || record_text_is(told, FIELD_NTLM_MESSAGE, "negotiate");
}

void ldap_bind_response(struct parse *p, struct ldap *l, struct ldap_request *q, struct reader op)
{
	uint64_t time_ns = q ? q->time_ns : parse_time_ns(p), packet = q ? q->packet : parse_packet(p);
	struct record *r = ldap_record_at(p, time_ns, packet);
	struct bytes matched;

	record_set_string(r, FIELD_EVENT_ACTION, "bind");
	if (r && q && q->told)
		record_merge(r, q->told);
	uint64_t result = ldap_result_read(&op, r, &matched);
	if (bytes_starts(matched, bytes_of("NTLMSSP", 8)) && r)
		parse_inner(p, "ntlm", matched, r);
	while (reader_left(&op) > 0) {
		uint8_t tag;
		struct reader part = ber_element(&op, &tag);
		if (tag == 0x87 && r && reader_left(&part) > 0)
			parse_inner(p, "gss", reader_rest(&part), r);
	}
	bool leg = q && is_sicily_leg(q->told, matched) && result == LDAP_SUCCESS;
	bool bare = record_text_is(r, FIELD_LDAP_MECHANISM, "simple") ||
		    record_text_is(r, FIELD_LDAP_MECHANISM, "anonymous");
	l->layered |= result == LDAP_SUCCESS && !bare && !leg;
	struct record *kept = r ? record_copy(r) : NULL;
	if (r && r->dataset == DATASET_LDAP)
		parse_emit(p, r);
	if (kept && q)
		learn(p, l, kept, time_ns, packet, leg ? LDAP_BIND_IN_PROGRESS : result, true);
	record_free(kept);
}

void ldap_bind_unanswered(struct parse *p, struct ldap *l, const struct ldap_request *q)
{
	if (q->told)
		learn(p, l, q->told, q->time_ns, q->packet, 0, false);
}
