/* SPDX-License-Identifier: BSD-2-Clause
 * The program that shares frames among workers, run by libpcap's interpreter as the kernel would. */
#include "../../sensord/app/live/fanout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <pcap.h>

#include <cmocka.h>

#include "base/bytes.h"

static unsigned run(const uint8_t *frame, size_t size)
{
	struct fanout_code code[FANOUT_PROGRAM];
	struct bpf_insn program[FANOUT_PROGRAM];
	size_t n = fanout_program(code, false);

	memcpy(program, code, sizeof(program));
	assert_true(bpf_validate(program, (int)n));
	return bpf_filter(program, frame, (u_int)size, (u_int)size);
}

static uint8_t *ethernet(uint8_t *at, uint16_t type)
{
	memset(at, 2, 12);
	at[12] = (uint8_t)(type >> 8);
	at[13] = (uint8_t)type;
	return at + 14;
}

static uint8_t *ip4(uint8_t *at, uint8_t protocol, uint32_t source, uint32_t destination)
{
	memset(at, 0, 20);
	at[0] = 0x45;
	at[9] = protocol;
	for (unsigned i = 0; i < 4; i++) {
		at[12 + i] = (uint8_t)(source >> (24 - 8 * i));
		at[16 + i] = (uint8_t)(destination >> (24 - 8 * i));
	}
	return at + 20;
}

static uint8_t *ip6(uint8_t *at, uint8_t next, uint8_t source, uint8_t destination)
{
	memset(at, 0, 40);
	at[0] = 0x60;
	at[6] = next;
	at[8] = at[24] = 0xfd;
	at[23] = source;
	at[39] = destination;
	return at + 40;
}

#define A 0x0a010a0b
#define B 0x0a0164c8
#define ROUTER 0x0a010a01

static unsigned plain(uint8_t protocol, uint32_t source, uint32_t destination)
{
	uint8_t frame[200] = { 0 };

	ip4(ethernet(frame, 0x0800), protocol, source, destination);
	return run(frame, sizeof(frame));
}

static void both_directions_of_a_pair_meet_whatever_the_protocol(void **state)
{
	(void)state;
	assert_int_not_equal(plain(6, A, B), 0);
	assert_int_equal(plain(6, A, B), plain(6, B, A));
	assert_int_equal(plain(6, A, B), plain(17, B, A));
	assert_int_equal(plain(6, A, B), plain(1, B, A));
}

static void pairs_spread_over_four_workers(void **state)
{
	unsigned seen[4] = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 400; i++)
		seen[plain(6, A + i, B) % 4]++;
	for (unsigned i = 0; i < 4; i++)
		assert_in_range(seen[i], 60, 140);
}

static void a_tag_in_the_frame_changes_nothing(void **state)
{
	uint8_t frame[200] = { 0 }, *at = ethernet(frame, 0x8100);

	(void)state;
	at[3] = 7;
	at[2] = 0x08;
	at[3] = 0x00;
	ip4(at + 4, 6, B, A);
	assert_int_equal(run(frame, sizeof(frame)), plain(6, A, B));
}

static void an_icmp_error_meets_the_flow_it_quotes(void **state)
{
	uint8_t frame[200] = { 0 }, *at = ip4(ethernet(frame, 0x0800), 1, ROUTER, A);

	(void)state;
	at[0] = 3;
	ip4(at + 8, 6, A, B);
	assert_int_equal(run(frame, sizeof(frame)), plain(6, A, B));
	at[0] = 8; /* an echo belongs to its own pair */
	assert_int_equal(run(frame, sizeof(frame)), plain(6, A, ROUTER));
}

static void fragments_stay_with_their_pair(void **state)
{
	uint8_t frame[200] = { 0 };

	(void)state;
	ip4(ethernet(frame, 0x0800), 17, A, B);
	frame[14 + 6] = 0x20;
	frame[14 + 22] = 0x12; /* what would be the port of VXLAN, were it a header */
	frame[14 + 23] = 0xb5;
	assert_int_equal(run(frame, sizeof(frame)), plain(6, A, B));
}

static void tunnels_are_opened(void **state)
{
	static const struct { uint8_t protocol; uint16_t port; uint8_t before; uint16_t gre_flags, gre_type; bool ethernet; } kinds[] = {
		{ 17, 4789, 16, 0, 0, true }, { 17, 6081, 16, 0, 0, true }, { 4, 0, 0, 0, 0, false },
		{ 47, 0, 4, 0, 0x0800, false }, { 47, 0, 8, 0x2000, 0x6558, true }, { 47, 0, 16, 0x1000, 0x88be, true },
		{ 47, 0, 12, 0xa000, 0x0800, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		uint8_t frame[300] = { 0 }, *at = ip4(ethernet(frame, 0x0800), kinds[i].protocol, ROUTER, ROUTER + 7);
		if (kinds[i].protocol == 17) {
			at[2] = (uint8_t)(kinds[i].port >> 8);
			at[3] = (uint8_t)kinds[i].port;
		} else if (kinds[i].protocol == 47) {
			at[0] = (uint8_t)(kinds[i].gre_flags >> 8);
			at[2] = (uint8_t)(kinds[i].gre_type >> 8);
			at[3] = (uint8_t)kinds[i].gre_type;
		}
		at += kinds[i].before;
		ip4(kinds[i].ethernet ? ethernet(at, 0x0800) : at, 6, B, A);
		assert_int_equal(run(frame, sizeof(frame)), plain(6, A, B));
	}
}

static void ipv6_is_treated_alike(void **state)
{
	uint8_t there[200] = { 0 }, back[200] = { 0 }, error[200] = { 0 };

	(void)state;
	ip6(ethernet(there, 0x86dd), 6, 1, 2);
	ip6(ethernet(back, 0x86dd), 6, 2, 1);
	uint8_t *at = ip6(ethernet(error, 0x86dd), 58, 9, 1);
	at[0] = 1;
	ip6(at + 8, 6, 1, 2);
	assert_int_equal(run(there, sizeof(there)), run(back, sizeof(back)));
	assert_int_equal(run(error, sizeof(error)), run(back, sizeof(back)));
}

static void what_is_cut_goes_to_the_first(void **state)
{
	uint8_t frame[30] = { 0 };

	(void)state;
	ethernet(frame, 0x0800)[0] = 0x45;
	assert_int_equal(run(frame, sizeof(frame)), 0);
	ethernet(frame, 0x0806);
	assert_int_equal(run(frame, sizeof(frame)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_directions_of_a_pair_meet_whatever_the_protocol),
		cmocka_unit_test(pairs_spread_over_four_workers),
		cmocka_unit_test(a_tag_in_the_frame_changes_nothing),
		cmocka_unit_test(an_icmp_error_meets_the_flow_it_quotes),
		cmocka_unit_test(fragments_stay_with_their_pair),
		cmocka_unit_test(tunnels_are_opened),
		cmocka_unit_test(ipv6_is_treated_alike),
		cmocka_unit_test(what_is_cut_goes_to_the_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
