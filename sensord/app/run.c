/* SPDX-License-Identifier: BSD-2-Clause
 * sensord run: the sensor on live wires (app/live.h) and, on the first thread, libevent's loop, until a signal ends it. */
#include <event2/event.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>

#include "cli.h"
#include "live.h"

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

struct running {
	struct live *live;
	struct event_base *base;
	struct event *signals[2], *failed;
	bool over;
	struct error problem;
};

static void on_failed(evutil_socket_t fd, short what, void *context)
{
	struct running *r = context;

	(void)fd;
	(void)what;
	if (!live_failed(r->live, &r->problem))
		return;
	r->over = true;
	event_base_loopbreak(r->base);
}

static void on_signal(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	event_base_loopbreak(((struct running *)context)->base);
}

static bool add_events(struct running *r, struct error *err)
{
	r->base = event_base_new();
	if (!r->base)
		return error_set(err, "no event loop");
	r->signals[0] = evsignal_new(r->base, SIGINT, on_signal, r);
	r->signals[1] = evsignal_new(r->base, SIGTERM, on_signal, r);
	r->failed = event_new(r->base, live_fd(r->live), EV_READ | EV_PERSIST, on_failed, r);
	if (!r->signals[0] || !r->signals[1] || !r->failed || event_add(r->signals[0], NULL) != 0 ||
	    event_add(r->signals[1], NULL) != 0 || event_add(r->failed, NULL) != 0)
		return error_set(err, "the event loop does not start");
	return true;
}

static void tell_counts(struct live *l)
{
	static struct live_stats stats;
	uint64_t received = 0, dropped = 0;

	live_stats(l, &stats);
	for (size_t i = 0; i < stats.n_wires; i++) {
		received += stats.wire[i].received;
		dropped += stats.wire[i].dropped + stats.wire[i].interface_dropped;
	}
	fprintf(stderr, "sensord: %llu packets received, %llu dropped, %llu alerts\n", (unsigned long long)received,
		(unsigned long long)dropped, (unsigned long long)stats.detect.alerts);
}

static void tell_start(struct live *l)
{
	static struct live_stats stats;

	live_stats(l, &stats);
	fprintf(stderr, "sensord: watching %zu interface(s) with %zu rules\n", stats.n_wires, stats.n_rules);
}

static void release(struct running *r)
{
	for (size_t i = 0; i < 2; i++)
		if (r->signals[i])
			event_free(r->signals[i]);
	if (r->failed)
		event_free(r->failed);
	if (r->base)
		event_base_free(r->base);
	live_free(r->live);
}

static enum exit_code run_live(const struct live_settings *s)
{
	struct running r = { 0 };
	struct error err = { 0 };
	char text[1024];

	r.live = live_open(s, &err);
	bool ok = r.live && add_events(&r, &err) && live_start(r.live, &err);
	if (ok) {
		tell_start(r.live);
		event_base_dispatch(r.base);
		ok = live_stop(r.live, &err) && !r.over;
		if (r.over)
			err = r.problem;
		tell_counts(r.live);
	}
	release(&r);
	if (!ok)
		fprintf(stderr, "sensord: %s\n", error_format(&err, text, sizeof(text)));
	return ok ? EXIT_FINE : EXIT_COULD_NOT;
}

static enum exit_code run(int argc, char **argv)
{
	struct sensor_options o = { .live = true };
	const char *interfaces[LIVE_WIRES_MAX];
	struct live_settings s = { .sensor = &o, .interfaces = interfaces };
	int option;

	while ((option = cli_option(&command_run, argc, argv)) != -1) {
		if (option == -3)
			return EXIT_FINE;
		if (option == OPTION_CONFIG)
			o.site_path = optarg;
		else if (option == OPTION_INTERFACE && s.n_interfaces < LIVE_WIRES_MAX)
			interfaces[s.n_interfaces++] = optarg;
		else if (option == OPTION_RULES && o.n_rule_paths < ARRAY_SIZE(o.rule_paths))
			o.rule_paths[o.n_rule_paths++] = optarg;
		else if (option == OPTION_ALERTS)
			o.alerts = optarg;
		else if (option == OPTION_EVENTS)
			o.events = optarg;
		else if (option == OPTION_FILTER)
			s.filter = optarg;
		else
			return EXIT_COULD_NOT;
	}
	return run_live(&s);
}

const struct command command_run = {
	.name = "run",
	.synopsis = "[-c SITE] [-i IF]… [--alerts DEST] [--events DEST]",
	.about = "captures live and writes alerts until a signal ends it",
	.options = options,
	.run = run,
};
