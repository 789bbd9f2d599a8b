/* SPDX-License-Identifier: BSD-2-Clause
 * What the files of the HTTP/1.x parser share: http.c turns bytes into heads and bodies, http_head.c reads a head,
 * http_probe.c recognises one, http_url.c takes a target apart, http_auth.c reads credentials and keeps who is logged
 * on, http_pair.c joins requests to responses and tells them. */
#ifndef SENSORD_PROTO_HTTP_H
#define SENSORD_PROTO_HTTP_H

#include "proto/protocol.h"

/* --- a head --- */

/* Fields that somebody reads; of repeated ones the first counts. */
enum http_field {
	HTTP_AUTHORIZATION,
	HTTP_CONTENT_LENGTH,
	HTTP_CONTENT_TYPE,
	HTTP_COOKIE,
	HTTP_HOST,
	HTTP_PROXY_AUTHORIZATION,
	HTTP_PROXY_CONNECTION,
	HTTP_REFERER,
	HTTP_SERVER,
	HTTP_TRANSFER_ENCODING,
	HTTP_UPGRADE,
	HTTP_USER_AGENT,
	HTTP_FIELDS,
	HTTP_PROXY_AUTHENTICATE, /* kept in challenges[] */
	HTTP_WWW_AUTHENTICATE,
};

/* Who asks for a credential: the proxy (407) or the server behind it (401). */
enum http_door { HTTP_PROXY_DOOR, HTTP_SERVER_DOOR, HTTP_DOORS };

#define HTTP_CHALLENGES 6 /* field lines with challenges read of one head and door */

struct http_head {
	struct bytes start; /* the start line */
	struct bytes values[HTTP_FIELDS];
	struct bytes challenges[HTTP_DOORS][HTTP_CHALLENGES];
	uint8_t n_challenges[HTTP_DOORS];
	bool lengths_differ; /* of several Content-Length: where the body ends is anybody's guess */
};

/* Size of the head that stands at the start of b, with its blank line; 0 where its end is not there yet. *scanned is
 * how far an earlier call with the same start came. */
size_t http_head_size(struct bytes b, uint32_t *scanned);
/* whole: as http_head_size found it. Overlong and broken lines are left out. */
void http_head_read(struct bytes whole, struct http_head *ret);
/* Sets a field of the record to a value, its folds (RFC 9112 section 5.2) joined by a space, at most `max` bytes. */
void http_set_value(struct record *r, enum field f, struct bytes value, size_t max);
/* The part of b before any of the characters in `stops`. */
struct bytes http_until(struct bytes b, const char *stops);

/* --- recognition --- */

enum probe http_probe_request(struct bytes start);
enum probe http_probe_response(struct bytes start);
/* Offset of the first thing in b that looks like the start of a message; *keep is how many last bytes of b must be
 * looked at again where there is none (SIZE_MAX). */
size_t http_find_request(struct bytes b, size_t *keep);
size_t http_find_response(struct bytes b, size_t *keep);

/* --- target --- */

enum http_form { HTTP_ORIGIN, HTTP_ABSOLUTE, HTTP_AUTHORITY, HTTP_ASTERISK };

enum http_form http_form(bool connect, struct bytes target);
/* The path of a target of HTTP_ORIGIN, as url.path has it unless it is long or odd. */
struct bytes http_path(struct bytes target);
void http_url_tell(struct record *r, enum http_form form, struct bytes target, struct bytes host);
/* Host of "user@host:port" without brackets; *port is set where one stands there (else left). */
struct bytes http_authority(struct bytes authority, uint64_t *port);

/* --- credentials --- */

enum http_scheme { HTTP_NO_SCHEME, HTTP_BASIC, HTTP_DIGEST, HTTP_NTLM, HTTP_NEGOTIATE, HTTP_OTHER_SCHEME };

enum http_stage {
	HTTP_NO_CREDENTIAL,
	HTTP_OPENING, /* NTLM NEGOTIATE: nothing proved yet */
	HTTP_TOKEN,   /* a Negotiate token that is not NTLM: may be the last or be followed by another */
	HTTP_FINAL,   /* Basic, Digest, NTLM AUTHENTICATE, unknown schemes: one answer decides */
};

struct http_credential {
	uint8_t scheme; /* enum http_scheme */
	uint8_t stage;  /* enum http_stage */
};

enum http_verdict { HTTP_NONE, HTTP_HANDSHAKE, HTTP_FAILURE, HTTP_SUCCESS, HTTP_UNKNOWN };

/* What the connection itself is authenticated as (NTLM and Negotiate: MS-NTHT, RFC 4559). */
struct http_login {
	struct record *identity; /* user.name, user.domain, auth.workstation; may be NULL */
	bool authenticated;
	bool unknown; /* it may have been, before the capture or in a gap */
};

#define HTTP_TOLD 4 /* logons told of one connection, remembered so that they are told once */

/* --- the connection --- */

struct http_request {
	struct http_request *next;
	struct record *record; /* as much of the pair's record as the request gives; NULL where nobody asks */
	struct record *envelope; /* WinRM: what the body in clear says; may be NULL */
	struct bytes kept;     /* the head itself, owned, where it is read again only if its answer makes somebody ask */
	struct record *login;  /* of Authorization, where a proxy's credential took the place in `record` */
	uint64_t time_ns, packet;
	struct http_credential credentials[HTTP_DOORS];
	bool cut;      /* the end of its head is not there: fields that are not seen may have been sent */
	bool head, connect, proxy;
	bool unasked; /* nobody wants a record of kind http of it */
	uint16_t interim; /* latest 1xx status that came before its answer; 0: none */
};

enum http_phase {
	HTTP_HEAD,
	HTTP_HEAD_REST,   /* of a head that was too large */
	HTTP_CHUNK,       /* a chunk's size line */
	HTTP_CHUNK_END,   /* the line end behind a chunk */
	HTTP_TRAILER,
	HTTP_UNTIL_CLOSE,
	HTTP_HELD,        /* behind a CONNECT that has no answer yet */
	HTTP_ENVELOPE,    /* WinRM: a body that is read */
	HTTP_LOST,        /* looking for the next message */
};

/* HTTP_IN_DOUBT: several lengths; what the receiver takes for the next message is anybody's guess. */
enum http_body { HTTP_NO_BODY, HTTP_SIZED, HTTP_CHUNKED, HTTP_TO_THE_END, HTTP_TUNNEL, HTTP_IN_DOUBT, HTTP_SOAP, HTTP_NOT_A_HEAD };

struct http_framing {
	enum http_body body;
	uint64_t size; /* HTTP_SIZED, HTTP_SOAP */
};

struct http_side {
	uint8_t phase; /* enum http_phase */
	bool begun;
	bool plausible; /* the start of this head was looked at */
	bool versioned; /* its line has ended, and is none of HTTP/0.9 */
	bool in_line;   /* HTTP_HEAD_REST: inside a line */
	bool doubted;   /* its lengths contradicted each other: none is believed any more */
	uint8_t after;  /* HTTP_HEAD_REST: enum http_body that follows */
	uint32_t scanned;
	uint32_t garbage; /* bytes looked through in HTTP_LOST */
	uint64_t size;    /* HTTP_HEAD_REST, HTTP_ENVELOPE: of the body that follows */
};

struct http {
	struct http_side sides[2];
	struct http_request *first, *last; /* requests without their response */
	uint16_t n_waiting;
	bool confirmed;
	bool lost_answers; /* a gap may hold responses */
	bool head_cut;     /* the head under way is the first part of one */
	struct http_login logins[HTTP_DOORS];
	uint64_t told[HTTP_TOLD];
	uint8_t next_told;
};

/* A record to build in, of any kind that is asked for; NULL where none is. */
struct record *http_scratch(struct parse *p);

struct http_framing http_request_seen(struct parse *p, struct http *http, struct bytes whole);
struct http_framing http_response_seen(struct parse *p, struct http *http, struct bytes whole);
void http_request_free(struct http_request *q);
/* Tells the oldest waiting request as never answered, and forgets it. */
void http_unanswered(struct parse *p, struct http *http);
/* The oldest waiting request is a CONNECT whose answer the capture does not hold, but the tunnel runs. */
void http_assume_tunnel(struct parse *p, struct http *http);

/* Reads a value of (Proxy-)Authorization: what it is, and into r (may be NULL) who. */
struct http_credential http_credential_read(struct parse *p, enum http_door door, struct bytes value, struct record *r);
/* Adds the schemes of the head's challenges to r, and what NTLM tells in them. */
void http_challenges_tell(struct parse *p, const struct http_head *head, struct record *r);
/* What an answer (status 0: none) means for a credential. head: of the answer; NULL without one. */
enum http_verdict http_judge(struct http_credential c, enum http_door door, unsigned status,
			     const struct http_head *head);
/* Sets user and proxy.auth.* of the pair's record; to be called before http_login_learn. */
void http_login_tell(const struct http *http, const struct http_request *q,
		     const enum http_verdict verdicts[HTTP_DOORS], unsigned status, struct record *r);
/* Brings the connection's state up to date and emits the `auth` record of a decided attempt. */
void http_login_learn(struct parse *p, struct http *http, const struct http_request *q, enum http_door door,
		      enum http_verdict verdict, unsigned status);

/* --- WinRM --- */

bool http_is_winrm(const struct http_request *q);
/* The request's body is an envelope to be read: HTTP_SOAP. */
bool http_winrm_target(struct bytes target);
bool http_winrm_reads(const struct http_request *q, struct http_framing framing);
void http_winrm_envelope(struct parse *p, struct http_request *q, struct bytes xml);
void http_winrm_tell(struct parse *p, const struct http *http, const struct http_request *q,
		     const enum http_verdict verdicts[HTTP_DOORS], unsigned status);

#endif
