/* SPDX-License-Identifier: BSD-2-Clause
 * The far end of a socket: the local syslog socket, UDP, TCP, TLS. Nothing here waits but through a waiter. */
#ifndef OUTPUT_PEER_H
#define OUTPUT_PEER_H

#include <sys/types.h>

#include "kind.h"

enum peer_kind { PEER_LOCAL, PEER_UDP, PEER_TCP, PEER_TLS };

struct peer;

/* Reads the target ("local", "local:/path", "udp://HOST[:PORT]", "tcp://…", "tls://…") and, for tls, the PEM files. */
struct peer *peer_new(const struct output_settings *s, struct error *err) MUST_CHECK;
void peer_free(struct peer *p);
enum peer_kind peer_kind(const struct peer *p);
const char *peer_name(const struct peer *p);
bool peer_connect(struct peer *p, const struct waiter *w, struct error *err) MUST_CHECK;
void peer_disconnect(struct peer *p);
int peer_fd(const struct peer *p);
/* Bytes taken; 0: none now; -1: gone or, for a datagram, impossible: err says why, *ret_refused that only this one is. */
ssize_t peer_write(struct peer *p, struct bytes b, bool *ret_refused, struct error *err);
/* False where the peer has closed or reset: err says how. */
bool peer_lives(struct peer *p, struct error *err);
/* Bytes handed to the kernel, and those of them that the peer's kernel has confirmed; streams only. */
uint64_t peer_written(const struct peer *p);
uint64_t peer_confirmed(const struct peer *p);

#endif
