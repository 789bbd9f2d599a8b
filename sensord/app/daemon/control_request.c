/* SPDX-License-Identifier: BSD-2-Clause */
#include "control_request.h"

#include "watch.h"

const struct control_command control_commands[CONTROL_VERBS] = {
	[CONTROL_STATUS] = { "status", "", "what it watches, since when, with which rules and privileges" },
	[CONTROL_STATS] = { "stats", "", "all counters: interfaces, workers, detection, outputs" },
	[CONTROL_HEALTH] = { "health", "", "whether something needs a person; exit status 1 where it does" },
	[CONTROL_TOP] = { "top", "", "busiest sources, rules and alerts; on a terminal again and again" },
	[CONTROL_TAIL] = { "tail", "[kind=alerts|records|all] [level=LEVEL] [measure=A-F]", "alerts (or records) as they come" },
	[CONTROL_RELOAD] = { "reload", "", "reads site file and rules again; a bad file is refused" },
	[CONTROL_ROTATE] = { "rotate", "", "reopens the output files" },
};

static bool is(struct bytes text, const char *word)
{
	return bytes_equal(text, bytes_string(word));
}

static bool set_kind(struct control_request *q, struct bytes value)
{
	if (is(value, "alerts"))
		q->kinds = WATCH_ALERTS;
	else if (is(value, "records"))
		q->kinds = WATCH_RECORDS;
	else if (is(value, "all"))
		q->kinds = WATCH_ALERTS | WATCH_RECORDS;
	else
		return false;
	return true;
}

static bool set_level(struct control_request *q, struct bytes value)
{
	for (enum level l = LEVEL_INFORMATIONAL; l <= LEVEL_CRITICAL; l++) {
		if (!is(value, level_name(l)))
			continue;
		q->level = l;
		return true;
	}
	return false;
}

static bool set_measure(struct control_request *q, struct bytes value)
{
	if (value.size != 1)
		return false;
	char letter = (char)(value.at[0] & ~0x20u); /* either case */
	if (letter < 'A' || letter > 'F')
		return false;
	q->measure = letter;
	return true;
}

static const struct {
	enum control_verb verb;
	const char *key, *expected;
	bool (*set)(struct control_request *q, struct bytes value);
} options[] = {
	{ CONTROL_TAIL, "kind", "alerts, records or all", set_kind },
	{ CONTROL_TAIL, "level", "informational, low, medium, high or critical", set_level },
	{ CONTROL_TAIL, "measure", "a letter from A to F", set_measure },
};

/* The next word; blanks before it are skipped. Empty at the end. */
static struct bytes next_word(struct bytes *rest)
{
	*rest = bytes_trim(*rest);
	return bytes_split(rest, ' ');
}

static bool set_option(struct control_request *q, struct bytes word, struct error *err)
{
	struct bytes value = word;
	struct bytes key = bytes_split(&value, '=');

	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (options[i].verb == q->verb && is(key, options[i].key))
			return options[i].set(q, value) || error_set(err, "%s: expected %s", options[i].key, options[i].expected);
	return error_set(err, "%s has no such option%s%s", control_commands[q->verb].name,
			 *control_commands[q->verb].options ? ": expected " : "", control_commands[q->verb].options);
}

bool control_parse(struct bytes line, struct control_request *ret, struct error *err)
{
	struct control_request q = { .verb = CONTROL_STATUS, .kinds = WATCH_ALERTS };
	struct bytes rest = line;
	struct bytes name = next_word(&rest);

	while (q.verb < CONTROL_VERBS && !is(name, control_commands[q.verb].name))
		q.verb++;
	if (q.verb == CONTROL_VERBS)
		return error_set(err, "unknown command: expected status, stats, health, top, tail, reload or rotate");
	for (struct bytes word = next_word(&rest); word.size; word = next_word(&rest))
		if (!set_option(&q, word, err))
			return false;
	*ret = q;
	return true;
}
