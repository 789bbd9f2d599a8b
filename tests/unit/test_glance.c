/* SPDX-License-Identifier: BSD-2-Clause
 * glance: where it names the pair of a frame, the decoder names the same, and needs nothing but this frame for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>

#include "../../sensord/app/capture/capture.h"
#include "decode/glance.h"
#include "decode_rows.h"

/* True where glance took it. */
static bool agrees(int link, struct bytes frame, uint32_t wire_size)
{
	uint64_t fragments = decoder_counts(decoder)->fragments;
	struct packet p;
	uint32_t hash = 0;
	bool taken = glance(link, frame, &hash);

	if (!taken)
		return false;
	assert_int_equal(decode(decoder, link, frame, wire_size, 7, &p), DECODED);
	assert_int_equal(hash, pair_hash(&p.source, &p.destination));
	assert_int_equal(hash, pair_hash(&p.destination, &p.source));
	assert_true(p.protocol == IP_TCP || p.protocol == IP_UDP);
	assert_int_equal(p.arp_operation, 0);
	assert_int_equal(p.n_encap, 0);
	assert_false(p.has_outer || p.has_quoted || p.reassembled || p.cut);
	assert_int_equal(decoder_counts(decoder)->fragments, fragments);
	return true;
}

static bool agrees_hex(int link, const char *hex)
{
	struct bytes frame = frames_make(hex);
	bool taken = agrees(link, frame, (uint32_t)frame.size);

	drop(frame);
	return taken;
}

static void plain_frames_are_taken(void **state)
{
	static const char *const plain[] = {
		ETHER4 IP4_HELLO,
		ETHER6 IP6_HELLO,
		MACS "8100 600a 0800 " IP4_HELLO,
		MACS "8100 000a 86dd " IP6_HELLO,
		ETHER4 IP4_HELLO "000000000000", /* padded */
		ETHER4 "4500 0021 1234 0000 40 11 0000 " A4 B4 "c350 0035 000d 0000 " HELLO,
		ETHER4 "4600 0031 1234 4000 40 06 0000 " A4 B4 "94040000 " TCP_HELLO,
		ETHER4 "4500 0031 1234 4000 40 06 0000 " A4 B4 "c350 0050 00000064 000000c8 6018 2000 0000 0000 01010101 " HELLO,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
		assert_true(agrees_hex(1, plain[i]));
}

static void what_has_to_be_decoded_is_left_to_the_decoder(void **state)
{
	static const char *const odd[] = {
		MACS "88a8 0064 8100 000a 0800 " IP4_HELLO,
		MACS "0806 0001 0800 06 04 0001 02000000000a " A4 "000000000000 " B4,
		ETHER4 "4500 002d 1234 2000 40 06 0000 " A4 B4 TCP_HELLO,                            /* first fragment */
		ETHER4 "4500 002d 1234 0001 40 06 0000 " A4 B4 TCP_HELLO,                            /* last fragment */
		ETHER4 "4500 0000 1234 4000 40 06 0000 " A4 B4 TCP_HELLO,                            /* segmentation offload */
		ETHER4 "4500 002e 1234 4000 40 06 0000 " A4 B4 TCP_HELLO,                            /* cut */
		ETHER4 "4500 001c 1234 0000 40 11 0000 " A4 B4 "c350 12b5 0008 0000 ",               /* VXLAN's port */
		ETHER4 "4500 001c 1234 0000 40 11 0000 " A4 B4 "0dd8 c350 0008 0000 ",               /* Teredo's */
		ETHER4 "4500 0038 1234 0000 40 01 0000 " A4 B4 "0303 0000 00000000 " "4500 0028 0001 0000 40 06 0000 " B4 A4
		       "0050 c350 00000001 ",                                                        /* ICMP error */
		ETHER4 OUT("0045", "2f") "0000 0800 " IP4_HELLO,
		ETHER6 "60000000 0021 00 40 " A6 B6 "06 00 0104 00000000 " TCP_HELLO,                /* extension header */
		ETHER4 "4500 002d 1234 4000 40 06 0000 " A4 B4
		       "c350 0050 00000064 000000c8 4018 2000 0000 0000 " HELLO,                     /* too small an offset */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
		print_message("%zu\n", i);
		assert_false(agrees_hex(1, odd[i]));
	}
	assert_false(agrees_hex(228, IP4_HELLO)); /* no Ethernet */
}

/* Every prefix; then every byte changed; in blocks of the exact size, so that reads beyond are seen. */
static void vary(int link, struct bytes whole, unsigned step)
{
	static const uint8_t values[] = { 0x00, 0x01, 0x04, 0x06, 0x08, 0x11, 0x2c, 0x40, 0x45, 0x4f, 0x60, 0x81, 0xff };

	for (size_t size = 0; size <= whole.size; size += step) {
		uint8_t *heap = malloc(size ? size : 1);
		memcpy(heap, whole.at, size);
		agrees(link, bytes_of(heap, size), (uint32_t)size);
		agrees(link, bytes_of(heap, size), (uint32_t)whole.size);
		free(heap);
	}
	uint8_t *heap = malloc(whole.size ? whole.size : 1);
	memcpy(heap, whole.at, whole.size);
	for (size_t at = 0; at < whole.size && at < 80; at++) {
		for (size_t v = at % step; v < ARRAY_SIZE(values); v += step) {
			heap[at] = values[v];
			agrees(link, bytes_of(heap, whole.size), (uint32_t)whole.size);
		}
		heap[at] = whole.at[at];
	}
	free(heap);
}

static void it_agrees_with_the_decoder_whatever_is_cut_or_changed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct bytes whole = frames_make(rows[i].frame);
		vary(rows[i].link, whole, 1);
		vary(1, whole, 1); /* and as if it were Ethernet */
		drop(whole);
	}
}

static void both_directions_and_both_families_have_one_hash_a_pair(void **state)
{
	struct address a, b, c;

	(void)state;
	assert_true(address_parse(bytes_string("10.1.10.11"), &a));
	assert_true(address_parse(bytes_string("10.1.250.10"), &b));
	assert_true(address_parse(bytes_string("2001:db8::1"), &c));
	assert_int_equal(pair_hash(&a, &b), pair_hash(&b, &a));
	assert_int_equal(pair_hash(&a, &c), pair_hash(&c, &a));
	assert_int_not_equal(pair_hash(&a, &b), pair_hash(&a, &c));
}

/* All frames of a folder of captures as they are; of some, variations. */
static void see_captures(const char *environment, const char *beside)
{
	const char *source = getenv("srcdir"), *folder = getenv(environment);
	char path[4096];
	struct frame f;
	uint64_t n = 0, taken = 0;

	snprintf(path, sizeof(path), "%s/../shared/%s", source ? source : ".", beside);
	const char *const paths[] = { folder ? folder : path };
	struct error err;
	struct capture *c = capture_open(paths, 1, NULL, &err);
	while (c && capture_next(c, &f) == CAPTURE_FRAME) {
		taken += agrees(f.link_type, f.data, f.wire_size);
		if (n++ % 4096 == 0)
			vary(f.link_type, f.data, 5);
	}
	capture_close(c);
	print_message("%s: %llu frames, %llu taken at a glance\n", beside, (unsigned long long)n, (unsigned long long)taken);
	if (n == 0)
		skip();
	assert_true(taken > n / 2);
}

static void it_agrees_on_every_frame_of_the_laboratory(void **state)
{
	(void)state;
	see_captures("SENSORD_LAB", "lab");
}

static void it_agrees_on_every_frame_of_the_corpus(void **state)
{
	(void)state;
	see_captures("SENSORD_CORPUS", "corpus");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(plain_frames_are_taken),
		TEST(what_has_to_be_decoded_is_left_to_the_decoder),
		TEST(it_agrees_with_the_decoder_whatever_is_cut_or_changed),
		cmocka_unit_test(both_directions_and_both_families_have_one_hash_a_pair),
		TEST(it_agrees_on_every_frame_of_the_laboratory),
		TEST(it_agrees_on_every_frame_of_the_corpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
