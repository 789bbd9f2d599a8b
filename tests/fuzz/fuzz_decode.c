/* SPDX-License-Identifier: BSD-2-Clause
 * Frames through the decoder, and whether a glance names the same pair. Input: one byte that picks the link type, then
 * frames, each behind its size (two bytes, most significant first; the top bit: the frame was larger on the wire).
 * Several frames, so that fragments meet. */
#include <stdlib.h>

#include "base/attributes.h"
#include "base/reader.h"
#include "decode/glance.h"
#include "decode/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size);

static const int links[] = { 1, 0, 9, 12, 50, 51, 101, 104, 105, 108, 113, 127, 166, 228, 229, 276, 14, 9999 };

/* Whatever is promised has to be there: the sanitizer sees reads beyond, this sees the rest. */
static void check(const struct packet *p)
{
	unsigned sum = 0;

	if (p->payload.size > p->payload_size || p->cut != (p->payload.size < p->payload_size) || p->n_vlan > 2 ||
	    p->n_encap > ARRAY_SIZE(p->encap) || (p->ip_version != 4 && p->ip_version != 6))
		abort();
	for (size_t i = 0; i < p->payload.size; i++)
		sum += p->payload.at[i];
	if (sum > p->payload.size * 255)
		abort();
}

static void one_frame(struct decoder *d, int link, struct bytes frame, bool was_larger, uint64_t time_ns)
{
	uint8_t *heap = malloc(frame.size); /* a block of its own, so that reads beyond are seen */
	struct packet p;

	if (!heap)
		return;
	if (frame.size)
		memcpy(heap, frame.at, frame.size);
	uint32_t pair = 0;
	bool plain = glance(link, bytes_of(heap, frame.size), &pair);
	enum decoded result = decode(d, link, bytes_of(heap, frame.size), (uint32_t)frame.size + (was_larger ? 40 : 0), time_ns, &p);
	if (result == DECODED)
		check(&p);
	if (plain && (result != DECODED || p.n_encap || p.has_quoted || p.reassembled || pair != pair_hash(&p.source, &p.destination)))
		abort();
	free(heap);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
	struct reader r = reader_open(bytes_of(at, size));
	struct decoder *d = decoder_new();
	int link = links[reader_u8(&r) % ARRAY_SIZE(links)];
	uint64_t time_ns = UINT64_C(1000000000000);

	while (d && reader_left(&r) > 2) {
		uint16_t head = reader_u16(&r);
		size_t left = reader_left(&r);
		size_t wanted = head & 0x7fff;
		struct bytes frame = reader_take(&r, wanted < left ? wanted : left);
		one_frame(d, link, frame, head & 0x8000, time_ns += 1000000000);
	}
	decoder_free(d);
	return 0;
}
