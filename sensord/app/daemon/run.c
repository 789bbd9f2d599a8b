/* SPDX-License-Identifier: BSD-2-Clause
 * sensord run: becomes the sensor's user, opens captures, outputs and sockets, gives up every privilege, starts the threads
 * of the sensor (app/live.h), and runs the daemon's loop (daemon.h) until a signal ends it. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "daemon.h"

enum {
	OPTION_CONFIG, OPTION_INTERFACE, OPTION_RULES, OPTION_ALERTS, OPTION_EVENTS, OPTION_FILTER, OPTION_USER, OPTION_ROOT,
	OPTION_SOCKET
};

static const struct option_row options[] = {
	[OPTION_CONFIG] = { "config", 'c', "SITE", "site file" },
	[OPTION_INTERFACE] = { "interface", 'i', "IF", "interface to capture on; may be given again (default: those of the site file)" },
	[OPTION_RULES] = { "rules", 'r', "PATH", "rule file or folder, instead of those of the site; may be given again" },
	[OPTION_ALERTS] = { "alerts", 'a', "DEST", "where alerts go: a file (appended), - (standard output) or none (default: as the site file says, else -)" },
	[OPTION_EVENTS] = { "events", 'e', "DEST", "write every record too: a file or -" },
	[OPTION_FILTER] = { "filter", 'f', "BPF", "capture only packets that match (pcap-filter(7))" },
	[OPTION_USER] = { "user", 'u', "USER", "user to run as (default: run.user of the site file, else sensord where it exists)" },
	[OPTION_ROOT] = { "allow-root", 0, NULL, "stay root where there is no other user; capabilities go all the same" },
	[OPTION_SOCKET] = { "socket", 'S', "PATH", "control socket, or none (default: run.control of the site file)" },
	{ 0 },
};

struct arguments {
	struct sensor_options sensor;
	struct live_settings live;
	const char *interfaces[LIVE_WIRES_MAX];
	const char *user, *socket;
	bool allow_root;
};

/* What the loop answers is kept waiting until it runs: a signal that comes early must not end the program by default. */
static void hold_signals(int how)
{
	static const int held[] = { SIGHUP, SIGINT, SIGTERM, SIGUSR1 };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(held); i++)
		sigaddset(&set, held[i]);
	sigprocmask(how, &set, NULL);
}

static bool given(const char *word)
{
	return word && *word && strcmp(word, "none") != 0;
}

/* ---- privileges ---- */

static bool become(struct daemon *d, const struct arguments *a, const struct site_run *run, struct error *err)
{
	char folder[sizeof(d->control_path)];
	const char *slash = strrchr(d->control_path, '/');

	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - d->control_path) : 0, d->control_path);
	struct sandbox_settings s = {
		.user = a->user ? a->user : run->user, .group = run->group, .allow_root = a->allow_root || run->allow_root,
		.landlock = run->landlock, .calls = run->seccomp, .folder = folder,
	};
	bool ok = sandbox_become(&d->sandbox, &s, err);
	d->sandbox.settings.user = d->sandbox.settings.group = d->sandbox.settings.folder = NULL; /* they end with this call */
	return ok;
}

static void add_destination(struct sandbox *b, const char *dest)
{
	if (given(dest) && strcmp(dest, "-") != 0)
		sandbox_add_folder_of(b, dest, true);
}

/* What a reload, a rotation and the end will need. */
static void add_places(struct daemon *d, const struct arguments *a, const struct site *site)
{
	const struct site_settings *own = site_settings(site);
	struct sandbox *b = &d->sandbox;
	char room[4096];

	sandbox_add_folder_of(b, a->sensor.site_path, false);
	sandbox_add(b, sensor_rules_folder(room, sizeof(room)), false);
	for (size_t i = 0; i < a->sensor.n_rule_paths; i++)
		sandbox_add_read_again(b, a->sensor.rule_paths[i]);
	for (size_t i = 0; i < own->n_rule_paths; i++)
		sandbox_add_read_again(b, own->rule_paths[i]);
	add_destination(b, a->sensor.alerts);
	add_destination(b, a->sensor.events);
	for (size_t i = 0; i < site_outputs(site); i++) {
		struct site_output o = site_output(site, i);
		add_destination(b, o.path);
		sandbox_add(b, o.evidence, true);
		sandbox_add(b, o.spool, true);
		sandbox_add_read_again(b, o.ca);
		sandbox_add_read_again(b, o.certificate);
		sandbox_add_read_again(b, o.key);
	}
	sandbox_add_folder_of(b, d->control_path, true);
	sandbox_add_folder_of(b, d->metrics_path, true);
}

static bool close_sandbox(struct daemon *d, const struct arguments *a, struct error *err)
{
	struct site *site = sensor_read_site(a->sensor.site_path, err);

	if (!site)
		return false;
	add_places(d, a, site);
	d->memory_limit = site_settings(site)->memory_mib << 20;
	snprintf(d->site, sizeof(d->site), "%s", site_name(site));
	site_free(site);
	if (!sandbox_close(&d->sandbox, err))
		return false;
	for (size_t i = 0; i < SANDBOX_LAYERS; i++)
		if (d->sandbox.layer[i].state != SANDBOX_ON)
			fprintf(stderr, "sensord: privileges: %s: %s: %s\n", sandbox_layer_name((enum sandbox_layer)i),
				sandbox_state_name(d->sandbox.layer[i].state), d->sandbox.layer[i].why);
	return true;
}

/* ---- open, close, run ---- */

static bool bind_sockets(struct daemon *d, const struct site_run *run, int *ret_control, int *ret_metrics, struct error *err)
{
	if (d->control_path[0] && (*ret_control = control_bind(d->control_path, err)) < 0) {
		d->control_path[0] = '\0'; /* another's is not ours to remove */
		return false;
	}
	if (given(run->metrics) && (*ret_metrics = metrics_bind(run->metrics, err)) < 0)
		return false;
	if (*ret_metrics >= 0 && strncmp(run->metrics, "unix:", 5) == 0)
		snprintf(d->metrics_path, sizeof(d->metrics_path), "%s", run->metrics + 5);
	return true;
}

static bool open_all(struct daemon *d, struct arguments *a, const struct site_run *run, struct error *err)
{
	const char *path = a->socket ? a->socket : run->control;
	int control = -1, metrics = -1;

	if (given(path))
		snprintf(d->control_path, sizeof(d->control_path), "%s", path);
	if (!become(d, a, run, err)) {
		d->control_path[0] = '\0';
		return false;
	}
	d->watch = watch_new();
	if (!d->watch)
		return error_set(err, "out of memory");
	a->sensor.watch = d->watch;
	d->live = live_open(&a->live, err);
	bool ok = d->live && bind_sockets(d, run, &control, &metrics, err) && close_sandbox(d, a, err);
	if (ok)
		return daemon_prepare(d, control, metrics, err);
	if (control >= 0)
		close(control);
	if (metrics >= 0)
		close(metrics);
	return false;
}

static void tell_start(const struct daemon *d)
{
	const struct live_stats *s = &d->view->live;

	fprintf(stderr, "sensord: watching %zu interface(s) with %zu rules\n", s->n_wires, s->n_rules);
}

static void tell_counts(struct daemon *d)
{
	const struct live_stats *s = &d->view->live;
	uint64_t received = 0, dropped = 0;

	live_stats(d->live, &d->view->live);
	for (size_t i = 0; i < s->n_wires; i++) {
		received += s->wire[i].received;
		dropped += s->wire[i].dropped + s->wire[i].interface_dropped;
	}
	fprintf(stderr, "sensord: %" PRIu64 " packets received, %" PRIu64 " dropped, %" PRIu64 " alerts\n", received, dropped,
		s->detect.alerts);
}

static bool run_open(struct daemon *d, struct error *err)
{
	if (!live_start(d->live, err))
		return false;
	live_stats(d->live, &d->view->live);
	tell_start(d);
	hold_signals(SIG_UNBLOCK);
	daemon_loop(d);
	bool ok = live_stop(d->live, err) && !d->over;
	if (d->over)
		*err = d->problem;
	tell_counts(d);
	return ok;
}

static enum exit_code run_daemon(struct arguments *a)
{
	struct daemon d = { .options = &a->sensor };
	struct error err = { 0 };
	char text[1024];

	hold_signals(SIG_BLOCK);
	notify_open(&d.notify);
	struct site *site = sensor_read_site(a->sensor.site_path, &err);
	bool ok = site != NULL;
	if (ok) {
		struct site_run run = site_run(site);
		ok = open_all(&d, a, &run, &err) && run_open(&d, &err);
	}
	daemon_release(&d);
	site_free(site);
	if (!ok)
		fprintf(stderr, "sensord: %s\n", error_format(&err, text, sizeof(text)));
	return ok ? EXIT_FINE : EXIT_COULD_NOT;
}

static bool take(void *to, int option, const char *argument)
{
	struct arguments *a = to;
	struct sensor_options *o = &a->sensor;

	if (option == OPTION_CONFIG)
		o->site_path = argument;
	else if (option == OPTION_INTERFACE)
		return cli_add(a->interfaces, &a->live.n_interfaces, LIVE_WIRES_MAX, "--interface", argument);
	else if (option == OPTION_RULES)
		return cli_add(o->rule_paths, &o->n_rule_paths, ARRAY_SIZE(o->rule_paths), "--rules", argument);
	else if (option == OPTION_ALERTS)
		o->alerts = argument;
	else if (option == OPTION_EVENTS)
		o->events = argument;
	else if (option == OPTION_FILTER)
		a->live.filter = argument;
	else if (option == OPTION_USER)
		a->user = argument;
	else if (option == OPTION_ROOT)
		a->allow_root = true;
	else if (option == OPTION_SOCKET)
		a->socket = argument;
	else
		cli_misused(&command_run, "\"%s\" is too much (an interface is named with -i)", argument);
	return option != CLI_OPERAND;
}

static enum exit_code run(int argc, char **argv)
{
	struct arguments a = { .sensor = { .live = true } };
	enum exit_code code;

	a.live.sensor = &a.sensor;
	a.live.interfaces = a.interfaces;
	return cli_read(&command_run, argc, argv, take, &a, &code) ? run_daemon(&a) : code;
}

const struct command command_run = {
	.name = "run",
	.synopsis = "[-c SITE] [-i IF]… [--alerts DEST] [--events DEST]",
	.about = "captures live and writes alerts until a signal ends it",
	.options = options,
	.run = run,
};
