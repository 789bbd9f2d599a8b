/* SPDX-License-Identifier: BSD-2-Clause
 * Routers are known by what is reached by their link address; nothing else is one. */
#include "detect_harness.h"

#define DECLARED "site: { gateways: ['02:00:00:00:00:01'] }\n"

static const uint8_t router[6] = { 2, 0, 0, 0, 0, 0x99 }, terminal[6] = { 2, 0, 0, 0, 0, 0x11 };

/* A terminal of 10.1.10.0/24 and a host of another network met by way of `by`. */
static void meet(struct bench *b, double at, unsigned network, const uint8_t by[6], bool answered)
{
	struct address client = address_v4((const uint8_t[4]){ 10, 1, 10, 11 }), server = address_v4((const uint8_t[4]){ 10, 2, (uint8_t)network, 5 });
	struct meeting m = { .client = &client, .server = &server, .client_seen = true, .server_seen = answered, .has_mac = true,
			     .time_ns = BENCH_START * NS_PER_S + (uint64_t)(at * (double)NS_PER_S) };

	memcpy(m.client_mac, terminal, sizeof(m.client_mac));
	memcpy(m.server_mac, by, sizeof(m.server_mac));
	detect_met(b->detect, &m);
}

static bool is_router(struct bench *b, double at, unsigned mac)
{
	char json[512];

	snprintf(json, sizeof(json), "{\"event.dataset\": \"arp\", \"event.action\": \"asked\", \"source.mac\": \"02-00-00-00-00-%02X\","
		 " \"source.ip\": \"10.1.10.1\", \"destination.ip\": \"10.1.10.50\", \"arp.network\": \"10.1.10.0/24\"}", mac);
	bench_record(b, at, json);
	return record_bool(bench_last(b, DATASET_ARP), FIELD_ARP_ROUTER);
}

static void what_leads_to_several_networks_is_a_router(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	meet(&b, 0, 1, router, true);
	meet(&b, 0, 1, router, true);
	meet(&b, 0, 2, router, true);
	assert_false(is_router(&b, 1, 0x99)); /* a host may have two legs */
	meet(&b, 2, 3, router, true);
	assert_true(is_router(&b, 3, 0x99));
	assert_false(is_router(&b, 3, 0x11));
	assert_false(is_router(&b, 3, 0x55));
	bench_stop(&b);
}

static void who_only_asks_in_the_name_of_others_is_none(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	for (unsigned i = 0; i < 9; i++)
		meet(&b, 0, i, router, false);
	assert_false(is_router(&b, 1, 0x99));
	bench_stop(&b);
}

static void a_router_is_one_for_the_day(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	for (unsigned day = 0; day < 4; day++)
		meet(&b, day * 86400.0, day, router, true); /* a terminal that wanders */
	assert_false(is_router(&b, 3 * 86400.0, 0x99));
	bench_stop(&b);
}

static void where_gateways_are_declared_they_are_the_routers(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, DECLARED, 8u << 20, true);
	for (unsigned i = 0; i < 9; i++)
		meet(&b, 0, i, router, true);
	assert_false(is_router(&b, 1, 0x99));
	bench_stop(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_leads_to_several_networks_is_a_router),
		cmocka_unit_test(who_only_asks_in_the_name_of_others_is_none),
		cmocka_unit_test(a_router_is_one_for_the_day),
		cmocka_unit_test(where_gateways_are_declared_they_are_the_routers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
