/* SPDX-License-Identifier: BSD-2-Clause
 * What is still to be tried, from where, and with which ordinary tool: as text, or as a script that an engineer reads,
 * fills in and runs on a host of each place. sensord itself never sends a packet. Names of the site file stand in the
 * script in single quotes (POSIX.1-2017 XCU 2.2.2) or in comments, and nowhere else. */
#include <ctype.h>
#include <stdlib.h>

#include "audit_probe.h"
#include "audit_write.h"
#include "ledger/ledger_print.h"

#define COMMAND_ROOM 1024

/* ---- quoting ---- */

/* For a comment: one line, nothing that a terminal obeys. */
static void comment(FILE *to, const char *text)
{
	char clean[COMMAND_ROOM], room[COMMAND_ROOM];
	struct text c = TEXT_ON(clean), t = TEXT_ON(room);

	text_utf8(&c, bytes_string(text));
	ledger_plain(&t, text_bytes(&c));
	fwrite(room, 1, t.used, to);
}

static void quoted(struct text *out, const char *text)
{
	text_char(out, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			text_string(out, "'\\''");
		else if ((unsigned char)*text >= ' ' && *text != 0x7f)
			text_char(out, *text);
	}
	text_char(out, '\'');
}

/* ---- output ---- */

static bool open_cell(const struct audit_cell *c)
{
	return c->finding.verdict == AUDIT_NOT_EXERCISED || c->finding.verdict == AUDIT_INCONCLUSIVE;
}

static int by_place(const void *left, const void *right)
{
	const struct audit_cell *a = *(const struct audit_cell *const *)left, *b = *(const struct audit_cell *const *)right;
	int o = strcmp(a->from, b->from);

	o = o ? o : (a->set > b->set) - (a->set < b->set);
	return o ? o : (a > b) - (a < b);
}

/* "$PC" as "${PC:?}": a probe whose target nobody filled in says so and is left out. */
static const char *demanding(const char *command, char *room, size_t size)
{
	struct text t = { room, size, 0, false };

	while (*command) {
		bool name = command[0] == '$' && isupper((unsigned char)command[1]);
		text_char(&t, *command++);
		if (!name)
			continue;
		text_char(&t, '{');
		while (isupper((unsigned char)*command) || isdigit((unsigned char)*command) || *command == '_')
			text_char(&t, *command++);
		text_string(&t, ":?}");
	}
	return text_end(&t);
}

/* One tool tries several ports at once. */
static bool goes_with(const struct audit_cell *a, const struct audit_cell *b)
{
	bool pairs = a->key.what == CELL_PAIR && b->key.what == CELL_PAIR && a->key.c + 1 < AUDIT_CLASSES && b->key.c + 1 < AUDIT_CLASSES;
	bool ways = a->key.what == CELL_EGRESS && b->key.what == CELL_EGRESS && strcmp(audit_egress[a->key.b].transport, "tcp") == 0 &&
		    strcmp(audit_egress[b->key.b].transport, "tcp") == 0;

	return (pairs || ways) && audit_same_row(a, b);
}

static void scan(const struct plan *p, const struct audit_cell *const *cells, size_t n, struct text *out)
{
	text_string(out, cells[0]->version == 6 ? "nmap -6 -n -Pn -sT --max-retries 1 -p " : "nmap -n -Pn -sT --max-retries 1 -p ");
	for (size_t i = 0; i < n; i++) {
		uint16_t port = cells[i]->key.what == CELL_PAIR ? audit_classes[cells[i]->key.c].ports[0] : audit_egress[cells[i]->key.b].port;
		if (i)
			text_char(out, ',');
		if (port)
			text_printf(out, "%u", port);
		else
			text_string(out, cells[i]->key.what == CELL_PAIR ? "23,1433,5900,8443" : "50443");
	}
	text_char(out, ' ');
	audit_probe_target(p, cells[0]->to, cells[0]->version, out);
	text_end(out);
}

/* Cells that one command tries: the first is told in full, of the others what they add. */
static void write_probe(const struct plan *p, const struct audit_cell *const *cells, size_t n)
{
	const struct audit_cell *c = cells[0];
	char id[AUDIT_ID], room[COMMAND_ROOM], name[COMMAND_ROOM], asked[2 * COMMAND_ROOM];
	struct text t = TEXT_ON(room), q = TEXT_ON(name);

	audit_id(c, id, sizeof(id));
	for (size_t i = 1; i < n; i++) {
		size_t used = strlen(id);
		snprintf(id + used, sizeof(id) - used, " %s", cells[i]->item);
	}
	if (n > 1)
		scan(p, cells, n, &t);
	else
		audit_probe(p, c, &t);
	quoted(&q, id);
	text_end(&q);
	fprintf(p->to, p->script ? "\t# " : "  ");
	comment(p->to, id);
	fprintf(p->to, "\n%s", p->script ? "\t# " : "      why: ");
	comment(p->to, audit_why_text(c->finding.why));
	if (c->hint) {
		fprintf(p->to, "\n%s", p->script ? "\t# wanted: " : "      wanted: ");
		comment(p->to, c->hint);
	}
	if (p->script)
		fprintf(p->to, "\n\ttell %s %s\n\t(\n\t\t%s\n\t)\n", c->kind == AUDIT_ALLOW ? "open" : c->kind == AUDIT_DENY ? "stopped" : "told", name,
			demanding(room, asked, sizeof(asked)));
	else
		fprintf(p->to, "\n      run: %s\n", room);
}

/* What was stopped proves something beside an allowed way that works, from the same network: that is tried first. */
static bool control(const struct plan *p, const struct audit_cell *c, struct text *out)
{
	const struct audit *a = p->audit;
	const struct audit_subnet *s = c->subnet < 0 ? NULL : &a->subnets[c->subnet];
	struct audit_way way;

	if (s && c->control == CONTROL_PROXY && s->proxied == 0) {
		for (size_t i = 0; i < site_listeners(a->site); i++) {
			struct site_listener l = site_listener(a->site, i);
			if (address_is_v4(&l.range.first) == s->v6)
				continue;
			struct audit_cell at = { .listener = (int16_t)i, .key.b = LISTENER_RIGHT };
			audit_probe_listener(p, &at, out);
			text_end(out);
			return true;
		}
	}
	if (!s || c->control != CONTROL_SUBNET || s->allowed > 0 || !audit_way(a, s, &way))
		return false;
	text_string(out, "nc -vz -w 5 ");
	audit_probe_target(p, site_zone_view(a->site, way.zone).name, s->v6 ? 6 : 4, out);
	text_printf(out, " %u", way.port);
	text_end(out);
	return true;
}

static void write_controls(const struct plan *p, const struct audit_cell *const *cells, size_t n)
{
	char told[COMMAND_ROOM] = "", room[COMMAND_ROOM], asked[2 * COMMAND_ROOM];

	for (size_t i = 0; i < n && strcmp(cells[i]->from, cells[0]->from) == 0; i++) {
		struct text t = TEXT_ON(room);
		if (cells[i]->kind != AUDIT_DENY || !control(p, cells[i], &t) || strcmp(room, told) == 0)
			continue;
		memcpy(told, room, sizeof(told));
		if (p->script)
			fprintf(p->to,
				"\t# first: what is allowed works from here\n\ttell open 'the allowed way from "
				"here'\n\t(\n\t\t%s\n\t)\n",
				demanding(room, asked, sizeof(asked)));
		else
			fprintf(p->to, "  first: what is allowed works from here\n      run: %s\n", room);
	}
}

static void write_head(const struct plan *p)
{
	static const char text[] =
		"#!/bin/sh\n"
		"# What is still to be tried before this network goes live. Written by sensord, run by you: read it "
		"first.\n"
		"# Every probe is an ordinary connection; those of set E and F are failed logons and may lock "
		"accounts: mind the lock-out limit.\n"
		"# Start the capture (whole packets, both directions), then, on a host of each place: sh FILE NUMBER\n"
		"# What to set in the environment; a probe that lacks one says so and is left out:\n"
		"#   CANARY, CANARY6            a host of yours outside that answers on the ports tried; the capture "
		"has to show it alive\n"
		"#                              (what the proxy fetches from it does), or a stop says nothing of the "
		"firewall\n"
		"#   USER_ACCOUNT               an ordinary account\n"
		"#   PROXY_USER, PROXY          account:password for the proxy; its address:port\n"
		"#   TRAP_ACCOUNT, ADMIN_ACCOUNT, REALM\n"
		"#   DC, FILE_SERVER, SERVER, MAIL_SERVER, EXEMPT_HOST\n"
		"#   PC, PC_OF_SAME_NETWORK, PC_OF_OTHER_NETWORK   PCs that are switched on\n"
		"# and where no host of a place was seen, PLACE_HOST or PLACE_HOST6 (ZONE_N_HOST: of the site file's "
		"Nth zone).\n"
		": \"${HOLD_SECONDS:=3700}\"          # how long a tunnel is held\n"
		"set +e\n"
		"tell() { printf '%s  should be %s: %s\\n' \"$(date -u +%H:%M:%S)\" \"$1\" \"$2\"; }\n";

	fputs(text, p->to);
}

static void write_places(const struct plan *p, bool calls)
{
	unsigned place = 0;

	for (size_t i = 0; i < p->n_cells; i++) {
		if (i && strcmp(p->cells[i]->from, p->cells[i - 1]->from) == 0)
			continue;
		place++;
		if (calls) {
			fprintf(p->to, "%u) place_%u ;;\n", place, place);
			continue;
		}
		char room[COMMAND_ROOM];
		struct text q = TEXT_ON(room);
		quoted(&q, p->cells[i]->from);
		fprintf(p->to, "\tprintf '%%s  %%s\\n' %u %s\n", place, text_end(&q));
	}
}

static void write_all(const struct plan *p)
{
	unsigned place = 0;

	for (size_t i = 0; i < p->n_cells; i++) {
		bool first = i == 0 || strcmp(p->cells[i]->from, p->cells[i - 1]->from) != 0;
		if (first && p->script)
			fprintf(p->to, "%s\n# from ", place ? "}\n" : "");
		else if (first)
			fprintf(p->to, "\nfrom ");
		size_t n = 1;
		while (i + n < p->n_cells && goes_with(p->cells[i], p->cells[i + n]))
			n++;
		if (first) {
			comment(p->to, p->cells[i]->from);
			fprintf(p->to, "\n");
			if (p->script)
				fprintf(p->to, "place_%u() {\n", ++place);
			write_controls(p, p->cells + i, p->n_cells - i);
		}
		write_probe(p, p->cells + i, n);
		i += n - 1;
	}
	if (place && p->script)
		fprintf(p->to, "}\n");
}

bool audit_write_plan(FILE *to, const struct audit *a, bool script)
{
	struct plan p = { to, a, script, NULL, 0 };
	size_t n, open = 0;

	p.cells = audit_sorted(a, &n);
	if (!p.cells)
		return false;
	for (size_t i = 0; i < n; i++)
		if (open_cell(p.cells[i]))
			p.cells[open++] = p.cells[i];
	p.n_cells = open;
	qsort(p.cells, open, sizeof(const struct audit_cell *), by_place);
	if (script)
		write_head(&p);
	else
		fprintf(to, "%zu cells are still to be tried. Start the capture, then run each command on a host of the place named, against a target that is up;\n"
			"$NAME: fill in (--plan=sh tells what each means).\n", open);
	write_all(&p);
	if (script) {
		fprintf(to, "\ncase \"${1:-}\" in\n");
		write_places(&p, true);
		fprintf(to, "*)\n\tprintf 'usage: sh %%s NUMBER, on a host of:\\n' \"$0\"\n");
		write_places(&p, false);
		fprintf(to, "\t;;\nesac\n");
	}
	free(p.cells);
	return fflush(to) == 0 && !ferror(to);
}
