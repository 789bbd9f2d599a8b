/* SPDX-License-Identifier: BSD-2-Clause
 * The list of trackers, in the order in which they see a record: names first, so that those behind can copy them. */
#include "tracked.h"

#include "base/attributes.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>

const struct tracker *const trackers[] = {
	&tracker_dns_names, &tracker_ticket, &tracker_session, &tracker_history, &tracker_identity, &tracker_tunnel, &tracker_fingerprint,
	&tracker_challenge, &tracker_beacon, &tracker_relay, &tracker_retry, &tracker_router, &tracker_terminal, &tracker_visibility, NULL,
};

#define NAME_BYTES 255 /* longest name of the DNS (RFC 1035 section 2.3.4) */

uint64_t tracked_name(const struct tracking *t, struct bytes name)
{
	UNINITIALIZED char lower[NAME_BYTES];
	size_t size = name.size < sizeof(lower) ? name.size : sizeof(lower);

	for (size_t i = 0; i < size; i++)
		lower[i] = ascii_lower((char)name.at[i]);
	return hash_bytes(tracking_key(t), lower, size);
}

uint64_t tracked_start(const struct record *r)
{
	const struct value *v = record_get(r, FIELD_EVENT_START);

	return v ? v->uint : r->time_ns;
}

/* Fields of the latest start that tell who, whom and where in the capture. */
static const enum field copied[] = {
	FIELD_EVENT_ACTION, FIELD_NETWORK_TYPE, FIELD_NETWORK_TRANSPORT, FIELD_NETWORK_PROTOCOL, FIELD_NETWORK_COMMUNITY_ID,
	FIELD_NETWORK_VLAN_ID, FIELD_SOURCE_MAC, FIELD_SOURCE_DOMAIN, FIELD_DESTINATION_MAC, FIELD_DESTINATION_DOMAIN,
	FIELD_OBSERVER_INTERFACE, FIELD_URL_DOMAIN, FIELD_USER_NAME, FIELD_USER_DOMAIN, FIELD_SENSOR_CAPTURE_FILE,
};

static void copy_place(struct record *to, const struct record *from)
{
	for (size_t i = 0; i < ARRAY_SIZE(copied); i++) {
		if (record_has(from, copied[i]))
			record_set_text(to, copied[i], record_text(from, copied[i]));
	}
}

static void copy_numbers(struct record *to, const struct record *from)
{
	static const enum field numbers[] = { FIELD_SOURCE_PORT, FIELD_DESTINATION_PORT, FIELD_URL_PORT, FIELD_SENSOR_PACKET };

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		if (record_has(from, numbers[i]))
			record_set_uint(to, numbers[i], record_uint(from, numbers[i]));
	}
}

static void set_target(struct record *to, const struct record *from)
{
	struct bytes host = record_text(from, FIELD_URL_DOMAIN);
	const struct address *a = record_ip(from, FIELD_DESTINATION_IP);
	char room[ADDRESS_TEXT];

	if (host.size)
		record_printf(to, FIELD_BEACON_TARGET, "%.*s:%llu", (int)(host.size < NAME_BYTES ? host.size : NAME_BYTES),
			      (const char *)host.at, (unsigned long long)record_uint(from, FIELD_URL_PORT));
	else if (a)
		record_printf(to, FIELD_BEACON_TARGET, address_is_v4(a) ? "%s:%llu" : "[%s]:%llu", address_format(a, room),
			      (unsigned long long)record_uint(from, FIELD_DESTINATION_PORT));
}

void tracked_publish_pace(struct tracking *t, const struct pace *p, const char *kind, const struct record *like)
{
	if (p->count < TRACKED_BEACON_STARTS)
		return;
	struct record *r = tracking_record(t, DATASET_BEACON, like->time_ns);
	if (!r)
		return;
	struct pace_figures f = pace_figures(p);
	r->partial = like->partial;
	record_set_ip(r, FIELD_SOURCE_IP, record_ip(like, FIELD_SOURCE_IP));
	record_set_ip(r, FIELD_DESTINATION_IP, record_ip(like, FIELD_DESTINATION_IP));
	copy_place(r, like);
	copy_numbers(r, like);
	set_target(r, like);
	record_set_uint(r, FIELD_EVENT_START, p->first_ns);
	record_set_string(r, FIELD_BEACON_KIND, kind);
	record_set_real(r, FIELD_BEACON_INTERVAL, f.interval);
	record_set_real(r, FIELD_BEACON_JITTER, f.jitter);
	record_set_real(r, FIELD_BEACON_SPAN, f.span);
	record_set_uint(r, FIELD_BEACON_COUNT, p->count);
	record_set_uint(r, FIELD_BEACON_SUCCEEDED, p->succeeded);
	tracking_publish(t, r);
}

struct bytes tracked_account(struct bytes user)
{
	struct bytes rest = user;
	struct bytes domain = bytes_split(&rest, '\\');
	struct bytes name = domain.size < user.size ? rest : user;

	rest = name;
	return bytes_split(&rest, '@');
}
