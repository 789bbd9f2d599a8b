/* SPDX-License-Identifier: BSD-2-Clause
 * What trackers may ask of detection, and the records that they make. */
#include "detect_private.h"

#include "base/attributes.h"

#include <string.h>

#define DETECT_MADE_ID (UINT64_C(1) << 63) /* ids of tracker records, apart from those of the engine */

const struct site *tracking_site(const struct tracking *t)
{
	return t->site;
}

struct sight *tracking_sight(const struct tracking *t)
{
	return t->detect->sight;
}

const struct hash_key *tracking_key(const struct tracking *t)
{
	return &t->detect->key;
}

bool tracking_is_external(struct tracking *t, const struct address *a)
{
	return enrich_is_external(&t->detect->enrich, a);
}

size_t tracking_entries(const struct tracking *t)
{
	return t->entries;
}

struct record *tracking_record(struct tracking *t, enum dataset dataset, uint64_t time_ns)
{
	struct detect *d = t->detect;

	if (d->made_open)
		return NULL;
	record_clear(d->made, dataset, time_ns);
	d->made_open = true;
	return d->made;
}

/* From what the tracker says, as the engine does it (flow/told.c): how many records were made before depends on what
 * else is asked for, and so do the fields of a copied record that the site or another tracker adds. */
static uint64_t made_id(const struct record *r)
{
	static const struct hash_key fixed_key = { 0x73656e736f7264, 2 };
	static const enum field says[] = {
		FIELD_EVENT_ACTION, FIELD_BEACON_KIND, FIELD_RELAY_KIND, FIELD_SENSOR_KIND, FIELD_SENSOR_SUBJECT, FIELD_SENSOR_REASON,
		FIELD_SENSOR_STATE, FIELD_URL_DOMAIN, FIELD_USER_AGENT_ORIGINAL,
	};
	uint64_t words[9] = { r->time_ns, r->dataset, record_uint(r, FIELD_BEACON_COUNT), record_uint(r, FIELD_SENSOR_PACKET),
			      record_uint(r, FIELD_SOURCE_PORT) << 16 | record_uint(r, FIELD_DESTINATION_PORT) };
	const struct address *source = record_ip(r, FIELD_SOURCE_IP), *destination = record_ip(r, FIELD_DESTINATION_IP);

	memcpy(&words[5], source ? source->octets : (const uint8_t[16]){ 0 }, 16);
	memcpy(&words[7], destination ? destination->octets : (const uint8_t[16]){ 0 }, 16);
	uint64_t id = hash_bytes(&fixed_key, words, sizeof(words));
	for (size_t i = 0; i < ARRAY_SIZE(says); i++) {
		struct bytes text = record_text(r, says[i]);
		uint64_t both[2] = { id, text.size ? hash_bytes(&fixed_key, text.at, text.size) : 0 };
		id = hash_bytes(&fixed_key, both, sizeof(both));
	}
	return DETECT_MADE_ID | id;
}

void tracking_publish(struct tracking *t, struct record *r)
{
	struct detect *d = t->detect;

	if (!r->id)
		r->id = made_id(r);
	enrich_record(&d->enrich, r);
	detect_match(d, r, true);
	d->made_open = false;
}

void tracking_withhold(struct tracking *t)
{
	t->detect->withheld = true;
}
