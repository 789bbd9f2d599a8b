/* SPDX-License-Identifier: BSD-2-Clause
 * Requests of LDAP (RFC 4511 sections 4.2 to 4.14) joined to their results, and told as one `ldap` record each. The
 * same search asked again on one connection (pages, polling) is folded: told once, then each REPEAT_NS with a count. */
#include "ldap.h"

#include "base/hash.h"
#include "base/instant.h"

#define REPEAT_NS (300 * NS_PER_S)
#define MAX_ATTRIBUTES 32  /* told of one request */
#define MAX_CHANGES 256    /* read of one modify or add */
#define DIAGNOSTIC_MAX 256
#define DN_MAX 1024
#define FILTER_TEXT 2048

static const struct {
	uint8_t request, response;
	const char *name;
} operations[] = {
	{ LDAP_BIND, LDAP_BIND_RESPONSE, "bind" },
	{ LDAP_SEARCH, LDAP_SEARCH_DONE, "search" },
	{ LDAP_MODIFY, LDAP_MODIFY_RESPONSE, "modify" },
	{ LDAP_ADD, LDAP_ADD_RESPONSE, "add" },
	{ LDAP_DELETE, LDAP_DELETE_RESPONSE, "delete" },
	{ LDAP_MODIFY_DN, LDAP_MODIFY_DN_RESPONSE, "modify_dn" },
	{ LDAP_COMPARE, LDAP_COMPARE_RESPONSE, "compare" },
	{ LDAP_EXTENDED, LDAP_EXTENDED_RESPONSE, "extended" },
	{ LDAP_UNBIND, 0, "unbind" },
	{ LDAP_ABANDON, 0, "abandon" },
};

struct record *ldap_record_at(struct parse *p, uint64_t time_ns, uint64_t packet)
{
	return parse_record_at(p, parse_wants(p, DATASET_LDAP) ? DATASET_LDAP : DATASET_AUTH, time_ns, packet);
}

static void emit(struct parse *p, struct record *r)
{
	if (r && r->dataset == DATASET_LDAP)
		parse_emit(p, r);
}

static void set_user(const struct ldap *l, struct record *r)
{
	static const enum field who[] = { FIELD_USER_NAME, FIELD_USER_DOMAIN };

	for (size_t i = 0; i < ARRAY_SIZE(who); i++)
		if (record_has(l->identity, who[i]) && !record_has(r, FIELD_LDAP_MECHANISM))
			record_set_text(r, who[i], record_text(l->identity, who[i]));
}

/* --- requests --- */

static void set_wire(struct record *r, enum field f, struct bytes b, size_t max)
{
	if (b.size > 0)
		record_set_wire(r, f, bytes_of(b.at, b.size < max ? b.size : max));
}

static void add_attribute(struct record *r, struct bytes name)
{
	char room[128];
	struct text t = TEXT_ON(room);

	text_utf8(&t, name);
	if (t.used > 0)
		record_add_text(r, FIELD_LDAP_ATTRIBUTES, text_bytes(&t));
}

static void read_search(struct reader op, struct record *r)
{
	static const char *const scopes[] = { "base", "one", "sub", "subordinate" };
	char room[FILTER_TEXT];
	struct text filter = TEXT_ON(room);
	struct bytes base = ber_bytes(&op, BER_OCTETS);
	uint64_t scope = ber_number(&op, BER_ENUMERATED);
	ber_number(&op, BER_ENUMERATED); /* derefAliases */
	ber_number(&op, BER_INTEGER);    /* sizeLimit */
	ber_number(&op, BER_INTEGER);    /* timeLimit */
	ber_bytes(&op, BER_BOOLEAN);     /* typesOnly */
	if (!reader_ok(&op))
		return;
	set_wire(r, FIELD_LDAP_DN, base, DN_MAX);
	if (scope < ARRAY_SIZE(scopes))
		record_set_string(r, FIELD_LDAP_SCOPE, scopes[scope]);
	bool whole = ldap_filter(&op, &filter);
	record_set_text(r, FIELD_LDAP_FILTER, text_bytes(&filter));
	if (!whole)
		return;
	struct reader names = ber_expect(&op, BER_SEQUENCE);
	for (int i = 0; i < MAX_ATTRIBUTES && reader_left(&names) > 0; i++)
		add_attribute(r, ber_bytes(&names, BER_OCTETS));
}

/* The types in a list of PartialAttribute, each inside a change where `changes`. */
static void read_attributes(struct reader list, bool changes, struct record *r)
{
	for (int i = 0; i < MAX_CHANGES && reader_left(&list) > 0; i++) {
		struct reader item = ber_expect(&list, BER_SEQUENCE);
		if (changes) {
			ber_number(&item, BER_ENUMERATED);
			item = ber_expect(&item, BER_SEQUENCE);
		}
		add_attribute(r, ber_bytes(&item, BER_OCTETS));
	}
}

static void read_modify_dn(struct reader op, struct record *r)
{
	char room[DN_MAX];
	struct text name = TEXT_ON(room);

	set_wire(r, FIELD_LDAP_DN, ber_bytes(&op, BER_OCTETS), DN_MAX);
	text_utf8(&name, ber_bytes(&op, BER_OCTETS));
	ber_bytes(&op, BER_BOOLEAN); /* deleteoldrdn */
	struct bytes superior = reader_left(&op) > 0 ? ber_bytes(&op, 0x80) : (struct bytes){ 0 };
	if (superior.size > 0) {
		text_char(&name, ',');
		text_utf8(&name, superior);
	}
	record_set_text(r, FIELD_LDAP_NEW_DN, text_bytes(&name));
}

static bool is_start_tls(struct reader op)
{
	return bytes_equal(ber_bytes(&op, 0x80), bytes_string("1.3.6.1.4.1.1466.20037"));
}

static void read_request(struct parse *p, struct ldap *l, uint8_t tag, struct reader op, struct record *r)
{
	switch (tag) {
	case LDAP_BIND:
		ldap_bind_request(p, l, op, r);
		return;
	case LDAP_SEARCH:
		read_search(op, r);
		return;
	case LDAP_ADD:
	case LDAP_MODIFY:
	case LDAP_COMPARE:
		set_wire(r, FIELD_LDAP_DN, ber_bytes(&op, BER_OCTETS), DN_MAX);
		struct reader list = ber_expect(&op, BER_SEQUENCE);
		if (tag == LDAP_COMPARE)
			add_attribute(r, ber_bytes(&list, BER_OCTETS));
		else
			read_attributes(list, tag == LDAP_MODIFY, r);
		return;
	case LDAP_DELETE:
		set_wire(r, FIELD_LDAP_DN, reader_rest(&op), DN_MAX);
		return;
	case LDAP_MODIFY_DN:
		read_modify_dn(op, r);
		return;
	case LDAP_EXTENDED:
		set_wire(r, FIELD_LDAP_EXTENDED, ber_bytes(&op, 0x80), 64);
		return;
	default:
		return;
	}
}

/* --- results --- */

/* "… AcceptSecurityContext error, data 52e, v1db1" (MS-ADTS does not promise it; every domain controller says it). */
static void set_sub_code(struct record *r, struct bytes diagnostic)
{
	static const char mark[] = ", data ";
	size_t at = bytes_find(diagnostic, bytes_string(mark));

	if (at == SIZE_MAX || bytes_find(diagnostic, bytes_string("AcceptSecurityContext")) == SIZE_MAX)
		return;
	struct bytes rest = bytes_of(diagnostic.at + at + sizeof(mark) - 1, diagnostic.size - at - sizeof(mark) + 1);
	struct bytes code = bytes_split(&rest, ',');
	uint64_t number;
	if (code.size <= 8 && bytes_hex(code, UINT32_MAX, &number) && number != 0)
		record_set_wire(r, FIELD_LDAP_ERROR, code);
}

uint64_t ldap_result_read(struct reader *op, struct record *r, struct bytes *ret_matched)
{
	uint64_t result = ber_number(op, BER_ENUMERATED);
	struct bytes matched = ber_bytes(op, BER_OCTETS);
	struct bytes diagnostic = ber_bytes(op, BER_OCTETS);

	if (ret_matched)
		*ret_matched = matched;
	record_set_uint(r, FIELD_LDAP_RESULT, result);
	bool fine = result == LDAP_SUCCESS || result == LDAP_COMPARE_FALSE || result == LDAP_COMPARE_TRUE;
	record_set_string(r, FIELD_EVENT_OUTCOME, fine				      ? "success"
						  : result == LDAP_BIND_IN_PROGRESS ? "unknown"
										    : "failure");
	set_wire(r, FIELD_LDAP_DIAGNOSTIC, diagnostic, DIAGNOSTIC_MAX);
	set_sub_code(r, diagnostic);
	return result;
}

/* --- searches --- */

static uint64_t search_hash(const struct record *r)
{
	static const enum field parts[] = { FIELD_LDAP_DN, FIELD_LDAP_SCOPE, FIELD_LDAP_FILTER };
	struct hash_key key = { 0, 0 }; /* collisions only fold a sender's own searches */

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		struct bytes b = record_text(r, parts[i]);
		key.k0 = hash_bytes(&key, b.at, b.size);
	}
	/* What is asked of the same entries makes another search: a password where it was a name. */
	for (const struct value *v = record_get(r, FIELD_LDAP_ATTRIBUTES); v; v = record_next(r, v)) {
		struct bytes b = value_text(r, v);
		key.k0 = hash_bytes(&key, b.at, b.size);
	}
	return key.k0 ? key.k0 : 1;
}

static void tell_repeats(struct parse *p, struct ldap_search *s)
{
	if (s->last && s->repeats > 0) {
		struct record *r = ldap_record_at(p, s->last->time_ns, s->last_packet);
		if (r)
			record_merge(r, s->last);
		record_set_uint(r, FIELD_LDAP_REPEATS, s->repeats);
		record_set_uint(r, FIELD_LDAP_ENTRIES, s->entries);
		record_set_uint(r, FIELD_LDAP_BYTES, s->bytes);
		emit(p, r);
	}
	record_free(s->last);
	*s = (struct ldap_search){ .hash = s->hash, .told_ns = parse_time_ns(p) };
}

static struct ldap_search *find_search(struct parse *p, struct ldap *l, uint64_t hash, bool *ret_new)
{
	*ret_new = false;
	for (size_t i = 0; i < LDAP_SEARCHES; i++)
		if (l->searches[i].hash == hash)
			return &l->searches[i];
	struct ldap_search *s = &l->searches[l->next_search];
	l->next_search = (uint8_t)((l->next_search + 1) % LDAP_SEARCHES);
	tell_repeats(p, s);
	s->hash = hash;
	*ret_new = true;
	return s;
}

/* r: the search with its result, open. */
static void tell_search(struct parse *p, struct ldap *l, const struct ldap_request *q, struct record *r)
{
	bool new;

	record_set_uint(r, FIELD_LDAP_ENTRIES, q->entries);
	record_set_uint(r, FIELD_LDAP_BYTES, q->bytes);
	struct record *kept = record_copy(r);
	if (!kept)
		return;
	struct ldap_search *s = find_search(p, l, search_hash(kept), &new);
	if (new || parse_time_ns(p) - s->told_ns > REPEAT_NS) {
		tell_repeats(p, s);
		r = ldap_record_at(p, q->time_ns, q->packet);
		if (r)
			record_merge(r, kept);
		emit(p, r);
		record_free(kept);
		return;
	}
	record_free(s->last);
	s->last = kept;
	s->last_packet = q->packet;
	s->repeats++;
	s->entries += q->entries;
	s->bytes += q->bytes;
}

/* --- pairs --- */

static void forget(struct ldap *l, size_t i)
{
	record_free(l->requests[i].told);
	memmove(&l->requests[i], &l->requests[i + 1], (LDAP_PENDING - 1 - i) * sizeof(l->requests[0]));
	l->requests[LDAP_PENDING - 1] = (struct ldap_request){ 0 };
}

static struct record *record_of(struct parse *p, const struct ldap_request *q)
{
	struct record *r = q->told ? ldap_record_at(p, q->time_ns, q->packet) : NULL;

	if (r)
		record_merge(r, q->told);
	return r;
}

static void tell_unanswered(struct parse *p, struct ldap *l, size_t i, const char *reason)
{
	const struct ldap_request *q = &l->requests[i];

	struct record *r = record_of(p, q);
	if (r) {
		record_set_string(r, FIELD_EVENT_OUTCOME, "unknown");
		record_set_string(r, FIELD_EVENT_REASON, reason);
		if (q->tag == LDAP_SEARCH)
			tell_search(p, l, q, r);
		else
			emit(p, r);
	}
	if (q->tag == LDAP_BIND)
		ldap_bind_unanswered(p, l, q);
	forget(l, i);
}

static struct ldap_request *add_request(struct parse *p, struct ldap *l, uint32_t id, uint8_t tag)
{
	if (l->requests[LDAP_PENDING - 1].tag)
		tell_unanswered(p, l, 0, NULL);
	size_t i = 0;
	while (l->requests[i].tag)
		i++;
	l->requests[i] = (struct ldap_request){
		.time_ns = parse_time_ns(p), .packet = parse_packet(p), .id = id, .tag = tag
	};
	return &l->requests[i];
}

static size_t find_request(const struct ldap *l, uint32_t id, uint8_t tag)
{
	for (size_t i = 0; i < LDAP_PENDING && l->requests[i].tag; i++)
		if (l->requests[i].id == id && (!tag || l->requests[i].tag == tag))
			return i;
	return LDAP_PENDING;
}

static void request(struct parse *p, struct ldap *l, uint32_t id, size_t kind, struct reader op)
{
	uint8_t tag = operations[kind].request;
	struct ldap_request *q = operations[kind].response ? add_request(p, l, id, tag) : NULL;
	struct record *r = ldap_record_at(p, parse_time_ns(p), parse_packet(p));

	l->starts_tls |= tag == LDAP_EXTENDED && is_start_tls(op);
	if (!r)
		return;
	record_set_string(r, FIELD_EVENT_ACTION, operations[kind].name);
	read_request(p, l, tag, op, r);
	set_user(l, r);
	if (q)
		q->told = record_copy(r);
	else
		emit(p, r);
	if (tag == LDAP_ABANDON && reader_left(&op) <= 4) {
		uint32_t abandoned = 0;
		while (reader_left(&op) > 0)
			abandoned = abandoned << 8 | reader_u8(&op);
		size_t i = find_request(l, abandoned, 0);
		if (i < LDAP_PENDING)
			tell_unanswered(p, l, i, "abandoned");
	}
}

/* A result whose request the capture does not hold. */
static void orphan(struct parse *p, struct ldap *l, size_t kind, struct reader op)
{
	if (operations[kind].request == LDAP_BIND) {
		ldap_bind_response(p, l, NULL, op);
		return;
	}
	struct record *r = ldap_record_at(p, parse_time_ns(p), parse_packet(p));
	record_set_string(r, FIELD_EVENT_ACTION, operations[kind].name);
	ldap_result_read(&op, r, NULL);
	set_user(l, r);
	emit(p, r);
}

static void response(struct parse *p, struct ldap *l, uint32_t id, size_t kind, struct reader op, uint64_t size)
{
	uint8_t tag = operations[kind].request;
	size_t i = find_request(l, id, tag);

	if (tag == LDAP_EXTENDED && l->starts_tls) {
		struct reader again = op;
		l->tls = ber_number(&again, BER_ENUMERATED) == LDAP_SUCCESS && reader_ok(&again);
		l->starts_tls = false;
	}
	if (i == LDAP_PENDING) {
		orphan(p, l, kind, op);
		return;
	}
	struct ldap_request *q = &l->requests[i];
	q->bytes += size;
	if (tag == LDAP_BIND) {
		ldap_bind_response(p, l, q, op);
	} else {
		struct record *r = record_of(p, q);
		ldap_result_read(&op, r, NULL);
		if (r && tag == LDAP_SEARCH)
			tell_search(p, l, q, r);
		else
			emit(p, r);
	}
	forget(l, i);
}

void ldap_message(struct parse *p, struct ldap *l, uint32_t id, uint8_t tag, struct reader op, uint64_t size)
{
	if (tag == LDAP_ENTRY || tag == LDAP_REFERENCE || tag == LDAP_INTERMEDIATE) {
		size_t i = find_request(l, id, 0);
		if (i < LDAP_PENDING) {
			l->requests[i].entries += tag == LDAP_ENTRY;
			l->requests[i].bytes += size;
		}
		return;
	}
	for (size_t kind = 0; kind < ARRAY_SIZE(operations); kind++) {
		if (operations[kind].request == tag)
			request(p, l, id, kind, op);
		else if (operations[kind].response == tag)
			response(p, l, id, kind, op, size);
	}
}

void ldap_tell_sealed(struct parse *p, struct ldap *l)
{
	if (l->sealed)
		return;
	l->sealed = true;
	struct record *r = ldap_record_at(p, parse_time_ns(p), parse_packet(p));
	record_set_string(r, FIELD_EVENT_ACTION, "sealed");
	record_set_bool(r, FIELD_LDAP_SEALED, true);
	set_user(l, r);
	emit(p, r);
}

void ldap_finish(struct parse *p, struct ldap *l)
{
	while (l->requests[0].tag)
		tell_unanswered(p, l, 0, NULL);
	for (size_t i = 0; i < LDAP_SEARCHES; i++)
		tell_repeats(p, &l->searches[i]);
}
