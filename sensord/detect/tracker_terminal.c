/* SPDX-License-Identifier: BSD-2-Clause
 * Which terminal an address is at present, and how long it was silent (MEASURES B-03, B-04). A terminal that changes its
 * address (DHCP, cable to wireless) keeps the label it was first told by, as long as a name leads from one address to the
 * other: the one it gives to DHCP, or the workstation in its NTLM logon. */
#include "tracked.h"

#include "base/instant.h"
#include "base/table.h"

#include <stdlib.h>

#define QUIET_NS (5 * NS_PER_MIN)  /* silence worth the name */
#define BURST_NS NS_PER_MIN        /* what comes this soon after it belongs to its end */

struct place {
	char label[ADDRESS_TEXT];
	bool labelled;
	uint64_t last_ns, burst_ns, silence_ns;
};

struct label {
	char text[ADDRESS_TEXT];
};

struct terminals {
	struct table *places; /* address -> struct place */
	struct table *names;  /* hash of a name -> struct label */
	uint64_t since_ns;    /* the sensor watches */
	bool watching;
};

static void terminal_stop(void *state)
{
	struct terminals *s = state;

	table_free(s->places);
	table_free(s->names);
	free(s);
}

static void *terminal_start(struct tracking *t)
{
	struct terminals *s = calloc(1, sizeof(*s));
	size_t max = tracking_entries(t) / 2;

	if (!s)
		return NULL;
	s->places = table_new(sizeof(struct address), sizeof(struct place), max, tracking_key(t), NULL, NULL);
	s->names = table_new(sizeof(uint64_t), sizeof(struct label), max, tracking_key(t), NULL, NULL);
	if (s->places && s->names)
		return s;
	terminal_stop(s);
	return NULL;
}

/* ---- names ---- */

/* Names that say nothing: what programs put where they do not know, or do not tell, the machine's own. */
static bool names_nobody(struct bytes name)
{
	static const char *const common[] = { "WORKSTATION", "LOCALHOST", "UNKNOWN", "NULL", "NONE" };

	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		if (bytes_equal_nocase(name, bytes_string(common[i])))
			return true;
	return name.size == 0;
}

static void set_own_label(struct place *p, const struct address *a)
{
	address_format(a, p->label);
	p->labelled = true;
}

/* fresh: the address belongs to somebody else from now on, unless the name is known. */
static void learn_name(struct terminals *s, struct tracking *t, const struct address *a, struct bytes name, uint64_t now_ns,
		       bool fresh)
{
	struct bytes first = bytes_split(&name, '.');
	uint64_t hash = tracked_name(t, first);
	bool is_new = false;

	if (!a || names_nobody(first))
		return;
	struct place *p = table_make(s->places, a, now_ns, NULL);
	struct label *l = p ? table_make(s->names, &hash, now_ns, &is_new) : NULL;
	if (!l)
		return;
	if (!is_new) {
		memcpy(p->label, l->text, sizeof(p->label));
		p->labelled = true;
		return;
	}
	if (!p->labelled || fresh)
		set_own_label(p, a);
	memcpy(l->text, p->label, sizeof(l->text));
}

static void see_dhcp(struct terminals *s, struct tracking *t, const struct record *r)
{
	const struct address *a = record_ip(r, FIELD_DHCP_ASSIGNED_IP);

	if (record_text_is(r, FIELD_DHCP_MESSAGE, "ack"))
		learn_name(s, t, a ? a : record_ip(r, FIELD_DHCP_REQUESTED_IP), record_text(r, FIELD_DHCP_CLIENT_NAME), r->time_ns,
			   true);
}

/* ---- silence ---- */

static void note_sound(struct terminals *s, struct place *p, uint64_t now_ns)
{
	uint64_t before = p->last_ns ? p->last_ns : s->since_ns;

	if (instant_since(now_ns, before) >= QUIET_NS) {
		p->silence_ns = instant_since(now_ns, before);
		p->burst_ns = now_ns;
	}
	p->last_ns = now_ns;
}

static void tell_silence(const struct place *p, struct record *r)
{
	if (p->silence_ns && instant_since(r->time_ns, p->burst_ns) <= BURST_NS)
		record_set_real(r, FIELD_SOURCE_SILENCE, (double)p->silence_ns / (double)NS_PER_S);
}

/* ---- seeing ---- */

static void terminal_see(void *state, struct tracking *t, struct record *r)
{
	struct terminals *s = state;
	const struct address *from = record_ip(r, FIELD_SOURCE_IP);

	if (!s->watching) {
		s->watching = true;
		s->since_ns = r->time_ns;
	}
	if (r->dataset == DATASET_DHCP)
		see_dhcp(s, t, r);
	if (!from || tracking_is_external(t, from))
		return;
	struct place *p = table_make(s->places, from, r->time_ns, NULL);
	if (!p)
		return;
	note_sound(s, p, r->time_ns);
	if (r->dataset != DATASET_AUTH && r->dataset != DATASET_PROXY)
		return;
	if (record_text_is(r, FIELD_AUTH_MECHANISM, "ntlm") || record_text_is(r, FIELD_NTLM_MESSAGE, "authenticate"))
		learn_name(s, t, from, record_text(r, FIELD_AUTH_WORKSTATION), r->time_ns, false);
	if (!p->labelled)
		set_own_label(p, from);
	record_set_string(r, FIELD_AUTH_TERMINAL, p->label);
	if (r->dataset == DATASET_PROXY)
		tell_silence(p, r);
}

static const enum field terminal_sets[] = { FIELD_AUTH_TERMINAL, FIELD_SOURCE_SILENCE, FIELD_COUNT };

const struct tracker tracker_terminal = {
	.name = "terminal",
	.n_tables = 2,
	.reads = DATASET_BIT(DATASET_AUTH) | DATASET_BIT(DATASET_PROXY) | DATASET_BIT(DATASET_DHCP),
	.touches = DATASET_BIT(DATASET_FLOW) | DATASET_BIT(DATASET_HTTP) | DATASET_BIT(DATASET_TLS) | DATASET_BIT(DATASET_DNS) |
		   DATASET_BIT(DATASET_KERBEROS) | DATASET_BIT(DATASET_SMB) | DATASET_BIT(DATASET_LDAP),
	.sets = terminal_sets,
	.start = terminal_start,
	.see = terminal_see,
	.stop = terminal_stop,
};
