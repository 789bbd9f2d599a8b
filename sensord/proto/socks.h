/* SPDX-License-Identifier: BSD-2-Clause
 * What the files of the SOCKS parser share: the state of one exchange, the messages of either version, and what is told. */
#ifndef PROTO_SOCKS_H
#define PROTO_SOCKS_H

#include "base/text.h"
#include "proto/protocol.h"

#define SOCKS_NAME 256      /* user or host with its zero: one byte of length (version 4 ends names with a zero) */
#define SOCKS_METHODS 16    /* methods offered in a greeting; RFC 1928 and IANA know ten */

enum { METHOD_NONE = 0, METHOD_GSSAPI = 1, METHOD_PASSWORD = 2, METHOD_REFUSED = 0xff };
enum { COMMAND_CONNECT = 1, COMMAND_BIND = 2, COMMAND_ASSOCIATE = 3 };

enum socks_step {
	SOCKS_ON,   /* a message was read */
	SOCKS_WAIT, /* more bytes are needed, or nothing more is read */
	SOCKS_BAD,
};

/* What the server sends next. The client's messages tell by their first byte what they are. */
enum due { DUE_METHOD, DUE_LOGON, DUE_REPLY, DUE_SECOND_REPLY, DUE_NOTHING };

struct socks {
	uint64_t time_ns, packet;             /* of the request, of the greeting before it is there */
	uint64_t logon_time_ns, logon_packet; /* of user and password */
	enum side asker;
	enum due due;
	uint8_t version;                      /* 0: nothing read yet */
	uint8_t command;                      /* 0: no request yet */
	uint8_t method, n_offered, offered[SOCKS_METHODS];
	bool confirmed, told, method_known, logon_seen, over;
	uint16_t port, user_size, host_size;
	char user[SOCKS_NAME], host[SOCKS_NAME];
};

/* socks_tell.c */
void socks_keep_name(char *into, uint16_t *ret_size, struct bytes wire);
void socks_keep_address(struct socks *s, struct bytes octets); /* 4 or 16 */
/* The request has come: its time is the record's. */
void socks_begin(struct parse *p, struct socks *s, uint8_t command, uint16_t port);
/* Once for an exchange. reply: -1 where the server gave none. */
void socks_tell(struct parse *p, struct socks *s, int reply, const char *outcome);
/* RFC 1929; only where user and password were sent and not answered yet. */
void socks_tell_logon(struct parse *p, struct socks *s, const char *outcome);
/* A reply to the request, under the version's own number: tells it, and opens the tunnel that was granted. */
enum socks_step socks_replied(struct parse *p, struct socks *s, uint8_t number, bool granted);

/* socks4.c, socks5.c: the next message of either side, and what begins as the client's first. */
enum socks_step socks4_client(struct parse *p, struct socks *s, struct reader *r);
enum socks_step socks4_server(struct parse *p, struct socks *s, struct reader *r);
enum probe socks4_probe(struct bytes start);
enum socks_step socks5_client(struct parse *p, struct socks *s, struct reader *r);
enum socks_step socks5_server(struct parse *p, struct socks *s, struct reader *r);
enum probe socks5_probe(struct bytes start);

#endif
