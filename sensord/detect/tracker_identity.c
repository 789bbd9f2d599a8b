/* SPDX-License-Identifier: BSD-2-Clause
 * Whose terminal is it? The accounts that logged on from an address lately, by whatever carrier (MEASURES 4.4). An
 * authentication at the proxy under another name than the last logon of the terminal is marked (B-09). */
#include "tracked.h"

#include "base/attributes.h"
#include "base/instant.h"
#include "base/table.h"
#include "base/text.h"
#include "identity.h"

#include <stdlib.h>

#define IDENTITY_ACCOUNTS 4                  /* kept of one address */
#define IDENTITY_LATELY_NS (12 * NS_PER_HOUR) /* a working day */
#define ACCOUNT_BYTES 80

struct account {
	char name[ACCOUNT_BYTES]; /* as the wire showed it, cut */
	uint32_t size;
	bool logon;               /* by another carrier than the proxy */
	uint64_t seen_ns;
};

struct terminal {
	struct account accounts[IDENTITY_ACCOUNTS]; /* latest first */
	uint32_t n_accounts;
};

struct identity {
	struct table *terminals;
};

static void identity_stop(void *state)
{
	struct identity *s = state;

	table_free(s->terminals);
	free(s);
}

static void *identity_start(struct tracking *t)
{
	struct identity *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->terminals = table_new(sizeof(struct address), sizeof(struct terminal), tracking_entries(t), tracking_key(t), NULL, NULL);
	if (!s->terminals) {
		free(s);
		return NULL;
	}
	return s;
}

static bool same_account(const struct account *a, struct bytes user)
{
	return bytes_equal_nocase(bytes_of(a->name, a->size), user);
}

/* Puts an account first; the oldest falls out. A later look at the proxy does not make a logon less of one. */
static void remember(struct terminal *terminal, struct bytes user, bool logon, uint64_t time_ns)
{
	struct account latest = { .size = (uint32_t)user.size, .logon = logon, .seen_ns = time_ns };
	uint32_t at = 0;

	memcpy(latest.name, user.at, user.size);
	while (at < terminal->n_accounts && !same_account(&terminal->accounts[at], user))
		at++;
	if (at < terminal->n_accounts)
		latest.logon |= terminal->accounts[at].logon;
	else if (terminal->n_accounts < IDENTITY_ACCOUNTS)
		terminal->n_accounts++;
	else
		at = IDENTITY_ACCOUNTS - 1;
	memmove(&terminal->accounts[1], &terminal->accounts[0], at * sizeof(latest));
	terminal->accounts[0] = latest;
}

static bool is_person(struct bytes user)
{
	return user.size > 0 && user.size <= ACCOUNT_BYTES && user.at[user.size - 1] != '$' &&
	       !bytes_equal_nocase(user, bytes_string("ANONYMOUS")) &&
	       !bytes_equal_nocase(user, bytes_string("ANONYMOUS LOGON"));
}

/* The last logon by other means, where it is of somebody else and this account never logged on there. */
static void compare_terminal(const struct terminal *terminal, struct record *r, struct bytes user)
{
	const struct account *last = NULL;

	for (uint32_t i = 0; i < terminal->n_accounts; i++) {
		const struct account *a = &terminal->accounts[i];
		if (!a->logon || instant_since(r->time_ns, a->seen_ns) > IDENTITY_LATELY_NS)
			continue;
		if (same_account(a, user))
			return;
		last = last ? last : a;
	}
	if (last)
		record_set_text(r, FIELD_AUTH_TERMINAL_USER, bytes_of(last->name, last->size));
}

static void identity_see(void *state, struct tracking *t, struct record *r)
{
	struct identity *s = state;
	const struct address *client = record_ip(r, FIELD_SOURCE_IP);
	struct bytes user = tracked_account(record_text(r, FIELD_USER_NAME));
	bool at_proxy = record_text_is(r, FIELD_AUTH_CARRIER, "http-proxy");

	(void)t;
	if (!client || !is_person(user) || !record_text_is(r, FIELD_EVENT_OUTCOME, "success"))
		return;
	struct terminal *terminal = table_make(s->terminals, client, r->time_ns, NULL);
	if (!terminal)
		return;
	if (at_proxy)
		compare_terminal(terminal, r, user);
	remember(terminal, user, !at_proxy, r->time_ns);
}

void identity_accounts(void *state, const struct address *a, uint64_t now_ns,
		       void (*see)(void *context, struct bytes account), void *context)
{
	struct identity *s = state;
	const struct terminal *terminal = table_peek(s->terminals, a);

	for (uint32_t i = 0; terminal && i < terminal->n_accounts; i++) {
		const struct account *account = &terminal->accounts[i];
		if (instant_since(now_ns, account->seen_ns) <= IDENTITY_LATELY_NS)
			see(context, bytes_of(account->name, account->size));
	}
}

const struct tracker tracker_identity = {
	.name = "identity",
	.n_tables = 1,
	.reads = DATASET_BIT(DATASET_AUTH),
	.start = identity_start,
	.see = identity_see,
	.stop = identity_stop,
};
