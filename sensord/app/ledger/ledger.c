/* SPDX-License-Identifier: BSD-2-Clause
 * sensord ledger: who used an administrator's account, day by day, from where, for what, how and with what outcome
 * (MEASURES F-07), and whether the operations record knows of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "base/table.h"
#include "cli.h"
#include "ledger_match.h"
#include "ledger_print.h"
#include "sensor.h"

#define PATHS_MAX 65536
#define ROWS_MAX 100000            /* rows of one ledger */
#define RECORDS_BYTES (16u << 20)  /* of an operations record */
#define METHOD_ROOM 48
#define OUTCOME_ROOM 12

enum { OPTION_CONFIG, OPTION_FORMAT, OPTION_RECORDS };

static const struct option_row options[] = {
	[OPTION_CONFIG] = { "config", 'c', "SITE", "site file: its accounts.admin are listed, days are those of its time zone" },
	[OPTION_FORMAT] = { "format", 0, "FORMAT", "table (the default), csv or json (one object a line)" },
	[OPTION_RECORDS] = { "records", 0, "CSV", "operations record (account, from, to; source, target, id): tick each row against it" },
	{ 0 },
};

/* What makes a row; compared as bytes. */
struct row_key {
	int64_t day;
	struct address source, destination;
	uint32_t work; /* line of the operations record that covers it; 0: none */
	uint8_t has_source, has_destination;
	char account[LEDGER_NAME], target[LEDGER_TARGET], method[METHOD_ROOM], outcome[OUTCOME_ROOM];
};

struct row_span {
	uint64_t first_ns, last_ns, count;
};

struct row {
	const struct row_key *key;
	const struct row_span *span;
};

struct ledger {
	const struct site *site;
	struct table *rows;
	struct works works;
	bool compared;     /* an operations record was given */
	uint64_t left_out; /* logons for which there was no room */
	struct row *sorted;
	size_t n_sorted;
	uint64_t unmatched, unused;
};

struct arguments {
	struct sensor_options sensor;
	const char *paths[PATHS_MAX];
	size_t n_paths;
	const char *records;
	enum ledger_format format;
};

/* ---- collecting ---- */

static void put(char *out, size_t size, struct bytes text)
{
	struct text t = { out, size, 0, false };

	text_utf8(&t, text);
	text_end(&t);
}

/* Tickets for services are asked for in kerberos records; every other logon is an auth record, that of the AS too. */
static bool is_logon(const struct record *r)
{
	struct bytes user = record_text(r, FIELD_USER_NAME);

	if (r->dataset != DATASET_AUTH && !(r->dataset == DATASET_KERBEROS && record_text_is(r, FIELD_KERBEROS_TYPE, "TGS")))
		return false;
	return record_text_is(r, FIELD_USER_CLASS, "admin") && user.size && !bytes_ends_nocase(user, bytes_string("$"));
}

static void fill_key(const struct site *site, const struct record *r, struct row_key *k)
{
	const struct address *from = record_ip(r, FIELD_SOURCE_IP), *to = record_ip(r, FIELD_DESTINATION_IP);
	bool ticket = r->dataset == DATASET_KERBEROS;
	char room[METHOD_ROOM];
	struct text method = TEXT_ON(room);
	uint32_t second;

	memset(k, 0, sizeof(*k));
	site_local_day(site, r->time_ns, &k->day, &second);
	k->has_source = from != NULL;
	k->source = from ? *from : k->source;
	k->has_destination = to != NULL;
	k->destination = to ? *to : k->destination;
	ledger_account(record_text(r, FIELD_USER_NAME), k->account);
	put(k->target, sizeof(k->target), record_text(r, ticket ? FIELD_KERBEROS_SERVICE : FIELD_AUTH_TARGET));
	put(k->outcome, sizeof(k->outcome), record_text(r, FIELD_EVENT_OUTCOME));
	if (ticket) {
		text_string(&method, "kerberos/tgs");
	} else {
		text_add(&method, record_text(r, FIELD_AUTH_MECHANISM));
		text_char(&method, '/');
		text_add(&method, record_text(r, FIELD_AUTH_CARRIER));
	}
	put(k->method, sizeof(k->method), text_bytes(&method));
}

static uint32_t find_work(struct ledger *l, const struct record *r, const struct row_key *k)
{
	int64_t day;
	uint32_t second;

	site_local_day(l->site, r->time_ns, &day, &second);
	struct logon logon = {
		.account = k->account,
		.source = k->has_source ? &k->source : NULL,
		.destination = k->has_destination ? &k->destination : NULL,
		.target = bytes_string(k->target),
		.at_kdc = r->dataset == DATASET_KERBEROS || record_text_is(r, FIELD_AUTH_CARRIER, "kdc"),
		.utc = (int64_t)(r->time_ns / NS_PER_S),
		.local = day * 86400 + second,
	};
	const struct work *w = works_match(&l->works, &logon);
	return w ? (uint32_t)(w - l->works.lines) + 1 : 0;
}

static void on_record(void *to, const struct record *r)
{
	struct ledger *l = to;
	struct row_key k;

	if (!is_logon(r))
		return;
	fill_key(l->site, r, &k);
	k.work = find_work(l, r, &k);
	struct row_span *span = table_find(l->rows, &k, r->time_ns);
	if (!span && table_count(l->rows) < ROWS_MAX)
		span = table_make(l->rows, &k, r->time_ns, NULL);
	if (!span) {
		l->left_out++;
		return;
	}
	if (span->count++ == 0 || r->time_ns < span->first_ns)
		span->first_ns = r->time_ns;
	span->last_ns = r->time_ns > span->last_ns ? r->time_ns : span->last_ns;
}

/* ---- order and output ---- */

static void take_row(void *context, const void *key, void *value)
{
	struct ledger *l = context;

	l->sorted[l->n_sorted++] = (struct row){ key, value };
	l->unmatched += ((const struct row_key *)key)->work == 0;
}

static int number_order(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* Day, account, first; then whatever else tells two rows apart, so that the order is always the same. */
static int row_order(const void *left, const void *right)
{
	const struct row *a = left, *b = right;
	int order = (a->key->day > b->key->day) - (a->key->day < b->key->day);

	order = order ? order : strcmp(a->key->account, b->key->account);
	order = order ? order : number_order(a->span->first_ns, b->span->first_ns);
	order = order ? order : address_compare(&a->key->source, &b->key->source);
	order = order ? order : address_compare(&a->key->destination, &b->key->destination);
	order = order ? order : strcmp(a->key->target, b->key->target);
	order = order ? order : strcmp(a->key->method, b->key->method);
	order = order ? order : strcmp(a->key->outcome, b->key->outcome);
	return order ? order : number_order(a->key->work, b->key->work);
}

static bool sort_rows(struct ledger *l)
{
	l->sorted = calloc(table_count(l->rows) + 1, sizeof(*l->sorted));
	if (!l->sorted)
		return false;
	table_walk(l->rows, take_row, l);
	qsort(l->sorted, l->n_sorted, sizeof(*l->sorted), row_order);
	return true;
}

typedef void line_see(struct ledger_printer *p, const struct ledger_line *line);

static void show_row(const struct ledger *l, const struct row *row, struct ledger_printer *p, line_see *see)
{
	const struct row_key *k = row->key;
	char day[WHEN_TEXT], first[WHEN_TEXT], last[WHEN_TEXT], from[ADDRESS_TEXT], to[ADDRESS_TEXT], count[24];

	snprintf(count, sizeof(count), "%llu", (unsigned long long)row->span->count);
	struct ledger_line line = { {
		[LEDGER_DAY] = when_format_day(k->day, day),
		[LEDGER_ACCOUNT] = k->account,
		[LEDGER_SOURCE] = k->has_source ? address_format(&k->source, from) : "",
		[LEDGER_DESTINATION] = k->has_destination ? address_format(&k->destination, to) : "",
		[LEDGER_SPN] = k->target,
		[LEDGER_METHOD] = k->method,
		[LEDGER_OUTCOME] = k->outcome,
		[LEDGER_FIRST] = when_format(l->site, row->span->first_ns, first),
		[LEDGER_LAST] = when_format(l->site, row->span->last_ns, last),
		[LEDGER_COUNT] = count,
		[LEDGER_STATUS] = k->work ? "matched" : "unmatched",
		[LEDGER_RECORD] = k->work ? l->works.lines[k->work - 1].id : "",
	} };
	see(p, &line);
}

/* A line of the operations record for which no logon was seen, as the record writes it. */
static void show_unused(const struct work *w, struct ledger_printer *p, line_see *see)
{
	char day[WHEN_TEXT];
	struct ledger_line line = { {
		[LEDGER_DAY] = day, [LEDGER_ACCOUNT] = w->account, [LEDGER_SOURCE] = "", [LEDGER_DESTINATION] = "",
		[LEDGER_SPN] = w->targets, [LEDGER_METHOD] = "", [LEDGER_OUTCOME] = "", [LEDGER_FIRST] = w->from_text,
		[LEDGER_LAST] = w->to_text, [LEDGER_COUNT] = "0", [LEDGER_STATUS] = "unused", [LEDGER_RECORD] = w->id,
	} };

	snprintf(day, sizeof(day), "%.10s", w->from_text);
	see(p, &line);
}

static void show_all(struct ledger *l, struct ledger_printer *p, line_see *see)
{
	l->unused = 0;
	for (size_t i = 0; i < l->n_sorted; i++)
		show_row(l, &l->sorted[i], p, see);
	for (size_t i = 0; i < l->works.count; i++) {
		if (l->works.lines[i].used)
			continue;
		l->unused++;
		show_unused(&l->works.lines[i], p, see);
	}
}

static enum exit_code show(struct ledger *l, enum ledger_format format)
{
	struct ledger_printer p = { .to = stdout, .format = format, .n_columns = l->compared ? LEDGER_COLUMNS : LEDGER_STATUS };
	struct error err = { 0 };

	if (!sort_rows(l)) {
		error_set(&err, "out of memory");
		return cli_fail(&err);
	}
	if (format == LEDGER_TABLE)
		show_all(l, &p, ledger_measure);
	ledger_head(&p);
	show_all(l, &p, ledger_print);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		error_set(&err, "standard output: cannot write");
		return cli_fail(&err);
	}
	if (l->left_out) {
		error_set(&err, "ledger: %llu logons left out, no room for more than %u rows", (unsigned long long)l->left_out, ROWS_MAX);
		return cli_fail(&err);
	}
	if (!l->compared)
		return EXIT_FINE;
	fprintf(stderr, "sensord: ledger: %zu rows, %llu without an entry in the operations record; %llu of its lines unused\n",
		l->n_sorted, (unsigned long long)l->unmatched, (unsigned long long)l->unused);
	return l->unmatched ? EXIT_ANSWER_NO : EXIT_FINE;
}

/* ---- the command ---- */

static void complain(void *to, const struct error *err)
{
	(void)to;
	cli_fail(err);
}

static bool read_records(struct works *works, const char *path, struct error *err)
{
	FILE *f = fopen(path, "rb");
	char *all = malloc(RECORDS_BYTES + 1);
	size_t n = f && all ? fread(all, 1, RECORDS_BYTES + 1, f) : 0;
	bool fine = f && all && !ferror(f) && n <= RECORDS_BYTES;

	if (fine)
		works_parse(works, path, bytes_of(all, n), complain, NULL);
	else
		error_at(err, path, 0, 0, !all ? "out of memory" : n > RECORDS_BYTES ? "too large" : "cannot be read");
	if (f)
		fclose(f);
	free(all);
	return fine;
}

static void count_one(void *context, const char *value)
{
	(void)value;
	++*(size_t *)context;
}

/* Without declared administrators there is nothing to list. */
static bool has_admins(const char *site_path, bool *ret_failed)
{
	struct error err = { 0 };
	size_t n = 0;

	*ret_failed = false;
	if (!site_path) {
		fprintf(stderr, "sensord: ledger: no site file given (-c SITE): it says who the administrators are; nothing to list\n");
		return false;
	}
	struct site *site = sensor_read_site(site_path, &err);
	if (!site) {
		cli_fail(&err);
		*ret_failed = true;
		return false;
	}
	site_placeholder(site, "admin_accounts", count_one, &n);
	if (n == 0)
		fprintf(stderr, "sensord: ledger: %s declares no administrators (site.accounts.admin); nothing to list\n", site_path);
	site_free(site);
	return n > 0;
}

static bool read_all(struct sensor *s, struct capture *c, struct error *err)
{
	struct frame frame;

	while (capture_next(c, &frame) == CAPTURE_FRAME)
		if (!sensor_frame(s, &frame, err))
			return false;
	return sensor_finish(s, err);
}

static enum exit_code list(struct arguments *a, struct ledger *l)
{
	struct error err = { 0 };
	enum exit_code code;
	struct capture *c = capture_open(a->paths, a->n_paths, NULL, &err);

	if (!c)
		return cli_fail(&err);
	a->sensor.see = on_record;
	a->sensor.see_to = l;
	a->sensor.see_datasets = DATASET_BIT(DATASET_AUTH) | DATASET_BIT(DATASET_KERBEROS);
	struct sensor *s = sensor_new(&a->sensor, &err);
	l->site = s ? sensor_site(s) : NULL;
	code = s && read_all(s, c, &err) ? show(l, a->format) : cli_fail(&err);
	for (size_t i = 0; i < capture_problems(c); i++) {
		fprintf(stderr, "sensord: %s\n", capture_problem(c, i));
		code = EXIT_COULD_NOT;
	}
	sensor_free(s);
	capture_close(c);
	return code;
}

static enum exit_code ledger(struct arguments *a)
{
	struct ledger l = { .compared = a->records != NULL };
	struct error err = { 0 };
	enum exit_code code = EXIT_COULD_NOT;
	struct hash_key key = { 0, 0 }; /* files, not strangers at work: the rows are bounded and sorted */
	bool failed;

	if (!has_admins(a->sensor.site_path, &failed))
		return failed ? EXIT_COULD_NOT : EXIT_FINE;
	l.rows = table_new(sizeof(struct row_key), sizeof(struct row_span), ROWS_MAX, &key, NULL, NULL);
	if (!l.rows) {
		error_set(&err, "out of memory");
		code = cli_fail(&err);
	} else if (a->records && !read_records(&l.works, a->records, &err)) {
		code = cli_fail(&err);
	} else if (l.works.problems == 0) {
		code = list(a, &l);
	}
	works_release(&l.works);
	table_free(l.rows);
	free(l.sorted);
	return code;
}

static bool take_format(struct arguments *a, const char *name)
{
	static const char *const formats[] = { [LEDGER_TABLE] = "table", [LEDGER_CSV] = "csv", [LEDGER_JSON] = "json" };

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		if (strcmp(name, formats[i]) == 0) {
			a->format = (enum ledger_format)i;
			return true;
		}
	}
	fprintf(stderr, "sensord: --format: \"%s\" is none of table, csv, json\n", name);
	return false;
}

static bool take(void *to, int option, const char *argument)
{
	struct arguments *a = to;

	switch (option) {
	case OPTION_CONFIG:
		a->sensor.site_path = argument;
		return true;
	case OPTION_FORMAT:
		return take_format(a, argument);
	case OPTION_RECORDS:
		a->records = argument;
		return true;
	default:
		return cli_add(a->paths, &a->n_paths, PATHS_MAX, "captures", argument);
	}
}

static enum exit_code run(int argc, char **argv)
{
	static struct arguments a;
	enum exit_code code;

	a = (struct arguments){ .sensor.alerts = "none", .sensor.no_rules = true };
	if (!cli_read(&command_ledger, argc, argv, take, &a, &code))
		return code;
	return a.n_paths ? ledger(&a) : cli_misused(&command_ledger, "no capture given");
}

const struct command command_ledger = {
	.name = "ledger",
	.synopsis = "[-c SITE] [--format table|csv|json] [--records CSV] FILE|DIR|- …",
	.about = "lists the logons of administrators by day, and compares them with the operations record",
	.options = options,
	.run = run,
};
