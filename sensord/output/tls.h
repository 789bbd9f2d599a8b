/* SPDX-License-Identifier: BSD-2-Clause
 * TLS of an output (RFC 5425): the certificate and the host name of the peer are checked unless told otherwise. */
#ifndef OUTPUT_TLS_H
#define OUTPUT_TLS_H

#include <sys/types.h>

#include "kind.h"

struct tls;

/* Reads CA, certificate and key. host: name or address that the certificate must be for. */
struct tls *tls_new(const struct output_settings *s, const char *host, struct error *err) MUST_CHECK;
void tls_free(struct tls *t);
bool tls_connect(struct tls *t, int fd, const struct waiter *w, struct error *err) MUST_CHECK;
void tls_disconnect(struct tls *t);
/* As peer_write. */
ssize_t tls_write(struct tls *t, struct bytes b, struct error *err);
bool tls_lives(struct tls *t, struct error *err);
uint64_t tls_written(const struct tls *t); /* bytes into the socket */

#endif
