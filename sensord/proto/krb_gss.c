/* SPDX-License-Identifier: BSD-2-Clause
 * Kerberos between client and service as inner protocol "krb5": the tokens of RFC 4121 section 4.1 with their frame or
 * without, and bare AP-REQ, AP-REP and KRB-ERROR as DCE-style contexts send them (MS-KILE 3.4.5). */
#include "krb.h"

#include "proto/protocol.h"

/* Token identifiers (RFC 4121 section 4.1; draft-swift-win2k-krb-user2user). */
enum { TOKEN_AP_REQ = 0x0100, TOKEN_AP_REP = 0x0200, TOKEN_ERROR = 0x0300, TOKEN_TGT_REQ = 0x0400, TOKEN_TGT_REP = 0x0401 };

static bool read_message(struct bytes message, struct record *into)
{
	enum krb_kind kind;
	struct reader members;
	struct krb_ap_request q;
	struct krb_error e;

	if (!krb_open(message, &kind, &members))
		return false;
	if (kind == KRB_AP_REQ) {
		if (krb_read_ap_request(members, &q) && into)
			krb_tell_ap_request(into, &q);
		return true;
	}
	if (kind == KRB_AP_REP)
		record_set_bool(into, FIELD_KERBEROS_MUTUAL, true);
	else if (kind != KRB_ERROR)
		return false;
	else if (krb_read_error(members, &e) && into) {
		char room[KRB_CODE_TEXT];
		record_set_uint(into, FIELD_KERBEROS_ERROR, (uint64_t)e.code);
		record_set_string(into, FIELD_KERBEROS_ERROR_NAME, krb_error_name(e.code, room));
	}
	return true;
}

static bool read_token(struct reader r, struct record *into)
{
	struct reader token = r;
	unsigned id = reader_u16(&token);

	if (reader_peek(&r) >= DER_APPLICATION)
		return read_message(reader_rest(&r), into);
	if (id == TOKEN_AP_REQ || id == TOKEN_AP_REP || id == TOKEN_ERROR) {
		read_message(reader_rest(&token), into);
		return reader_ok(&token);
	}
	return reader_ok(&token) && (id == TOKEN_TGT_REQ || id == TOKEN_TGT_REP);
}

static bool krb_gss_inner(struct parse *p, struct reader *r, struct record *into)
{
	struct reader token = *r;

	(void)p;
	if (reader_peek(r) == DER_APPLICATION) { /* RFC 2743 section 3.1 */
		token = der_expect(r, DER_APPLICATION);
		(void)der_expect(&token, DER_OID);
	}
	if (!read_token(token, into))
		return false;
	if (!record_has(into, FIELD_AUTH_MECHANISM))
		record_set_string(into, FIELD_AUTH_MECHANISM, "kerberos");
	return true;
}

extern const struct protocol protocol_krb5;
const struct protocol protocol_krb5 = {
	.name = "krb5",
	.about = "RFC 4121, 4120, MS-KILE",
	.inner = krb_gss_inner,
};
