/* SPDX-License-Identifier: BSD-2-Clause
 * IP reassembly, through decode(): order, overlaps, duplicates, time, ceilings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/attributes.h"
#include "base/instant.h"
#include "base/limits.h"
#include "decode/packet.h"

enum { ETHERNET = 1, RAW = 12 };
#define START (1000 * NS_PER_S)

/* One IPv4 or IPv6 fragment around a part of a UDP datagram. */
struct piece {
	uint16_t offset, size;
	bool more;
};

struct wire {
	uint8_t at[70000];
	size_t size;
};

static struct decoder *decoder;
static struct packet packet;
static struct wire wire;
static uint8_t udp[65536];   /* the datagram that is taken apart */
static uint32_t udp_size;

static int setup(void **state)
{
	(void)state;
	decoder = decoder_new();
	return decoder ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	decoder_free(decoder);
	return 0;
}

static const struct decoder_counts *counts(void)
{
	return decoder_counts(decoder);
}

static void put(const void *at, size_t size)
{
	assert_true(wire.size + size <= sizeof(wire.at));
	memcpy(wire.at + wire.size, at, size);
	wire.size += size;
}

static void put16(unsigned v)
{
	uint8_t b[2] = { (uint8_t)(v >> 8), (uint8_t)v };
	put(b, 2);
}

/* Ports 1000 to 2000 and size - 8 bytes counting up from seed. */
static void make_udp(uint32_t size, uint8_t seed)
{
	uint8_t header[8] = { 1000 >> 8, 1000 & 0xff, 2000 >> 8, 2000 & 0xff, (uint8_t)(size >> 8), (uint8_t)size };

	memcpy(udp, header, 8);
	for (uint32_t i = 8; i < size; i++)
		udp[i] = (uint8_t)(seed + i * 7 + (i >> 8));
	udp_size = size;
}

static void put_ip4(uint16_t id, uint8_t protocol, uint8_t ttl, unsigned fragment, unsigned payload, uint8_t host)
{
	uint8_t rest[12] = { ttl, protocol, 0, 0, 10, 0, 0, host, 10, 0, 0, 2 };

	put16(0x4500);
	put16(20 + payload);
	put16(id);
	put16(fragment);
	put(rest, sizeof(rest));
}

static unsigned fragment_field(struct piece p)
{
	return (p.more ? 0x2000u : 0) | p.offset / 8u;
}

static enum decoded run(int link, uint64_t time_ns)
{
	/* A block of its own size, so that a read beyond is seen. */
	uint8_t *heap = malloc(wire.size);
	enum decoded result;

	memcpy(heap, wire.at, wire.size);
	result = decode(decoder, link, bytes_of(heap, wire.size), (uint32_t)wire.size, time_ns, &packet);
	free(heap); /* what was reassembled must not point into it */
	return result;
}

static enum decoded send4(uint16_t id, struct piece p, uint64_t time_ns)
{
	wire.size = 0;
	put_ip4(id, IP_UDP, p.offset ? 60 : 64, fragment_field(p), p.size, 1);
	put(udp + p.offset, p.size);
	return run(RAW, time_ns);
}

static enum decoded send6(uint32_t id, struct piece p, uint64_t time_ns)
{
	static const uint8_t addresses[32] = { 0x20, 1, [15] = 1, [16] = 0x20, 1, [31] = 2 };

	wire.size = 0;
	put16(0x6000);
	put16(0);
	put16(8u + p.size);
	put16(44 << 8 | 64);
	put(addresses, 32);
	put16(IP_UDP << 8);
	put16(p.offset | p.more);
	put16(id >> 16);
	put16(id & 0xffff);
	put(udp + p.offset, p.size);
	return run(RAW, time_ns);
}

static void assert_whole(void)
{
	assert_true(packet.reassembled);
	assert_int_equal(packet.protocol, IP_UDP);
	assert_int_equal(packet.source_port, 1000);
	assert_int_equal(packet.destination_port, 2000);
	assert_int_equal(packet.payload_size, udp_size - 8);
	assert_int_equal(packet.payload.size, udp_size - 8);
	assert_memory_equal(packet.payload.at, udp + 8, udp_size - 8);
	assert_false(packet.cut);
}

static void fragments_in_any_order_give_the_datagram(void **state)
{
	static const struct piece pieces[4] = { { 0, 80, true }, { 80, 80, true }, { 160, 80, true }, { 240, 61,
		false } };
	uint16_t id = 0;

	(void)state;
	make_udp(301, 1);
	for (unsigned order = 0; order < 256; order++) {
		unsigned pick[4] = { order & 3, order >> 2 & 3, order >> 4 & 3, order >> 6 };
		if ((1u << pick[0] | 1u << pick[1] | 1u << pick[2] | 1u << pick[3]) != 15)
			continue;
		id++;
		for (unsigned i = 0; i < 3; i++) {
			assert_int_equal(send4(id, pieces[pick[i]], START), DECODED_FRAGMENT);
			assert_int_equal(send6(id, pieces[pick[i]], START), DECODED_FRAGMENT);
		}
		assert_int_equal(send4(id, pieces[pick[3]], START), DECODED);
		assert_whole();
		assert_int_equal(packet.ttl, 64); /* the first fragment's */
		assert_int_equal(packet.ip_id, id);
		assert_int_equal(send6(id, pieces[pick[3]], START), DECODED);
		assert_whole();
	}
	assert_int_equal(id, 24);
	assert_int_equal(counts()->fragments, 24 * 8);
	assert_int_equal(counts()->reassembled, 48);
	assert_int_equal(counts()->fragment_overlaps, 0);
	assert_int_equal(counts()->fragments_dropped, 0);
}

static void the_first_copy_of_a_byte_wins(void **state)
{
	static uint8_t first[301];

	(void)state;
	make_udp(301, 1);
	memcpy(first, udp, 301);
	assert_int_equal(send4(1, (struct piece){ 80, 80, true }, START), DECODED_FRAGMENT);
	make_udp(301, 99); /* other bytes from here on */
	assert_int_equal(send4(1, (struct piece){ 40, 200, true }, START), DECODED_FRAGMENT);
	assert_int_equal(counts()->fragment_overlaps, 1);
	assert_int_equal(send4(1, (struct piece){ 240, 61, false }, START), DECODED_FRAGMENT);
	assert_int_equal(send4(1, (struct piece){ 0, 48, true }, START), DECODED);
	assert_int_equal(counts()->fragment_overlaps, 2);
	memcpy(udp + 80, first + 80, 80);
	assert_whole();
}

static void what_contradicts_the_end_has_no_place(void **state)
{
	(void)state;
	make_udp(301, 1);
	assert_int_equal(send4(1, (struct piece){ 240, 61, false }, START), DECODED_FRAGMENT);
	assert_int_equal(send4(1, (struct piece){ 240, 50, false }, START), DECODED_FRAGMENT); /* another end */
	assert_int_equal(send4(1, (struct piece){ 296, 16, true }, START), DECODED_FRAGMENT);  /* behind the end */
	assert_int_equal(counts()->fragment_overlaps, 2);
	assert_int_equal(send4(1, (struct piece){ 0, 240, true }, START), DECODED);
	assert_whole();
	assert_int_equal(send4(2, (struct piece){ 80, 80, true }, START), DECODED_FRAGMENT);
	assert_int_equal(send4(2, (struct piece){ 8, 40, false }, START),
		DECODED_FRAGMENT); /* ends too early */
	assert_int_equal(counts()->fragment_overlaps, 3);
	assert_int_equal(counts()->reassembled, 1);
}

static void frames_seen_twice_make_one_datagram(void **state)
{
	static const struct piece pieces[3] = { { 0, 80, true }, { 80, 80, true }, { 160, 61, false } };

	(void)state;
	make_udp(221, 1);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(send4(1, pieces[i], START), i == 2 ? DECODED : DECODED_FRAGMENT);
		assert_int_equal(send4(1, pieces[i], START), DECODED_FRAGMENT);
	}
	assert_int_equal(send4(1, pieces[0], START), DECODED_FRAGMENT);
	assert_int_equal(counts()->reassembled, 1);
	assert_int_equal(counts()->fragment_overlaps, 0);
	assert_int_equal(counts()->fragments, 7);
}

static void an_identification_may_be_used_again(void **state)
{
	(void)state;
	for (uint8_t seed = 1; seed < 4; seed++) {
		make_udp(221u + seed, seed);
		assert_int_equal(send4(1, (struct piece){ 8, 120, true }, START), DECODED_FRAGMENT);
		assert_int_equal(send4(1, (struct piece){ 0, 8, true }, START), DECODED_FRAGMENT);
		assert_int_equal(send4(1, (struct piece){ 128, (uint16_t)(93 + seed), false }, START), DECODED);
		assert_whole();
	}
	assert_int_equal(counts()->reassembled, 3);
}

static void datagrams_differ_in_any_part_of_their_key(void **state)
{
	(void)state;
	make_udp(200, 1);
	assert_int_equal(send4(1, (struct piece){ 0, 80, true }, START), DECODED_FRAGMENT);
	assert_int_equal(send4(2, (struct piece){ 80, 120, false }, START), DECODED_FRAGMENT);
	wire.size = 0;
	put_ip4(1, IP_TCP, 64, fragment_field((struct piece){ 80, 120, false }), 120, 1);
	put(udp + 80, 120);
	assert_int_equal(run(RAW, START), DECODED_FRAGMENT); /* another protocol */
	wire.size = 0;
	put_ip4(1, IP_UDP, 64, fragment_field((struct piece){ 80, 120, false }), 120, 9);
	put(udp + 80, 120);
	assert_int_equal(run(RAW, START), DECODED_FRAGMENT); /* another host */
	assert_int_equal(send4(1, (struct piece){ 80, 120, false }, START), DECODED);
	assert_whole();
}

static void the_vlan_is_no_part_of_the_key(void **state)
{
	static const uint8_t macs[12] = { 2, [5] = 2, 2, [11] = 1 };

	(void)state;
	make_udp(200, 1);
	for (unsigned vlan = 10; vlan <= 11; vlan++) {
		struct piece p = vlan == 10 ? (struct piece){ 0, 80, true } : (struct piece){ 80, 120, false };
		wire.size = 0;
		put(macs, 12);
		put16(0x8100);
		put16(vlan);
		put16(0x0800);
		put_ip4(1, IP_UDP, 64, fragment_field(p), p.size, 1);
		put(udp + p.offset, p.size);
		assert_int_equal(run(ETHERNET, START), vlan == 10 ? DECODED_FRAGMENT : DECODED);
	}
	assert_whole();
	assert_int_equal(packet.vlan[0], 11);
}

static void ethernet_padding_is_not_reassembled(void **state)
{
	static const uint8_t macs[12] = { 2, [5] = 2, 2, [11] = 1 }, padding[18] = { 0xee };

	(void)state;
	make_udp(24, 1);
	for (unsigned i = 0; i < 3; i++) {
		struct piece p = { (uint16_t)(i * 8), 8, i < 2 };
		wire.size = 0;
		put(macs, 12);
		put16(0x0800);
		put_ip4(1, IP_UDP, 64, fragment_field(p), p.size, 1);
		put(udp + p.offset, p.size);
		put(padding, sizeof(padding));
		assert_int_equal(run(ETHERNET, START), i < 2 ? DECODED_FRAGMENT : DECODED);
	}
	assert_whole();
}

static void a_datagram_waits_thirty_seconds_of_packet_time(void **state)
{
	(void)state;
	make_udp(200, 1);
	assert_int_equal(send4(1, (struct piece){ 0, 80, true }, START), DECODED_FRAGMENT);
	assert_int_equal(send4(1, (struct piece){ 80, 120, false }, START + 29 * NS_PER_S), DECODED);
	assert_int_equal(send4(2, (struct piece){ 0, 80, true }, START), DECODED_FRAGMENT);
	assert_int_equal(send4(2, (struct piece){ 80, 120, false }, START + 61 * NS_PER_S), DECODED_FRAGMENT);
	assert_int_equal(counts()->fragments_dropped, 1);
	assert_int_equal(counts()->reassembled, 1);
}

static void packets_of_several_interfaces_may_be_out_of_order(void **state)
{
	(void)state;
	make_udp(200, 1);
	assert_int_equal(send4(1, (struct piece){ 0, 80, true }, START), DECODED_FRAGMENT);
	assert_int_equal(send4(1, (struct piece){ 80, 120, false }, START - NS_PER_S), DECODED);
	assert_whole();
	assert_int_equal(send4(2, (struct piece){ 0, 80, true }, 0), DECODED_FRAGMENT);
	assert_int_equal(send4(2, (struct piece){ 80, 120, false }, 0), DECODED);
}

static void the_oldest_datagram_goes_when_there_are_too_many(void **state)
{
	(void)state;
	make_udp(200, 1);
	for (unsigned id = 0; id <= LIMIT_FRAGMENTS; id++)
		assert_int_equal(send4((uint16_t)id, (struct piece){ 0, 80, true }, START + id), DECODED_FRAGMENT);
	assert_int_equal(counts()->fragments_dropped, 1);
	assert_int_equal(send4(1, (struct piece){ 80, 120, false }, START), DECODED);
	assert_whole();
	assert_int_equal(send4(0, (struct piece){ 80, 120, false }, START), DECODED_FRAGMENT);
}

static void the_oldest_datagram_goes_when_there_are_too_many_bytes(void **state)
{
	unsigned n = LIMIT_FRAGMENT_BYTES / 65536 + 20;

	(void)state;
	make_udp(65000, 1);
	for (unsigned id = 0; id < n; id++)
		assert_int_equal(send4((uint16_t)id, (struct piece){ 64000, 1000, false }, START + id),
			DECODED_FRAGMENT);
	assert_in_range(counts()->fragments_dropped, 20, 22);
	assert_int_equal(send4((uint16_t)(n - 1), (struct piece){ 0, 64000, true }, START + n), DECODED);
	assert_whole();
}

static void a_datagram_of_too_many_holes_is_given_up(void **state)
{
	(void)state;
	make_udp(4096, 1);
	for (unsigned i = 0; i < 2 * LIMIT_FRAGMENT_PARTS; i++)
		assert_int_equal(send4(1, (struct piece){ (uint16_t)(i * 16), 8, true }, START), DECODED_FRAGMENT);
	for (unsigned i = 0; i < 2 * LIMIT_FRAGMENT_PARTS - 1; i++)
		send4(1, (struct piece){ (uint16_t)(i * 16 + 8), 8, true }, START);
	assert_int_equal(counts()->reassembled, 0);
	/* In order there is one range, however many fragments. */
	for (unsigned i = 0; i < 511; i++)
		assert_int_equal(send4(2, (struct piece){ (uint16_t)(i * 8), 8, true }, START), DECODED_FRAGMENT);
	assert_int_equal(send4(2, (struct piece){ 4088, 8, false }, START), DECODED);
	assert_whole();
}

static void the_largest_datagram_fits_and_a_larger_one_does_not(void **state)
{
	(void)state;
	make_udp(65515, 1);
	assert_int_equal(send4(1, (struct piece){ 32768, 32747, false }, START), DECODED_FRAGMENT);
	assert_int_equal(send4(1, (struct piece){ 0, 32768, true }, START), DECODED);
	assert_whole();
	assert_int_equal(send4(2, (struct piece){ 65528, 8, false }, START), DECODED_FRAGMENT);
	assert_int_equal(counts()->fragments_dropped, 1);
	assert_int_equal(send4(2, (struct piece){ 0, 0, true }, START), DECODED_FRAGMENT); /* nothing in it */
	assert_int_equal(counts()->fragments_dropped, 2);
}

static void a_fragment_that_the_capture_cut_is_dropped(void **state)
{
	(void)state;
	make_udp(200, 1);
	wire.size = 0;
	put_ip4(1, IP_UDP, 64, 0x2000, 80, 1);
	put(udp, 80);
	assert_int_equal(decode(decoder, RAW, bytes_of(wire.at, 60), (uint32_t)wire.size, START, &packet),
		DECODED_FRAGMENT);
	assert_int_equal(counts()->fragments_dropped, 1);
	assert_int_equal(send4(1, (struct piece){ 80, 120, false }, START), DECODED_FRAGMENT);
}

/* An IP-in-IP carrier between the same hosts, with the same identification as what it carries. */
static void a_carrier_and_its_fragmented_content_are_kept_apart(void **state)
{
	uint8_t inner[2][200];
	size_t size[2];

	(void)state;
	make_udp(200, 1);
	for (unsigned i = 0; i < 2; i++) {
		struct piece p = i ? (struct piece){ 104, 96, false } : (struct piece){ 0, 104, true };
		wire.size = 0;
		put_ip4(7, IP_UDP, 64, fragment_field(p), p.size, 1);
		put(udp + p.offset, p.size);
		memcpy(inner[i], wire.at, wire.size);
		size[i] = wire.size;
	}
	for (unsigned i = 0; i < 2; i++) {
		wire.size = 0;
		put_ip4(7, IP_IPIP, 64, 0x2000, 64, 1);
		put(inner[i], 64);
		assert_int_equal(run(RAW, START), DECODED_FRAGMENT);
		wire.size = 0;
		put_ip4(7, IP_IPIP, 64, 64 / 8, (unsigned)size[i] - 64, 1);
		put(inner[i] + 64, size[i] - 64);
		assert_int_equal(run(RAW, START), i ? DECODED : DECODED_FRAGMENT);
	}
	assert_whole();
	assert_int_equal(packet.encap[0], ENCAP_IPIP);
	assert_int_equal(counts()->reassembled, 3);
}

static void a_part_that_is_no_multiple_of_eight_loses_its_end(void **state)
{
	(void)state;
	make_udp(200, 1);
	assert_int_equal(send4(1, (struct piece){ 0, 85, true }, START), DECODED_FRAGMENT);
	assert_int_equal(send4(1, (struct piece){ 80, 120, false }, START), DECODED);
	assert_whole();
	assert_int_equal(counts()->fragment_overlaps, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(fragments_in_any_order_give_the_datagram),
		TEST(the_first_copy_of_a_byte_wins),
		TEST(what_contradicts_the_end_has_no_place),
		TEST(frames_seen_twice_make_one_datagram),
		TEST(an_identification_may_be_used_again),
		TEST(datagrams_differ_in_any_part_of_their_key),
		TEST(the_vlan_is_no_part_of_the_key),
		TEST(ethernet_padding_is_not_reassembled),
		TEST(a_datagram_waits_thirty_seconds_of_packet_time),
		TEST(packets_of_several_interfaces_may_be_out_of_order),
		TEST(the_oldest_datagram_goes_when_there_are_too_many),
		TEST(the_oldest_datagram_goes_when_there_are_too_many_bytes),
		TEST(a_datagram_of_too_many_holes_is_given_up),
		TEST(the_largest_datagram_fits_and_a_larger_one_does_not),
		TEST(a_fragment_that_the_capture_cut_is_dropped),
		TEST(a_carrier_and_its_fragmented_content_are_kept_apart),
		TEST(a_part_that_is_no_multiple_of_eight_loses_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
