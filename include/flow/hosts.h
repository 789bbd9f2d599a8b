/* SPDX-License-Identifier: BSD-2-Clause
 * How far away hosts are: the TTL of what a host itself sends. A RST in its name with another one comes from something
 * in between (MEASURES 4.3). */
#ifndef FLOW_HOSTS_H
#define FLOW_HOSTS_H

#include "base/address.h"
#include "base/hash.h"

struct hosts;

#define HOST_TTL_LATER UINT8_MAX /* flow.host_ttl of an engine that does not keep hosts: to be replaced by hosts_ttl, or taken out */

struct hosts *hosts_new(const struct hash_key *key); /* NULL where there is no memory */
void hosts_free(struct hosts *h);
void hosts_note(struct hosts *h, const struct address *host, uint8_t ttl, uint64_t now_ns);
void hosts_held(const struct hosts *h, size_t *ret_hosts, size_t *ret_bytes);
/* The TTL of the host, 0: not known. On two wires it has two of them: `like` where it is one of these, else the last. */
uint8_t hosts_ttl(const struct hosts *h, const struct address *host, uint8_t like);
/* 1: a packet with this TTL comes from the host itself, 0: from elsewhere, -1: not known. */
int hosts_path_open(const struct hosts *h, const struct address *host, uint8_t ttl);

#endif
