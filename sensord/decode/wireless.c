/* SPDX-License-Identifier: BSD-2-Clause
 * IEEE 802.11 data frames (section 9.3.2), unencrypted, with or without a radiotap header (radiotap.org). */
#include "layer.h"

enum frame_control { /* as read most significant byte first: type and subtype, then flags */
	TYPE_MASK = 0x0c00, TYPE_DATA = 0x0800, SUBTYPE_QOS = 0x8000, SUBTYPE_NO_PAYLOAD = 0x4000,
	TO_DISTRIBUTION = 0x01, FROM_DISTRIBUTION = 0x02, PROTECTED = 0x40, ORDER = 0x80,
};

enum decoded radiotap(struct layer *l, struct reader r)
{
	uint8_t version = reader_u8(&r);
	uint16_t size;

	reader_skip(&r, 1);
	size = reader_u16_le(&r);
	if (version != 0 || size < 4)
		return DECODED_MALFORMED;
	reader_skip(&r, size - 4u);
	return reader_ok(&r) ? ieee80211(l, r) : DECODED_MALFORMED;
}

/* Which of the addresses are the ends' depends on the direction (table 9-30). */
static void addresses(struct packet *p, uint16_t control, const struct bytes address[4])
{
	unsigned destination = control & TO_DISTRIBUTION ? 2 : 0;
	unsigned source = !(control & FROM_DISTRIBUTION) ? 1 : control & TO_DISTRIBUTION ? 3 : 2;

	memcpy(p->destination_mac, address[destination].at, 6);
	memcpy(p->source_mac, address[source].at, 6);
	p->has_mac = true;
	p->n_vlan = 0;
}

enum decoded ieee80211(struct layer *l, struct reader r)
{
	uint16_t control = reader_u16(&r);
	bool both = (control & TO_DISTRIBUTION) && (control & FROM_DISTRIBUTION);
	struct bytes address[4] = { { 0 } };
	uint16_t qos = 0;

	reader_skip(&r, 2); /* duration */
	for (unsigned i = 0; i < 3; i++)
		address[i] = reader_take(&r, 6);
	reader_skip(&r, 2); /* sequence */
	if ((control & TYPE_MASK) != TYPE_DATA || (control & (SUBTYPE_NO_PAYLOAD | PROTECTED)))
		return DECODED_OTHER;
	if (both)
		address[3] = reader_take(&r, 6);
	if (control & SUBTYPE_QOS) {
		qos = reader_u16(&r);
		reader_skip(&r, control & ORDER ? 4 : 0); /* high-throughput control */
	}
	if (!reader_ok(&r))
		return DECODED_MALFORMED;
	if (qos & 0x8000) /* aggregate of several frames */
		return DECODED_OTHER;
	addresses(l->packet, control, address);
	return llc(l, r);
}
