/* SPDX-License-Identifier: BSD-2-Clause */
#include "flow/hosts.h"

#include <stdlib.h>

#include "base/table.h"

#define HOSTS_MAX 65536 /* remembered at a time */

/* TTLs of what a host itself sends: where captures of two wires are read together, each wire shows its own. */
struct distance {
	uint8_t last, before; /* 0: none */
};

struct hosts {
	struct table *ttl; /* address -> struct distance */
};

struct hosts *hosts_new(const struct hash_key *key)
{
	struct hosts *h = malloc(sizeof(*h));

	if (!h)
		return NULL;
	h->ttl = table_new(sizeof(struct address), sizeof(struct distance), HOSTS_MAX, key, NULL, NULL);
	if (h->ttl)
		return h;
	free(h);
	return NULL;
}

void hosts_free(struct hosts *h)
{
	if (!h)
		return;
	table_free(h->ttl);
	free(h);
}

void hosts_note(struct hosts *h, const struct address *host, uint8_t ttl, uint64_t now_ns)
{
	struct distance *known = table_make(h->ttl, host, now_ns, NULL);

	if (known && known->last != ttl)
		*known = (struct distance){ ttl, known->last };
}

uint8_t hosts_ttl(const struct hosts *h, const struct address *host, uint8_t like)
{
	const struct distance *known = table_peek(h->ttl, host);

	return !known ? 0 : like && like == known->before ? like : known->last;
}

/* A firewall that answers in a host's name has a distance of its own. */
int hosts_path_open(const struct hosts *h, const struct address *host, uint8_t ttl)
{
	uint8_t own = hosts_ttl(h, host, ttl);

	return own ? own == ttl : -1;
}

void hosts_held(const struct hosts *h, size_t *ret_hosts, size_t *ret_bytes)
{
	*ret_hosts = table_count(h->ttl);
	*ret_bytes = table_bytes(h->ttl);
}
