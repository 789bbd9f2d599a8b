/* SPDX-License-Identifier: BSD-2-Clause
 * Kerberos messages out of DER (RFC 4120 section 5 and appendix A; RFC 6113 section 5.4; MS-SFU 2.2). */
#include "krb.h"

/* Pre-authentication data that is opened (RFC 4120 section 7.5.2, MS-KILE 2.2.3, MS-SFU 2.2). */
enum {
	PA_TGS_REQ = 1,
	PA_ENC_TIMESTAMP = 2,
	PA_PAC_REQUEST = 128,
	PA_FOR_USER = 129,
	PA_S4U_X509_USER = 130,
	PA_FX_FAST = 136,
};

bool krb_open(struct bytes message, enum krb_kind *ret_kind, struct reader *ret)
{
	struct reader r = reader_open(message);
	uint8_t tag;
	struct reader outer = der_next(&r, &tag);
	struct reader members = der_expect(&outer, DER_SEQUENCE);

	if (!reader_ok(&members) || tag < DER_APPLICATION || tag >= DER_APPLICATION + 0x1f)
		return false;
	*ret_kind = (enum krb_kind)(tag - DER_APPLICATION);
	*ret = members;
	return true;
}

/* PrincipalName ::= SEQUENCE { name-type [0], name-string [1] SEQUENCE OF GeneralString } in member [n]. */
static struct krb_name read_name(struct reader in, unsigned n)
{
	struct reader name = der_member(in, n, DER_SEQUENCE);
	struct reader parts = der_member(name, 1, DER_SEQUENCE);

	if (!reader_ok(&parts))
		return (struct krb_name){ 0 };
	return (struct krb_name){ true, der_number(name, 0, 0), parts };
}

static struct bytes read_string(struct reader in, unsigned n)
{
	struct reader text = der_member(in, n, DER_STRING);

	return reader_rest(&text);
}

/* EncryptedData ::= SEQUENCE { etype [0], kvno [1] OPTIONAL, cipher [2] } */
static int64_t encrypted_etype(struct reader data)
{
	return reader_ok(&data) ? der_number(data, 0, 0) : 0;
}

/* Ticket ::= [APPLICATION 1] SEQUENCE { tkt-vno [0], realm [1], sname [2], enc-part [3] EncryptedData } */
static struct krb_ticket read_ticket(struct reader in, unsigned n)
{
	struct reader ticket = der_member(in, n, DER_APPLICATION + KRB_TICKET);
	struct reader members = der_expect(&ticket, DER_SEQUENCE);
	struct reader sealed = der_member(members, 3, DER_SEQUENCE);
	struct reader cipher = der_member(sealed, 2, DER_OCTETS);

	if (!reader_ok(&members))
		return (struct krb_ticket){ 0 };
	return (struct krb_ticket){ true, read_string(members, 1), read_name(members, 2), encrypted_etype(sealed),
				    reader_rest(&cipher) };
}

/* AP-REQ ::= [APPLICATION 14] SEQUENCE { pvno [0], msg-type [1], ap-options [2], ticket [3], authenticator [4] } */
bool krb_read_ap_request(struct reader members, struct krb_ap_request *ret)
{
	*ret = (struct krb_ap_request){ read_ticket(members, 3), encrypted_etype(der_member(members, 4, DER_SEQUENCE)) };
	return ret->ticket.present;
}

static void read_inner_ap(struct bytes b, struct krb_ap_request *ret)
{
	enum krb_kind kind;
	struct reader members;

	*ret = (struct krb_ap_request){ 0 };
	if (krb_open(b, &kind, &members) && kind == KRB_AP_REQ && !krb_read_ap_request(members, ret))
		*ret = (struct krb_ap_request){ 0 };
}

/* PA-FX-FAST-REQUEST: armored-data [0] SEQUENCE { armor [0] SEQUENCE { type [0], value [1] OCTET STRING } … } */
static struct krb_ticket read_armor(struct reader value)
{
	struct reader choice = der_expect(&value, DER_CONTEXT);
	struct reader armored = der_expect(&choice, DER_SEQUENCE);
	struct reader armor = der_member(armored, 0, DER_SEQUENCE);
	struct reader token = der_member(armor, 1, DER_OCTETS);
	struct krb_ap_request ap;

	read_inner_ap(reader_rest(&token), &ap);
	return ap.ticket;
}

bool krb_next_padata(struct reader *list, int64_t *ret_type, struct reader *ret_value)
{
	struct reader one = der_expect(list, DER_SEQUENCE);

	*ret_type = der_number(one, 1, 0);
	*ret_value = der_member(one, 2, DER_OCTETS);
	return reader_ok(&one);
}

static void read_padata(int64_t type, struct reader value, struct krb_request *q)
{
	struct reader sequence = value;
	struct krb_ap_request ap;

	switch (type) {
	case PA_TGS_REQ:
		read_inner_ap(reader_rest(&value), &ap);
		q->shown = ap.ticket;
		q->authenticator_etype = ap.etype;
		break;
	case PA_ENC_TIMESTAMP:
		q->preauth_etype = encrypted_etype(der_expect(&sequence, DER_SEQUENCE));
		break;
	case PA_PAC_REQUEST: {
		struct reader flag = der_member(der_expect(&sequence, DER_SEQUENCE), 0, DER_BOOLEAN);
		q->pac_asked = reader_left(&flag) == 1;
		q->pac_wanted = reader_peek(&flag) != 0;
		break;
	}
	case PA_FOR_USER:
		q->for_user = read_name(der_expect(&sequence, DER_SEQUENCE), 0);
		break;
	case PA_S4U_X509_USER: /* S4UUserID [0] SEQUENCE { nonce [0], cname [1] OPTIONAL … } */
		if (!q->for_user.present)
			q->for_user = read_name(der_member(der_expect(&sequence, DER_SEQUENCE), 0, DER_SEQUENCE), 1);
		break;
	case PA_FX_FAST:
		q->armor = read_armor(value);
		break;
	default:
		break;
	}
}

/* KDCOptions: a BIT STRING whose first byte tells its unused bits. */
static uint32_t read_options(struct reader body)
{
	struct reader bits = der_member(body, 0, DER_BIT_STRING);
	uint32_t v = 0;

	reader_skip(&bits, 1);
	for (int shift = 24; shift >= 0 && reader_left(&bits) > 0; shift -= 8)
		v |= (uint32_t)reader_u8(&bits) << shift;
	return v;
}

/* KDC-REQ ::= SEQUENCE { pvno [1], msg-type [2], padata [3] OPTIONAL, req-body [4] } */
bool krb_read_request(enum krb_kind kind, struct reader members, struct krb_request *ret)
{
	struct reader body = der_member(members, 4, DER_SEQUENCE);
	int64_t type;
	struct reader value;

	if (!reader_ok(&body))
		return false;
	*ret = (struct krb_request){
		.kind = kind,
		.options = read_options(body),
		.client = read_name(body, 1),
		.realm = read_string(body, 2),
		.service = read_name(body, 3),
		.etypes = der_member(body, 8, DER_SEQUENCE),
		.addresses = der_member(body, 9, DER_SEQUENCE),
		.padata = der_member(members, 3, DER_SEQUENCE),
	};
	struct reader list = ret->padata;
	for (int i = 0; i < KRB_ELEMENTS && reader_left(&list) > 0 && krb_next_padata(&list, &type, &value); i++)
		read_padata(type, value, ret);
	return true;
}

/* KDC-REP ::= SEQUENCE { pvno [0], msg-type [1], padata [2] OPTIONAL, crealm [3], cname [4], ticket [5], enc-part [6] } */
bool krb_read_reply(enum krb_kind kind, struct reader members, struct krb_reply *ret)
{
	*ret = (struct krb_reply){
		.kind = kind,
		.realm = read_string(members, 3),
		.client = read_name(members, 4),
		.ticket = read_ticket(members, 5),
		.etype = encrypted_etype(der_member(members, 6, DER_SEQUENCE)),
	};
	return ret->ticket.present || ret->client.present;
}

/* KRB-ERROR: … error-code [6], crealm [7], cname [8], realm [9], sname [10], e-text [11], e-data [12] */
bool krb_read_error(struct reader members, struct krb_error *ret)
{
	*ret = (struct krb_error){
		.code = der_number(members, 6, -1),
		.client_realm = read_string(members, 7),
		.client = read_name(members, 8),
		.realm = read_string(members, 9),
		.service = read_name(members, 10),
	};
	return ret->code >= 0;
}

bool krb_open_passwd(struct bytes message, struct bytes *ret_ap, struct bytes *ret_rest)
{
	struct reader r = reader_open(message);
	size_t size = reader_u16(&r);
	unsigned version = reader_u16(&r);
	struct bytes ap = reader_take16(&r);

	/* 0xff80 is that of RFC 3244, 1 that of the protocol before it, and of replies. */
	if (!reader_ok(&r) || size != message.size || (version != 1 && version != 0xff80))
		return false;
	*ret_ap = ap;
	*ret_rest = reader_rest(&r);
	return true;
}
