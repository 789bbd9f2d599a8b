/* SPDX-License-Identifier: BSD-2-Clause
 * Kerberos messages into record fields. A ticket is told by its fingerprint: the first 16 bytes of the SHA-256 over the
 * cipher of its enc-part, which is the same wherever the ticket is shown. */
#include "krb.h"

#include "base/text.h"
#include "digest.h"

#define FINGERPRINT 16 /* bytes */
#define ADDRESS_NETBIOS 20 /* RFC 4120 section 7.5.3 */

static void join_parts(const struct krb_name *name, struct text *t)
{
	struct reader parts = name->parts;

	for (int i = 0; i < KRB_PARTS && reader_left(&parts) > 0; i++) {
		struct reader part = der_expect(&parts, DER_STRING);
		if (!reader_ok(&part))
			return;
		if (i > 0)
			text_char(t, '/');
		text_utf8(t, reader_rest(&part));
	}
}

void krb_tell_name(struct record *r, enum field f, const struct krb_name *name)
{
	UNINITIALIZED char room[KRB_TEXT];
	struct text t = TEXT_ON(room);

	if (!r || !name->present)
		return;
	join_parts(name, &t);
	if (t.used > 0)
		record_set_text(r, f, text_bytes(&t));
}

bool krb_same_name(struct bytes text, const struct krb_name *name)
{
	UNINITIALIZED char room[KRB_TEXT];
	struct text t = TEXT_ON(room);

	if (!name->present)
		return false;
	join_parts(name, &t);
	return bytes_equal_nocase(text, text_bytes(&t));
}

/* An enterprise name is user@domain in one component (RFC 6806 section 5), told apart here; the realm of the reply is
 * then the better one. */
void krb_tell_account(struct record *r, const struct krb_name *name, struct bytes realm)
{
	UNINITIALIZED char room[KRB_TEXT];
	struct text t = TEXT_ON(room);

	if (!r || !name->present)
		return;
	join_parts(name, &t);
	struct bytes user = text_bytes(&t);
	if (user.size == 0 || bytes_starts_nocase(user, bytes_string("WELLKNOWN/")))
		return;
	const uint8_t *at = memrchr(user.at, '@', user.size);
	if (at && at > user.at) {
		size_t size = (size_t)(at - user.at);
		if (size + 1 < user.size)
			record_set_text(r, FIELD_USER_DOMAIN, bytes_of(at + 1, user.size - size - 1));
		record_set_text(r, FIELD_USER_NAME, bytes_of(user.at, size));
		return;
	}
	record_set_text(r, FIELD_USER_NAME, user);
	if (realm.size > 0)
		record_set_wire(r, FIELD_USER_DOMAIN, realm);
}

void krb_tell_fingerprint(struct record *r, enum field f, const struct krb_ticket *t)
{
	uint8_t digest[DIGEST_SHA256];

	if (r && t->present && t->cipher.size > 0 && digest_sha256(t->cipher, digest))
		record_set_hex(r, f, bytes_of(digest, FINGERPRINT));
}

void krb_tell_etype(struct record *r, enum field f, int64_t etype)
{
	char room[KRB_CODE_TEXT];

	if (etype != 0)
		record_set_string(r, f, krb_etype_name(etype, room));
}

/* Those that have a name are few, and all are told; of mere numbers only some. */
static void add_name(struct record *r, enum field f, const char *name, const char *room, unsigned *nameless)
{
	if (name != room || (*nameless)++ < KRB_ELEMENTS)
		record_add_text(r, f, bytes_string(name));
}

static void tell_etypes(struct record *r, struct reader list)
{
	char room[KRB_CODE_TEXT];
	int64_t etype;
	unsigned nameless = 0;

	for (int i = 0; i < KRB_READ && reader_left(&list) > 0; i++) {
		if (!der_integer(der_expect(&list, DER_INTEGER), &etype))
			return;
		add_name(r, FIELD_KERBEROS_ETYPES, krb_etype_name(etype, room), room, &nameless);
	}
}

static void tell_padata(struct record *r, struct reader list)
{
	char room[KRB_CODE_TEXT];
	int64_t type;
	struct reader value;
	unsigned nameless = 0;

	for (int i = 0; i < KRB_READ && reader_left(&list) > 0 && krb_next_padata(&list, &type, &value); i++)
		add_name(r, FIELD_KERBEROS_PREAUTH, krb_padata_name(type, room), room, &nameless);
}

static void tell_options(struct record *r, uint32_t options)
{
	for (unsigned bit = 0; bit < 32; bit++) {
		const char *name = options & KRB_OPTION(bit) ? krb_option_name(bit) : NULL;
		if (name)
			record_add_text(r, FIELD_KERBEROS_OPTIONS, bytes_string(name));
	}
}

/* HostAddress ::= SEQUENCE { addr-type [0], address [1] OCTET STRING }; Windows tells its NetBIOS name, padded. */
static void tell_address(struct record *r, int64_t type, struct bytes b)
{
	char shown[ADDRESS_TEXT];

	if ((type == 2 && b.size == 4) || (type == 24 && b.size == 16)) {
		struct address a = b.size == 4 ? address_v4(b.at) : address_v6(b.at);
		record_add_text(r, FIELD_KERBEROS_ADDRESSES, bytes_string(address_format(&a, shown)));
		return;
	}
	if (type != ADDRESS_NETBIOS || b.size > 16)
		return;
	while (b.size > 0 && (b.at[b.size - 1] == ' ' || b.at[b.size - 1] < ' '))
		b.size--;
	if (b.size == 0)
		return;
	char room[64];
	struct text t = TEXT_ON(room);
	text_utf8(&t, b);
	record_add_text(r, FIELD_KERBEROS_ADDRESSES, text_bytes(&t));
	record_set_text(r, FIELD_AUTH_WORKSTATION, text_bytes(&t));
}

static void tell_addresses(struct record *r, struct reader list)
{
	for (int i = 0; i < KRB_ELEMENTS && reader_left(&list) > 0; i++) {
		struct reader one = der_expect(&list, DER_SEQUENCE);
		struct reader address = der_member(one, 1, DER_OCTETS);
		if (!reader_ok(&address))
			return;
		tell_address(r, der_number(one, 0, 0), reader_rest(&address));
	}
}

void krb_tell_request(struct record *r, const struct krb_request *q)
{
	char room[KRB_CODE_TEXT];

	if (!r)
		return;
	record_set_string(r, FIELD_KERBEROS_TYPE, q->kind == KRB_AS_REQ ? "AS" : "TGS");
	krb_tell_name(r, FIELD_KERBEROS_CLIENT, &q->client);
	if (q->client.present)
		record_set_string(r, FIELD_KERBEROS_CLIENT_TYPE, krb_name_type(q->client.type, room));
	krb_tell_account(r, &q->client, q->realm);
	record_set_wire(r, FIELD_KERBEROS_REALM, q->realm);
	krb_tell_name(r, FIELD_KERBEROS_SERVICE, &q->service);
	krb_tell_name(r, FIELD_KERBEROS_FOR_USER, &q->for_user);
	tell_options(r, q->options);
	tell_etypes(r, q->etypes);
	tell_padata(r, q->padata);
	tell_addresses(r, q->addresses);
	krb_tell_etype(r, FIELD_KERBEROS_PREAUTH_ETYPE, q->preauth_etype);
	krb_tell_etype(r, FIELD_KERBEROS_AUTHENTICATOR_ETYPE, q->authenticator_etype);
	if (q->pac_asked)
		record_set_bool(r, FIELD_KERBEROS_PAC_REQUEST, q->pac_wanted);
	krb_tell_fingerprint(r, FIELD_KERBEROS_ARMOR_TICKET, &q->armor);
	krb_tell_fingerprint(r, FIELD_KERBEROS_TICKET, &q->shown);
	if (q->shown.present) {
		krb_tell_etype(r, FIELD_KERBEROS_TICKET_ETYPE, q->shown.etype);
		record_set_wire(r, FIELD_KERBEROS_TICKET_REALM, q->shown.realm);
	}
}

static bool is_for_other(const struct record *r)
{
	if (record_has(r, FIELD_KERBEROS_FOR_USER))
		return true;
	for (const struct value *v = record_get(r, FIELD_KERBEROS_OPTIONS); v; v = record_next(r, v))
		if (bytes_equal(value_text(r, v), bytes_string("cname-in-addl-tkt")))
			return true;
	return false;
}

/* The reply's names are the KDC's own spelling. In an exchange on somebody else's behalf (MS-SFU) the client it names is
 * not the one who asks. */
void krb_tell_reply(struct record *r, const struct krb_reply *a)
{
	struct bytes asked = record_text(r, FIELD_KERBEROS_SERVICE);

	if (!r)
		return;
	record_set_string(r, FIELD_KERBEROS_TYPE, a->kind == KRB_AS_REP ? "AS" : "TGS");
	record_set_string(r, FIELD_EVENT_OUTCOME, "success");
	if (!record_has(r, FIELD_KERBEROS_CLIENT))
		krb_tell_name(r, FIELD_KERBEROS_CLIENT, &a->client);
	if (!is_for_other(r))
		krb_tell_account(r, &a->client, a->realm);
	if (!record_has(r, FIELD_KERBEROS_REALM))
		record_set_wire(r, FIELD_KERBEROS_REALM, a->realm);
	if (!bytes_equal_nocase(a->realm, record_text(r, FIELD_KERBEROS_REALM)))
		record_set_wire(r, FIELD_KERBEROS_CLIENT_REALM, a->realm);
	if (!a->ticket.present)
		return;
	if (asked.size == 0)
		krb_tell_name(r, FIELD_KERBEROS_SERVICE, &a->ticket.service);
	else if (!krb_same_name(asked, &a->ticket.service))
		krb_tell_name(r, FIELD_KERBEROS_ISSUED_SERVICE, &a->ticket.service);
	if (!bytes_equal_nocase(a->ticket.realm, record_text(r, FIELD_KERBEROS_REALM)))
		record_set_wire(r, FIELD_KERBEROS_ISSUED_REALM, a->ticket.realm);
	krb_tell_etype(r, FIELD_KERBEROS_ETYPE, a->ticket.etype);
	krb_tell_etype(r, FIELD_KERBEROS_REPLY_ETYPE, a->etype);
	krb_tell_fingerprint(r, FIELD_KERBEROS_NEW_TICKET, &a->ticket);
}

void krb_tell_error(struct record *r, const struct krb_error *e)
{
	char room[KRB_CODE_TEXT];

	if (!r)
		return;
	record_set_uint(r, FIELD_KERBEROS_ERROR, (uint64_t)e->code);
	record_set_string(r, FIELD_KERBEROS_ERROR_NAME, krb_error_name(e->code, room));
	if (!record_has(r, FIELD_KERBEROS_CLIENT))
		krb_tell_name(r, FIELD_KERBEROS_CLIENT, &e->client);
	if (!record_has(r, FIELD_USER_NAME))
		krb_tell_account(r, &e->client, e->client_realm.size ? e->client_realm : e->realm);
	if (!record_has(r, FIELD_KERBEROS_REALM))
		record_set_wire(r, FIELD_KERBEROS_REALM, e->realm);
	if (!record_has(r, FIELD_KERBEROS_SERVICE))
		krb_tell_name(r, FIELD_KERBEROS_SERVICE, &e->service);
}

void krb_tell_ap_request(struct record *r, const struct krb_ap_request *q)
{
	UNINITIALIZED char room[KRB_TEXT];
	struct text t = TEXT_ON(room);

	krb_tell_fingerprint(r, FIELD_KERBEROS_TICKET, &q->ticket);
	krb_tell_name(r, FIELD_KERBEROS_SERVICE, &q->ticket.service);
	krb_tell_etype(r, FIELD_KERBEROS_TICKET_ETYPE, q->ticket.etype);
	krb_tell_etype(r, FIELD_KERBEROS_AUTHENTICATOR_ETYPE, q->etype);
	record_set_wire(r, FIELD_KERBEROS_TICKET_REALM, q->ticket.realm);
	if (!q->ticket.service.present)
		return;
	join_parts(&q->ticket.service, &t);
	if (t.used > 0 && q->ticket.realm.size > 0) {
		text_char(&t, '@');
		text_utf8(&t, q->ticket.realm);
	}
	if (t.used > 0)
		record_set_text(r, FIELD_AUTH_TARGET, text_bytes(&t));
}
