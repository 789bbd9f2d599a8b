/* SPDX-License-Identifier: BSD-2-Clause
 * What the page shows as JSON, for other programs: alerts as they were written, and the tables. html_json makes it fit
 * for a script element. */
#include <stdlib.h>

#include "record/json.h"
#include "report.h"

static void put_string(FILE *f, const char *text)
{
	fputc('"', f);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fprintf(f, "\\%c", *text);
		else if ((unsigned char)*text < 0x20)
			fprintf(f, "\\u%04x", (unsigned)(unsigned char)*text);
		else
			fputc(*text, f);
	}
	fputc('"', f);
}

static void member(FILE *f, const char *name, const char *text)
{
	fprintf(f, "\"%s\":", name);
	put_string(f, text);
	fputc(',', f);
}

static void put_address(FILE *f, const char *name, const struct address *a)
{
	char text[ADDRESS_TEXT];

	member(f, name, address_format(a, text));
}

static void put_alerts(FILE *f, const struct report *r)
{
	char *line = malloc(JSON_LINE);

	fputs("\"alerts\":[", f);
	for (size_t i = 0; line && i < r->n_alerts; i++) {
		struct text t = { line, JSON_LINE, 0, false };
		record_json(r->alerts[i]->record, &t);
		fputs(i ? ",\n" : "\n", f);
		fwrite(t.at, 1, t.used, f);
	}
	fputs("],\n", f);
	free(line);
}

static void put_counts(FILE *f, const char *name, const uint32_t alerts[GATHER_LEVELS])
{
	fprintf(f, "\"%s\":{", name);
	for (int l = LEVEL_INFORMATIONAL; l <= LEVEL_CRITICAL; l++)
		fprintf(f, "%s\"%s\":%u", l ? "," : "", level_name((enum level)l), (unsigned)alerts[l]);
	fputc('}', f);
}

static void put_hosts(FILE *f, const struct gathered *all)
{
	fputs("\"hosts\":[", f);
	for (size_t i = 0; i < all->n_hosts && i < REPORT_HOSTS; i++) {
		const struct gather_host *h = all->hosts[i];
		fputs(i ? ",\n{" : "\n{", f);
		put_address(f, "ip", &h->address);
		member(f, "name", h->name);
		member(f, "zone", h->zone);
		member(f, "role", h->role);
		put_counts(f, "alerts", h->alerts);
		fputc('}', f);
	}
	fputs("],\n", f);
}

static void put_touches(FILE *f, const struct gathered *all)
{
	fputs("\"logons\":[", f);
	for (size_t i = 0; i < all->n_touches && i < REPORT_TOUCHES; i++) {
		const struct gather_touch *t = all->touches[i];
		fputs(i ? ",\n{" : "\n{", f);
		put_address(f, "source", &t->source);
		member(f, "account", t->account);
		put_address(f, "destination", &t->destination);
		member(f, "how", t->how);
		fprintf(f, "\"successes\":%llu,\"failures\":%llu,\"unknown\":%llu,\"alerts\":%u}", (unsigned long long)t->successes,
			(unsigned long long)t->failures, (unsigned long long)t->unknown, (unsigned)t->alerts);
	}
	fputs("],\n", f);
}

static void put_crossings(FILE *f, const struct gathered *all)
{
	fputs("\"zones\":[", f);
	for (size_t i = 0; i < all->n_crossings; i++) {
		const struct gather_crossing *c = all->crossings[i];
		fputs(i ? ",\n{" : "\n{", f);
		member(f, "from", c->from);
		member(f, "to", c->to);
		fprintf(f, "\"open\":%llu,\"stopped\":%llu,\"unanswered\":%llu,\"midstream\":%llu,\"denied_open\":%llu,\"denied_stopped\":%llu}",
			(unsigned long long)c->flows[REACH_OPEN], (unsigned long long)c->flows[REACH_STOPPED],
			(unsigned long long)c->flows[REACH_UNANSWERED], (unsigned long long)c->flows[REACH_MIDSTREAM],
			(unsigned long long)c->denied_open, (unsigned long long)c->denied_stopped);
	}
	fputs("]", f);
}

char *report_json(const struct report *r, size_t *ret_size)
{
	char *out = NULL;
	FILE *f = open_memstream(&out, ret_size);

	if (!f)
		return NULL;
	fputc('{', f);
	member(f, "version", PACKAGE_VERSION);
	member(f, "site", site_name(r->site));
	member(f, "shown", r->chosen);
	put_alerts(f, r);
	put_hosts(f, r->all);
	put_touches(f, r->all);
	put_crossings(f, r->all);
	fputs("}\n", f);
	if (fclose(f) == 0)
		return out;
	free(out);
	return NULL;
}
