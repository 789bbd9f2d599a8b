/* SPDX-License-Identifier: BSD-2-Clause
 * Could anybody want a record that is not made yet? Asked of the trackers and of the rules, remembered by what decides. */
#include "asker.h"

#include <stdlib.h>
#include <string.h>

#include "base/attributes.h"
#include "interest.h"

struct detect_asker {
	struct asker_settings settings;
	struct rules *rules;   /* a view of its own */
	struct record *asked;  /* what is known of the record */
	struct enrich enrich;  /* what it remembers is of its own */
	struct interests interests;
	struct readings readings;
	struct sight_eye eye;  /* of its own too */
};

struct detect_asker *asker_new(const struct rules *rules)
{
	struct detect_asker *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->rules = rules_view_new(rules);
	a->asked = record_new();
	if (a->rules && a->asked)
		return a;
	detect_asker_free(a);
	return NULL;
}

void asker_set(struct detect_asker *a, const struct asker_settings *s)
{
	a->settings = *s;
	a->enrich = *s->enrich;
	a->settings.enrich = &a->enrich;
	rules_view_renew(a->rules, s->rules);
	/* What was answered may be otherwise under other rules and another site. */
	memset(&a->readings, 0, sizeof(a->readings));
	memset(a->interests.hosts, 0, sizeof(a->interests.hosts));
	memset(a->interests.answers, 0, sizeof(a->interests.answers));
	uint64_t greatest = rules_greatest(s->rules, FIELD_SOURCE_PORT);
	a->interests.port_max = greatest < UINT16_MAX ? (uint16_t)(greatest + 1) : UINT16_MAX;
	a->interests.site = s->tracking.site;
	a->interests.key = s->key;
	a->eye.sight = s->sight;
	a->eye.key = s->key;
}

void detect_asker_met(struct detect_asker *a, const struct meeting *m)
{
	sight_look(&a->eye, m);
}

void detect_asker_free(struct detect_asker *a)
{
	if (!a)
		return;
	rules_view_free(a->rules);
	record_free(a->asked);
	free(a);
}

static uint64_t tracker_wants(struct detect_asker *a, const struct interest *i)
{
	uint64_t wanted = 0;

	for (size_t k = 0; k < a->settings.n_trackers; k++) {
		const struct tracker *t = a->settings.trackers[k];
		if (!(t->reads & DATASET_BIT(i->dataset)) || (t->wants && !t->wants(&a->settings.tracking, i)))
			continue;
		if (!t->contact || i->dataset != DATASET_FLOW)
			return INTEREST_RECORD;
		wanted = INTEREST_TRACKER;
	}
	return wanted;
}

static uint64_t rule_wants(struct detect_asker *a, const struct interest *i)
{
	/* The last one only where no pair of hosts is managed: it is asked of addresses, not of their class. */
	static const enum field known[] = {
		FIELD_EVENT_ACTION, FIELD_FLOW_OUTCOME, FIELD_NETWORK_TRANSPORT, FIELD_NETWORK_PROTOCOL, FIELD_SOURCE_PORT,
		FIELD_DESTINATION_PORT, FIELD_SOURCE_ZONE, FIELD_SOURCE_ROLE, FIELD_DESTINATION_ZONE, FIELD_DESTINATION_ROLE,
		FIELD_POLICY_ACTION, FIELD_SOURCE_ADMIN_PLACE, FIELD_POLICY_MANAGED,
	};
	struct record *r = a->asked;

	record_clear(r, i->dataset, i->time_ns);
	record_set_string(r, FIELD_EVENT_ACTION, i->action);
	record_set_string(r, FIELD_FLOW_OUTCOME, i->outcome);
	record_set_string(r, FIELD_NETWORK_TRANSPORT, i->transport);
	record_set_string(r, FIELD_NETWORK_PROTOCOL, i->protocol);
	record_set_ip(r, FIELD_SOURCE_IP, i->client);
	record_set_ip(r, FIELD_DESTINATION_IP, i->server);
	if (i->has_port) {
		record_set_uint(r, FIELD_SOURCE_PORT, i->client_port);
		record_set_uint(r, FIELD_DESTINATION_PORT, i->server_port);
	}
	enrich_record(&a->enrich, r);
	return rules_interest(a->rules, r, known, ARRAY_SIZE(known) - site_manages(a->settings.tracking.site));
}

uint64_t detect_asker_wants(struct detect_asker *a, const struct interest *i)
{
	if (a->settings.all)
		return INTEREST_RECORD;
	if (i->text.at)
		return tracker_wants(a, i) || readings_ask(&a->readings, a->rules, a->asked, i) ? INTEREST_RECORD : 0;
	struct interest_answer *answer = interest_find(&a->interests, i);
	if (!answer->known) {
		uint64_t by_tracker = tracker_wants(a, i), by_rule = by_tracker == INTEREST_RECORD ? 0 : rule_wants(a, i);
		answer->wanted = by_rule == INTEREST_RECORD ? by_rule : by_tracker | by_rule;
		answer->known = true;
	}
	return answer->wanted;
}
