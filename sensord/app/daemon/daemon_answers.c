/* SPDX-License-Identifier: BSD-2-Clause
 * What the daemon says of itself: the answers of the control socket and the view that the metrics are made of. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/instant.h"
#include "daemon.h"

/* ---- the moment ---- */

static uint64_t resident_bytes(void)
{
	char line[128] = "";
	unsigned long long size = 0, resident = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f) {
		if (fgets(line, sizeof(line), f) && sscanf(line, "%llu %llu", &size, &resident) != 2)
			resident = 0;
		fclose(f);
	}
	return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static double processor_seconds(void)
{
	struct rusage u;

	if (getrusage(RUSAGE_SELF, &u) != 0)
		return 0;
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void look_at_sensor(struct sensor *s, void *context)
{
	struct metrics_view *v = context;
	struct output_stats stats;

	v->n_held = sensor_held(s, v->held);

	for (v->n_outputs = 0; v->n_outputs < METRICS_OUTPUTS && sensor_output_stats(s, v->n_outputs, &stats); v->n_outputs++) {
		struct metrics_output *o = &v->outputs[v->n_outputs];
		*o = (struct metrics_output){
			.up = !stats.away, .waiting = stats.waiting_lines, .spooled = stats.spool_bytes, .sent = stats.sent,
			.refused = stats.lost + stats.refused,
		};
		snprintf(o->name, sizeof(o->name), "%.*s", (int)sizeof(o->name) - 1, stats.name);
	}
}

_Static_assert(SENSOR_HELD + 2 <= METRICS_HELD, "room for all");

/* What stands outside of the detection thread. */
static void look_at_memory(struct daemon *d)
{
	struct metrics_view *v = d->view;
	struct detect_held *engines = &v->held[v->n_held++], *counters = &v->held[v->n_held++];

	*engines = (struct detect_held){ .name = "engines" };
	for (size_t i = 0; i < v->live.n_workers; i++) {
		engines->entries += v->live.worker[i].engine.live_flows;
		engines->bytes += v->live.worker[i].engine.memory_bytes;
	}
	counters->name = "counters";
	watch_held(d->watch, &counters->entries, &counters->bytes);
}

void daemon_look(struct daemon *d)
{
	struct metrics_view *v = d->view;

	live_stats(d->live, &v->live);
	live_call(d->live, look_at_sensor, v);
	look_at_memory(d);
	watch_datasets(d->watch, v->datasets);
	v->n_rules = watch_rules(d->watch, v->rules, WATCH_RULES);
	memcpy(v->sandbox, d->sandbox.layer, sizeof(v->sandbox));
	v->memory_limit = d->memory_limit;
	v->resident = resident_bytes();
	v->processor_s = processor_seconds();
	v->reloads = d->counts.reloads;
	v->reloads_refused = d->counts.reloads_refused;
	v->reload_fine = !d->counts.refused[0];
	v->lines_lost = d->counts.lines_lost;
	v->clients = d->control ? control_clients(d->control) : 0;
}

void daemon_metrics(void *context, struct text *to)
{
	struct daemon *d = context;

	daemon_look(d);
	metrics_text(d->view, to);
}

/* ---- parts of answers ---- */

/* A list of objects: row adds the members of the i-th. */
static void add_list(struct answer *a, const char *key, size_t n, const void *from,
		     void (*row)(struct answer *a, const void *from, size_t i))
{
	answer_open(a, key, '[');
	for (size_t i = 0; i < n; i++) {
		answer_open(a, NULL, '{');
		row(a, from, i);
		answer_close(a, '}');
	}
	answer_close(a, ']');
}

static void wire_row(struct answer *a, const void *from, size_t i)
{
	const struct live_wire *w = &((const struct live_stats *)from)->wire[i];

	answer_string(a, "interface", w->interface);
	answer_string(a, "state", w->up ? "up" : "away");
	answer_uint(a, "packets", w->received);
	answer_uint(a, "dropped", w->dropped);
	answer_uint(a, "missed", w->interface_dropped);
	answer_uint(a, "came_back", w->came_back);
}

static void worker_row(struct answer *a, const void *from, size_t i)
{
	const struct live_worker *w = &((const struct live_stats *)from)->worker[i];

	answer_uint(a, "worker", i);
	answer_uint(a, "packets", w->frames);
	answer_uint(a, "bytes", w->bytes);
	answer_uint(a, "records", w->engine.records);
	answer_uint(a, "flows", w->engine.flows);
	answer_uint(a, "live_flows", w->engine.live_flows);
	answer_uint(a, "evicted", w->engine.flows_evicted);
	answer_uint(a, "streams_cut", w->engine.streams_cut);
	answer_uint(a, "gap_bytes", w->engine.gap_bytes);
	answer_uint(a, "malformed", w->engine.malformed);
	answer_uint(a, "memory", w->engine.memory_bytes);
	answer_uint(a, "ring_lost", w->ring_lost);
}

static void output_row(struct answer *a, const void *from, size_t i)
{
	const struct metrics_output *o = &((const struct metrics_view *)from)->outputs[i];

	answer_string(a, "output", o->name);
	answer_string(a, "state", o->up ? "up" : "away");
	answer_uint(a, "sent", o->sent);
	answer_uint(a, "waiting", o->waiting);
	answer_uint(a, "spool_bytes", o->spooled);
	answer_uint(a, "refused", o->refused);
}

static void held_row(struct answer *a, const void *from, size_t i)
{
	const struct detect_held *held = &((const struct metrics_view *)from)->held[i];

	answer_string(a, "table", held->name);
	answer_uint(a, "entries", held->entries);
	answer_uint(a, "bytes", held->bytes);
}

static void layer_row(struct answer *a, const void *from, size_t i)
{
	const struct sandbox_told *told = &((const struct metrics_view *)from)->sandbox[i];

	answer_string(a, "layer", sandbox_layer_name((enum sandbox_layer)i));
	answer_string(a, "state", sandbox_state_name(told->state));
	answer_string(a, "why", told->why);
}

static void add_detection(const struct metrics_view *v, struct answer *a)
{
	const struct detect_counts *c = &v->live.detect;

	answer_open(a, "detection", '{');
	answer_time(a, "packet_time", v->live.packet_ns);
	answer_uint(a, "records", c->records);
	answer_uint(a, "matches", c->matches);
	answer_uint(a, "alerts", c->alerts);
	answer_uint(a, "suppressed", c->suppressed);
	answer_uint(a, "folded", c->folded);
	answer_uint(a, "excepted", c->excepted);
	answer_close(a, '}');
	answer_open(a, "alerts_by_level", '{');
	for (enum level l = LEVEL_INFORMATIONAL; l <= LEVEL_CRITICAL; l++)
		answer_uint(a, level_name(l), c->by_level[l]);
	answer_close(a, '}');
	answer_open(a, "alerts_by_measure", '{');
	for (size_t i = 0; i < ARRAY_SIZE(c->by_measure); i++)
		answer_uint(a, (const char[]){ (char)('A' + i), '\0' }, c->by_measure[i]);
	answer_close(a, '}');
	answer_open(a, "records_by_dataset", '{');
	for (size_t i = 0; i < DATASET_COUNT; i++)
		if (v->datasets[i])
			answer_uint(a, dataset_name((enum dataset)i), v->datasets[i]);
	answer_close(a, '}');
}

static uint64_t held_bytes(const struct metrics_view *v, const char *name)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < v->n_held; i++)
		if (!name || strcmp(v->held[i].name, name) == 0)
			bytes += v->held[i].bytes;
	return bytes;
}

/* ---- the commands ---- */

static void answer_status(struct daemon *d, struct answer *a)
{
	const struct metrics_view *v = d->view;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	answer_string(a, "version", PACKAGE_VERSION);
	answer_uint(a, "pid", (uint64_t)getpid());
	answer_string(a, "site", d->site);
	answer_time(a, "started", v->live.started_ns);
	answer_uint(a, "uptime_s", instant_since((uint64_t)now.tv_sec, v->live.started_ns / NS_PER_S));
	answer_uint(a, "rules", v->live.n_rules);
	answer_uint(a, "workers", v->live.n_workers);
	answer_uint(a, "alerts", v->live.detect.alerts);
	answer_uint(a, "memory", v->resident);
	answer_uint(a, "memory_limit", v->memory_limit);
	answer_uint(a, "memory_tables", held_bytes(v, NULL));
	answer_uint(a, "memory_evidence", held_bytes(v, "evidence"));
	answer_time(a, "files_read", d->counts.reloaded_ns);
	answer_uint(a, "reloads", d->counts.reloads);
	answer_uint(a, "reloads_refused", d->counts.reloads_refused);
	if (d->counts.refused[0])
		answer_string(a, "reload_refused", d->counts.refused);
	add_list(a, "interfaces", v->live.n_wires, &v->live, wire_row);
	add_list(a, "outputs", v->n_outputs, v, output_row);
	add_list(a, "privileges", SANDBOX_LAYERS, v, layer_row);
}

static void answer_stats(struct daemon *d, struct answer *a)
{
	const struct metrics_view *v = d->view;

	add_list(a, "interfaces", v->live.n_wires, &v->live, wire_row);
	add_list(a, "workers", v->live.n_workers, &v->live, worker_row);
	add_detection(v, a);
	add_list(a, "memory", v->n_held, v, held_row);
	add_list(a, "outputs", v->n_outputs, v, output_row);
}

static void add_address(const struct address *address, const char *key, struct answer *a)
{
	char room[ADDRESS_TEXT];

	answer_string(a, key, address_format(address, room));
}

static void source_row(struct answer *a, const void *from, size_t i)
{
	const struct watch_source *row = &((const struct watch_top *)from)->sources[i];

	add_address(&row->address, "source", a);
	answer_uint(a, "alerts", row->alerts);
	answer_uint(a, "records", row->records);
	answer_time(a, "last", row->last_ns);
}

static void rule_row(struct answer *a, const void *from, size_t i)
{
	const struct watch_rule *row = &((const struct watch_top *)from)->rules[i];

	answer_string(a, "rule", row->id);
	answer_string(a, "level", level_name(row->level));
	answer_uint(a, "alerts", row->alerts);
	answer_time(a, "last", row->last_ns);
}

static void pair_row(struct answer *a, const void *from, size_t i)
{
	const struct watch_pair *row = &((const struct watch_top *)from)->alerts[i];

	answer_string(a, "rule", row->rule);
	add_address(&row->source, "source", a);
	answer_uint(a, "alerts", row->alerts);
	answer_time(a, "last", row->last_ns);
}

static void answer_top(struct daemon *d, struct answer *a)
{
	struct watch_top top;

	watch_top(d->watch, &top);
	add_list(a, "sources", top.n_sources, &top, source_row);
	add_list(a, "rules", top.n_rules, &top, rule_row);
	add_list(a, "alerts", top.n_alerts, &top, pair_row);
}

/* ---- health: what a person has to look after ---- */

static void complain(struct answer *a, const char *what, const char *which, const char *why)
{
	answer_open(a, NULL, '{');
	answer_string(a, "what", what);
	answer_string(a, "which", which);
	answer_string(a, "why", why);
	answer_close(a, '}');
}

static size_t check_wires(const struct live_stats *s, struct answer *a)
{
	size_t n = 0;
	char why[96];

	for (size_t i = 0; i < s->n_wires; i++) {
		const struct live_wire *w = &s->wire[i];
		if (!w->up && ++n)
			complain(a, "interface away", w->interface, "nothing is seen of it until it is back");
		if (w->dropped + w->interface_dropped == 0)
			continue;
		n++;
		snprintf(why, sizeof(why), "%" PRIu64 " of %" PRIu64 " packets were not seen", w->dropped + w->interface_dropped,
			 w->received);
		complain(a, "packets dropped", w->interface, why);
	}
	return n;
}

static size_t check_rings(const struct live_stats *s, struct answer *a)
{
	uint64_t lost = 0;
	char why[96];

	for (size_t i = 0; i < s->n_workers; i++)
		lost += s->worker[i].ring_lost;
	if (lost == 0)
		return 0;
	snprintf(why, sizeof(why), "%" PRIu64 " records were lost: detection did not keep up", lost);
	complain(a, "records lost", "detection", why);
	return 1;
}

static size_t check_outputs(const struct metrics_view *v, struct answer *a)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n_outputs; i++)
		if (!v->outputs[i].up && ++n)
			complain(a, "output away", v->outputs[i].name, "lines wait until it is back");
	return n;
}

static size_t check_sandbox(const struct metrics_view *v, struct answer *a)
{
	size_t n = 0;

	for (size_t i = 0; i < SANDBOX_LAYERS; i++)
		if (v->sandbox[i].state == SANDBOX_FAILED && ++n)
			complain(a, "privileges kept", sandbox_layer_name((enum sandbox_layer)i), v->sandbox[i].why);
	return n;
}

static void answer_health(struct daemon *d, struct answer *a)
{
	size_t n;

	answer_open(a, "problems", '[');
	n = check_wires(&d->view->live, a) + check_rings(&d->view->live, a) + check_outputs(d->view, a) + check_sandbox(d->view, a);
	if (d->counts.refused[0] && ++n)
		complain(a, "reload refused", "site file and rules", d->counts.refused);
	answer_close(a, ']');
	answer_bool(a, "healthy", n == 0);
}

bool daemon_answer(void *context, const struct control_request *q, struct answer *a, struct error *err)
{
	static void (*const answers[CONTROL_VERBS])(struct daemon *d, struct answer *a) = {
		[CONTROL_STATUS] = answer_status, [CONTROL_STATS] = answer_stats, [CONTROL_HEALTH] = answer_health,
		[CONTROL_TOP] = answer_top,
	};
	struct daemon *d = context;

	if (q->verb == CONTROL_RELOAD)
		return daemon_reload(d, err);
	if (q->verb == CONTROL_ROTATE)
		return daemon_rotate(d, err);
	if (q->verb == CONTROL_TAIL) {
		watch_ask(d->watch, control_wants(d->control) | q->kinds);
		return true;
	}
	daemon_look(d);
	answers[q->verb](d, a);
	return true;
}
