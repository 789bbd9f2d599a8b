/* SPDX-License-Identifier: BSD-2-Clause
 * What a run was about, for the summary and the report: the alerts, the hosts and accounts they name, who touched whom
 * with which account, which zones talked, and how much of each measure set's kind of traffic there was. Everything is
 * bounded; what did not fit is counted. */
#ifndef APP_GATHER_H
#define APP_GATHER_H

#include "base/address.h"
#include "detect/rule.h"
#include "ledger/ledger_match.h"
#include "record/record.h"

#define GATHER_SETS 7     /* A to F, and rules of none */
#define GATHER_LEVELS (LEVEL_CRITICAL + 1)
#define GATHER_LABEL 48   /* bytes of a zone or role, with its zero */
#define GATHER_TEXT 96    /* of a host name or of a list of mechanisms */
#define GATHER_SERVICES 4 /* services named of a pair of zones */

/* What became of a connection (flow.outcome). */
enum reach { REACH_OPEN, REACH_STOPPED, REACH_UNANSWERED, REACH_MIDSTREAM, REACH_COUNT };

/* Traffic of the kind that the sets judge: what makes "no alert" mean something. */
enum fact {
	FACT_DIRECT_OPEN, FACT_DIRECT_STOPPED,                       /* A: inside to outside, no proxy, not allowed */
	FACT_PROXY_REQUESTS, FACT_PROXY_ASKED, FACT_PROXY_KNOWN,     /* B: requests, 407 among them, authenticated ones */
	FACT_TUNNELS,                                                /* C */
	FACT_ADMIN_SESSIONS, FACT_DENIED_STOPPED, FACT_DENIED_OPEN,  /* D: administration; what the policy denies */
	FACT_SMB, FACT_SMB_TERMINALS, FACT_SMB_ENCRYPTED,            /* E: file sharing, between terminals, unreadable */
	FACT_LOGONS, FACT_ADMIN_LOGONS,                              /* F */
	FACT_FLOWS, FACT_ONE_SIDED, FACT_MIDSTREAM, FACT_LOSSY,      /* quality */
	FACT_COUNT
};

struct gather_alert {
	struct record *record; /* as told last: open, raised or closed with the total; or folded */
	enum level level;
	unsigned set;          /* 0 to 5: A to F; 6: none */
	uint64_t first_ns, last_ns, count;
	uint64_t alerts;       /* that it stands for: 1, but for a line of those that were folded */
};

struct gather_host {
	struct address address;
	uint64_t first_ns, last_ns;
	uint64_t out[REACH_COUNT], in[REACH_COUNT];
	uint64_t sent, received;                     /* payload bytes */
	uint32_t alerts[GATHER_LEVELS], aimed_at[GATHER_LEVELS]; /* as the source, as the destination */
	uint8_t sets;                                /* bit of each set with an alert */
	char zone[GATHER_LABEL], role[GATHER_LABEL], name[GATHER_TEXT];
};

struct gather_account {
	char name[LEDGER_NAME]; /* lower case, without domain */
	uint64_t first_ns, last_ns, successes, failures, unknown;
	uint32_t alerts[GATHER_LEVELS];
	uint8_t sets;
	char class[16], domain[GATHER_TEXT];
};

/* source used account at destination. */
struct gather_touch {
	struct address source, destination;
	char account[LEDGER_NAME];
	uint64_t first_ns, last_ns, successes, failures, unknown;
	uint32_t alerts;
	char how[GATHER_TEXT]; /* "kerberos/smb, ntlm/smb" */
};

struct gather_crossing {
	char from[GATHER_LABEL], to[GATHER_LABEL]; /* zone; "~role" where an address is in none */
	uint64_t flows[REACH_COUNT], denied_open, denied_stopped;
	struct { char name[16]; uint64_t count; } services[GATHER_SERVICES];
};

/* What the sensor says of its own sight: blind spots, one-sided pairs, silent zones. */
struct gather_notice {
	struct record *record;
	uint64_t count; /* of the same case: action, kind and reason */
};
#define GATHER_NOTICES 64

struct gathered {
	const struct gather_notice *notices;     /* by time of the first of each case */
	size_t n_notices;
	const struct gather_alert *alerts;       /* by first match */
	const struct gather_host *const *hosts;  /* the worst first, then the busiest */
	const struct gather_account *const *accounts;
	const struct gather_touch *const *touches;
	const struct gather_crossing *const *crossings; /* by from, to */
	size_t n_alerts, n_hosts, n_accounts, n_touches, n_crossings;
	uint64_t left_out_alerts, left_out;      /* alerts not kept; hosts, accounts and the like for which there was no room */
	uint64_t by_level[GATHER_LEVELS], by_set[GATHER_SETS][GATHER_LEVELS]; /* all alerts, each at its highest level */
	uint64_t fact[FACT_COUNT];
};

struct gather;

/* NULL where there is no memory. */
struct gather *gather_new(void);
void gather_free(struct gather *g);
/* Every alert that is shown, in order. */
void gather_alert(struct gather *g, const struct record *alert);
/* Every record of these kinds, where the report is asked for. */
#define GATHER_DATASETS \
	(DATASET_BIT(DATASET_FLOW) | DATASET_BIT(DATASET_AUTH) | DATASET_BIT(DATASET_PROXY) | DATASET_BIT(DATASET_TUNNEL) | \
	 DATASET_BIT(DATASET_SMB) | DATASET_BIT(DATASET_SENSOR))
void gather_record(struct gather *g, const struct record *r);
/* Puts everything in order; NULL where there is no memory. Good until gather_free; nothing is to be added after it. */
const struct gathered *gather_finish(struct gather *g);

/* Was an alert of this level or a higher one told? */
bool gather_alerted(const struct gather *g, enum level level);
/* Highest level with a count, or -1. */
int gather_worst(const uint32_t alerts[GATHER_LEVELS]);

#endif
