/* SPDX-License-Identifier: BSD-2-Clause
 * sensord run once it is open: the event loop of the first thread with signals, the one-second timer, the control
 * socket, the metrics and the service manager. Nothing in it waits for the network, a disk or a client; what changes the
 * sensor is called on the detection thread, between two records. */
#ifndef APP_DAEMON_H
#define APP_DAEMON_H

#include "control.h"
#include "live/live.h"
#include "metrics.h"
#include "metrics_http.h"
#include "notify.h"
#include "sandbox.h"
#include "watchdog.h"

#define DAEMON_SITE 128 /* bytes of the site's name */

struct event;

struct daemon_counts {
	uint64_t reloads, reloads_refused, rotations, lines_lost;
	uint64_t reloaded_ns; /* when site file and rules in use were read */
	char refused[512];    /* why the last reload was refused; "" where it was not */
};

struct daemon {
	struct live *live;
	const struct sensor_options *options;
	struct sensor_change *kept; /* site and rules of before that workers may still ask; NULL: none */
	struct watch *watch;
	struct sandbox sandbox;
	struct notify notify;
	struct control *control;
	struct metrics_http *http;
	struct metrics_view *view; /* filled anew for each that asks */
	struct event_base *base;
	struct event *signals[4], *timer, *failed, *lines;
	struct watchdog watchdog;
	uint64_t ticks, frames_before, memory_limit;
	struct daemon_counts counts;
	char site[DAEMON_SITE];
	char control_path[108], metrics_path[108]; /* removed at the end; "" where there is none */
	bool over; /* ended by `problem`, not by a signal */
	struct error problem;
};

/* Sets up the loop around what is open; listening sockets are taken over, -1: none. */
bool daemon_prepare(struct daemon *d, int control_socket, int metrics_socket, struct error *err) MUST_CHECK;
/* Runs until a signal ends it or detection fails (over, problem). */
void daemon_loop(struct daemon *d);
void daemon_release(struct daemon *d);

bool daemon_reload(struct daemon *d, struct error *err);
bool daemon_rotate(struct daemon *d, struct error *err);

/* ---- daemon_answers.c ---- */

/* What is known of the moment. */
void daemon_look(struct daemon *d);
bool daemon_answer(void *context, const struct control_request *q, struct answer *a, struct error *err);
void daemon_metrics(void *context, struct text *to);

#endif
