/* SPDX-License-Identifier: BSD-2-Clause
 * What the files of the TLS stream share: the state of a connection, the walk over records, and what is told. */
#ifndef PROTO_TLS_STREAM_H
#define PROTO_TLS_STREAM_H

#include "proto/protocol.h"
#include "tls.h"

#define RECORD_HEADER 5
#define RECORD_MAX (16384 + 2048) /* RFC 5246 section 6.2.3 */

enum { CHANGE_CIPHER_SPEC = 20, ALERT = 21, HANDSHAKE = 22, APPLICATION = 23, HEARTBEAT = 24 };
enum { HELLO_REQUEST = 0, CLIENT_HELLO = 1, SERVER_HELLO = 2, NEW_SESSION_TICKET = 4, CERTIFICATE = 11, LAST_MESSAGE = 24 };

enum tls_step {
	STEP_ON,   /* something was consumed */
	STEP_WAIT, /* more bytes are needed, or the side is done */
	STEP_BAD,
};

struct tls_side {
	uint32_t left; /* bytes of the readable handshake record under way */
	uint32_t pass; /* bytes of the handshake message under way that nobody wants */
	uint8_t records;
	bool hidden;   /* encrypted from here on */
};

struct tls {
	struct tls_side sides[2];
	struct record *pending; /* the ClientHello whose server part is not known yet */
	uint64_t time_ns, packet;
	uint8_t session_size, session[32];
	enum side asker; /* who sent the ClientHello; meaningless before `asked` */
	bool asked, confirmed, retry;
};

/* RFC 5246 appendix E.2: the ClientHello of version 2 that offers something newer, or version 2 itself. */
struct tls_v2_hello {
	size_t size; /* of the message behind its two bytes of length */
	uint16_t version, cipher_size, session_size, challenge_size;
};

/* tls_probe.c */
/* The first up to five bytes could be a record header. */
bool tls_header_like(struct bytes b);
bool tls_v2_like(struct bytes start, struct tls_v2_hello *ret);
/* A hello of `size` bytes: type, three bytes of length, version; as far as these stand in what is there. */
enum probe tls_probe_hello(struct bytes hello, size_t size);
enum probe tls_probe(enum side side, struct bytes start);
enum speaker tls_speaker(struct bytes start);

/* tls_walk.c */
/* Where a handshake message may run on over the headers of further records. */
struct tls_walk {
	struct reader r;
	uint32_t left;
	size_t missing; /* STEP_WAIT: bytes that have to follow at least */
	unsigned records;
};
/* The next n bytes of handshake content: in place, or gathered into room where they lie in several records. */
enum tls_step tls_gather(struct tls_walk *w, size_t n, uint8_t *room, struct bytes *ret);

/* tls_tell.c */
/* Begins a new `tls` record at the packet under way; one before it that no server answered is told. */
struct record *tls_tell_begin(struct parse *p, struct tls *t);
/* A blank record at the time of the ClientHello with what is known of it; NULL where none waits. */
struct record *tls_tell_again(struct parse *p, const struct tls *t);
/* Keeps r as the ClientHello that waits; tells it at once where there is no memory to wait. */
void tls_tell_keep(struct parse *p, struct tls *t, struct record *r);
/* Tells the ClientHello, if one waits. */
void tls_tell(struct parse *p, struct tls *t);
void tls_set_version(struct record *r, uint16_t version);
void tls_set_client(struct record *r, const struct tls_hello *hello);
void tls_set_server(struct record *r, const struct tls *t, const struct tls_hello *hello);

#endif
