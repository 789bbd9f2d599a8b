/* SPDX-License-Identifier: BSD-2-Clause
 * The server's certificate (RFC 5280 section 4.1), read by a bounded walk over its DER (X.690): few values are needed,
 * nothing is verified, and a walk over a view allocates nothing and keeps hostile certificates away from a general
 * ASN.1 decoder. Names are written as in RFC 4514. */
#include "tls.h"

#include "base/instant.h"

#define CERT_RDNS 32       /* relative names in one name */
#define CERT_NAME_TEXT 1024 /* bytes of a name as text */
#define CERT_ELEMENTS 256  /* extensions, and names in one of them, that are looked at */
#define CERT_SERIAL 64     /* bytes of a serial number (RFC 5280 allows 20) */

#define DER_INTEGER 0x02
#define DER_OID 0x06
#define DER_UTC_TIME 0x17
#define DER_GENERALIZED_TIME 0x18
#define DER_BMP_STRING 0x1e
#define DER_BOOLEAN 0x01
#define DER_OCTETS 0x04
#define DER_SEQUENCE 0x30
#define DER_SET 0x31
#define DER_CONTEXT_0 0xa0
#define DER_CONTEXT_3 0xa3
#define DER_DNS_NAME 0x82 /* GeneralName, [2] implicit */

/* The next element; a failed reader where it breaks off or its length is indefinite. */
static struct reader der(struct reader *r, uint8_t *ret_tag)
{
	*ret_tag = reader_u8(r);
	size_t size = reader_u8(r);

	if (size & 0x80) {
		unsigned n = size & 0x7f;
		if (n == 0 || n > 4)
			reader_fail(r);
		size = 0;
		for (unsigned i = 0; i < n && reader_ok(r); i++)
			size = size << 8 | reader_u8(r);
	}
	return reader_sub(r, size);
}

/* The next element, which must have that tag: otherwise r fails. */
static struct reader der_tagged(struct reader *r, uint8_t tag)
{
	uint8_t found;
	struct reader content = der(r, &found);

	if (found != tag) {
		reader_fail(r);
		reader_fail(&content);
	}
	return content;
}

struct attribute {
	uint8_t size;
	uint8_t oid[11];
	char name[14];
};

/* RFC 4514 section 3, and what browsers and OpenSSL call the rest. */
static const struct attribute attributes[] = {
	{ 3, { 0x55, 4, 3 }, "CN" },
	{ 3, { 0x55, 4, 5 }, "serialNumber" },
	{ 3, { 0x55, 4, 6 }, "C" },
	{ 3, { 0x55, 4, 7 }, "L" },
	{ 3, { 0x55, 4, 8 }, "ST" },
	{ 3, { 0x55, 4, 9 }, "STREET" },
	{ 3, { 0x55, 4, 10 }, "O" },
	{ 3, { 0x55, 4, 11 }, "OU" },
	{ 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1 }, "emailAddress" },
	{ 10, { 0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1 }, "UID" },
	{ 10, { 0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25 }, "DC" },
};

static void print_oid(struct text *out, struct bytes oid)
{
	uint64_t arc = 0;
	bool first = true;

	for (size_t i = 0; i < oid.size; i++) {
		arc = arc << 7 | (oid.at[i] & 0x7f);
		if (oid.at[i] & 0x80)
			continue;
		if (first)
			text_printf(out, "%u.%llu", arc < 80 ? (unsigned)(arc / 40) : 2,
				    (unsigned long long)(arc < 80 ? arc % 40 : arc - 80));
		else
			text_printf(out, ".%llu", (unsigned long long)arc);
		first = false;
		arc = 0;
	}
}

static void print_type(struct text *out, struct bytes oid)
{
	for (size_t i = 0; i < ARRAY_SIZE(attributes); i++) {
		if (bytes_equal(oid, bytes_of(attributes[i].oid, attributes[i].size))) {
			text_string(out, attributes[i].name);
			return;
		}
	}
	print_oid(out, oid);
}

/* RFC 4514 section 2.4. */
static void print_escaped(struct text *out, struct bytes value)
{
	for (size_t i = 0; i < value.size; i++) {
		char c = (char)value.at[i];
		bool edge = (i == 0 && (c == ' ' || c == '#')) || (i == value.size - 1 && c == ' ');
		if (edge || (c != '\0' && strchr(",+\"\\<>;", c)))
			text_char(out, '\\');
		text_char(out, c);
	}
}

static void print_value(struct text *out, uint8_t tag, struct bytes value)
{
	char room[CERT_NAME_TEXT];
	struct text utf8 = TEXT_ON(room);

	if (tag == DER_BMP_STRING) {
		uint8_t swapped[CERT_NAME_TEXT];
		size_t n = value.size < sizeof(swapped) ? value.size & ~(size_t)1 : sizeof(swapped);
		for (size_t i = 0; i < n; i++)
			swapped[i] = value.at[i ^ 1];
		text_utf16le(&utf8, bytes_of(swapped, n));
	} else {
		text_utf8(&utf8, value);
	}
	print_escaped(out, text_bytes(&utf8));
}

/* One relative name: a set of attributes, joined by plus signs. */
static void print_rdn(struct text *out, struct reader set)
{
	bool first = true;

	while (reader_left(&set) > 0) {
		struct reader pair = der_tagged(&set, DER_SEQUENCE);
		struct reader oid = der_tagged(&pair, DER_OID);
		uint8_t tag;
		struct reader value = der(&pair, &tag);
		if (!reader_ok(&value) || !reader_ok(&oid))
			return;
		if (!first)
			text_char(out, '+');
		first = false;
		print_type(out, reader_rest(&oid));
		text_char(out, '=');
		print_value(out, tag, reader_rest(&value));
	}
}

/* Last relative name first (RFC 4514 section 2.1). */
static void set_name(struct record *into, enum field f, struct reader name)
{
	char room[CERT_NAME_TEXT];
	struct text out = TEXT_ON(room);
	struct reader sets[CERT_RDNS];
	size_t n = 0;

	while (reader_left(&name) > 0 && n < CERT_RDNS) {
		sets[n] = der_tagged(&name, DER_SET);
		if (reader_ok(&sets[n]))
			n++;
	}
	while (n-- > 0) {
		print_rdn(&out, sets[n]);
		if (n > 0)
			text_char(&out, ',');
	}
	record_set_wire(into, f, text_bytes(&out));
}

static void set_serial(struct record *into, struct bytes serial)
{
	static const char hex[] = "0123456789ABCDEF";
	char room[2 * CERT_SERIAL];
	struct text out = TEXT_ON(room);

	if (serial.size > 1 && serial.at[0] == 0) /* a sign byte, no part of the number */
		serial = bytes_of(serial.at + 1, serial.size - 1);
	for (size_t i = 0; i < serial.size && i < CERT_SERIAL; i++) {
		text_char(&out, hex[serial.at[i] >> 4]);
		text_char(&out, hex[serial.at[i] & 15]);
	}
	record_set_text(into, FIELD_TLS_SERVER_SERIAL, text_bytes(&out));
}

static bool digits(struct reader *r, size_t n, uint64_t *ret)
{
	return bytes_decimal(reader_take(r, n), 9999, ret);
}

/* RFC 5280 section 4.1.2.5: YYMMDDHHMMSSZ before 2050, YYYYMMDDHHMMSSZ from then on. */
static bool read_time(struct reader r, uint8_t tag, uint64_t *ret_ns)
{
	uint64_t year, month, day, hour, minute, second;

	if (tag != DER_UTC_TIME && tag != DER_GENERALIZED_TIME)
		return false;
	if (!digits(&r, tag == DER_UTC_TIME ? 2 : 4, &year) || !digits(&r, 2, &month) || !digits(&r, 2, &day) ||
	    !digits(&r, 2, &hour) || !digits(&r, 2, &minute) || !digits(&r, 2, &second))
		return false;
	if (tag == DER_UTC_TIME)
		year += year < 50 ? 2000 : 1900;
	if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
		return false;
	int64_t days = instant_days((int)year, (unsigned)month, (unsigned)day);
	uint64_t seconds = days < 0 ? 0 : (uint64_t)days * 86400 + hour * 3600 + minute * 60 + second;
	*ret_ns = seconds > UINT64_MAX / NS_PER_S ? UINT64_MAX : seconds * NS_PER_S; /* 9999-12-31: no end */
	return true;
}

/* ---- whose it is ---- */

/* RFC 6125 section 6.4.3: an asterisk stands for the whole first label. */
static bool name_fits(struct bytes pattern, struct bytes name)
{
	if (pattern.size < 2 || pattern.at[0] != '*' || pattern.at[1] != '.')
		return bytes_equal_nocase(pattern, name);
	struct bytes rest = name;
	struct bytes label = bytes_split(&rest, '.');
	return label.size > 0 && rest.size > 0 && bytes_equal_nocase(bytes_of(pattern.at + 2, pattern.size - 2), rest);
}

/* subjectAltName (RFC 5280 section 4.2.1.6). *ret_any: it holds a name of the DNS. */
static bool alternative_fits(struct reader value, struct bytes name, bool *ret_any)
{
	struct reader list = der_tagged(&value, DER_SEQUENCE);
	bool fits = false;
	uint8_t tag;

	for (int i = 0; i < CERT_ELEMENTS && !fits && reader_left(&list) > 0; i++) {
		struct reader one = der(&list, &tag);
		if (!reader_ok(&one) || tag != DER_DNS_NAME)
			continue;
		*ret_any = true;
		fits = name_fits(reader_rest(&one), name);
	}
	return fits;
}

/* The extensions behind the subject: unique identifiers are passed over. */
static bool extensions_fit(struct reader body, struct bytes name, bool *ret_any)
{
	static const uint8_t alternative[] = { 0x55, 29, 17 };
	uint8_t tag;

	der_tagged(&body, DER_SEQUENCE); /* public key */
	struct reader outer = der(&body, &tag);
	while (reader_ok(&outer) && tag != DER_CONTEXT_3 && reader_left(&body) > 0)
		outer = der(&body, &tag);
	struct reader list = der_tagged(&outer, DER_SEQUENCE);
	for (int i = 0; tag == DER_CONTEXT_3 && i < CERT_ELEMENTS && reader_left(&list) > 0; i++) {
		struct reader extension = der_tagged(&list, DER_SEQUENCE);
		struct reader oid = der_tagged(&extension, DER_OID);
		if (reader_peek(&extension) == DER_BOOLEAN)
			der(&extension, &tag);
		struct reader value = der_tagged(&extension, DER_OCTETS);
		if (!reader_ok(&value))
			return false;
		if (bytes_equal(reader_rest(&oid), bytes_of(alternative, sizeof(alternative))))
			return alternative_fits(value, name, ret_any);
		tag = DER_CONTEXT_3;
	}
	return false;
}

/* The common name counts only where there is no other (RFC 6125 section 6.4.4). */
static bool common_name_fits(struct reader subject, struct bytes name)
{
	static const uint8_t common_name[] = { 0x55, 4, 3 };
	uint8_t tag;

	for (int i = 0; i < CERT_RDNS && reader_left(&subject) > 0; i++) {
		struct reader set = der_tagged(&subject, DER_SET);
		struct reader pair = der_tagged(&set, DER_SEQUENCE);
		struct reader oid = der_tagged(&pair, DER_OID);
		struct reader value = der(&pair, &tag);
		if (reader_ok(&value) && bytes_equal(reader_rest(&oid), bytes_of(common_name, sizeof(common_name))) &&
		    name_fits(reader_rest(&value), name))
			return true;
	}
	return false;
}

static void set_match(struct record *into, struct reader behind_subject, struct reader subject)
{
	struct bytes asked = record_text(into, FIELD_TLS_CLIENT_SERVER_NAME);
	bool any = false;

	if (asked.size == 0)
		return;
	bool fits = extensions_fit(behind_subject, asked, &any);
	record_set_bool(into, FIELD_TLS_SERVER_NAME_MATCHES, fits || (!any && common_name_fits(subject, asked)));
}

bool tls_certificate(struct bytes certificate, uint64_t now_ns, struct record *into)
{
	struct reader all = reader_open(certificate);
	struct reader outer = der_tagged(&all, DER_SEQUENCE);
	struct reader body = der_tagged(&outer, DER_SEQUENCE);
	uint8_t tag;

	if (reader_peek(&body) == DER_CONTEXT_0)
		der(&body, &tag); /* version */
	struct reader serial = der_tagged(&body, DER_INTEGER);
	der_tagged(&body, DER_SEQUENCE); /* signature algorithm */
	struct reader issuer = der_tagged(&body, DER_SEQUENCE);
	struct reader validity = der_tagged(&body, DER_SEQUENCE);
	struct reader subject = der_tagged(&body, DER_SEQUENCE);
	struct reader start = der(&validity, &tag);
	uint64_t not_before = 0;
	bool begins = read_time(start, tag, &not_before);
	struct reader end = der(&validity, &tag);
	uint64_t not_after;
	if (!reader_ok(&body) || !reader_ok(&validity) || !read_time(end, tag, &not_after))
		return false;

	set_serial(into, reader_rest(&serial));
	set_name(into, FIELD_TLS_SERVER_ISSUER, issuer);
	set_name(into, FIELD_TLS_SERVER_SUBJECT, subject);
	set_match(into, body, subject);
	if (begins)
		record_set_uint(into, FIELD_TLS_SERVER_NOT_BEFORE, not_before);
	record_set_uint(into, FIELD_TLS_SERVER_NOT_AFTER, not_after);
	record_set_bool(into, FIELD_TLS_SERVER_SELF_SIGNED, bytes_equal(reader_rest(&issuer), reader_rest(&subject)));
	record_set_bool(into, FIELD_TLS_SERVER_EXPIRED, not_after < now_ns);
	return true;
}
