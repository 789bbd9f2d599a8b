/* SPDX-License-Identifier: BSD-2-Clause
 * One capture file: pcap through libpcap, which is fed by a stdio stream over the input, pcapng through capture_ng.c.
 * Packets of the pcap files that nearly everybody writes are taken out of the buffer where they lie; the first thing that
 * is not as usual, and all after it, is libpcap's.
 * libpcap cuts frames that are longer than the snap length in the file's header, though tools that join files write
 * such; it is shown LIMIT_FRAME there instead, which also bounds its buffer. */
#include "capture_file.h"

#include <pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "base/limits.h"
#include "base/reader.h"
#include "capture_input.h"
#include "capture_ng.h"
#include "chunk.h"

#define PCAP_HEADER 24            /* bytes of a pcap file header (draft-ietf-opsawg-pcap section 4) */
#define PCAP_PACKET 16            /* of the header of a packet (section 5) */
#define PLAIN_LINK_TYPES 147      /* those below have nothing in front of the packet that libpcap mends */
#define STREAM_BUFFER (96u << 10) /* a third less CPU than stdio's 4 KiB on bulk traffic; room for what cards put together */

#define CHUNKS 64                 /* kept for the next time; who holds on to more has them made */

enum ending {
	GOES_ON,
	ENDED,
	ENDED_CUT,
	ENDED_DAMAGED,
	ENDED_UNREADABLE,
	ENDED_EMPTY,
	ENDED_FOREIGN,
};

struct capture_file {
	struct capture_input *input;
	struct capture_filter *filter;
	struct capture_ng *ng; /* one of the two */
	pcap_t *pcap;
	FILE *stream;          /* belongs to pcap */
	int link_type;
	uint64_t packets;      /* read, whether they passed the filter or not */
	uint64_t unfit;        /* packets of a link type that the filter cannot be used for */
	const char *unfit_why;
	enum ending ending;
	char detail[256];
	uint8_t head[CAPTURE_NG_HEAD];
	size_t head_size, head_given;
	bool plain;            /* packets are taken from the chunk where they lie */
	uint32_t tick_ns;      /* of a plain file */
	struct chunk *chunk;   /* STREAM_BUFFER bytes of a plain file, else stdio's buffer: one of chunks */
	struct chunk *chunks[CHUNKS]; /* used again where nobody holds on to them */
	size_t n_chunks, turns;
	size_t from, to;       /* what stands in there of a plain file, not looked at yet */
};

/* What people take for captures, or pack them with, and what no tool here reads. */
static const struct foreign {
	const char *magic, *what;
} foreigners[] = {
	{ "GMBU", "Microsoft Network Monitor 2" },
	{ "RTSS", "Microsoft Network Monitor 1" },
	{ "snoop", "Sun snoop" },
	{ "TRSNIFF data", "Network General Sniffer" },
	{ "XCP", "NetXRay" },
	{ "BZh", "packed by bzip2, which is not unpacked here" },
	{ "\xfd" "7zXZ", "packed by xz, which is not unpacked here" },
	{ "PK\x03\x04", "a zip archive" },
	{ "7z\xbc\xaf", "a 7-Zip archive" },
};

static void end(struct capture_file *f, enum ending ending, const char *detail)
{
	f->ending = ending;
	snprintf(f->detail, sizeof(f->detail), "%s", detail);
}

/* The input ended: by itself, or because something is wrong with it? */
static void end_of_input(struct capture_file *f, enum ending otherwise, const char *detail)
{
	static const enum ending endings[] = {
		[INPUT_CUT] = ENDED_CUT, [INPUT_DAMAGED] = ENDED_DAMAGED, [INPUT_UNREADABLE] = ENDED_UNREADABLE,
	};
	enum input_state state = capture_input_state(f->input);

	if (state == INPUT_FINE)
		end(f, otherwise, detail);
	else
		end(f, endings[state], capture_input_damage(f->input));
}

static void end_foreign(struct capture_file *f)
{
	struct bytes head = bytes_of(f->head, f->head_size);
	const char *what = "";

	for (size_t i = 0; i < ARRAY_SIZE(foreigners); i++)
		if (bytes_starts(head, bytes_string(foreigners[i].magic)))
			what = foreigners[i].what;
	end_of_input(f, ENDED_FOREIGN, what);
}

/* 1 big-endian, 0 little-endian, -1 no pcap file that libpcap reads: microseconds, nanoseconds, and Kuznetzov's
 * variant with longer packet headers. */
static int pcap_byte_order(struct bytes head)
{
	static const uint8_t magics[][4] = {
		{ 0xa1, 0xb2, 0xc3, 0xd4 }, { 0xa1, 0xb2, 0x3c, 0x4d }, { 0xa1, 0xb2, 0xcd, 0x34 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(magics); i++) {
		const uint8_t swapped[4] = { magics[i][3], magics[i][2], magics[i][1], magics[i][0] };
		if (bytes_starts(head, bytes_of(magics[i], 4)))
			return 1;
		if (bytes_starts(head, bytes_of(swapped, 4)))
			return 0;
	}
	return -1;
}

static void show_snap_length(struct capture_file *f, bool big_endian)
{
	for (size_t i = 0; i < 4; i++)
		f->head[16 + i] = (uint8_t)(LIMIT_FRAME >> 8 * (big_endian ? 3 - i : i));
}

/* cookie_read_function_t */
static ssize_t stream_read(void *cookie, char *to, size_t size)
{
	struct capture_file *f = cookie;
	size_t left = f->head_size - f->head_given;

	if (left == 0 && f->from < f->to) {
		size = size < f->to - f->from ? size : f->to - f->from;
		memcpy(to, f->chunk->bytes + f->from, size);
		f->from += size;
		return (ssize_t)size;
	}
	if (left == 0)
		return capture_input_read(f->input, to, size);
	if (size > left)
		size = left;
	memcpy(to, f->head + f->head_given, size);
	f->head_given += size;
	return (ssize_t)size;
}

/* Version 2.4, little-endian, with lengths in their usual order. */
static bool is_plain(struct capture_file *f)
{
	static const uint8_t version[] = { 2, 0, 4, 0 };
	struct reader r = reader_open(bytes_of(f->head, PCAP_HEADER));
	uint32_t magic = reader_u32_le(&r);
	struct bytes found = reader_take(&r, sizeof(version));

	reader_skip(&r, 12);
	uint32_t link_type = reader_u32_le(&r);
	f->tick_ns = magic == 0xa1b23c4d ? 1 : NS_PER_US;
	return reader_ok(&r) && (magic == 0xa1b2c3d4 || magic == 0xa1b23c4d) && bytes_starts(found, bytes_of(version, sizeof(version))) &&
	       link_type < PLAIN_LINK_TYPES;
}

static bool pcap_start(struct capture_file *f, bool big_endian)
{
	char text[PCAP_ERRBUF_SIZE];

	if (f->head_size < PCAP_HEADER) {
		end_of_input(f, ENDED_CUT, "in the file header");
		return true;
	}
	show_snap_length(f, big_endian);
	f->stream = fopencookie(f, "r", (cookie_io_functions_t){ .read = stream_read });
	if (!f->stream)
		return false;
	f->plain = is_plain(f);
	if (!f->plain)
		setvbuf(f->stream, (char *)f->chunk->bytes, _IOFBF, STREAM_BUFFER);
	f->pcap = pcap_fopen_offline_with_tstamp_precision(f->stream, PCAP_TSTAMP_PRECISION_NANO, text);
	if (!f->pcap) {
		fclose(f->stream);
		end_of_input(f, ENDED_FOREIGN, text);
		return true;
	}
	f->link_type = pcap_datalink(f->pcap);
	return true;
}

/* False where there is no memory. */
static bool start(struct capture_file *f)
{
	/* libpcap must see only what it asked for: behind the file header stand packets. */
	f->head_size = capture_input_fill(f->input, f->head, PCAP_HEADER);
	struct bytes head = bytes_of(f->head, f->head_size);
	int big_endian = pcap_byte_order(head);

	if (head.size == 0)
		end_of_input(f, ENDED_EMPTY, "");
	else if (big_endian >= 0)
		return pcap_start(f, big_endian == 1);
	else if (!capture_ng_is(head))
		end_foreign(f);
	else
		return (f->ng = capture_ng_open(f->input, head)) != NULL;
	return true;
}

/* Where a new chunk is kept: the oldest gives way to it, but for the one in use. */
static struct chunk **chunk_place(struct capture_file *f)
{
	if (f->n_chunks < CHUNKS)
		return &f->chunks[f->n_chunks++];
	size_t i = f->turns++ % CHUNKS;
	if (f->chunks[i] == f->chunk)
		i = f->turns++ % CHUNKS;
	chunk_let_go(f->chunks[i]);
	return &f->chunks[i];
}

/* One that nobody else holds on to; NULL where there is no memory. */
static struct chunk *free_chunk(struct capture_file *f)
{
	if (f->chunk && f->chunk->holders == 1)
		return f->chunk;
	for (size_t i = 0; i < f->n_chunks; i++)
		if (f->chunks[i]->holders == 1)
			return f->chunks[i];
	struct chunk *made = chunk_new(STREAM_BUFFER);
	return made ? *chunk_place(f) = made : NULL;
}

struct capture_file *capture_file_open(struct capture_source *s, struct capture_filter *filter)
{
	struct capture_file *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->filter = filter;
	f->input = capture_input_open(s);
	f->chunk = free_chunk(f);
	if (f->input && f->chunk && start(f))
		return f;
	capture_file_close(f);
	return NULL;
}

void capture_file_close(struct capture_file *f)
{
	if (!f)
		return;
	if (f->pcap)
		pcap_close(f->pcap);
	capture_ng_close(f->ng);
	capture_input_close(f->input);
	while (f->n_chunks > 0)
		chunk_let_go(f->chunks[--f->n_chunks]);
	free(f);
}

/* Seconds are unsigned in the file (good until 2106), which libpcap reads as signed. A fraction of a second that is
 * none is left out. */
static uint64_t pcap_time(const struct pcap_pkthdr *h)
{
	uint64_t fraction = (uint64_t)h->ts.tv_usec; /* nanoseconds: asked for when the file was opened */

	return (uint32_t)h->ts.tv_sec * NS_PER_S + (fraction < NS_PER_S ? fraction : 0);
}

/* What is left goes to the front, of another chunk where somebody holds on to this one. */
static bool plain_turn(struct capture_file *f)
{
	struct chunk *next = free_chunk(f);

	if (!next)
		return false;
	memmove(next->bytes, f->chunk->bytes + f->from, f->to - f->from);
	f->chunk = next;
	f->to -= f->from;
	f->from = 0;
	return true;
}

/* Until size bytes stand in the chunk; false where they do not come or find no room. */
static bool plain_fill(struct capture_file *f, size_t size)
{
	if (size > STREAM_BUFFER || !plain_turn(f))
		return false;
	while (f->to < size) {
		ssize_t n = capture_input_read(f->input, f->chunk->bytes + f->to, STREAM_BUFFER - f->to);
		if (n <= 0)
			return false;
		f->to += (size_t)n;
	}
	return true;
}

static bool plain_has(struct capture_file *f, size_t size)
{
	return likely(f->to - f->from >= size) || plain_fill(f, size);
}

static bool plain_frame(struct capture_file *f, struct frame *ret)
{
	if (!plain_has(f, PCAP_PACKET))
		return false;
	struct reader r = reader_open(bytes_of(f->chunk->bytes + f->from, PCAP_PACKET));
	uint32_t seconds = reader_u32_le(&r);
	uint64_t fraction = (uint64_t)reader_u32_le(&r) * f->tick_ns;
	uint32_t captured = reader_u32_le(&r);
	uint32_t size = reader_u32_le(&r);
	if (captured > LIMIT_FRAME || !plain_has(f, PCAP_PACKET + captured))
		return false;
	ret->data = bytes_of(f->chunk->bytes + f->from + PCAP_PACKET, captured);
	ret->chunk = f->chunk;
	ret->wire_size = size;
	ret->link_type = f->link_type;
	ret->time_ns = seconds * NS_PER_S + (fraction < NS_PER_S ? fraction : 0);
	ret->number = f->packets + 1;
	ret->interface = NULL;
	f->from += PCAP_PACKET + captured;
	return true;
}

static bool pcap_frame(struct capture_file *f, struct frame *ret)
{
	if (likely(f->plain)) {
		if (likely(plain_frame(f, ret)))
			return true;
		f->plain = false; /* libpcap reads on, from the first byte that was not handed out */
	}
	struct pcap_pkthdr *h;
	const u_char *data;
	int result = pcap_next_ex(f->pcap, &h, &data);

	if (likely(result == 1)) {
		ret->data = bytes_of(data, h->caplen);
		ret->chunk = NULL;
		ret->wire_size = h->len;
		ret->link_type = f->link_type;
		ret->time_ns = pcap_time(h);
		ret->number = f->packets + 1;
		ret->interface = NULL;
		return true;
	}
	if (result == PCAP_ERROR_BREAK)
		end_of_input(f, ENDED, "");
	else
		end_of_input(f, feof(f->stream) ? ENDED_CUT : ENDED_DAMAGED, pcap_geterr(f->pcap));
	return false;
}

static bool ng_frame(struct capture_file *f, struct frame *ret)
{
	enum ng_result result = capture_ng_next(f->ng, ret);

	if (result == NG_FRAME)
		return true;
	if (result == NG_DAMAGED)
		end(f, ENDED_DAMAGED, capture_ng_damage(f->ng));
	else
		end_of_input(f, result == NG_CUT ? ENDED_CUT : ENDED, result == NG_CUT ? "inside a block" : "");
	return false;
}

static bool passes(struct capture_file *f, const struct frame *frame)
{
	if (likely(!f->filter))
		return true;
	enum filtered result = capture_filter_test(f->filter, frame);
	if (result == FILTER_UNFIT) {
		f->unfit++;
		f->unfit_why = capture_filter_why(f->filter);
	}
	return result == FILTER_PASS;
}

bool capture_file_next(struct capture_file *f, struct frame *ret)
{
	while (f->ending == GOES_ON) {
		if (!(f->pcap ? pcap_frame(f, ret) : ng_frame(f, ret)))
			return false;
		f->packets++;
		if (passes(f, ret))
			return true;
	}
	return false;
}

bool capture_file_problem(const struct capture_file *f, char out[CAPTURE_FILE_PROBLEM])
{
	static const char *const what[] = {
		[ENDED_CUT] = "cut short", [ENDED_DAMAGED] = "damaged", [ENDED_UNREADABLE] = "cannot be read further",
	};
	const char *open = f->detail[0] ? " (" : "";
	const char *close = f->detail[0] ? ")" : "";
	const char *s = f->packets == 1 ? "" : "s";

	out[0] = '\0';
	if (f->ending == ENDED_EMPTY)
		snprintf(out, CAPTURE_FILE_PROBLEM, "empty");
	else if (f->ending == ENDED_FOREIGN)
		snprintf(out, CAPTURE_FILE_PROBLEM, "not a capture file%s%s%s", open, f->detail, close);
	else if (f->ending > ENDED)
		snprintf(out, CAPTURE_FILE_PROBLEM, "%s after %llu packet%s%s%s%s", what[f->ending],
			 (unsigned long long)f->packets, s, open, f->detail, close);
	else if (f->unfit > 0)
		snprintf(out, CAPTURE_FILE_PROBLEM, "the filter does not fit %llu of %llu packet%s (%s)",
			 (unsigned long long)f->unfit, (unsigned long long)f->packets, s, f->unfit_why);
	return out[0] != '\0';
}

uint64_t capture_file_position(const struct capture_file *f)
{
	return capture_input_position(f->input);
}
