/* SPDX-License-Identifier: BSD-2-Clause
 * Kerberos messages out of DER (RFC 4120 section 5 and appendix A; RFC 6113 section 5.4; MS-SFU 2.2). */
#include "krb.h"

#include "base/attributes.h"

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

static int64_t read_number(struct reader member, int64_t otherwise)
{
	int64_t value = otherwise;

	return der_integer(der_expect(&member, DER_INTEGER), &value) ? value : otherwise;
}

/* PrincipalName ::= SEQUENCE { name-type [0], name-string [1] SEQUENCE OF GeneralString } */
static struct krb_name read_name(struct reader member)
{
	UNINITIALIZED struct reader m[2];

	der_split(der_expect(&member, DER_SEQUENCE), m, ARRAY_SIZE(m));
	struct reader parts = der_expect(&m[1], DER_SEQUENCE);
	if (!reader_ok(&parts))
		return (struct krb_name){ 0 };
	return (struct krb_name){ true, read_number(m[0], 0), parts };
}

static struct bytes read_string(struct reader member)
{
	struct reader text = der_expect(&member, DER_STRING);

	return reader_rest(&text);
}

/* EncryptedData ::= SEQUENCE { etype [0], kvno [1] OPTIONAL, cipher [2] } */
static int64_t read_sealed(struct reader data, struct bytes *ret_cipher)
{
	UNINITIALIZED struct reader m[3];

	der_split(data, m, ARRAY_SIZE(m));
	struct reader cipher = der_expect(&m[2], DER_OCTETS);
	if (ret_cipher)
		*ret_cipher = reader_rest(&cipher);
	return read_number(m[0], 0);
}

static int64_t sealed_etype(struct reader member)
{
	return read_sealed(der_expect(&member, DER_SEQUENCE), NULL);
}

/* Ticket ::= [APPLICATION 1] SEQUENCE { tkt-vno [0], realm [1], sname [2], enc-part [3] EncryptedData } */
static struct krb_ticket read_ticket(struct reader member)
{
	struct reader ticket = der_expect(&member, DER_APPLICATION + KRB_TICKET);
	struct reader members = der_expect(&ticket, DER_SEQUENCE);
	struct krb_ticket t = { .present = reader_ok(&members) };
	UNINITIALIZED struct reader m[4];

	if (!t.present)
		return t;
	der_split(members, m, ARRAY_SIZE(m));
	t.realm = read_string(m[1]);
	t.service = read_name(m[2]);
	t.etype = read_sealed(der_expect(&m[3], DER_SEQUENCE), &t.cipher);
	return t;
}

/* AP-REQ ::= [APPLICATION 14] SEQUENCE { pvno [0], msg-type [1], ap-options [2], ticket [3], authenticator [4] } */
bool krb_read_ap_request(struct reader members, struct krb_ap_request *ret)
{
	UNINITIALIZED struct reader m[5];

	der_split(members, m, ARRAY_SIZE(m));
	*ret = (struct krb_ap_request){ read_ticket(m[3]), sealed_etype(m[4]) };
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

	UNINITIALIZED struct reader m[3];

	der_split(one, m, ARRAY_SIZE(m));
	*ret_type = read_number(m[1], 0);
	*ret_value = der_expect(&m[2], DER_OCTETS);
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
		q->preauth_etype = read_sealed(der_expect(&sequence, DER_SEQUENCE), NULL);
		break;
	case PA_PAC_REQUEST: {
		struct reader flag = der_member(der_expect(&sequence, DER_SEQUENCE), 0, DER_BOOLEAN);
		q->pac_asked = reader_left(&flag) == 1;
		q->pac_wanted = reader_peek(&flag) != 0;
		break;
	}
	case PA_FOR_USER:
		q->for_user = read_name(der_find(der_expect(&sequence, DER_SEQUENCE), DER_CONTEXT));
		break;
	case PA_S4U_X509_USER: /* S4UUserID [0] SEQUENCE { nonce [0], cname [1] OPTIONAL … } */
		if (!q->for_user.present)
			q->for_user = read_name(der_find(der_member(der_expect(&sequence, DER_SEQUENCE), 0, DER_SEQUENCE),
							 DER_CONTEXT + 1));
		break;
	case PA_FX_FAST:
		q->armor = read_armor(value);
		break;
	default:
		break;
	}
}

/* KDCOptions: a BIT STRING whose first byte tells its unused bits. */
static uint32_t read_options(struct reader member)
{
	struct reader bits = der_expect(&member, DER_BIT_STRING);
	uint32_t v = 0;

	reader_skip(&bits, 1);
	for (int shift = 24; shift >= 0 && reader_left(&bits) > 0; shift -= 8)
		v |= (uint32_t)reader_u8(&bits) << shift;
	return v;
}

/* KDC-REQ ::= SEQUENCE { pvno [1], msg-type [2], padata [3] OPTIONAL, req-body [4] } */
bool krb_read_request(enum krb_kind kind, struct reader members, struct krb_request *ret)
{
	struct reader m[5], b[10], value;
	int64_t type;

	der_split(members, m, ARRAY_SIZE(m));
	struct reader body = der_expect(&m[4], DER_SEQUENCE);
	if (!reader_ok(&body))
		return false;
	der_split(body, b, ARRAY_SIZE(b));
	*ret = (struct krb_request){
		.kind = kind,
		.options = read_options(b[0]),
		.client = read_name(b[1]),
		.realm = read_string(b[2]),
		.service = read_name(b[3]),
		.etypes = der_expect(&b[8], DER_SEQUENCE),
		.addresses = der_expect(&b[9], DER_SEQUENCE),
		.padata = der_expect(&m[3], DER_SEQUENCE),
	};
	struct reader list = ret->padata;
	for (int i = 0; i < KRB_READ && reader_left(&list) > 0 && krb_next_padata(&list, &type, &value); i++)
		read_padata(type, value, ret);
	return true;
}

/* KDC-REP ::= SEQUENCE { pvno [0], msg-type [1], padata [2] OPTIONAL, crealm [3], cname [4], ticket [5], enc-part [6] } */
bool krb_read_reply(enum krb_kind kind, struct reader members, struct krb_reply *ret)
{
	UNINITIALIZED struct reader m[7];

	der_split(members, m, ARRAY_SIZE(m));
	*ret = (struct krb_reply){
		.kind = kind,
		.realm = read_string(m[3]),
		.client = read_name(m[4]),
		.ticket = read_ticket(m[5]),
		.etype = sealed_etype(m[6]),
	};
	return ret->ticket.present || ret->client.present;
}

/* KRB-ERROR: … error-code [6], crealm [7], cname [8], realm [9], sname [10], e-text [11], e-data [12] */
bool krb_read_error(struct reader members, struct krb_error *ret)
{
	UNINITIALIZED struct reader m[11];

	der_split(members, m, ARRAY_SIZE(m));
	*ret = (struct krb_error){
		.code = read_number(m[6], -1),
		.client_realm = read_string(m[7]),
		.client = read_name(m[8]),
		.realm = read_string(m[9]),
		.service = read_name(m[10]),
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
