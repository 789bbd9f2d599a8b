/* SPDX-License-Identifier: BSD-2-Clause
 * Entry of the decoder: link types (https://www.tcpdump.org/linktypes.html, libpcap's DLT_ numbers), counts. */
#include <stdlib.h>

#include "layer.h"

enum link_type {
	LINK_NULL = 0, LINK_ETHERNET = 1, LINK_PPP = 9, LINK_RAW = 12, LINK_RAW_OPENBSD = 14, LINK_PPP_HDLC = 50,
	LINK_PPPOE = 51, LINK_RAW_FILE = 101, LINK_CISCO_HDLC = 104, LINK_IEEE80211 = 105, LINK_LOOP = 108,
	LINK_SLL = 113, LINK_RADIOTAP = 127, LINK_PPP_DIRECTION = 166, LINK_IP4 = 228, LINK_IP6 = 229, LINK_SLL2 = 276,
};

struct decoder {
	struct decoder_counts counts;
	struct fragments *fragments;
};

struct decoder *decoder_new(void)
{
	struct decoder *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->fragments = fragments_new(&d->counts);
	if (!d->fragments) {
		free(d);
		return NULL;
	}
	return d;
}

void decoder_free(struct decoder *d)
{
	if (!d)
		return;
	fragments_free(d->fragments);
	free(d);
}

const struct decoder_counts *decoder_counts(const struct decoder *d)
{
	return &d->counts;
}

static enum decoded link_header(struct layer *l, int link_type, struct reader r)
{
	switch (link_type) {
	case LINK_ETHERNET: return ethernet(l, r);
	case LINK_RAW:
	case LINK_RAW_OPENBSD:
	case LINK_RAW_FILE: return ip_any(l, r);
	case LINK_IP4: return ip4(l, r);
	case LINK_IP6: return ip6(l, r);
	case LINK_SLL: return linux_sll(l, r);
	case LINK_SLL2: return linux_sll2(l, r);
	case LINK_NULL:
	case LINK_LOOP: return bsd_null(l, r);
	case LINK_PPP: return ppp(l, r);
	case LINK_PPP_HDLC:
	case LINK_CISCO_HDLC: return hdlc(l, r);
	case LINK_PPP_DIRECTION:
		reader_skip(&r, 2); /* direction, control */
		return ppp(l, r);
	case LINK_PPPOE: return pppoe(l, r);
	case LINK_IEEE80211: return ieee80211(l, r);
	case LINK_RADIOTAP: return radiotap(l, r);
	default: return DECODED_UNKNOWN_LINK;
	}
}

/* All but the time and the number, which belongs to the reader of the file. In pieces: for the whole, compilers choose
 * a string instruction whose start alone takes as long as the rest of the descent. */
static void clear(struct packet *p)
{
	enum { PIECE = 32, FROM = offsetof(struct packet, wire_size), SIZE = sizeof(struct packet) - FROM };
	uint8_t *at = (uint8_t *)p + FROM;

	for (size_t i = 0; i < SIZE / PIECE; i++)
		memset(at + i * PIECE, 0, PIECE);
	memset(at + SIZE / PIECE * PIECE, 0, SIZE % PIECE);
}

enum decoded decode(struct decoder *d, int link_type, struct bytes frame, uint32_t wire_size, uint64_t time_ns,
		    struct packet *ret)
{
	struct layer l = { .packet = ret, .fragments = d->fragments, .counts = &d->counts,
			   .missing = wire_size > frame.size ? wire_size - frame.size : 0 };
	enum decoded result;

	clear(ret);
	ret->time_ns = time_ns;
	ret->wire_size = wire_size;
	d->counts.frames++;
	result = link_header(&l, link_type, reader_open(frame));
	if (likely(result == DECODED))
		return DECODED;
	d->counts.malformed += result == DECODED_MALFORMED;
	d->counts.other += result == DECODED_OTHER;
	d->counts.unknown_link += result == DECODED_UNKNOWN_LINK;
	return result;
}
