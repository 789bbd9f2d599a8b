/* SPDX-License-Identifier: BSD-2-Clause
 * decode: every link layer and every encapsulation around one and the same packet; tunnels that cannot be opened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "decode_rows.h"

static void check_inside(const struct row *row, const struct packet *p)
{
	static const uint8_t from[6] = { 2, 0, 0, 0, 0, 10 }, to[6] = { 2, 0, 0, 0, 0, 11 };
	char source[ADDRESS_TEXT], destination[ADDRESS_TEXT];

	address_format(&p->source, source);
	address_format(&p->destination, destination);
	if (row->version) {
		assert_int_equal(p->ip_version, row->version);
		assert_string_equal(source, row->version == 4 ? "10.0.0.1" : "2001:db8::a");
		assert_string_equal(destination, row->version == 4 ? "10.0.0.2" : "2001:db8::b");
	}
	assert_int_equal(p->ip_id, p->ip_version == 4 ? 0x1234 : 0);
	assert_int_equal(p->ttl, 64);
	assert_int_equal(p->protocol, IP_TCP);
	assert_int_equal(p->source_port, 50000);
	assert_int_equal(p->destination_port, 80);
	assert_int_equal(p->seq, 100);
	assert_int_equal(p->ack, 200);
	assert_int_equal(p->tcp_flags, TCP_ACK | TCP_PSH);
	assert_int_equal(p->window, 0x2000);
	assert_true(bytes_equal(p->payload, bytes_string("hello")));
	assert_int_equal(p->payload_size, 5);
	assert_false(p->cut);
	assert_false(p->reassembled);
	assert_int_equal(p->has_mac, row->has_mac);
	if (row->has_mac) {
		assert_memory_equal(p->source_mac, from, 6);
		assert_memory_equal(p->destination_mac, to, 6);
	}
}

static void every_link_and_every_encapsulation_gives_the_packet_inside(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		struct packet p;
		struct bytes frame;
		unsigned n_encap = 0, n_vlan = 0;
		print_message("%s\n", row->name);
		assert_int_equal(decode_hex(row->link, row->frame, &frame, &p), DECODED);
		check_inside(row, &p);
		while (n_encap < 3 && row->encap[n_encap])
			n_encap++;
		while (n_vlan < 2 && row->vlan[n_vlan])
			n_vlan++;
		assert_int_equal(p.n_encap, n_encap);
		assert_memory_equal(p.encap, row->encap, n_encap);
		assert_int_equal(p.n_vlan, n_vlan);
		assert_memory_equal(p.vlan, row->vlan, n_vlan * sizeof(p.vlan[0]));
		assert_int_equal(p.has_outer, row->has_outer);
		assert_int_equal(p.time_ns, 7);
		assert_int_equal(p.wire_size, frame.size);
		drop(frame);
	}
}

/* wire: what the capture says the frame's size was. */
static void check_prefix(const struct row *row, struct bytes whole, size_t size, size_t wire)
{
	uint8_t *heap = malloc(size);
	struct packet p;

	if (size)
		memcpy(heap, whole.at, size);
	if (decode(decoder, row->link, bytes_of(heap, size), (uint32_t)wire, 7, &p) == DECODED) {
		assert_true(p.payload.size <= p.payload_size);
		assert_int_equal(p.cut, p.payload.size < p.payload_size);
		if (p.payload.size)
			assert_true(p.payload.at >= heap && p.payload.at + p.payload.size <= heap + size);
		if (p.protocol == IP_TCP) {
			assert_int_equal(p.payload_size, 5);
			assert_memory_equal(p.payload.at, "hello", p.payload.size);
		}
	}
	free(heap);
}

static void no_prefix_of_a_frame_faults_or_invents_payload(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct bytes whole = frames_make(rows[i].frame);
		for (size_t size = 0; size < whole.size; size++) {
			check_prefix(&rows[i], whole, size, whole.size);
			check_prefix(&rows[i], whole, size, size);
		}
		drop(whole);
	}
}

static void any_byte_may_be_wrong(void **state)
{
	static const uint8_t values[] = { 0x00, 0x01, 0x0f, 0x3f, 0x45, 0x60, 0x7f, 0x80, 0xff };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct bytes whole = frames_make(rows[i].frame);
		uint8_t *heap = (uint8_t *)(uintptr_t)whole.at;
		for (size_t at = 0; at < whole.size; at++) {
			uint8_t before = heap[at];
			for (size_t v = 0; v < ARRAY_SIZE(values); v++) {
				struct packet p;
				heap[at] = values[v];
				if (decode(decoder, rows[i].link, whole, (uint32_t)whole.size, 7, &p) != DECODED ||
				    p.payload.size == 0)
					continue;
				if (!p.reassembled)
					assert_true(p.payload.at >= heap &&
						    p.payload.at + p.payload.size <= heap + whole.size);
			}
			heap[at] = before;
		}
		drop(whole);
	}
}

static void the_outer_addresses_of_a_tunnel_are_the_outermost(void **state)
{
	struct packet p;
	struct bytes frame;
	char text[ADDRESS_TEXT];

	(void)state;
	assert_int_equal(decode_hex(RAW, OUT6("0059", "29") OUT6("0031", "2f") "0000 0800 " IP4_HELLO, &frame, &p),
		DECODED);
	assert_true(p.has_outer);
	assert_string_equal(address_format(&p.outer_source, text), "2001:db8:1::1");
	assert_string_equal(address_format(&p.outer_destination, text), "2001:db8:1::2");
	assert_int_equal(p.outer_protocol, IP_IPV6);
	assert_string_equal(address_format(&p.source, text), "10.0.0.1");
	drop(frame);
}

struct outcome_row {
	const char *name;
	int link;
	const char *frame;
	enum decoded outcome;
};

static void frames_without_a_usable_ip_packet_say_why(void **state)
{
	static const struct outcome_row table[] = {
		{ "ARP", ETHERNET, MACS "0806 0001 0800 06 04 0001 02000000000a 0a000001 000000000000 0a000002 ",
		  DECODED_ARP },
		{ "ARP of Token Ring", ETHERNET, MACS "0806 0006 0800 06 04 0001 02000000000a 0a000001 000000000000 0a000002 ",
		  DECODED_OTHER },
		{ "spanning tree", ETHERNET, "0180c2000000 02000000000a 0026 424203 0000000000 ", DECODED_OTHER },
		{ "LLDP", ETHERNET, MACS "88cc 0207 ", DECODED_OTHER },
		{ "CDP in SNAP", ETHERNET, MACS "0010 aaaa03 00000c 2000 02b4 ", DECODED_OTHER },
		{ "PPPoE discovery", PPPOE, "1109 0000 0000 ", DECODED_OTHER },
		{ "LCP", PPP, "c021 0101 0004 ", DECODED_OTHER },
		{ "encrypted 802.11", WIFI, "0841 0000 0200000000cc 02000000000a 02000000000b 0000 00000000 ",
		  DECODED_OTHER },
		{ "802.11 beacon", WIFI, "8000 0000 ffffffffffff 02000000000a 02000000000b 0000 ", DECODED_OTHER },
		{ "ARP in VXLAN", RAW, OUT("004e", "11") "c000 12b5 003a 0000 08000000 00000100 " MACS
		  "0806 0001 0800 06 04 0001 02000000000a 0a000001 000000000000 0a000002 ", DECODED_ARP },
		{ "ARP cut short", ETHERNET, MACS "0806 0001 0800 06 04 0001 02000000000a 0a000001 ", DECODED_MALFORMED },
		{ "AppleTalk over loop", LOOP, "00000010 0000 ", DECODED_OTHER },
		{ "a link type nobody decodes", 220, IP4_HELLO, DECODED_UNKNOWN_LINK },
		{ "nothing", ETHERNET, "", DECODED_MALFORMED },
		{ "IPv4 header of 16 bytes", RAW, "4400 0010 0001 0000 40 06 0000 " A4 B4, DECODED_MALFORMED },
		{ "IPv4 smaller than its header", RAW, "4500 0013 0001 0000 40 06 0000 " A4 B4, DECODED_MALFORMED },
		{ "IPv4 header beyond the frame", RAW, "4f00 003c 0001 0000 40 06 0000 " A4 B4, DECODED_MALFORMED },
		{ "IPv6 as IPv4", ETHERNET, ETHER4 IP6_HELLO, DECODED_MALFORMED },
		{ "IPv4 as IPv6", ETHERNET, ETHER6 IP4_HELLO, DECODED_MALFORMED },
		{ "TCP offset too small", RAW, "4500 0028 0001 0000 40 06 0000 " A4 B4
		  "c350 0050 00000001 00000000 4002 2000 0000 0000 ", DECODED_MALFORMED },
		{ "TCP offset beyond the packet", RAW, "4500 0028 0001 0000 40 06 0000 " A4 B4
		  "c350 0050 00000001 00000000 6002 2000 0000 0000 ", DECODED_MALFORMED },
		{ "UDP size below its header", RAW, "4500 001c 0001 0000 40 11 0000 " A4 B4 "c350 0035 0007 0000 ",
		  DECODED_MALFORMED },
		{ "UDP size beyond the packet", RAW, "4500 001c 0001 0000 40 11 0000 " A4 B4 "c350 0035 0009 0000 ",
		  DECODED_MALFORMED },
		{ "ICMP of seven bytes", RAW, "4500 001b 0001 0000 40 01 0000 " A4 B4 "0800 0000 000000 ",
		  DECODED_MALFORMED },
		{ "nine VLAN tags", ETHERNET, MACS
		  "8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 "
		  "8100 0001 8100 0001 0800 " IP4_HELLO, DECODED_MALFORMED },
		{ "two fragment headers", RAW, "60000000 0029 2c 40 " A6 B6 "2c00 0000 00000001 0600 0000 00000001 "
		  TCP_HELLO,
		  DECODED_MALFORMED },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct packet p;
		struct bytes frame;
		print_message("%s\n", table[i].name);
		assert_int_equal(decode_hex(table[i].link, table[i].frame, &frame, &p), table[i].outcome);
		drop(frame);
	}
	assert_int_equal(decoder_counts(decoder)->frames, ARRAY_SIZE(table));
	assert_int_equal(decoder_counts(decoder)->other, 9);
	assert_int_equal(decoder_counts(decoder)->unknown_link, 1);
	assert_int_equal(decoder_counts(decoder)->malformed, ARRAY_SIZE(table) - 12);
}

static void an_arp_question_names_who_asks_and_for_whom(void **state)
{
	struct packet p;
	struct bytes frame;
	char text[ADDRESS_TEXT];

	(void)state;
	assert_int_equal(decode_hex(ETHERNET, MACS "8100 0005 0806 0001 0800 06 04 0001 02000000000a 0a000001 000000000000 0a000002 ",
				    &frame, &p), DECODED_ARP);
	assert_int_equal(p.arp_operation, 1);
	assert_string_equal(address_format(&p.source, text), "10.0.0.1");
	assert_string_equal(address_format(&p.destination, text), "10.0.0.2");
	assert_int_equal(p.source_mac[5], 0x0a);
	assert_int_equal(p.vlan[0], 5);
	drop(frame);
}

static void a_tunnel_that_cannot_be_opened_leaves_the_outer_packet(void **state)
{
	static const struct {
		const char *name, *frame;
		uint8_t protocol;
		uint16_t source_port;
		uint32_t size;
	} table[] = {
		{ "GRE keepalive", OUT("0018", "2f") "0000 0000 ", IP_GRE, 0, 4 },
		{ "GRE with CDP", OUT("001a", "2f") "0000 2000 0102 ", IP_GRE, 0, 6 },
		{ "GRE, bridged, a protocol of somebody's own", OUT("0028", "2f") "0000 6558 " MACS "88b5 6869 ", IP_GRE, 0, 20 },
		{ "GRE with source routes", OUT("0018", "2f") "4000 0800 ", IP_GRE, 0, 4 },
		{ "PPTP, encrypted", OUT("0024", "2f") "2001 880b 0004 0001 00fd 9000 01020304 ", IP_GRE, 0, 16 },
		{ "ERSPAN III, unknown frame type", OUT("0028", "2f")
		  "1000 22eb 00000001 2000 0001 00000000 0000 1c00 ",
		  IP_GRE, 0, 20 },
		{ "an answer to port 4789 that is no VXLAN", OUT("0026", "11")
		  "0035 12b5 0012 0000 8180 0001 0001 0000 0000 ",
		  IP_UDP, 53, 10 },
		{ "VXLAN with its inside cut off", OUT("002a", "11") "c000 12b5 0016 0000 08000000 00000100 " MACS,
		  IP_UDP,
		  0xc000, 14 },
		{ "something else on Teredo's port", OUT("0020", "11") "0dd8 c000 000c 0000 68656c6c ", IP_UDP, 3544,
		  4 },
		{ "IP in IP of nothing", OUT("0014", "04"), IP_IPIP, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct packet p;
		struct bytes frame;
		char text[ADDRESS_TEXT];
		print_message("%s\n", table[i].name);
		assert_int_equal(decode_hex(RAW, table[i].frame, &frame, &p), DECODED);
		assert_string_equal(address_format(&p.source, text), "192.0.2.1");
		assert_int_equal(p.protocol, table[i].protocol);
		assert_int_equal(p.source_port, table[i].source_port);
		assert_int_equal(p.n_encap, 0);
		assert_false(p.has_outer);
		assert_int_equal(p.payload_size, table[i].size);
		drop(frame);
	}
	assert_int_equal(decoder_counts(decoder)->malformed, 0);
}

/* Ten times IP in IP: the limit is eight, what is deeper stays a payload. */
static void tunnels_end_at_the_limit(void **state)
{
	uint8_t nest[10 * 20 + 45];
	struct bytes inner = frames_make(IP4_HELLO), outer = frames_make(OUT("0000", "04"));
	struct packet p;

	(void)state;
	for (size_t i = 0; i < 10; i++)
		memcpy(nest + i * 20, outer.at, 20);
	memcpy(nest + 200, inner.at, 45);
	assert_int_equal(decode(decoder, RAW, bytes_of(nest, sizeof(nest)), sizeof(nest), 7, &p), DECODED);
	assert_int_equal(p.n_encap, 8);
	assert_int_equal(p.protocol, IP_IPIP);
	assert_int_equal(p.payload.size, 20 + 45);
	drop(inner);
	drop(outer);
}

static void nothing_of_the_packet_before_stays(void **state)
{
	struct packet p;
	struct bytes frame;

	(void)state;
	memset(&p, 0xff, sizeof(p));
	p.number = 42;
	assert_int_equal(decode_hex(RAW, OUT("0014", "3b"), &frame, &p), DECODED);
	assert_int_equal(p.number, 42); /* the caller's */
	assert_false(p.has_mac || p.has_outer || p.has_quoted || p.cut || p.reassembled);
	assert_int_equal(p.n_vlan + p.n_encap + p.source_port + p.destination_port + p.tcp_flags + p.icmp_type, 0);
	assert_int_equal(p.payload_size, 0);
	drop(frame);
}

static void every_encapsulation_has_a_name(void **state)
{
	(void)state;
	for (int e = ENCAP_VLAN; e <= ENCAP_TEREDO; e++)
		assert_string_not_equal(encapsulation_name((enum encapsulation)e), "unknown");
	assert_string_equal(encapsulation_name(ENCAP_6IN4), "6in4");
	assert_string_equal(encapsulation_name((enum encapsulation)99), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_link_and_every_encapsulation_gives_the_packet_inside),
		TEST(no_prefix_of_a_frame_faults_or_invents_payload),
		TEST(any_byte_may_be_wrong),
		TEST(the_outer_addresses_of_a_tunnel_are_the_outermost),
		TEST(frames_without_a_usable_ip_packet_say_why),
		TEST(an_arp_question_names_who_asks_and_for_whom),
		TEST(a_tunnel_that_cannot_be_opened_leaves_the_outer_packet),
		TEST(tunnels_end_at_the_limit),
		TEST(nothing_of_the_packet_before_stays),
		TEST(every_encapsulation_has_a_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
