/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon.h"

#include <event2/event.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/instant.h"

#define STATUS_TICKS 5  /* seconds between two status lines for the service manager */

static uint64_t wall_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* ---- what changes the sensor ---- */

struct change {
	const struct sensor_options *options;
	bool (*make)(struct sensor *s, const struct sensor_options *o, struct error *err);
	bool ok;
	struct error err;
};

static void make_change(struct sensor *s, void *context)
{
	struct change *c = context;

	c->ok = c->make(s, c->options, &c->err);
}

static bool change(struct daemon *d, bool (*make)(struct sensor *s, const struct sensor_options *o, struct error *err),
		   struct error *err)
{
	struct change c = { .options = d->options, .make = make };

	live_call(d->live, make_change, &c);
	if (!c.ok)
		*err = c.err;
	return c.ok;
}

struct reload {
	struct live *live;
	struct sensor_change *change; /* NULL: refused */
	bool ok, renewed;
	char site[DAEMON_SITE]; /* its name */
	struct error err;
};

/* On the detection thread: taken whole, or not at all. */
static void take_change(struct sensor *s, void *context)
{
	struct reload *r = context;
	char text[1024];

	if (r->change && sensor_adopt(s, r->change, &r->err)) {
		r->ok = true;
		r->renewed = live_renew(r->live);
		snprintf(r->site, sizeof(r->site), "%s", site_name(sensor_site(s)));
	}
	live_reloaded(r->live, r->ok ? NULL : error_format(&r->err, text, sizeof(text)));
}

/* Site file and rules are read here, on the loop's thread; packets and detection go on meanwhile. */
static bool read_again(struct daemon *d, struct error *err)
{
	struct reload r = { .live = d->live };

	r.change = sensor_prepare(d->options, &r.err);
	live_call(d->live, take_change, &r);
	if (r.ok)
		memcpy(d->site, r.site, sizeof(d->site));
	if (r.ok && !r.renewed) { /* no memory: workers still ask the old ones, which therefore stay */
		sensor_change_keep(r.change, d->kept);
		d->kept = r.change;
	} else {
		sensor_change_free(r.change);
		if (r.ok) {
			sensor_change_free(d->kept);
			d->kept = NULL;
		}
	}
	*err = r.err;
	return r.ok;
}

bool daemon_reload(struct daemon *d, struct error *err)
{
	char text[1024];

	notify_reloading(&d->notify);
	bool ok = read_again(d, err);
	notify_send(&d->notify, "READY=1");
	if (ok) {
		d->counts.reloads++;
		d->counts.reloaded_ns = wall_ns();
		d->counts.refused[0] = '\0';
		fprintf(stderr, "sensord: site file and rules were read again\n");
		return true;
	}
	d->counts.reloads_refused++;
	snprintf(d->counts.refused, sizeof(d->counts.refused), "%s", error_format(err, text, sizeof(text)));
	fprintf(stderr, "sensord: reload refused, the old files stay in use: %s\n", text);
	return false;
}

static bool rotate(struct sensor *s, const struct sensor_options *o, struct error *err)
{
	(void)o;
	return sensor_rotate(s, err);
}

bool daemon_rotate(struct daemon *d, struct error *err)
{
	char text[1024];
	bool ok = change(d, rotate, err);

	d->counts.rotations += ok;
	if (!ok)
		fprintf(stderr, "sensord: rotate: %s\n", error_format(err, text, sizeof(text)));
	return ok;
}

/* ---- signals ---- */

static void end(struct daemon *d)
{
	event_base_loopbreak(d->base);
}

static void reload(struct daemon *d)
{
	struct error err = { 0 };

	(void)daemon_reload(d, &err); /* told */
}

static void rotate_now(struct daemon *d)
{
	struct error err = { 0 };

	(void)daemon_rotate(d, &err); /* told */
}

static const struct {
	int number;
	void (*act)(struct daemon *d);
} signals[] = { { SIGTERM, end }, { SIGINT, end }, { SIGHUP, reload }, { SIGUSR1, rotate_now } };

static void on_signal(evutil_socket_t number, short what, void *context)
{
	(void)what;
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		if (signals[i].number == number)
			signals[i].act(context);
}

/* ---- the second ---- */

static void tell_status(struct daemon *d)
{
	const struct live_stats *s = &d->view->live;
	uint64_t dropped = 0, away = 0;
	char refused[64] = "";

	for (size_t i = 0; i < s->n_wires; i++) {
		dropped += s->wire[i].dropped + s->wire[i].interface_dropped;
		away += !s->wire[i].up;
	}
	if (d->counts.refused[0])
		snprintf(refused, sizeof(refused), "; last reload refused");
	notify_send(&d->notify,
		    "STATUS=%zu interface(s), %" PRIu64 " away; %" PRIu64 " packets/s, %" PRIu64 " dropped; %" PRIu64 " alerts; %zu rules%s",
		    s->n_wires, away, (s->frames - d->frames_before) / STATUS_TICKS, dropped, s->detect.alerts, s->n_rules, refused);
	d->frames_before = s->frames;
}

static void feed_watchdog(struct daemon *d)
{
	if (watchdog_feeds(&d->watchdog, &d->view->live) && d->notify.watchdog_us)
		notify_send(&d->notify, "WATCHDOG=1");
}

static void on_second(evutil_socket_t fd, short what, void *context)
{
	struct daemon *d = context;

	(void)fd;
	(void)what;
	live_stats(d->live, &d->view->live);
	feed_watchdog(d);
	if (d->ticks++ % STATUS_TICKS == 0)
		tell_status(d);
	if (d->control)
		watch_ask(d->watch, control_wants(d->control));
}

/* ---- what detection tells ---- */

static void on_failed(evutil_socket_t fd, short what, void *context)
{
	struct daemon *d = context;

	(void)fd;
	(void)what;
	if (!live_failed(d->live, &d->problem))
		return;
	d->over = true;
	end(d);
}

static void on_lines(evutil_socket_t fd, short what, void *context)
{
	struct daemon *d = context;
	uint64_t lost;
	struct watch_line *l = watch_take(d->watch, &lost);

	(void)fd;
	(void)what;
	d->counts.lines_lost += lost;
	if (lost && d->control)
		control_lost(d->control, lost);
	while (l) {
		struct watch_line *next = l->next;
		if (d->control)
			control_tell(d->control, l);
		free(l);
		l = next;
	}
}

/* ---- life ---- */

static bool add(struct event **ret, struct event *e, const struct timeval *every)
{
	*ret = e;
	return e && event_add(e, every) == 0;
}

static bool add_events(struct daemon *d)
{
	static const struct timeval second = { 1, 0 };
	bool ok = true;

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		ok = ok && add(&d->signals[i], evsignal_new(d->base, signals[i].number, on_signal, d), NULL);
	return ok && add(&d->timer, event_new(d->base, -1, EV_PERSIST, on_second, d), &second) &&
	       add(&d->failed, event_new(d->base, live_fd(d->live), EV_READ | EV_PERSIST, on_failed, d), NULL) &&
	       add(&d->lines, event_new(d->base, watch_fd(d->watch), EV_READ | EV_PERSIST, on_lines, d), NULL);
}

bool daemon_prepare(struct daemon *d, int control_socket, int metrics_socket, struct error *err)
{
	d->counts.reloaded_ns = wall_ns();
	d->view = calloc(1, sizeof(*d->view));
	d->base = event_base_new();
	if (!d->view || !d->base || !add_events(d))
		return error_set(err, "the event loop does not start");
	if (control_socket >= 0 && !(d->control = control_new(d->base, control_socket, daemon_answer, d, err)))
		return false;
	if (metrics_socket >= 0 && !(d->http = metrics_http_new(d->base, metrics_socket, daemon_metrics, d, err)))
		return false;
	return true;
}

void daemon_loop(struct daemon *d)
{
	live_stats(d->live, &d->view->live);
	notify_send(&d->notify, "READY=1\nMAINPID=%ld", (long)getpid());
	event_base_dispatch(d->base);
	notify_send(&d->notify, "STOPPING=1\nSTATUS=writing what is left");
}

void daemon_release(struct daemon *d)
{
	struct event *const events[] = { d->timer, d->failed, d->lines, d->signals[0], d->signals[1], d->signals[2], d->signals[3] };

	/* While they still listen: a sensor that starts now is refused, and never finds its own socket removed. */
	if (d->control_path[0])
		unlink(d->control_path);
	if (d->metrics_path[0])
		unlink(d->metrics_path);
	control_free(d->control);
	metrics_http_free(d->http);
	for (size_t i = 0; i < ARRAY_SIZE(events); i++)
		if (events[i])
			event_free(events[i]);
	if (d->base)
		event_base_free(d->base);
	live_free(d->live);
	sensor_change_free(d->kept);
	watch_free(d->watch);
	free(d->view);
	notify_close(&d->notify);
	sandbox_release(&d->sandbox);
}
