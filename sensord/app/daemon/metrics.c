/* SPDX-License-Identifier: BSD-2-Clause */
#include "metrics.h"

#include <inttypes.h>

#include "base/attributes.h"
#include "base/instant.h"

typedef const struct metrics_view view;

/* ---- what a family is told by: how many samples, and the labels of one ---- */

static size_t once(view *v) { (void)v; return 1; }
static size_t wires(view *v) { return v->live.n_wires; }
static size_t workers(view *v) { return v->live.n_workers; }
static size_t datasets(view *v) { (void)v; return DATASET_COUNT; }
static size_t rules(view *v) { return v->n_rules; }
static size_t outputs(view *v) { return v->n_outputs; }
static size_t tables(view *v) { return v->n_held; }
static size_t layers(view *v) { (void)v; return SANDBOX_LAYERS; }

/* A label's value: backslash, quote and newline are escaped. */
static void label(struct text *to, const char *name, const char *value)
{
	text_printf(to, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			text_char(to, '\\');
		if (*value == '\n')
			text_string(to, "\\n");
		else
			text_char(to, *value);
	}
	text_char(to, '"');
}

static void version_label(view *v, size_t i, struct text *to)
{
	(void)v;
	(void)i;
	label(to, "version", PACKAGE_VERSION);
}

static void wire_label(view *v, size_t i, struct text *to)
{
	label(to, "interface", v->live.wire[i].interface);
}

static void worker_label(view *v, size_t i, struct text *to)
{
	(void)v;
	text_printf(to, "worker=\"%zu\"", i);
}

static void dataset_label(view *v, size_t i, struct text *to)
{
	(void)v;
	label(to, "dataset", dataset_name((enum dataset)i));
}

static void rule_label(view *v, size_t i, struct text *to)
{
	const struct watch_rule *r = &v->rules[i];

	label(to, "rule", r->id);
	text_printf(to, ",measure=\"%c\",", r->measure);
	label(to, "level", level_name(r->level));
}

static void output_label(view *v, size_t i, struct text *to)
{
	label(to, "output", v->outputs[i].name);
}

static void table_label(view *v, size_t i, struct text *to)
{
	label(to, "table", v->held[i].name);
}

static void layer_label(view *v, size_t i, struct text *to)
{
	label(to, "layer", sandbox_layer_name((enum sandbox_layer)i));
	text_char(to, ',');
	label(to, "state", sandbox_state_name(v->sandbox[i].state));
}

static const struct scope {
	size_t (*count)(view *v);
	void (*labels)(view *v, size_t i, struct text *to); /* NULL: none */
} ONCE = { once, NULL }, BUILD = { once, version_label }, WIRE = { wires, wire_label }, WORKER = { workers, worker_label },
  DATASET = { datasets, dataset_label }, RULE = { rules, rule_label }, OUTPUT = { outputs, output_label }, TABLE = { tables, table_label },
  LAYER = { layers, layer_label };

/* ---- the values ---- */

#define VALUE(name, expression) \
	static double name(view *v, size_t i) \
	{ \
		(void)v; \
		(void)i; \
		return (double)(expression); \
	}
VALUE(one, 1)
VALUE(started, v->live.started_ns / (double)NS_PER_S)
VALUE(packet_time, v->live.packet_ns / (double)NS_PER_S)
VALUE(frames, v->live.frames)
VALUE(bytes, v->live.bytes)
VALUE(wire_up, v->live.wire[i].up)
VALUE(wire_received, v->live.wire[i].received)
VALUE(wire_dropped, v->live.wire[i].dropped)
VALUE(wire_missed, v->live.wire[i].interface_dropped)
VALUE(wire_returns, v->live.wire[i].came_back)
VALUE(worker_frames, v->live.worker[i].frames)
VALUE(worker_bytes, v->live.worker[i].bytes)
VALUE(worker_flows, v->live.worker[i].engine.flows)
VALUE(worker_live, v->live.worker[i].engine.live_flows)
VALUE(worker_evicted, v->live.worker[i].engine.flows_evicted)
VALUE(worker_cut, v->live.worker[i].engine.streams_cut)
VALUE(worker_gaps, v->live.worker[i].engine.gap_bytes)
VALUE(worker_overlaps, v->live.worker[i].engine.overlap_conflicts)
VALUE(worker_malformed, v->live.worker[i].engine.malformed)
VALUE(worker_memory, v->live.worker[i].engine.memory_bytes)
VALUE(worker_records, v->live.worker[i].engine.records)
VALUE(worker_bad_frames, v->live.worker[i].decoder.malformed)
VALUE(worker_fragments, v->live.worker[i].decoder.fragments)
VALUE(worker_fragments_dropped, v->live.worker[i].decoder.fragments_dropped)
VALUE(worker_ring, v->live.worker[i].ring_used)
VALUE(worker_ring_size, v->live.worker[i].ring_size)
VALUE(worker_ring_lost, v->live.worker[i].ring_lost)
VALUE(records, v->datasets[i])
VALUE(matches, v->live.detect.matches)
VALUE(suppressed, v->live.detect.suppressed)
VALUE(folded, v->live.detect.folded)
VALUE(excepted, v->live.detect.excepted)
VALUE(rule_alerts, v->rules[i].alerts)
VALUE(rule_last, v->rules[i].last_ns / (double)NS_PER_S)
VALUE(rule_count, v->live.n_rules)
VALUE(output_up, v->outputs[i].up)
VALUE(output_waiting, v->outputs[i].waiting)
VALUE(output_spooled, v->outputs[i].spooled)
VALUE(output_sent, v->outputs[i].sent)
VALUE(output_refused, v->outputs[i].refused)
VALUE(table_entries, v->held[i].entries)
VALUE(table_bytes, v->held[i].bytes)
VALUE(memory_limit, v->memory_limit)
VALUE(resident, v->resident)
VALUE(processor, v->processor_s)
VALUE(layer_on, v->sandbox[i].state == SANDBOX_ON)
VALUE(reloads, v->reloads)
VALUE(reloads_refused, v->reloads_refused)
VALUE(reload_fine, v->reload_fine)
VALUE(clients, v->clients)
VALUE(lines_lost, v->lines_lost)

static const struct family {
	const char *name, *type;
	const struct scope *scope;
	double (*value)(view *v, size_t i);
	const char *help;
} families[] = {
	{ "sensord_build_info", "gauge", &BUILD, one, "The version that runs; always 1." },
	{ "sensord_start_time_seconds", "gauge", &ONCE, started, "When the sensor started, in seconds since 1970." },
	{ "sensord_packet_time_seconds", "gauge", &ONCE, packet_time, "Packet clock of detection, in seconds since 1970." },
	{ "sensord_packets_total", "counter", &ONCE, frames, "Packets looked at." },
	{ "sensord_bytes_total", "counter", &ONCE, bytes, "Bytes of those packets on the wire." },
	{ "sensord_interface_up", "gauge", &WIRE, wire_up, "1 while the interface is captured, 0 while it is away." },
	{ "sensord_interface_packets_total", "counter", &WIRE, wire_received, "Packets of an interface, dropped ones among them." },
	{ "sensord_interface_dropped_total", "counter", &WIRE, wire_dropped, "Packets for which the capture ring had no room." },
	{ "sensord_interface_missed_total", "counter", &WIRE, wire_missed, "Packets that the interface or its driver dropped." },
	{ "sensord_interface_returns_total", "counter", &WIRE, wire_returns, "Times that the interface came back." },
	{ "sensord_worker_packets_total", "counter", &WORKER, worker_frames, "Packets of a capture worker." },
	{ "sensord_worker_bytes_total", "counter", &WORKER, worker_bytes, "Bytes of a capture worker on the wire." },
	{ "sensord_flows_total", "counter", &WORKER, worker_flows, "Flows begun." },
	{ "sensord_live_flows", "gauge", &WORKER, worker_live, "Flows in the table." },
	{ "sensord_flows_evicted_total", "counter", &WORKER, worker_evicted, "Flows ended early for want of memory." },
	{ "sensord_streams_cut_total", "counter", &WORKER, worker_cut, "Sides of flows given up because too much of them waited." },
	{ "sensord_gap_bytes_total", "counter", &WORKER, worker_gaps, "Bytes of streams that were never seen." },
	{ "sensord_overlap_conflicts_total", "counter", &WORKER, worker_overlaps, "Segments that contradicted earlier ones." },
	{ "sensord_malformed_total", "counter", &WORKER, worker_malformed, "Messages that did not keep to their protocol." },
	{ "sensord_malformed_frames_total", "counter", &WORKER, worker_bad_frames, "Frames with a header that cannot be." },
	{ "sensord_fragments_total", "counter", &WORKER, worker_fragments, "IP fragments." },
	{ "sensord_fragments_dropped_total", "counter", &WORKER, worker_fragments_dropped, "IP fragments given up." },
	{ "sensord_engine_memory_bytes", "gauge", &WORKER, worker_memory, "Memory of flows, streams and protocols." },
	{ "sensord_worker_records_total", "counter", &WORKER, worker_records, "Records made by a worker." },
	{ "sensord_ring_records", "gauge", &WORKER, worker_ring, "Records on their way from a worker to detection." },
	{ "sensord_ring_size", "gauge", &WORKER, worker_ring_size, "Records for which that way has room." },
	{ "sensord_ring_lost_total", "counter", &WORKER, worker_ring_lost, "Records for which that way had no room." },
	{ "sensord_records_total", "counter", &DATASET, records, "Records that reached detection." },
	{ "sensord_rules", "gauge", &ONCE, rule_count, "Rules in use." },
	{ "sensord_matches_total", "counter", &ONCE, matches, "Times that a rule fitted." },
	{ "sensord_alerts_total", "counter", &RULE, rule_alerts, "Alerts told." },
	{ "sensord_last_alert_time_seconds", "gauge", &RULE, rule_last, "Packet time of the last alert, in seconds since 1970." },
	{ "sensord_suppressed_total", "counter", &ONCE, suppressed, "Repeats that were counted in an alert instead of told." },
	{ "sensord_folded_total", "counter", &ONCE, folded, "Alert lines beyond limits.alerts_per_minute, told as a sum." },
	{ "sensord_excepted_total", "counter", &ONCE, excepted, "Alerts that an exception of the site silenced." },
	{ "sensord_output_up", "gauge", &OUTPUT, output_up, "1 while the output takes lines." },
	{ "sensord_output_waiting", "gauge", &OUTPUT, output_waiting, "Lines in the output's queue." },
	{ "sensord_output_spool_bytes", "gauge", &OUTPUT, output_spooled, "Bytes on disk that wait for the far end." },
	{ "sensord_output_sent_total", "counter", &OUTPUT, output_sent, "Lines that the output took." },
	{ "sensord_output_refused_total", "counter", &OUTPUT, output_refused, "Lines lost for want of room, or that it can never carry." },
	{ "sensord_table_entries", "gauge", &TABLE, table_entries, "Entries of what the sensor remembers." },
	{ "sensord_table_bytes", "gauge", &TABLE, table_bytes, "Bytes that they take, without the allocator's own." },
	{ "sensord_memory_limit_bytes", "gauge", &ONCE, memory_limit, "Ceiling of all tables (limits.memory_mib)." },
	{ "process_resident_memory_bytes", "gauge", &ONCE, resident, "Resident memory of the process." },
	{ "process_cpu_seconds_total", "counter", &ONCE, processor, "Processor time of the process." },
	{ "sensord_sandbox_on", "gauge", &LAYER, layer_on, "1 where this layer of least privilege holds in full." },
	{ "sensord_reloads_total", "counter", &ONCE, reloads, "Reloads of site file and rules that were taken." },
	{ "sensord_reloads_refused_total", "counter", &ONCE, reloads_refused, "Reloads refused because of an error in a file." },
	{ "sensord_reload_successful", "gauge", &ONCE, reload_fine, "0 where the last reload was refused: old files are in use." },
	{ "sensord_control_clients", "gauge", &ONCE, clients, "Clients at the control socket." },
	{ "sensord_tail_lost_total", "counter", &ONCE, lines_lost, "Lines that no tail fetched in time." },
};

/* Counts are whole numbers: written without an exponent up to 2^53, where a double ends to count. */
static void number(struct text *to, double v)
{
	if (v >= 0 && v < 9007199254740992.0 && v == (double)(uint64_t)v)
		text_decimal(to, (uint64_t)v);
	else
		text_printf(to, "%.6f", v);
}

static void family_text(const struct family *f, view *v, struct text *to)
{
	text_printf(to, "# HELP %s %s\n# TYPE %s %s\n", f->name, f->help, f->name, f->type);
	for (size_t i = 0; i < f->scope->count(v); i++) {
		text_string(to, f->name);
		if (f->scope->labels) {
			text_char(to, '{');
			f->scope->labels(v, i, to);
			text_char(to, '}');
		}
		text_char(to, ' ');
		number(to, f->value(v, i));
		text_char(to, '\n');
	}
}

void metrics_text(const struct metrics_view *v, struct text *to)
{
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		family_text(&families[i], v, to);
}

/* ---- the request (RFC 9112 section 3) ---- */

unsigned metrics_request(struct bytes head)
{
	struct bytes rest = head;
	struct bytes line = bytes_split(&rest, '\n');
	struct bytes method = bytes_split(&line, ' ');
	struct bytes target = bytes_split(&line, ' ');

	if (!method.size || !target.size || target.at[0] != '/' || !bytes_starts(line, bytes_string("HTTP/1.")))
		return 400;
	if (!bytes_equal(method, bytes_string("GET")))
		return 405;
	struct bytes path = bytes_split(&target, '?');
	return bytes_equal(path, bytes_string("/metrics")) ? 200 : 404;
}
