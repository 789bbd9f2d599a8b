/* SPDX-License-Identifier: BSD-2-Clause
 * sensord run: live capture with the same engine, in libevent's loop, until a signal ends it. */
#include <event2/event.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/instant.h"
#include "capture_live.h"
#include "cli.h"
#include "sensor.h"

#define FRAMES_A_WAKE_UP 1024 /* so that signals and timers are served under load */
#define INTERFACES_MAX 16

enum { OPTION_CONFIG, OPTION_INTERFACE, OPTION_RULES, OPTION_ALERTS, OPTION_EVENTS, OPTION_FILTER };

static const struct option_row options[] = {
	[OPTION_CONFIG] = { "config", 'c', "SITE", "site file" },
	[OPTION_INTERFACE] = { "interface", 'i', "IF", "interface to capture on; may be given again (default: those of the site file)" },
	[OPTION_RULES] = { "rules", 'r', "PATH", "rule file or folder, instead of those of the site; may be given again" },
	[OPTION_ALERTS] = { "alerts", 'a', "DEST", "where alerts go: a file (appended), - (standard output) or none (default: as the site file says, else -)" },
	[OPTION_EVENTS] = { "events", 'e', "DEST", "write every record too: a file or -" },
	[OPTION_FILTER] = { "filter", 'f', "BPF", "capture only packets that match (pcap-filter(7))" },
	{ 0 },
};

struct wire {
	struct live *live;
	struct capture_live *capture;
	struct event *readable;
};

struct live {
	struct sensor *sensor;
	struct event_base *base;
	struct wire wires[INTERFACES_MAX];
	size_t n_wires;
	struct event *signals[2], *tick;
	bool failed;
	struct error problem;
};

static void stop(struct live *l, const struct error *err)
{
	if (err && !l->failed) {
		l->failed = true;
		l->problem = *err;
	}
	event_base_loopbreak(l->base);
}

static void on_frame(void *context, const struct frame *f)
{
	struct wire *w = context;
	struct error err;

	if (!sensor_frame(w->live->sensor, f, &err)) {
		capture_live_break(w->capture);
		stop(w->live, &err);
	}
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
	struct wire *w = context;
	struct error err;

	(void)fd;
	(void)what;
	if (capture_live_read(w->capture, FRAMES_A_WAKE_UP, on_frame, w, &err) < 0)
		stop(w->live, &err);
}

static void on_tick(evutil_socket_t fd, short what, void *context)
{
	struct live *l = context;
	struct timespec now;
	struct error err;

	(void)fd;
	(void)what;
	/* A little behind the wall clock: packets still in the ring must not find a clock that has passed them. */
	clock_gettime(CLOCK_REALTIME, &now);
	if (!sensor_tick(l->sensor, (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec - NS_PER_S, &err))
		stop(l, &err);
}

static void on_signal(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	stop(context, NULL);
}

static bool add_wire(struct live *l, const char *interface, const char *filter, struct error *err)
{
	const struct site_settings *site = site_settings(sensor_site(l->sensor));
	struct capture_live_settings settings = {
		.interface = interface,
		.filter = filter ? filter : site->filter,
		.snap_length = (unsigned)site->snaplen,
		.buffer_mib = (unsigned)site->ring_mib,
		.timeout_ms = 100,
		.promiscuous = true,
	};
	struct wire *w = &l->wires[l->n_wires];

	w->live = l;
	w->capture = capture_live_open(&settings, err);
	if (!w->capture)
		return false;
	l->n_wires++;
	if (*capture_live_warning(w->capture))
		fprintf(stderr, "sensord: %s\n", capture_live_warning(w->capture));
	int fd = capture_live_fd(w->capture);
	const struct timeval *timeout = capture_live_timeout(w->capture);
	w->readable = event_new(l->base, fd, fd >= 0 ? EV_READ | EV_PERSIST : EV_PERSIST, on_readable, w);
	if (!w->readable || event_add(w->readable, timeout) != 0)
		return error_set(err, "%s: the event loop does not take it", interface);
	return true;
}

static bool add_timers(struct live *l, struct error *err)
{
	static const struct timeval second = { 1, 0 };

	l->signals[0] = evsignal_new(l->base, SIGINT, on_signal, l);
	l->signals[1] = evsignal_new(l->base, SIGTERM, on_signal, l);
	l->tick = event_new(l->base, -1, EV_PERSIST, on_tick, l);
	if (!l->signals[0] || !l->signals[1] || !l->tick || event_add(l->signals[0], NULL) != 0 ||
	    event_add(l->signals[1], NULL) != 0 || event_add(l->tick, &second) != 0)
		return error_set(err, "the event loop does not start");
	return true;
}

/* What the ring still holds, then what waits in the engine. */
static bool finish(struct live *l, struct error *err)
{
	for (size_t i = 0; i < l->n_wires; i++)
		while (capture_live_read(l->wires[i].capture, FRAMES_A_WAKE_UP, on_frame, &l->wires[i], err) > 0 && !l->failed)
			;
	return sensor_finish(l->sensor, err);
}

static void tell_counts(struct live *l)
{
	uint64_t received = 0, dropped = 0;
	struct capture_live_stats stats;

	for (size_t i = 0; i < l->n_wires; i++) {
		if (!capture_live_stats(l->wires[i].capture, &stats))
			continue;
		received += stats.received;
		dropped += stats.dropped + stats.interface_dropped;
	}
	fprintf(stderr, "sensord: %llu packets received, %llu dropped, %llu alerts\n", (unsigned long long)received,
		(unsigned long long)dropped, (unsigned long long)sensor_counts(l->sensor).detect->alerts);
}

static void release(struct live *l)
{
	for (size_t i = 0; i < l->n_wires; i++) {
		if (l->wires[i].readable)
			event_free(l->wires[i].readable);
		capture_live_close(l->wires[i].capture);
	}
	for (size_t i = 0; i < 2; i++)
		if (l->signals[i])
			event_free(l->signals[i]);
	if (l->tick)
		event_free(l->tick);
	if (l->base)
		event_base_free(l->base);
	sensor_free(l->sensor);
}

static enum exit_code run_live(const struct sensor_options *o, const char *const *interfaces, size_t n, const char *filter)
{
	struct live l = { 0 };
	struct error err = { 0 };
	char text[1024];
	bool ok;

	l.sensor = sensor_new(o, &err);
	ok = l.sensor != NULL;
	if (ok && n == 0) {
		interfaces = site_settings(sensor_site(l.sensor))->interfaces;
		n = site_settings(sensor_site(l.sensor))->n_interfaces;
	}
	if (ok && (n == 0 || n > INTERFACES_MAX))
		ok = error_set(&err, "run: from 1 to %d interfaces are needed (-i IF, or capture.interfaces in the site file)", INTERFACES_MAX);
	if (ok)
		ok = (l.base = event_base_new()) != NULL || error_set(&err, "no event loop");
	for (size_t i = 0; ok && i < n; i++)
		ok = add_wire(&l, interfaces[i], filter, &err);
	if (ok && add_timers(&l, &err)) {
		fprintf(stderr, "sensord: watching %zu interface(s) with %zu rules\n", n, sensor_counts(l.sensor).n_rules);
		event_base_dispatch(l.base);
		ok = !l.failed && finish(&l, &err);
		if (l.failed)
			err = l.problem;
		tell_counts(&l);
	} else {
		ok = false;
	}
	release(&l);
	if (!ok)
		fprintf(stderr, "sensord: %s\n", error_format(&err, text, sizeof(text)));
	return ok ? EXIT_FINE : EXIT_COULD_NOT;
}

static enum exit_code run(int argc, char **argv)
{
	struct sensor_options o = { .live = true };
	const char *interfaces[INTERFACES_MAX], *filter = NULL;
	size_t n = 0;
	int option;

	while ((option = cli_option(&command_run, argc, argv)) != -1) {
		if (option == -3)
			return EXIT_FINE;
		if (option == OPTION_CONFIG)
			o.site_path = optarg;
		else if (option == OPTION_INTERFACE && n < INTERFACES_MAX)
			interfaces[n++] = optarg;
		else if (option == OPTION_RULES && o.n_rule_paths < ARRAY_SIZE(o.rule_paths))
			o.rule_paths[o.n_rule_paths++] = optarg;
		else if (option == OPTION_ALERTS)
			o.alerts = optarg;
		else if (option == OPTION_EVENTS)
			o.events = optarg;
		else if (option == OPTION_FILTER)
			filter = optarg;
		else
			return EXIT_COULD_NOT;
	}
	return run_live(&o, interfaces, n, filter);
}

const struct command command_run = {
	.name = "run",
	.synopsis = "[-c SITE] [-i IF]… [--alerts DEST] [--events DEST]",
	.about = "captures live and writes alerts until a signal ends it",
	.options = options,
	.run = run,
};
