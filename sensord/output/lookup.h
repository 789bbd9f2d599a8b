/* SPDX-License-Identifier: BSD-2-Clause
 * The addresses of a host by its name, looked up in a thread of its own: the C library waits for name servers as long as
 * resolv.conf(5) says, which may be minutes, and cannot be interrupted. Who asked may go away before the answer. */
#ifndef OUTPUT_LOOKUP_H
#define OUTPUT_LOOKUP_H

#include <netdb.h>
#include <stdbool.h>

struct lookup;

/* NULL without memory or threads. */
struct lookup *lookup_start(const char *host, const char *port, int socket_type);
/* Readable once the answer is there. */
int lookup_fd(const struct lookup *l);
/* False where the answer is not there yet. *ret_why: 0 or an EAI_ number; *ret, for freeaddrinfo, only where it is 0. */
bool lookup_take(struct lookup *l, int *ret_why, struct addrinfo **ret);
/* One that has no answer yet ends by itself when it comes. */
void lookup_free(struct lookup *l);

/* The same without asking anybody: 0 where host is an address. */
int lookup_address(const char *host, const char *port, int socket_type, struct addrinfo **ret);

#endif
