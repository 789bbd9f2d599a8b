/* SPDX-License-Identifier: BSD-2-Clause */
#include "pcapng.h"

#include <string.h>

#define COMMENT_MAX 1024

enum { BLOCK_SECTION = 0x0a0d0d0a, BLOCK_INTERFACE = 1, BLOCK_ENHANCED = 6 };
enum { OPTION_END = 0, OPTION_COMMENT = 1, OPTION_NAME = 2, OPTION_APPLICATION = 4, OPTION_RESOLUTION = 9 };

/* A block before its data: everything in the byte order of this machine, as the section's magic tells. */
struct head {
	size_t size;
	uint8_t at[COMMENT_MAX + 256];
};

static void add(struct head *h, const void *what, size_t size)
{
	if (size)
		memcpy(h->at + h->size, what, size);
	h->size += size;
}

static void add_u16(struct head *h, uint16_t v) { add(h, &v, sizeof(v)); }
static void add_u32(struct head *h, uint32_t v) { add(h, &v, sizeof(v)); }

static void add_option(struct head *h, uint16_t code, const void *value, size_t size)
{
	static const uint8_t padding[4];

	add_u16(h, code);
	add_u16(h, (uint16_t)size);
	add(h, value, size);
	add(h, padding, (4 - size % 4) % 4);
}

static void put(struct pcapng *p, const void *what, size_t size)
{
	if (size && fwrite(what, 1, size, p->to) != size)
		p->failed = true;
}

/* The block: type, total size, head, data padded to four bytes, total size again. */
static void write_block(struct pcapng *p, uint32_t type, const struct head *h, const uint8_t *data, size_t size)
{
	static const uint8_t padding[4];
	size_t pad = (4 - size % 4) % 4;
	uint32_t total = (uint32_t)(12 + h->size + size + pad);

	put(p, &type, sizeof(type));
	put(p, &total, sizeof(total));
	put(p, h->at, h->size);
	put(p, data, size);
	put(p, padding, pad);
	put(p, &total, sizeof(total));
}

void pcapng_begin(struct pcapng *p, FILE *to, struct bytes comment)
{
	static const char application[] = "sensord";
	struct head h = { 0 };
	const int64_t unknown = -1;

	*p = (struct pcapng){ .to = to };
	add_u32(&h, 0x1a2b3c4d);
	add_u16(&h, 1);
	add_u16(&h, 0);
	add(&h, &unknown, sizeof(unknown));
	add_option(&h, OPTION_COMMENT, comment.at, comment.size < COMMENT_MAX ? comment.size : COMMENT_MAX);
	add_option(&h, OPTION_APPLICATION, application, sizeof(application) - 1);
	add_option(&h, OPTION_END, NULL, 0);
	write_block(p, BLOCK_SECTION, &h, NULL, 0);
}

/* LINKTYPE_ of a DLT_: the few that differ on Linux (pcap-linktype(7)). */
static uint16_t in_file(int link_type)
{
	return link_type == 12 || link_type == 14 ? 101 : (uint16_t)link_type;
}

static uint32_t interface_of(struct pcapng *p, const struct recent_packet *packet)
{
	static const uint8_t nanoseconds = 9;
	struct head h = { 0 };
	size_t i = 0;

	while (i < p->n_interfaces && (p->interfaces[i].link_type != packet->link_type || strcmp(p->interfaces[i].name, packet->interface) != 0))
		i++;
	if (i < p->n_interfaces || i == PCAPNG_INTERFACES)
		return i < p->n_interfaces ? (uint32_t)i : PCAPNG_INTERFACES;
	p->interfaces[i].link_type = packet->link_type;
	memcpy(p->interfaces[i].name, packet->interface, RECENT_INTERFACE);
	p->n_interfaces++;
	add_u16(&h, in_file(packet->link_type));
	add_u16(&h, 0);
	add_u32(&h, 0);
	if (*packet->interface)
		add_option(&h, OPTION_NAME, packet->interface, strlen(packet->interface));
	add_option(&h, OPTION_RESOLUTION, &nanoseconds, 1);
	add_option(&h, OPTION_END, NULL, 0);
	write_block(p, BLOCK_INTERFACE, &h, NULL, 0);
	return (uint32_t)i;
}

void pcapng_packet(struct pcapng *p, const struct recent_packet *packet, const uint8_t *data)
{
	uint32_t interface = interface_of(p, packet);
	struct head h = { 0 };

	if (interface == PCAPNG_INTERFACES)
		return;
	add_u32(&h, interface);
	add_u32(&h, (uint32_t)(packet->time_ns >> 32));
	add_u32(&h, (uint32_t)packet->time_ns);
	add_u32(&h, packet->size);
	add_u32(&h, packet->wire_size > packet->size ? packet->wire_size : packet->size);
	write_block(p, BLOCK_ENHANCED, &h, data, packet->size);
}

bool pcapng_end(struct pcapng *p)
{
	return !p->failed && fflush(p->to) == 0;
}
