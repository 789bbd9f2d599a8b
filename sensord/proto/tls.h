/* SPDX-License-Identifier: BSD-2-Clause
 * The parts of the TLS parser: hello messages (RFC 8446 section 4.1, RFC 5246 section 7.4.1), fingerprints, the server's
 * certificate. All of them are pure: bytes in, values out. */
#ifndef PROTO_TLS_H
#define PROTO_TLS_H

#include "base/reader.h"
#include "base/text.h"
#include "record/record.h"

#define TLS_EXT_SERVER_NAME 0x0000
#define TLS_EXT_GROUPS 0x000a
#define TLS_EXT_POINT_FORMATS 0x000b
#define TLS_EXT_SIGNATURES 0x000d
#define TLS_EXT_ALPN 0x0010
#define TLS_EXT_PRE_SHARED_KEY 0x0029
#define TLS_EXT_VERSIONS 0x002b
#define TLS_EXT_ENCRYPTED_HELLO 0xfe0d

/* What a ClientHello or a ServerHello says; views into the message. */
struct tls_hello {
	uint16_t version;         /* legacy_version */
	struct bytes session;     /* legacy_session_id */
	struct bytes ciphers;     /* two bytes each; the one chosen in a ServerHello */
	struct bytes extensions;  /* the whole block without its length */
	bool has_extensions;
	struct bytes server_name; /* client: first host_name of RFC 6066 section 3 */
	struct bytes alpn;        /* list of names, one byte of length before each */
	struct bytes groups, signatures; /* two bytes each */
	struct bytes formats;            /* one byte each */
	uint16_t top_version;     /* client: highest offered; server: agreed */
	bool has_server_name, pre_shared_key, encrypted_hello;
	bool retry;               /* server: this is a HelloRetryRequest (RFC 8446 section 4.1.3) */
};

/* body: the handshake message without its four bytes of header. Extensions that break off are read as far as they go.
 * False where the fixed part is not a hello. */
bool tls_hello_client(struct bytes body, struct tls_hello *ret) MUST_CHECK;
bool tls_hello_server(struct bytes body, struct tls_hello *ret) MUST_CHECK;
/* The next extension of a block; false at its end or where it breaks off. */
bool tls_extension(struct reader *block, uint16_t *ret_type, struct bytes *ret_body) MUST_CHECK;
/* The next name of an ALPN list; false at its end. */
bool tls_alpn(struct reader *list, struct bytes *ret) MUST_CHECK;
/* RFC 8701: values that mean nothing. */
bool tls_is_grease(uint16_t v);
/* "1.3", "3.0" …; NULL where there is no such version. */
const char *tls_version_name(uint16_t version);

#define JA3_TEXT 33 /* with its zero */
#define JA4_TEXT 37
/* False where the hello is larger than any fingerprint is defined for in practice, or the digest is not available. */
bool tls_ja3(const struct tls_hello *hello, char ret[JA3_TEXT]) MUST_CHECK;
bool tls_ja3s(const struct tls_hello *hello, char ret[JA3_TEXT]) MUST_CHECK;
/* carrier: 't' TCP, 'q' QUIC, 'd' DTLS. */
bool tls_ja4(const struct tls_hello *hello, char carrier, char ret[JA4_TEXT]) MUST_CHECK;
/* The texts that are hashed for JA3 and JA3S. False where they did not fit. */
bool tls_ja3_text(const struct tls_hello *hello, struct text *out) MUST_CHECK;
bool tls_ja3s_text(const struct tls_hello *hello, struct text *out) MUST_CHECK;

/* Sets tls.server.* of an X.509 certificate (RFC 5280 section 4.1). False, and nothing set, where it is none. */
bool tls_certificate(struct bytes der, uint64_t now_ns, struct record *into) MUST_CHECK;

#endif
