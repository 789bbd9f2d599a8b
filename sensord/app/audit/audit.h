/* SPDX-License-Identifier: BSD-2-Clause
 * The go-live audit (MEASURES 16): cells, what was seen for each, and the verdict. A cell is one thing that has to be
 * shown: a measure set, from where, to where, what, and over which IP version; from and to are the direction in which
 * the connection starts. audit_matrix.c makes the cells of a site, audit_evidence.c counts what the records show,
 * audit_verdict.c decides, audit_text.c and its kin write. */
#ifndef APP_AUDIT_H
#define APP_AUDIT_H

#include "audit_verdict.h"
#include "base/table.h"
#include "record/record.h"
#include "site/survey.h"

#define AUDIT_CELLS_MAX 20000   /* cells of one audit */
#define AUDIT_SUBNETS_MAX 1024  /* networks of all zones */
#define AUDIT_HOSTS_MAX 65536   /* hosts whose signs of life are kept */
#define AUDIT_PENDING_MAX 65536 /* attempts that wait for a sign of life of their target */
#define AUDIT_FILES_MAX 256     /* capture files told by name */
#define AUDIT_NAME 80           /* bytes of from, to and item, with the zero */
#define AUDIT_ID (4 * AUDIT_NAME) /* of audit_id */
#define AUDIT_SAID 96
#define AUDIT_RULES 3

/* What one sight was, for people: who, where, and what the wire said. */
struct audit_sight {
	uint64_t packet, time_ns;
	struct address from, to;
	uint16_t file; /* index into files */
	uint16_t port;
	char said[AUDIT_SAID];
};

/* Which cell a sight belongs to: kinds of key, and what a to d are. */
enum audit_what {
	CELL_EGRESS,   /* a subnet, b item of audit_egress */
	CELL_PAIR,     /* a zone, b zone, c class of audit_classes */
	CELL_ROW,      /* a row of the policy, b word of from, c of to, d of service; or zones and a class, marked so */
	CELL_NO_CREDENTIAL, /* a listener, b subnet, c 1: CONNECT */
	CELL_LISTENER, /* a listener, b item of audit_listener */
	CELL_CONNECT,  /* a listener, b port */
	CELL_ROGUE,    /* a port of a proxy that nobody declared */
	CELL_AWAY,     /* a admin zone, b item of audit_away */
	CELL_PEER,     /* a subnet, b 0: the same one, 1: another */
	CELL_FILES,    /* a subnet */
	CELL_TRAP,     /* a item of audit_traps */
	CELL_REMOTE,   /* a item of audit_remote */
	CELL_ADMIN,    /* a class, b item of audit_admin */
	CELL_SITE,     /* a item of the sets, see audit_sets.c */
};
#define AUDIT_BY_ZONE 0x8000u  /* b and c of CELL_ROW: zones, not words */
#define AUDIT_BY_CLASS 0x8000u /* d of CELL_ROW: class of audit_classes, not a word */
struct audit_key {
	uint16_t what, version, a, b, c, d;
};

/* The path that has to be seen open before "stopped" means more than a pulled cable. */
enum audit_control { CONTROL_NONE, CONTROL_ZONE, CONTROL_SUBNET, CONTROL_PROXY, CONTROL_LISTENER, CONTROL_ADMIN };

struct audit_cell {
	struct audit_key key;
	char set; /* 'A' to 'F' */
	enum audit_kind kind;
	uint8_t version; /* 4, 6; 0: both */
	bool required;   /* false: listed only where something was seen */
	bool exempt;     /* a dated exception covers it as a whole */
	bool alarm;      /* stopped is not enough: one of its rules has to tell it */
	uint8_t wires;   /* bits of the wires that show it (MEASURES 4.1); 0: any */
	enum audit_control control;
	int16_t zone, subnet, listener; /* of the control; -1: none */
	int16_t class;                  /* of administrators, -1 */
	const char *carrier;            /* auth.carrier of its alerts; NULL: any */
	char from[AUDIT_NAME], to[AUDIT_NAME], item[AUDIT_NAME];
	const char *rules[AUDIT_RULES]; /* exceptions for these count; rules that tell it */
	uint8_t ways, ways_stopped; /* bits of the ways to do it: all that there are, those seen stopped; 0: one way */
	const char *hint;               /* what shows it instead, or what the site file lacks; may be NULL */
	uint64_t count[AUDIT_EVENTS];
	struct audit_sight first[AUDIT_EVENTS];
	uint64_t weak; /* refused in a way that says nothing of the control: ambiguous where nothing better was seen */
	struct audit_sight weak_first;
	struct audit_finding finding;
};

/* One network of one zone, and what was seen of its hosts. */
struct audit_subnet {
	size_t zone, network;
	struct address_range range;
	const char *text;
	bool v6;
	bool has_sample;
	struct address sample;
	uint64_t hosts, two_sided, one_sided;
	uint64_t allowed; /* connections that the policy allows and that came to be */
	uint64_t proxied; /* requests that a declared proxy served */
	uint64_t inside;  /* connections between two hosts of this network */
};

struct audit_quality {
	uint64_t packets, bytes, snapped, malformed, missed_bytes, stream_bytes, evicted;
	uint64_t first_ns, last_ns;
	uint64_t flows, two_sided, one_sided, midstream, ipv6_outside, unplaced;
	uint64_t wires[8]; /* connections seen on W1 … W7 */
	uint64_t left_out; /* attempts for which there was no room */
	size_t problems;   /* files that could not be read to the end */
};

struct audit_options {
	unsigned attempts;   /* stopped attempts that prove a cell */
	unsigned coverage;   /* percent that has to be decided */
	uint8_t wires;       /* that were mirrored; 0: not said */
	bool strict;         /* JUnit: what is open fails */
};

struct audit {
	const struct site *site;
	struct audit_options options;
	struct audit_cell *cells;
	size_t n_cells, room;
	bool full; /* AUDIT_CELLS_MAX was reached */
	struct table *index, *hosts, *pending;
	struct audit_subnet *subnets;
	size_t n_subnets;
	char *files[AUDIT_FILES_MAX];
	size_t n_files;
	struct audit_quality quality;
};

/* NULL where there is no memory. The site outlives the audit. */
struct audit *audit_new(const struct site *site, const struct audit_options *options);
void audit_free(struct audit *a);
/* The cell under key, made (required as given) where there is none; NULL where there is no room. */
struct audit_cell *audit_make(struct audit *a, const struct audit_key *key, bool required);
struct audit_cell *audit_find(const struct audit *a, const struct audit_key *key);
void audit_sets_build(struct audit *a); /* audit_sets.c: sets A, B, C, E, F and what D asks of terminals */

/* Records and alerts in; audit_decide at the end of the captures gives every cell its finding. */
void audit_record(void *audit, const struct record *r);
void audit_alert(void *audit, const struct record *alert);
void audit_decide(struct audit *a);
/* Index of the subnet that has the address, the most specific; -1. */
int audit_subnet(const struct audit *a, const struct address *at);

/* Has the network's zone any way that the policy allows? Then it has to be seen to work before a stop means anything. */
bool audit_zone_may(const struct audit *a, const struct audit_subnet *from);
/* One such way: into which zone, on which TCP port. False where the policy allows none. */
struct audit_way {
	size_t zone;
	uint16_t port;
};
bool audit_way(const struct audit *a, const struct audit_subnet *from, struct audit_way *ret);
/* Does a dated exception cover the cell as a whole? */
bool audit_exempt(const struct audit *a, const struct audit_cell *c);

/* Cells that are told: required, or with something seen. */
bool audit_listed(const struct audit_cell *c);
/* "A/users 10.1.10.0/24>internet/tcp/443/ipv4"; stable from run to run. Returns room. */
const char *audit_id(const struct audit_cell *c, char *room, size_t size);
const char *audit_version_name(uint8_t version); /* "ipv4", "ipv6", "any" */
struct audit_sum {
	uint64_t of[AUDIT_VERDICTS], all;
};
struct audit_sum audit_sum(const struct audit *a, char set); /* 0: of all sets */
/* Percent, rounded down, of what can be decided here that was (MEASURES 16); 100 where there is nothing. */
unsigned audit_coverage(const struct audit_sum *sum);
double audit_loss(const struct audit *a); /* percent of the stream bytes that the captures do not hold */
/* Why, with the cell's numbers in it. */
void audit_reason(const struct audit *a, const struct audit_cell *c, struct text *out);
void audit_sight_text(const struct audit *a, const struct audit_sight *s, struct text *out);

#endif
