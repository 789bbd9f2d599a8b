/* SPDX-License-Identifier: BSD-2-Clause
 * From one capture worker to the detection thread: entries in the order they are put, in memory that is reserved once.
 * One thread puts, one takes. Each entry has a place in the order of the whole capture, and so has the ring: the mark
 * says below which place nothing more will come, so that who merges several rings need not wait for a silent one. */
#ifndef APP_RING_H
#define APP_RING_H

#include "record/contact.h"
#include "record/meeting.h"

/* Where an entry belongs among those of all workers: live the packet clock and the packet, offline the packet's place
 * in the reading, the stage of the work on it and the flow. */
struct place {
	uint64_t major, minor;
};

static inline bool place_before(struct place a, struct place b)
{
	return a.major != b.major ? a.major < b.major : a.minor < b.minor;
}

enum entry_kind {
	ENTRY_RECORD,  /* `record` */
	ENTRY_CONTACT, /* `contact` */
	ENTRY_MEETING, /* `meeting` */
	ENTRY_HOST,    /* `host` answered with `ttl` */
	ENTRY_CLOCK,   /* a record of `time_ns` that nobody wants: the clock goes on as if it had come */
	ENTRY_BACK,    /* behind a packet of `back.latest_ns` came one that is `back.span_ns` older than the one before it */
};

struct entry {
	uint32_t size;     /* with what follows; kept by the ring */
	uint16_t kind;     /* enum entry_kind */
	uint8_t ttl;       /* of the host; of the RST that refused the flow of a record or contact (0: none) */
	struct place place;
	union {
		struct record *record;
		struct contact *contact;
		struct meeting *meeting;
		struct address host;
		uint64_t time_ns;
		struct { uint64_t latest_ns, span_ns; } back;
	};
};

struct ring;

/* size: bytes, rounded up to a power of two; NULL where there is no memory. */
struct ring *ring_new(size_t size);
void ring_free(struct ring *r);

/* The thread that puts. False where there is no room now. */
bool ring_put_record(struct ring *r, struct place place, const struct record *record, uint8_t ttl);
bool ring_put_contact(struct ring *r, struct place place, const struct contact *contact, uint8_t ttl);
bool ring_put_meeting(struct ring *r, struct place place, const struct meeting *meeting);
bool ring_put_host(struct ring *r, struct place place, const struct address *host, uint8_t ttl);
bool ring_put_clock(struct ring *r, struct place place, uint64_t time_ns);
bool ring_put_back(struct ring *r, struct place place, uint64_t latest_ns, uint64_t span_ns);
/* Nothing put from now on has a place with a smaller major. */
void ring_mark(struct ring *r, uint64_t major);

/* The thread that takes. The mark is read before ring_peek: an empty ring then holds nothing before it. */
uint64_t ring_marked(const struct ring *r);
/* The oldest entry, valid until ring_drop; NULL where the ring is empty. */
const struct entry *ring_peek(struct ring *r);
void ring_drop(struct ring *r);

/* Any thread. */
size_t ring_used(const struct ring *r);
size_t ring_size(const struct ring *r);

#endif
