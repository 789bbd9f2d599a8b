/* SPDX-License-Identifier: BSD-2-Clause
 * pcapng by its blocks (draft-ietf-opsawg-pcapng): sections of either byte order, interfaces that differ in link type,
 * snap length and time resolution, the three kinds of packet blocks. libpcap 1.10 reads only files whose interfaces are
 * all alike, and hides their names, so blocks are framed here; link types and filters stay libpcap's business.
 * Blocks are read into one buffer of NG_ROOM bytes; what of a block is longer is skipped unread. */
#include "capture_ng.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/instant.h"
#include "base/limits.h"
#include "base/reader.h"
#include "base/text.h"
#include "capture_filter.h"

#define NG_ROOM (LIMIT_FRAME + 4096) /* a packet block without long options; more than any interface block needs */
#define NG_INTERFACES 4096           /* of one section; merged files have some hundreds */
#define NG_NAME 64                   /* bytes kept of an interface name, with its zero */
#define NG_MIN_BLOCK 12              /* type, length, length */

enum block_type {
	BLOCK_INTERFACE = 1, BLOCK_PACKET = 2, BLOCK_SIMPLE = 3, BLOCK_ENHANCED = 6,
	BLOCK_SECTION = 0x0a0d0d0a /* the same in both byte orders */
};

struct ng_interface {
	int link_type;
	uint16_t in_file;       /* LINKTYPE_ number */
	uint32_t snap_length;   /* 0: unlimited */
	uint64_t ticks;         /* a second */
	int64_t offset_seconds;
	char name[NG_NAME];     /* "" unknown */
};

struct capture_ng {
	struct capture_input *in;
	bool big_endian;
	bool ended;
	struct ng_interface *interfaces;
	size_t n_interfaces, room_interfaces;
	uint64_t number;
	uint64_t time_ns;       /* of the latest frame: simple packet blocks have none */
	uint64_t unread;        /* bytes of the present block that are still in the input */
	enum ng_result result;  /* once ended */
	char damage[96];
	size_t start, end;      /* what is buffered and not used */
	uint8_t room[NG_ROOM];
};

static uint16_t u16(const struct capture_ng *ng, struct reader *r)
{
	return ng->big_endian ? reader_u16(r) : reader_u16_le(r);
}

static uint32_t u32(const struct capture_ng *ng, struct reader *r)
{
	return ng->big_endian ? reader_u32(r) : reader_u32_le(r);
}

static enum ng_result stop(struct capture_ng *ng, enum ng_result result)
{
	ng->ended = true;
	ng->result = result;
	return result;
}

static enum ng_result damaged(struct capture_ng *ng, const char *format, ...) PRINTF(2, 3);
static enum ng_result damaged(struct capture_ng *ng, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	vsnprintf(ng->damage, sizeof(ng->damage), format, values);
	va_end(values);
	return stop(ng, NG_DAMAGED);
}

bool capture_ng_is(struct bytes head)
{
	struct reader r = reader_open(head);

	return reader_u32(&r) == BLOCK_SECTION && reader_ok(&r);
}

struct capture_ng *capture_ng_open(struct capture_input *in, struct bytes head)
{
	struct capture_ng *ng = malloc(sizeof(*ng));

	if (!ng)
		return NULL;
	memset(ng, 0, offsetof(struct capture_ng, room));
	ng->in = in;
	ng->end = head.size < CAPTURE_NG_HEAD ? head.size : CAPTURE_NG_HEAD;
	memcpy(ng->room, head.at, ng->end);
	return ng;
}

void capture_ng_close(struct capture_ng *ng)
{
	if (!ng)
		return;
	free(ng->interfaces);
	free(ng);
}

/* The next size bytes, or fewer at the end of the input. Nothing is consumed. */
static struct bytes buffered(struct capture_ng *ng, size_t size)
{
	if (ng->end - ng->start < size) {
		memmove(ng->room, ng->room + ng->start, ng->end - ng->start);
		ng->end -= ng->start;
		ng->start = 0;
	}
	while (ng->end - ng->start < size) {
		ssize_t got = capture_input_read(ng->in, ng->room + ng->end, NG_ROOM - ng->end);
		if (got <= 0)
			return bytes_of(ng->room + ng->start, ng->end - ng->start);
		ng->end += (size_t)got;
	}
	return bytes_of(ng->room + ng->start, size);
}

/* False where the input ends before the present block does. */
static bool skip_unread(struct capture_ng *ng)
{
	while (ng->unread > 0) {
		size_t part = ng->unread < NG_ROOM ? (size_t)ng->unread : NG_ROOM;
		struct bytes b = buffered(ng, part);
		ng->start += b.size;
		ng->unread -= b.size;
		if (b.size < part)
			return false;
	}
	return true;
}

static struct ng_interface *interface_add(struct capture_ng *ng)
{
	if (ng->n_interfaces == ng->room_interfaces) {
		size_t room = ng->room_interfaces ? 2 * ng->room_interfaces : 4;
		struct ng_interface *more = realloc(ng->interfaces, room * sizeof(*more));
		if (!more)
			return NULL;
		ng->interfaces = more;
		ng->room_interfaces = room;
	}
	struct ng_interface *i = &ng->interfaces[ng->n_interfaces++];
	*i = (struct ng_interface){ .ticks = 1000000 };
	return i;
}

/* if_tsresol (section 4.2): a negative power of 10, or of 2 where the top bit is set. 0 where it cannot be counted. */
static uint64_t ticks_of(uint8_t resolution)
{
	uint8_t power = resolution & 0x7f;
	uint64_t ticks = 1;

	if (resolution & 0x80)
		return power < 64 ? ticks << power : 0;
	if (power > 19)
		return 0;
	while (power-- > 0)
		ticks *= 10;
	return ticks;
}

static void interface_option(struct capture_ng *ng, struct ng_interface *i, uint16_t code, struct bytes value)
{
	struct reader r = reader_open(value);
	struct text name = TEXT_ON(i->name);

	if (code == 2) { /* if_name */
		text_utf8(&name, value);
		text_end(&name);
	} else if (code == 9 && value.size == 1) { /* if_tsresol */
		i->ticks = ticks_of(reader_u8(&r));
	} else if (code == 14 && value.size == 8) { /* if_tsoffset */
		uint64_t seconds = ng->big_endian ? reader_u64(&r) : reader_u64_le(&r);
		i->offset_seconds = (int64_t)seconds;
	}
}

static void interface_options(struct capture_ng *ng, struct ng_interface *i, struct reader *r)
{
	while (reader_left(r) > 0) {
		uint16_t code = u16(ng, r);
		uint16_t size = u16(ng, r);
		struct bytes value = reader_take(r, size);
		if (code == 0 || !reader_ok(r))
			return;
		interface_option(ng, i, code, value);
		reader_skip(r, -(size_t)size & 3);
	}
}

static enum ng_result interface_block(struct capture_ng *ng, struct reader *r)
{
	uint16_t link_type = u16(ng, r);
	reader_skip(r, 2);
	uint32_t snap_length = u32(ng, r);
	if (!reader_ok(r))
		return damaged(ng, "an interface block that is too short");
	if (ng->n_interfaces == NG_INTERFACES)
		return damaged(ng, "more than %d interfaces", NG_INTERFACES);
	struct ng_interface *i = interface_add(ng);
	if (!i)
		return damaged(ng, "no memory");
	bool known = ng->n_interfaces > 1 && i[-1].in_file == link_type;
	i->link_type = known ? i[-1].link_type : capture_link_type(link_type);
	i->in_file = link_type;
	i->snap_length = snap_length;
	interface_options(ng, i, r);
	if (i->link_type < 0)
		return damaged(ng, "no memory");
	if (i->ticks == 0)
		return damaged(ng, "interface %zu has an impossible time resolution", ng->n_interfaces - 1);
	return NG_END;
}

static uint64_t time_of(const struct ng_interface *i, uint64_t ticks)
{
	__int128 ns = (__int128)(ticks / i->ticks) * NS_PER_S + (__int128)(ticks % i->ticks) * NS_PER_S / i->ticks;

	ns += (__int128)i->offset_seconds * NS_PER_S;
	return ns < 0 ? 0 : ns > UINT64_MAX ? UINT64_MAX : (uint64_t)ns;
}

/* What a packet block says about its packet, whichever of the three it is. */
struct ng_packet {
	uint32_t interface;
	bool has_time;
	uint64_t ticks;
	uint32_t captured, wire;
};

static struct ng_packet packet_fields(const struct capture_ng *ng, uint32_t type, struct reader *r)
{
	struct ng_packet p = { 0 };

	if (type == BLOCK_SIMPLE) {
		p.wire = u32(ng, r);
		p.captured = p.wire;
		return p;
	}
	if (type == BLOCK_PACKET) {
		p.interface = u16(ng, r);
		reader_skip(r, 2); /* drops */
	} else {
		p.interface = u32(ng, r);
	}
	uint64_t high = u32(ng, r);
	uint64_t low = u32(ng, r);
	p.has_time = true;
	p.ticks = high << 32 | low;
	p.captured = u32(ng, r);
	p.wire = u32(ng, r);
	return p;
}

/* body: of the whole block, which may go on behind what r holds. */
static enum ng_result packet_block(struct capture_ng *ng, uint32_t type, uint64_t body, struct reader *r,
				   struct frame *ret)
{
	struct ng_packet p = packet_fields(ng, type, r);

	if (!reader_ok(r))
		return damaged(ng, "a packet block that is too short");
	if (p.interface >= ng->n_interfaces)
		return damaged(ng, "a packet of interface %u, which is not described", p.interface);
	const struct ng_interface *i = &ng->interfaces[p.interface];
	if (type == BLOCK_SIMPLE && i->snap_length && p.captured > i->snap_length)
		p.captured = i->snap_length;
	if (p.captured + (uint64_t)reader_offset(r) > body)
		return damaged(ng, "a packet of %u bytes in a block of %llu", p.captured,
			       (unsigned long long)body + NG_MIN_BLOCK);
	ret->data = reader_take(r, p.captured < LIMIT_FRAME ? p.captured : LIMIT_FRAME);
	ret->chunk = NULL;
	if (p.has_time)
		ng->time_ns = time_of(i, p.ticks);
	ret->time_ns = ng->time_ns;
	ret->wire_size = p.wire;
	ret->link_type = i->link_type;
	ret->interface = i->name[0] ? i->name : NULL;
	ret->number = ++ng->number;
	return NG_FRAME;
}

static enum ng_result section_block(struct capture_ng *ng, struct reader *r)
{
	reader_skip(r, 4); /* byte-order magic */
	uint16_t major = u16(ng, r);
	reader_skip(r, 2);
	if (!reader_ok(r))
		return damaged(ng, "a section block that is too short");
	if (major != 1)
		return damaged(ng, "pcapng version %u", major);
	ng->n_interfaces = 0;
	return NG_END;
}

/* Blocks that hold no packet but that tshark and Wireshark number like one: journal entries, events, custom blocks. */
static bool is_numbered(uint32_t type)
{
	static const uint32_t numbered[] = { 0x9, 0xbad, 0x40000bad, 0x204, 0x216, 0x221 };

	for (size_t i = 0; i < ARRAY_SIZE(numbered); i++)
		if (type == numbered[i])
			return true;
	return false;
}

static enum ng_result block_body(struct capture_ng *ng, uint32_t type, uint64_t body, struct reader *r,
				 struct frame *ret)
{
	switch (type) {
	case BLOCK_SECTION:
		return section_block(ng, r);
	case BLOCK_INTERFACE:
		return interface_block(ng, r);
	case BLOCK_PACKET:
	case BLOCK_SIMPLE:
	case BLOCK_ENHANCED:
		return packet_block(ng, type, body, r, ret);
	default:
		ng->number += is_numbered(type);
		return NG_END;
	}
}

/* The start of a block, common to all: its type, its byte order where it begins a section, its length. */
static bool block_start(struct capture_ng *ng, struct bytes head, uint32_t *ret_type, uint32_t *ret_length)
{
	struct reader r = reader_open(head);
	struct reader magic = reader_open(head);

	*ret_type = u32(ng, &r);
	if (*ret_type == BLOCK_SECTION) {
		reader_skip(&magic, 8);
		uint32_t order = reader_u32(&magic);
		if (order != 0x1a2b3c4d && order != 0x4d3c2b1a) {
			damaged(ng, "a section without its byte-order magic");
			return false;
		}
		ng->big_endian = order == 0x1a2b3c4d;
	}
	*ret_length = u32(ng, &r);
	if (*ret_length < NG_MIN_BLOCK || *ret_length % 4) {
		damaged(ng, "a block of %u bytes", *ret_length);
		return false;
	}
	return true;
}

/* NG_END: a block without a frame. */
static enum ng_result block_next(struct capture_ng *ng, struct frame *ret)
{
	uint32_t type, length;

	if (!skip_unread(ng))
		return stop(ng, NG_CUT);
	struct bytes head = buffered(ng, NG_MIN_BLOCK);
	if (head.size < NG_MIN_BLOCK)
		return stop(ng, head.size ? NG_CUT : NG_END);
	if (!block_start(ng, head, &type, &length))
		return NG_DAMAGED;
	size_t whole = length < NG_ROOM ? length : NG_ROOM;
	struct bytes block = buffered(ng, whole);
	if (block.size < whole)
		return stop(ng, NG_CUT);
	ng->start += whole;
	ng->unread = length - whole;
	struct reader r = reader_open(block);
	reader_skip(&r, 8);
	struct reader body = ng->unread ? reader_open(reader_rest(&r)) : reader_sub(&r, whole - NG_MIN_BLOCK);
	if (ng->unread == 0 && u32(ng, &r) != length)
		return damaged(ng, "a block whose two lengths differ");
	return block_body(ng, type, (uint64_t)length - NG_MIN_BLOCK, &body, ret);
}

enum ng_result capture_ng_next(struct capture_ng *ng, struct frame *ret)
{
	enum ng_result result = NG_END;

	while (!ng->ended && result == NG_END)
		result = block_next(ng, ret);
	return result == NG_FRAME ? NG_FRAME : ng->result;
}

const char *capture_ng_damage(const struct capture_ng *ng)
{
	return ng->damage;
}
