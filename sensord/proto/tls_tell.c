/* SPDX-License-Identifier: BSD-2-Clause
 * What is told of TLS: one `tls` record per ClientHello, which waits until the server's part is known. */
#include "tls_stream.h"

#define ALPN_NAMES 32

struct record *tls_tell_again(struct parse *p, const struct tls *t)
{
	struct record *r = parse_record_at(p, DATASET_TLS, t->time_ns, t->packet);

	if (r && t->pending)
		record_merge(r, t->pending);
	return r;
}

void tls_tell(struct parse *p, struct tls *t)
{
	if (!t->pending)
		return;
	struct record *r = tls_tell_again(p, t);
	if (r)
		parse_emit(p, r);
	parse_charge_record(p, NULL, t->pending);
	record_free(t->pending);
	t->pending = NULL;
}

void tls_tell_keep(struct parse *p, struct tls *t, struct record *r)
{
	struct record *copy = r ? record_copy(r) : NULL;

	parse_charge_record(p, copy, t->pending);
	record_free(t->pending);
	t->pending = copy;
	if (r && !copy)
		parse_emit(p, r);
}

struct record *tls_tell_begin(struct parse *p, struct tls *t)
{
	tls_tell(p, t); /* one before it that no server answered */
	t->time_ns = parse_time_ns(p);
	t->packet = parse_packet(p);
	return parse_record(p, DATASET_TLS);
}

void tls_set_version(struct record *r, uint16_t version)
{
	record_set_string(r, FIELD_TLS_VERSION, tls_version_name(version));
	record_set_string(r, FIELD_TLS_VERSION_PROTOCOL, version <= 0x0300 ? "ssl" : "tls");
}

void tls_set_client(struct record *r, const struct tls_hello *hello)
{
	struct reader names = reader_open(hello->alpn);
	struct bytes name;
	char ja3[JA3_TEXT], ja4[JA4_TEXT];

	record_printf(r, FIELD_TLS_CLIENT_VERSION, "0x%04x", hello->version);
	tls_set_version(r, hello->top_version);
	if (hello->server_name.size > 0)
		record_set_wire(r, FIELD_TLS_CLIENT_SERVER_NAME, hello->server_name);
	for (unsigned i = 0; i < ALPN_NAMES && tls_alpn(&names, &name); i++) {
		char room[256];
		struct text utf8 = TEXT_ON(room);
		text_utf8(&utf8, name);
		record_add_text(r, FIELD_TLS_CLIENT_ALPN, text_bytes(&utf8));
	}
	if (hello->encrypted_hello)
		record_set_bool(r, FIELD_TLS_CLIENT_ECH, true);
	if (tls_ja3(hello, ja3))
		record_set_string(r, FIELD_TLS_CLIENT_JA3, ja3);
	if (tls_ja4(hello, 't', ja4))
		record_set_string(r, FIELD_TLS_CLIENT_JA4, ja4);
}

/* RFC 8446 section 4.2.11: the server took up a key of before; RFC 5246 section 7.4.1.3: it repeats the session id. */
static bool is_resumed(const struct tls *t, const struct tls_hello *hello)
{
	if (hello->top_version >= 0x0304)
		return hello->pre_shared_key;
	return t->session_size > 0 && bytes_equal(hello->session, bytes_of(t->session, t->session_size));
}

void tls_set_server(struct record *r, const struct tls *t, const struct tls_hello *hello)
{
	struct reader names = reader_open(hello->alpn);
	struct reader cipher = reader_open(hello->ciphers);
	struct bytes name;
	char ja3s[JA3_TEXT];

	record_printf(r, FIELD_TLS_CIPHER, "0x%04x", reader_u16(&cipher));
	tls_set_version(r, hello->top_version);
	if (tls_alpn(&names, &name))
		record_set_wire(r, FIELD_TLS_NEXT_PROTOCOL, name);
	record_set_bool(r, FIELD_TLS_RESUMED, is_resumed(t, hello));
	if (tls_ja3s(hello, ja3s))
		record_set_string(r, FIELD_TLS_SERVER_JA3S, ja3s);
}
