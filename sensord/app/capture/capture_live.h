/* SPDX-License-Identifier: BSD-2-Clause
 * Frames from an interface, for an event loop: a descriptor to wait for and a call that reads what is there. Once it is
 * open, no privilege is needed any more. */
#ifndef APP_CAPTURE_LIVE_H
#define APP_CAPTURE_LIVE_H

#include <sys/time.h>

#include "capture.h"

struct capture_live_settings {
	const char *interface; /* "any" for all */
	const char *filter;    /* pcap-filter(7); NULL or "" for all frames */
	unsigned snap_length;  /* bytes of a frame, 1 … LIMIT_FRAME */
	unsigned buffer_mib;   /* the kernel's ring; 0: libpcap's default */
	unsigned timeout_ms;   /* frames are handed on at the latest after this; 0: at once */
	bool promiscuous;
	/* NULL: alone. Else one of several that share the frames of the interface (fanout.h): group -1 begins a group and is
	 * given its number. */
	int *group;
};

enum capture_live_state { CAPTURE_UP, CAPTURE_DOWN, CAPTURE_GONE };

struct capture_live;

struct capture_live_stats {
	uint64_t received;            /* frames that passed the filter, dropped ones among them */
	uint64_t dropped;             /* for want of room in the ring */
	uint64_t interface_dropped;   /* by the interface or its driver */
};

typedef void capture_sink(void *context, const struct frame *f);

/* NULL, with err set ("eth9: no such interface", "eth0: no permission to capture: …"). */
struct capture_live *capture_live_open(const struct capture_live_settings *settings, struct error *err);
void capture_live_close(struct capture_live *l);
/* What libpcap warned of while opening ("… does not support promiscuous mode"); "" where nothing. */
const char *capture_live_warning(const struct capture_live *l);
/* Becomes readable when frames are there (level-triggered); -1 where the interface has none. */
int capture_live_fd(const struct capture_live *l);
/* Where not NULL, capture_live_read must be called after this time though the descriptor is quiet. */
const struct timeval *capture_live_timeout(const struct capture_live *l);
/* Hands at most max frames that are there to the sink, without waiting. Returns how many; -1, with err set, where the
 * interface cannot be read any more (it went down or away). Views in the frame are valid during the call only. */
int capture_live_read(struct capture_live *l, int max, capture_sink *sink, void *context, struct error *err);
/* For the sink: no more frames in this capture_live_read. */
void capture_live_break(struct capture_live *l);
/* Frames from before this time are left out: others of the group had them. */
void capture_live_begin(struct capture_live *l, uint64_t time_ns);
/* Of the interface: not up, or not there any more (another one of its name is another interface). */
enum capture_live_state capture_live_look(const struct capture_live *l);
/* Since the start, wider than the kernel's 32-bit counters as long as it is called before they wrap. */
bool capture_live_stats(struct capture_live *l, struct capture_live_stats *ret);

#endif
