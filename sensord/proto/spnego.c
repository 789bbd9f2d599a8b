/* SPDX-License-Identifier: BSD-2-Clause
 * GSS-API tokens as inner protocol "gss": the initial token's frame (RFC 2743 section 3.1), SPNEGO inside (RFC 4178
 * section 4.2), and the mechanism's own token inside that: NTLM and Kerberos are handed on, raw ones as well. */
#include "base/reader.h"
#include "der.h"
#include "proto/protocol.h"

#define MAX_DEPTH 4 /* mechanism tokens inside each other */

static bool read_token(struct parse *p, struct reader r, struct record *into, int depth);

/* negTokenInit: mechToken [2]; negTokenResp: responseToken [2]. Without one, SPNEGO is all there is to know. */
static bool read_negotiation(struct parse *p, struct reader choice, struct record *into, int depth)
{
	struct reader members = der_expect(&choice, DER_SEQUENCE);
	if (!reader_ok(&members))
		return false;
	struct reader token = der_member(members, 2, DER_OCTETS);
	if (reader_left(&token) > 0)
		read_token(p, token, into, depth + 1);
	return true;
}

static bool read_initial(struct parse *p, struct reader r, struct record *into, int depth)
{
	static const uint8_t spnego[] = { 0x2b, 6, 1, 5, 5, 2 };
	static const uint8_t kerberos[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2 };
	static const uint8_t ms_kerberos[] = { 0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 1, 2, 2 };
	struct reader frame = der_expect(&r, DER_APPLICATION);
	struct reader oid = der_expect(&frame, DER_OID);
	struct bytes mechanism = reader_rest(&oid);

	if (!reader_ok(&oid))
		return false;
	if (bytes_equal(mechanism, bytes_of(spnego, sizeof(spnego))))
		return read_token(p, frame, into, depth + 1);
	/* One more arc is user-to-user. */
	if (bytes_starts(mechanism, bytes_of(kerberos, sizeof(kerberos))) ||
	    bytes_equal(mechanism, bytes_of(ms_kerberos, sizeof(ms_kerberos))))
		return parse_inner(p, "krb5", reader_rest(&frame), into);
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
	if (tag == DER_APPLICATION)
		return read_initial(p, r, into, depth);
	if (tag > DER_APPLICATION && tag < DER_CONTEXT)
		return parse_inner(p, "krb5", all, into);
	if (tag == DER_CONTEXT || tag == DER_CONTEXT + 1)
		return read_negotiation(p, der_expect(&r, tag), into, depth);
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
