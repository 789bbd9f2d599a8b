/* SPDX-License-Identifier: BSD-2-Clause
 * GSS-API tokens as inner protocol "gss": the initial token's frame (RFC 2743 section 3.1), SPNEGO inside (RFC 4178
 * section 4.2), and the mechanism's own token inside that: NTLM is handed on, of Kerberos (RFC 4120 section 5.5.1,
 * RFC 4121 section 4.1) the ticket's service is read. Raw NTLM and raw Kerberos tokens are taken as they are. */
#include "base/reader.h"
#include "base/text.h"
#include "proto/protocol.h"

#define MAX_DEPTH 4     /* mechanism tokens inside each other */
#define NAME_PARTS 4    /* components of a service name that are read */
#define MAX_ELEMENTS 16 /* elements of one SEQUENCE that are looked at */

enum der {
	DER_OCTETS = 0x04,
	DER_OID = 0x06,
	DER_STRING = 0x1b, /* GeneralString */
	DER_SEQUENCE = 0x30,
	DER_INITIAL = 0x60, /* [APPLICATION 0]: RFC 2743 */
	DER_TICKET = 0x61,  /* [APPLICATION 1] */
	DER_AP_REQ = 0x6e,  /* [APPLICATION 14] */
	DER_CONTEXT = 0xa0, /* [0] constructed; [n] is this + n */
};

/* The next element: its tag, and a reader over its content (failed where it is not DER or does not fit). */
static struct reader element(struct reader *r, uint8_t *tag)
{
	*tag = reader_u8(r);
	size_t size = reader_u8(r);
	if (size & 0x80) {
		unsigned n = size & 0x7f;
		if (n == 0 || n > 4)
			reader_fail(r);
		size = 0;
		while (n-- > 0 && reader_ok(r))
			size = size << 8 | reader_u8(r);
	}
	return reader_sub(r, size);
}

/* The element that must come next; failed where another one does. */
static struct reader expect(struct reader *r, uint8_t wanted)
{
	uint8_t tag;
	struct reader content = element(r, &tag);
	if (tag != wanted)
		reader_fail(&content);
	return content;
}

/* The content of the first element of that tag in what is left of a SEQUENCE; failed where there is none. */
static struct reader find(struct reader in, uint8_t wanted)
{
	for (int i = 0; i < MAX_ELEMENTS && reader_left(&in) > 0; i++) {
		uint8_t tag;
		struct reader content = element(&in, &tag);
		if (tag == wanted)
			return content;
	}
	reader_fail(&in);
	return in;
}

static void add_strings(struct reader parts, struct text *t)
{
	for (int i = 0; i < NAME_PARTS && reader_left(&parts) > 0; i++) {
		struct reader part = expect(&parts, DER_STRING);
		if (!reader_ok(&part))
			return;
		if (i > 0)
			text_char(t, '/');
		text_utf8(t, reader_rest(&part));
	}
}

/* Ticket ::= [APPLICATION 1] SEQUENCE { tkt-vno [0], realm [1], sname [2], enc-part [3] } */
static void read_ticket(struct reader r, struct record *into)
{
	char room[512];
	struct text t = TEXT_ON(room);
	struct reader ticket = expect(&r, DER_TICKET);
	struct reader members = expect(&ticket, DER_SEQUENCE);
	struct reader realm = find(members, DER_CONTEXT + 1);
	struct reader realm_text = expect(&realm, DER_STRING);
	struct reader sname = find(members, DER_CONTEXT + 2);
	struct reader principal = expect(&sname, DER_SEQUENCE);
	struct reader names = find(principal, DER_CONTEXT + 1);

	add_strings(expect(&names, DER_SEQUENCE), &t);
	if (t.used == 0)
		return;
	if (reader_left(&realm_text) > 0) {
		text_char(&t, '@');
		text_utf8(&t, reader_rest(&realm_text));
	}
	record_set_text(into, FIELD_AUTH_TARGET, text_bytes(&t));
}

/* AP-REQ ::= [APPLICATION 14] SEQUENCE { pvno [0], msg-type [1], ap-options [2], ticket [3], authenticator [4] } */
static bool read_ap_req(struct reader r, struct record *into)
{
	struct reader request = expect(&r, DER_AP_REQ);
	struct reader members = expect(&request, DER_SEQUENCE);
	if (!reader_ok(&members))
		return false;
	record_set_string(into, FIELD_AUTH_MECHANISM, "kerberos");
	read_ticket(find(members, DER_CONTEXT + 3), into);
	return true;
}

/* RFC 4121 section 4.1: a token identifier, then the message. Only AP-REQ says more than that it is Kerberos. */
static bool read_kerberos(struct reader r, struct record *into)
{
	unsigned id = reader_u16(&r);
	if (!reader_ok(&r))
		return false;
	if (id == 0x0100)
		return read_ap_req(r, into);
	if (!record_has(into, FIELD_AUTH_MECHANISM))
		record_set_string(into, FIELD_AUTH_MECHANISM, "kerberos");
	return id == 0x0200 || id == 0x0300;
}

static bool read_token(struct parse *p, struct reader r, struct record *into, int depth);

/* negTokenInit: mechToken [2]; negTokenResp: responseToken [2]. Without one, SPNEGO is all there is to know. */
static bool read_negotiation(struct parse *p, struct reader choice, struct record *into, int depth)
{
	struct reader members = expect(&choice, DER_SEQUENCE);
	if (!reader_ok(&members))
		return false;
	struct reader wrapped = find(members, DER_CONTEXT + 2);
	struct reader token = expect(&wrapped, DER_OCTETS);
	if (reader_left(&token) > 0)
		read_token(p, token, into, depth + 1);
	return true;
}

static bool read_initial(struct parse *p, struct reader r, struct record *into, int depth)
{
	static const uint8_t spnego[] = { 0x2b, 6, 1, 5, 5, 2 };
	static const uint8_t kerberos[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2 };
	static const uint8_t ms_kerberos[] = { 0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 1, 2, 2 };
	struct reader frame = expect(&r, DER_INITIAL);
	struct reader oid = expect(&frame, DER_OID);
	struct bytes mechanism = reader_rest(&oid);

	if (!reader_ok(&oid))
		return false;
	if (bytes_equal(mechanism, bytes_of(spnego, sizeof(spnego))))
		return read_token(p, frame, into, depth + 1);
	if (bytes_equal(mechanism, bytes_of(kerberos, sizeof(kerberos))) ||
	    bytes_equal(mechanism, bytes_of(ms_kerberos, sizeof(ms_kerberos))))
		return read_kerberos(frame, into);
	/* NTLM may be framed as well; its own signature tells. */
	return read_token(p, frame, into, depth + 1);
}

static bool read_token(struct parse *p, struct reader r, struct record *into, int depth)
{
	struct bytes all = reader_rest(&r);

	if (depth > MAX_DEPTH)
		return false;
	if (bytes_starts(all, bytes_of("NTLMSSP", 8)))
		return parse_inner(p, "ntlm", all, into);
	uint8_t tag = reader_peek(&r);
	if (tag == DER_INITIAL)
		return read_initial(p, r, into, depth);
	if (tag == DER_AP_REQ)
		return read_ap_req(r, into);
	if (tag == DER_CONTEXT || tag == DER_CONTEXT + 1)
		return read_negotiation(p, expect(&r, tag), into, depth);
	return false;
}

static bool gss_inner(struct parse *p, struct reader *r, struct record *into)
{
	return read_token(p, *r, into, 0);
}

extern const struct protocol protocol_gss;
const struct protocol protocol_gss = {
	.name = "gss",
	.about = "RFC 2743, 4178, 4121, 4120",
	.inner = gss_inner,
};
