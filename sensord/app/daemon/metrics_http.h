/* SPDX-License-Identifier: BSD-2-Clause
 * Serves the metrics over HTTP/1.1, one answer a connection, on a loopback port or a Unix socket. Connections, their
 * requests and their time are bounded; written by hand for that, as libevent's server bounds none but the request. */
#ifndef APP_METRICS_HTTP_H
#define APP_METRICS_HTTP_H

#include "base/error.h"
#include "base/text.h"

struct event_base;
struct metrics_http;

/* Binds where ("127.0.0.1:9470", "[::1]:9470", "unix:/run/sensord/metrics.sock"): a descriptor, or -1 with err set. A port of another
 * address than loopback is refused. */
int metrics_bind(const char *where, struct error *err);
/* write: puts the metrics into `to`. */
struct metrics_http *metrics_http_new(struct event_base *base, int listening, void (*write)(void *context, struct text *to),
				      void *context, struct error *err);
void metrics_http_free(struct metrics_http *m);

#endif
