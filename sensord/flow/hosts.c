/* SPDX-License-Identifier: BSD-2-Clause */
#include "flow/hosts.h"

#include <stdlib.h>

#include "base/table.h"

#define HOSTS_MAX 65536 /* remembered at a time */

struct hosts {
	struct table *ttl; /* address -> TTL of what that host itself sends */
};

struct hosts *hosts_new(const struct hash_key *key)
{
	struct hosts *h = malloc(sizeof(*h));

	if (!h)
		return NULL;
	h->ttl = table_new(sizeof(struct address), 1, HOSTS_MAX, key, NULL, NULL);
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
	uint8_t *known = table_make(h->ttl, host, now_ns, NULL);

	if (known)
		*known = ttl;
}

uint8_t hosts_ttl(const struct hosts *h, const struct address *host)
{
	const uint8_t *known = table_peek(h->ttl, host);

	return known ? *known : 0;
}

/* A firewall that answers in a host's name has a distance of its own. */
int hosts_path_open(const struct hosts *h, const struct address *host, uint8_t ttl)
{
	const uint8_t *known = table_peek(h->ttl, host);

	return known ? *known == ttl : -1;
}

void hosts_held(const struct hosts *h, size_t *ret_hosts, size_t *ret_bytes)
{
	*ret_hosts = table_count(h->ttl);
	*ret_bytes = table_bytes(h->ttl);
}
