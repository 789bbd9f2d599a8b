/* SPDX-License-Identifier: BSD-2-Clause
 * Counting contacts without records says the same as matching a record of each: the same correlations fire at the same
 * moment, with the same counts, evidence and values. */
#include "rule_testing.h"

#define COUNT(name, group, field, span, least)                                                                               \
	"---\ntitle: " name "\nname: " name "\ncorrelation:\n  type: value_count\n  rules: [contact]\n  group-by: [" group "]\n" \
	"  timespan: " span "\n  condition: {field: " field ", gte: " least "}\n"

static const char yaml[] =
	"title: contact\nname: contact\nlogsource: {product: sensord, service: flow}\n"
	"detection: {s: {event.action: established, network.transport: tcp}, f: {source.port: [53, 1900]}, condition: s and not f}\n"
	COUNT("near", "source.ip, destination.port", "destination.ip", "1m", "5")
	COUNT("slow", "source.ip, destination.port", "destination.ip", "10m", "9")
	COUNT("ports", "source.ip, destination.ip", "destination.port", "1m", "4");

static struct contact contact_at(uint64_t time_ns, unsigned client, unsigned server, uint16_t port, uint64_t id)
{
	struct contact c = { .time_ns = time_ns, .id = id, .feeds = 1, .action = "established", .outcome = "established" };
	uint8_t from[4] = { 10, 0, 0, (uint8_t)client }, to[4] = { 10, 0, 1, (uint8_t)server };

	c.ends = (struct contact_ends){ .client = address_v4(from), .server = address_v4(to), .client_port = 50000,
					.server_port = port, .has_port = true, .transport = "tcp", .file = "f", .packet = id };
	if (server % 3 == 0) /* IPv6 has no short mark */
		c.ends.server.octets[0] = 0x20;
	return c;
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void match_record(struct rules *r, const struct contact *c, struct record *room, struct fired *f)
{
	contact_record(c, room);
	rules_match(r, room, note_match, f);
}

static void contacts_count_as_their_records_would(void **state)
{
	struct rules *counted = load(yaml), *matched = load(yaml);
	struct record *room = record_new();
	uint64_t time_ns = 100000 * NS_PER_S;
	unsigned fired = 0, silent = 0;
	uint32_t seed = 1;

	(void)state;
	for (uint64_t id = 1; id <= 20000; id++) {
		struct fired a = { 0 }, b = { 0 };
		time_ns += next_random(&seed) % 40 * NS_PER_S;
		uint64_t late_ns = next_random(&seed) % 8 ? 0 : next_random(&seed) % 100 * NS_PER_S;
		uint16_t port = (uint16_t)(80 + (next_random(&seed) % 3 ? 0 : next_random(&seed) % 6));
		struct contact c = contact_at(time_ns - late_ns, next_random(&seed) % 4, next_random(&seed) % 14, port, id);
		if (rules_contact(counted, &c))
			silent++;
		else
			match_record(counted, &c, room, &a);
		match_record(matched, &c, room, &b);
		assert_string_equal(a.names, b.names);
		assert_int_equal(a.count, b.count);
		assert_int_equal(a.first_ns, b.first_ns);
		assert_int_equal(a.n_evidence, b.n_evidence);
		assert_memory_equal(a.evidence, b.evidence, sizeof(a.evidence));
		assert_memory_equal(a.packets, b.packets, sizeof(a.packets));
		assert_memory_equal(a.values, b.values, sizeof(a.values));
		fired += b.matches > 0;
	}
	assert_true(fired > 200);
	assert_true(silent > 5000);
	record_free(room);
	rules_free(counted);
	rules_free(matched);
}

static void only_what_counts_contacts_is_content_with_them(void **state)
{
	static const enum field known[] = { FIELD_EVENT_ACTION, FIELD_NETWORK_TRANSPORT, FIELD_SOURCE_PORT };
	struct rules *r = load(yaml);
	struct record *room = record_new();
	struct contact c = contact_at(NS_PER_S, 1, 1, 80, 1);

	(void)state;
	contact_record(&c, room);
	assert_int_equal(rules_interest(r, room, known, 3), 1);
	assert_int_equal(rules_interest(r, room, known, 2), INTEREST_RECORD); /* the source port may decide */
	record_set_uint(room, FIELD_SOURCE_PORT, 53);
	assert_int_equal(rules_interest(r, room, known, 3), 0);
	assert_int_equal(rules_greatest(r, FIELD_SOURCE_PORT), 1900);
	rules_free(r);
	r = load("title: x\nname: x\nlogsource: {product: sensord, service: flow}\n"
		 "detection: {s: {event.action: established}, condition: s}\n");
	assert_int_equal(rules_interest(r, room, known, 3), INTEREST_RECORD); /* it fires by itself */
	rules_free(r);
	record_free(room);
}

/* Minutes and days: after the clock was set back by hours the shorter count begins anew, as it does by itself. */
static void a_short_count_does_not_wait_for_the_clock_of_a_long_one(void **state)
{
	static const char rule[] = "title: contact\nname: contact\nlogsource: {product: sensord, service: flow}\n"
				   "detection: {s: {event.action: established}, condition: s}\n";
	static const char minute[] = COUNT("minute", "source.ip", "destination.port", "1m", "3"), day[] = COUNT("day", "source.ip", "destination.port", "1d", "90");
	char yaml_alone[2048], yaml_both[2048];
	struct record *room = record_new();
	unsigned fired[2] = { 0 };

	(void)state;
	snprintf(yaml_alone, sizeof(yaml_alone), "%s%s", rule, minute);
	snprintf(yaml_both, sizeof(yaml_both), "%s%s%s", rule, minute, day);
	for (int both = 0; both < 2; both++) {
		struct rules *r = load(both ? yaml_both : yaml_alone);
		for (uint64_t id = 1; id <= 40; id++) {
			struct fired f = { 0 };
			uint64_t time_ns = (id == 1 ? 100000 : 90000 + id) * NS_PER_S;
			struct contact c = contact_at(time_ns, 1, 1, (uint16_t)(100 + id % 10), id);
			c.feeds = 1;
			if (!rules_contact(r, &c))
				match_record(r, &c, room, &f);
			fired[both] += f.matches > 0;
		}
		rules_free(r);
	}
	assert_true(fired[0] > 10);
	assert_int_equal(fired[1], fired[0]);
	record_free(room);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(contacts_count_as_their_records_would),
		cmocka_unit_test(a_short_count_does_not_wait_for_the_clock_of_a_long_one),
		cmocka_unit_test(only_what_counts_contacts_is_content_with_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
