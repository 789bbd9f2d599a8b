/* SPDX-License-Identifier: BSD-2-Clause
 * The site: made from its file or from nothing, and the questions on hosts, proxies and accounts. */
#include "site/site.h"

#include <stdlib.h>

#include "private.h"

static bool build_gateways(struct site *s, const struct document *d, struct error *err)
{
	const struct conf_strings *words = &s->settings.site.gateways;

	s->gateways = calloc(words->count + 1, sizeof(*s->gateways));
	if (!s->gateways)
		return error_set(err, "out of memory");
	for (size_t i = 0; i < words->count; i++) {
		struct bytes rest = bytes_string(words->items[i]);
		uint8_t separator = memchr(words->items[i], '-', rest.size) ? '-' : ':';
		for (size_t k = 0; k < 6; k++) {
			struct bytes part = bytes_split(&rest, separator);
			uint64_t octet;
			if (part.size != 2 || !bytes_hex(part, 255, &octet) || (k == 5 && rest.size))
				return word_error(d, words, i, err, "`%s` is no MAC address", words->items[i]);
			s->gateways[i][k] = (uint8_t)octet;
		}
		s->n_gateways++;
	}
	return true;
}

static bool build_long_sessions(struct site *s, const struct document *d, struct error *err)
{
	const struct conf_list *list = &s->settings.site.connect.long_session_allow;
	const struct long_session_setting *settings = list->items;

	s->long_sessions = calloc(list->count + 1, sizeof(*s->long_sessions));
	if (!s->long_sessions)
		return error_set(err, "out of memory");
	for (size_t i = 0; i < list->count; i++) {
		struct long_session *one = &s->long_sessions[s->n_long_sessions++];
		one->suffix = settings[i].suffix;
		if (!calendar_instant(&s->calendar, &settings[i].expires, true, d, &one->ends_ns, err))
			return false;
	}
	return true;
}

/* Sources and targets of traps and services mean nothing yet; a wrong word is told all the same. */
static bool check_accounts(const struct site *s, const struct conf_list *list, const struct document *d,
			   struct error *err)
{
	const struct account_setting *items = list->items;

	for (size_t i = 0; i < list->count; i++) {
		struct selectors scratch;
		if (!selectors_build(&s->network, &items[i].sources, d, &scratch, err))
			return false;
		selectors_release(&scratch);
		if (!selectors_build(&s->network, &items[i].targets, d, &scratch, err))
			return false;
		selectors_release(&scratch);
	}
	return true;
}

static bool check_levels(const struct conf_strings *pairs, const struct document *d, struct error *err)
{
	static const char *const levels[] = { "informational", "low", "medium", "high", "critical", NULL };

	for (size_t i = 0; i < pairs->count; i++) {
		const char *level = pairs->items[i] + strlen(pairs->items[i]) + 1;
		size_t k = 0;
		while (levels[k] && strcmp(levels[k], level) != 0)
			k++;
		if (levels[k])
			continue;
		const char *near = conf_suggest(level, levels);
		return near ? word_error(d, pairs, i, err, "unknown level `%s`; did you mean `%s`?", level, near) :
			      word_error(d, pairs, i, err, "unknown level `%s`", level);
	}
	return true;
}

static bool output_is(const struct output_setting *o, const char *type)
{
	return strcmp(output_types[o->type], type) == 0;
}

static bool starts_with_one(const char *target, const char *const *starts)
{
	for (; *starts; starts++)
		if (strncmp(target, *starts, strlen(*starts)) == 0)
			return true;
	return false;
}

/* What fits together and what does not; whether files and folders are there is asked when they are opened. */
static bool check_output(const struct output_setting *o, const struct document *d, struct error *err)
{
	static const char *const syslogs[] = { "local", "udp://", "tcp://", "tls://", NULL }, *const kafkas[] = { "kafka://", "kafka+tls://", NULL };
	bool file = output_is(o, "file"), syslog = output_is(o, "syslog"), kafka = output_is(o, "kafka");
	bool tls = o->target && (starts_with_one(o->target, (const char *const[]){ "tls://", "kafka+tls://", NULL }));

	if (file && !o->path)
		return place_error(d, o->place, err, "an output of type file needs `path`");
	if ((syslog || kafka) && !o->target)
		return place_error(d, o->place, err, "an output of type %s needs `target`", output_types[o->type]);
	if (syslog && !starts_with_one(o->target, syslogs))
		return place_error(d, o->place, err, "`target`: expected local, udp://HOST:PORT, tcp://HOST:PORT or tls://HOST:PORT, found `%s`", o->target);
	if (kafka && !starts_with_one(o->target, kafkas))
		return place_error(d, o->place, err, "`target`: expected kafka://HOST:PORT or kafka+tls://HOST:PORT, found `%s`", o->target);
	if (o->format && strcmp(o->format, "json") && (file || (strcmp(o->format, "rfc5424") && strcmp(o->format, "cee"))))
		return place_error(d, o->place, err, "`format`: expected %sjson, found `%s`",
				   file ? "" : "rfc5424, cee or ", o->format);
	if (o->chain && !file)
		return place_error(d, o->place, err, "`chain` is for an output of type file");
	if (!tls && (o->ca || o->certificate || o->key || !o->verify))
		return place_error(d, o->place, err, "`ca`, `certificate`, `key` and `verify` are for a target of tls://");
	return true;
}

static bool check_outputs(const struct conf_list *outputs, const struct document *d, struct error *err)
{
	const struct output_setting *items = outputs->items;

	for (size_t i = 0; i < outputs->count; i++)
		if (!check_output(&items[i], d, err))
			return false;
	return true;
}

static bool check_workers(const struct conf_strings *workers, const struct document *d, struct error *err)
{
	uint64_t n;

	if (!strcmp(workers->items[0], "auto") || (bytes_decimal(bytes_string(workers->items[0]), 256, &n) && n > 0))
		return true;
	return word_error(d, workers, 0, err, "`workers`: expected auto or a number within 1 to 256, found `%s`",
			  workers->items[0]);
}

static const char *const *words_of(const struct conf_strings *words, size_t *ret_count)
{
	*ret_count = words->count;
	return (const char *const *)words->items;
}

static bool build_shown(struct site *s, struct error *err)
{
	const struct settings *from = &s->settings;
	const struct conf_strings *levels = &from->rules.level;
	struct site_settings *to = &s->shown;

	s->level_pairs = calloc(2 * levels->count + 1, sizeof(*s->level_pairs));
	if (!s->level_pairs)
		return error_set(err, "out of memory");
	for (size_t i = 0; i < levels->count; i++) {
		s->level_pairs[2 * i] = levels->items[i];
		s->level_pairs[2 * i + 1] = levels->items[i] + strlen(levels->items[i]) + 1;
	}
	to->rule_levels = s->level_pairs;
	to->n_rule_levels = levels->count;
	to->memory_mib = from->limits.memory_mib;
	to->alerts_per_minute = from->limits.alerts_per_minute;
	to->rule_paths = words_of(&from->rules.paths, &to->n_rule_paths);
	to->rules_disabled = words_of(&from->rules.disable, &to->n_rules_disabled);
	to->interfaces = words_of(&from->capture.interfaces, &to->n_interfaces);
	to->ring_mib = from->capture.ring_mib;
	to->snaplen = from->capture.snaplen;
	to->filter = from->capture.filter;
	to->silent_hours = from->sensor.silent_hours;
	to->account_days = from->sensor.account_days;
	(void)bytes_decimal(bytes_string(from->capture.workers.items[0]), 256, &to->workers); /* checked before */
	return true;
}

static bool build(struct site *s, const struct document *d, struct error *err)
{
	const struct settings *from = &s->settings;

	return network_build(&s->network, from, d, err) && accounts_build(&s->accounts, from, err) &&
	       calendar_build(&s->calendar, from, d, err) && policies_build(&s->policies, &s->network, d, err) &&
	       exceptions_build(&s->exceptions, &s->network, &s->calendar, d, err) &&
	       windows_build(&s->windows, from, &s->calendar, d, err) && build_gateways(s, d, err) &&
	       build_long_sessions(s, d, err) && check_accounts(s, &from->site.accounts.trap, d, err) &&
	       admins_build(&s->admins, &s->network, d, err) &&
	       check_accounts(s, &from->site.accounts.service, d, err) && check_levels(&from->rules.level, d, err) &&
	       check_outputs(&from->outputs, d, err) && check_workers(&from->capture.workers, d, err) &&
	       declared_build(s, err) && build_shown(s, err);
}

/* Takes the document. */
static struct site *from_document(struct document *d, struct error *err)
{
	struct site *s = d ? calloc(1, sizeof(*s)) : NULL;
	bool fine = s != NULL;

	if (d && !s)
		error_set(err, "out of memory");
	if (fine && document_count(d) > 1)
		fine = node_error(d, document_root(d, 1), err, "a site file is one document");
	fine = fine && conf_read(d, document_root(d, 0), settings_rows, &s->settings, err) && build(s, d, err);
	document_free(d);
	if (fine)
		return s;
	site_free(s);
	return NULL;
}

struct site *site_read(const char *path, struct error *err)
{
	return from_document(document_read(path, err), err);
}

struct site *site_parse(const char *name, struct bytes yaml, struct error *err)
{
	return from_document(document_parse(name, yaml, err), err);
}

struct site *site_default(void)
{
	struct site *s = site_parse("default", (struct bytes){ 0 }, NULL);

	if (s)
		s->is_default = true;
	return s;
}

void site_free(struct site *s)
{
	if (!s)
		return;
	exceptions_release(&s->exceptions);
	policies_release(&s->policies);
	windows_release(&s->windows);
	calendar_release(&s->calendar);
	admins_release(&s->admins);
	accounts_release(&s->accounts);
	network_release(&s->network);
	free(s->long_sessions);
	free(s->gateways);
	free(s->level_pairs);
	free(s->declared);
	conf_release(settings_rows, &s->settings);
	free(s);
}

bool site_is_default(const struct site *s) { return s->is_default; }
const char *site_name(const struct site *s) { return s->settings.site.name; }
bool site_ipv6_expected(const struct site *s) { return s->settings.site.ipv6 == 0; }

char *site_dump(const struct site *s) { return conf_dump(settings_rows, &s->settings); }

struct helper {
	void (*see)(void *context, const char *path, const char *takes, const char *fallback, const char *help);
	void *context;
};

static void help_row(void *context, const char *path, const char *takes, const struct conf_row *row)
{
	const struct helper *h = context;

	h->see(h->context, path, takes, row->fallback, row->help);
}

void site_help(void (*see)(void *context, const char *path, const char *takes, const char *fallback, const char *help),
	       void *context)
{
	struct helper h = { see, context };

	conf_help(settings_rows, help_row, &h);
}

const struct site_settings *site_settings(const struct site *s) { return &s->shown; }

struct site_run site_run(const struct site *s)
{
	return (struct site_run){ s->settings.run.user, s->settings.run.group, s->settings.run.control, s->settings.run.metrics,
				  s->settings.run.allow_root, s->settings.run.landlock, (enum site_calls)s->settings.run.seccomp };
}

size_t site_outputs(const struct site *s) { return s->settings.outputs.count; }

struct site_output site_output(const struct site *s, size_t index)
{
	const struct output_setting *o = (const struct output_setting *)s->settings.outputs.items + index;

	if (index >= s->settings.outputs.count)
		return (struct site_output){ 0 };
	bool file = output_is(o, "file");
	return (struct site_output){
		.type = output_types[o->type], .path = file ? o->path : NULL, .target = o->target, .format = o->format,
		.evidence = o->evidence, .topic = o->topic, .ca = o->ca, .certificate = o->certificate, .key = o->key,
		.framing = output_framings[o->framing], .facility = output_facilities[o->facility],
		.spool = o->spool ? o->spool : file ? NULL : o->path, .what = output_whats[o->what],
		.level = output_levels[o->level], .fsync = output_syncs[o->fsync], .chain = o->chain, .verify = o->verify,
		.rotate_compress = o->rotate.compress, .spool_mib = o->spool_mib, .evidence_mib = o->evidence_mib,
		.evidence_days = o->evidence_days, .rotate_mib = o->rotate.mib, .rotate_hours = o->rotate.hours,
		.rotate_keep = o->rotate.keep, .line = o->place.line, .column = o->place.column,
	};
}
