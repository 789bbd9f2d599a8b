/* SPDX-License-Identifier: BSD-2-Clause
 * decode: what the headers of IP and above may say: sizes, options, extension headers, cut frames, ICMP and its quotes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "decode_harness.h"

static void padding_behind_the_packet_is_no_payload(void **state)
{
	struct packet p;
	struct bytes frame;

	(void)state;
	assert_int_equal(decode_hex(ETHERNET, ETHER4 "4500 0028 1234 4000 40 06 0000 " A4 B4
				    "c350 0050 00000064 000000c8 5010 2000 0000 0000 " "000000000000 ", &frame, &p),
				  DECODED);
	assert_int_equal(p.payload.size, 0);
	assert_int_equal(p.payload_size, 0);
	assert_false(p.cut);
	drop(frame);
	assert_int_equal(decode_hex(RAW, "4500 0020 1234 4000 40 11 0000 " A4 B4 "c350 0035 000a 0000 6162 6364 ",
		&frame, &p),
			 DECODED);
	assert_int_equal(p.payload_size, 2); /* UDP's own size is the smaller one */
	drop(frame);
}

static void a_size_of_zero_is_segmentation_offload(void **state)
{
	struct packet p;
	struct bytes frame;

	(void)state;
	assert_int_equal(decode_hex(ETHERNET, ETHER4 "4500 0000 1234 4000 40 06 0000 " A4 B4 TCP_HELLO, &frame, &p),
		DECODED);
	assert_int_equal(p.payload_size, 5);
	drop(frame);
	assert_int_equal(decode_hex(ETHERNET, ETHER6 "60000000 0000 06 40 " A6 B6 TCP_HELLO, &frame, &p), DECODED);
	assert_int_equal(p.payload_size, 5);
	drop(frame);
	assert_int_equal(decode_hex(ETHERNET, ETHER6 "60000000 0000 3b 40 " A6 B6 "0000 ", &frame, &p), DECODED);
	assert_int_equal(p.payload_size, 0); /* "no next header" is really empty */
	drop(frame);
}

static void a_cut_frame_tells_what_was_on_the_wire(void **state)
{
	struct bytes whole = frames_make(ETHER4 IP4_HELLO);
	struct packet p;

	(void)state;
	assert_int_equal(decode(decoder, ETHERNET, bytes_of(whole.at, whole.size - 3), (uint32_t)whole.size, 7, &p),
		DECODED);
	assert_true(p.cut);
	assert_true(bytes_equal(p.payload, bytes_string("he")));
	assert_int_equal(p.payload_size, 5);
	assert_int_equal(p.wire_size, whole.size);
	drop(whole);
}

static void tcp_options_may_be_cut(void **state)
{
	struct bytes whole = frames_make("4500 0031 1234 4000 40 06 0000 " A4 B4
					 "c350 0050 00000064 000000c8 6018 2000 0000 0000 02 ");
	struct packet p;

	(void)state;
	assert_int_equal(decode(decoder, RAW, whole, 49, 7, &p), DECODED);
	assert_int_equal(p.payload.size, 0);
	assert_int_equal(p.payload_size, 5);
	assert_true(p.cut);
	assert_int_equal(p.destination_port, 80);
	drop(whole);
}

static void ipv6_extension_headers_are_walked(void **state)
{
	struct packet p;
	struct bytes frame;

	(void)state;
	/* hop-by-hop, routing, destination options, authentication, a fragment header of a whole datagram */
	assert_int_equal(decode_hex(RAW, "60000000 004d 00 40 " A6 B6 "2b00 010400000000 3c00 000000000000 "
				    "3301 010c000000000000000000000000 2c01 0000 00000001 00000002 "
				    "0600 0000 00000001 " TCP_HELLO, &frame, &p), DECODED);
	assert_int_equal(p.protocol, IP_TCP);
	assert_int_equal(p.payload_size, 5);
	assert_false(p.reassembled);
	drop(frame);
}

static void authentication_headers_are_walked_over_ipv4(void **state)
{
	struct packet p;
	struct bytes frame;

	(void)state;
	assert_int_equal(decode_hex(RAW, "4500 0045 1234 4000 40 33 0000 " A4 B4
				    "0604 0000 00000001 00000002 000000000000000000000000 " TCP_HELLO, &frame, &p),
				  DECODED);
	assert_int_equal(p.protocol, IP_TCP);
	assert_int_equal(p.destination_port, 80);
	assert_int_equal(p.payload_size, 5);
	drop(frame);
}

static void ipv4_options_are_skipped(void **state)
{
	struct packet p;
	struct bytes frame;

	(void)state;
	assert_int_equal(decode_hex(RAW, "4700 0035 1234 4000 40 06 0000 " A4 B4 "9404 0000 01010100 " TCP_HELLO,
		&frame, &p),
			 DECODED);
	assert_int_equal(p.destination_port, 80);
	assert_true(bytes_equal(p.payload, bytes_string("hello")));
	drop(frame);
}

static void sctp_has_ports_and_others_have_their_ip_payload(void **state)
{
	struct packet p;
	struct bytes frame;

	(void)state;
	assert_int_equal(decode_hex(RAW, OUT("0024", "84") "0b59 0b5a 00000001 00000000 01000004 ", &frame, &p),
		DECODED);
	assert_int_equal(p.source_port, 2905);
	assert_int_equal(p.destination_port, 2906);
	assert_int_equal(p.payload_size, 16);
	drop(frame);
	assert_int_equal(decode_hex(RAW, OUT("001c", "32") "00000001 00000002 ", &frame, &p), DECODED);
	assert_int_equal(p.protocol, IP_ESP);
	assert_int_equal(p.source_port, 0);
	assert_int_equal(p.payload_size, 8);
	drop(frame);
}

static void echo_has_an_identifier_and_its_data(void **state)
{
	struct packet p;
	struct bytes frame;

	(void)state;
	assert_int_equal(decode_hex(RAW, OUT("0021", "01") "0800 0000 1234 0001 " HELLO, &frame, &p), DECODED);
	assert_int_equal(p.icmp_type, 8);
	assert_int_equal(p.icmp_id, 0x1234);
	assert_int_equal(p.payload_size, 5);
	assert_false(p.has_quoted);
	drop(frame);
	assert_int_equal(decode_hex(RAW, OUT6("000d", "3a") "8100 0000 4321 0001 " HELLO, &frame, &p), DECODED);
	assert_int_equal(p.icmp_type, 129);
	assert_int_equal(p.icmp_id, 0x4321);
	drop(frame);
}

static void icmp_errors_quote_the_packet_they_complain_about(void **state)
{
	static const struct {
		const char *name, *frame, *source;
		uint8_t protocol;
		uint16_t port; /* destination's */
	} table[] = {
		{ "unreachable", OUT("0038", "01") "030d 0000 00000000 4500 0034 0001 0000 3f 06 0000 " A4 B4
		  "c350 01bb 00000001 ", "10.0.0.1", IP_TCP, 443 },
		{ "time exceeded", OUT("0038", "01") "0b00 0000 00000000 4500 0034 0001 0000 01 11 0000 " A4 B4
		  "c350 0035 00080000 ", "10.0.0.1", IP_UDP, 53 },
		{ "parameter problem, quoting options", OUT("003c", "01")
		  "0c00 0000 00000000 4600 0034 0001 0000 01 06 0000 "
		  A4 B4 "94040000 c350 0050 00000001 ", "10.0.0.1", IP_TCP, 80 },
		{ "quoting a later fragment", OUT("0038", "01") "0303 0000 00000000 4500 0034 0001 0010 3f 11 0000 "
		  A4 B4
		  "c350 0035 00080000 ", "10.0.0.1", IP_UDP, 0 },
		{ "quoting the header alone", OUT("0030", "01") "0303 0000 00000000 4500 0034 0001 0000 3f 11 0000 "
		  A4 B4,
		  "10.0.0.1", IP_UDP, 0 },
		{ "quoting an echo", OUT("0038", "01") "0301 0000 00000000 4500 0034 0001 0000 3f 01 0000 " A4 B4
		  "0800 0000 00010001 ", "10.0.0.1", IP_ICMP, 0 },
		{ "IPv6, administratively prohibited", OUT6("0038", "3a") "0101 0000 00000000 60000000 0008 06 40 "
		  A6 B6
		  "c350 01bb 00000001 ", "2001:db8::a", IP_TCP, 443 },
		{ "IPv6, too big, extension header quoted", OUT6("0040", "3a")
		  "0200 0000 00000500 60000000 0010 00 40 " A6 B6
		  "1100 010400000000 c350 0035 00080000 ", "2001:db8::a", IP_UDP, 53 },
		{ "IPv6, fragment quoted", OUT6("0040", "3a") "0300 0000 00000000 60000000 0010 2c 40 " A6 B6
		  "1100 0010 00000001 c350 0035 00080000 ", "2001:db8::a", IP_UDP, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct packet p;
		struct bytes frame;
		char text[ADDRESS_TEXT];
		print_message("%s\n", table[i].name);
		assert_int_equal(decode_hex(RAW, table[i].frame, &frame, &p), DECODED);
		assert_true(p.has_quoted);
		assert_string_equal(address_format(&p.quoted_source, text), table[i].source);
		assert_int_equal(p.quoted_protocol, table[i].protocol);
		assert_int_equal(p.quoted_destination_port, table[i].port);
		assert_int_equal(p.icmp_id, 0);
		assert_int_equal(p.source_port, 0);
		for (size_t size = 0; size < frame.size; size++) {
			uint8_t *heap = malloc(size);
			if (size)
				memcpy(heap, frame.at, size);
			decode(decoder, RAW, bytes_of(heap, size), (uint32_t)frame.size, 7, &p);
			free(heap);
		}
		drop(frame);
	}
}

static void an_error_that_quotes_nothing_readable_quotes_nothing(void **state)
{
	struct packet p;
	struct bytes frame;

	(void)state;
	assert_int_equal(decode_hex(RAW, OUT("0020", "01") "0301 0000 00000000 45000034 ", &frame, &p), DECODED);
	assert_false(p.has_quoted);
	assert_int_equal(p.payload_size, 4);
	drop(frame);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(padding_behind_the_packet_is_no_payload),
		TEST(a_size_of_zero_is_segmentation_offload),
		TEST(a_cut_frame_tells_what_was_on_the_wire),
		TEST(tcp_options_may_be_cut),
		TEST(ipv6_extension_headers_are_walked),
		TEST(authentication_headers_are_walked_over_ipv4),
		TEST(ipv4_options_are_skipped),
		TEST(sctp_has_ports_and_others_have_their_ip_payload),
		TEST(echo_has_an_identifier_and_its_data),
		TEST(icmp_errors_quote_the_packet_they_complain_about),
		TEST(an_error_that_quotes_nothing_readable_quotes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
