/* SPDX-License-Identifier: BSD-2-Clause
 * Who may talk to whom, exceptions, planned work: rows of the site file made ready to ask. */
#ifndef SITE_POLICY_H
#define SITE_POLICY_H

#include "accounts.h"
#include "calendar.h"
#include "network.h"

struct policy_row {
	struct selectors from, to;
	struct service_match *services;
	size_t n_services;
	enum policy verdict;
};

struct policies {
	struct policy_row *rows;
	size_t count;
	struct ranges named; /* addresses and networks that rows name themselves */
};

struct exception {
	const struct exception_setting *setting;
	struct selectors from, to;
	struct port_span *ports;
	uint64_t ends_ns;
	char *text;
};

struct exceptions {
	struct exception *items;
	size_t count;
};

struct window {
	const struct window_setting *setting;
	uint64_t from_ns, to_ns; /* to_ns not included */
};

struct windows {
	struct window *items;
	size_t count;
};

/* True where host is the name or below it ("example.jp" for "www.example.jp"); a leading "*." or "." does not matter.
 */
bool suffix_fits(struct bytes suffix, struct bytes host);

bool policies_build(struct policies *p, const struct network *n, const struct document *d, struct error *err);
void policies_release(struct policies *p);
/* The first row that fits decides (its index in *ret_row); where none does, *ret_row is left alone. */
enum policy policies_ask(const struct policies *p, const struct place *source, const struct place *destination,
			 const char *service, const char *transport, uint16_t port, int *ret_row);

bool exceptions_build(struct exceptions *e, const struct network *n, const struct calendar *c, const struct document *d,
		      struct error *err);
void exceptions_release(struct exceptions *e);

bool windows_build(struct windows *w, const struct settings *s, const struct calendar *c, const struct document *d,
		   struct error *err);
void windows_release(struct windows *w);

#endif
