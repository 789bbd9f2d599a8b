/* SPDX-License-Identifier: BSD-2-Clause
 * What captures tell of a network: hosts, pairs and accounts as seen, and what they seem to be. learn.c collects,
 * learn_guess.c decides, learn_write.c proposes a site file. */
#ifndef APP_LEARN_H
#define APP_LEARN_H

#include <stdio.h>

#include "base/table.h"
#include "record/record.h"

#define LEARN_HOSTS_MAX 16384
#define LEARN_PAIRS_MAX 65536
#define LEARN_ACCOUNTS_MAX 16384
#define LEARN_SUBNETS_MAX 1024
#define LEARN_FILES_MAX 256
#define LEARN_INNER_MAX 64
#define LEARN_NAME 64
#define LEARN_UNNAMED "?" /* service of protocols that no word of the policy names */
#define LEARN_WHO 8    /* different peers that are counted */
#define LEARN_PORTS 8  /* ports of one proxy, CONNECT ports */

struct learn_place {
	uint64_t packet;
	uint16_t file;
	bool set;
};

/* How often, by how many (LEARN_WHO: that many or more), and where first. */
struct learn_tally {
	uint64_t count;
	struct address who[LEARN_WHO];
	uint8_t n_who;
	struct learn_place first;
};

struct learn_proxy_port {
	uint16_t port;
	uint64_t asked;    /* 407 */
	uint8_t schemes;   /* bits of learn_schemes */
	struct learn_tally served;
};

enum learn_zone { ZONE_USERS, ZONE_SERVERS, ZONE_ADMIN, ZONE_DMZ, LEARN_ZONES };

struct learn_host {
	struct learn_tally opened, served; /* connections that came to be */
	struct learn_tally dc, dns, ntp, mail, shares; /* what it was asked for and gave */
	struct learn_tally managed; /* whom it administered: SSH, RDP, WinRM, Telnet, VNC, and what see_act counts */
	struct learn_tally outside; /* went to the internet itself, or asked a proxy */
	struct learn_proxy_port proxy[LEARN_PORTS];
	uint8_t n_proxy;
	/* guessed */
	bool is_dc, is_proxy, is_files, is_server;
	int16_t subnet;
};

struct learn_pair_key {
	struct address from, to;
	char service[LEARN_NAME];
};
struct learn_pair {
	uint64_t came, stopped;
	struct learn_place first;
};

struct learn_account {
	struct learn_tally logons; /* from where */
	uint64_t failures;
	struct learn_tally acts;   /* what administrators do, and at whom */
	char domain[LEARN_NAME];
};

struct learn_subnet {
	struct address network;
	uint8_t prefix; /* of the address as written: 24 or 64 */
	uint64_t hosts, servers, proxies, terminals, others;
	uint64_t opened, served;
	struct learn_place first;
	enum learn_zone zone;
};

struct learned {
	struct table *hosts, *pairs, *accounts;
	struct learn_subnet *subnets;
	size_t n_subnets;
	char *files[LEARN_FILES_MAX];
	size_t n_files;
	struct learn_tally connect[LEARN_PORTS]; /* CONNECT that was served */
	uint16_t connect_ports[LEARN_PORTS];
	size_t n_connect;
	struct address inner[LEARN_INNER_MAX]; /* global IPv6 networks (/48, RFC 6177) that are inside all the same */
	size_t n_inner;
	uint64_t packets, first_ns, last_ns, left_out;
};

#define LEARN_SCHEMES 4
extern const char *const learn_schemes[LEARN_SCHEMES];

void learn_record(void *learned, const struct record *r);
/* Sorts what was seen into networks, roles and zones. */
void learn_guess(struct learned *l);
/* The zone of an inner host that took part; LEARN_ZONES for others. */
enum learn_zone learn_zone_of(const struct learned *l, const struct address *a);
const char *learn_zone_name(enum learn_zone z);
bool learn_is_inner(const struct learned *l, const struct address *a);
/* An administration terminal by what it does; *ret_sure false where it also does what such a terminal should not. */
bool learn_is_terminal(const struct learn_host *h, bool *ret_sure);
/* The site file. False where there is no memory or it cannot be written. */
bool learn_write(const struct learned *l, FILE *to);

#endif
