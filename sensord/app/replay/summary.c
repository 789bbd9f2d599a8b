/* SPDX-License-Identifier: BSD-2-Clause */
#include "summary.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/instant.h"
#include "self.h"
#include "html/unseen.h"

#define SUMMARY_LINES 20 /* hosts, and accounts, named */

static uint64_t monotonic_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

void summary_progress(const struct capture *c, uint64_t frames, bool last)
{
	static uint64_t shown_ns;
	uint64_t now_ns = monotonic_ns(), read, total;

	if (!last && now_ns - shown_ns < 200 * NS_PER_MS)
		return;
	shown_ns = now_ns;
	capture_progress(c, &read, &total);
	if (last)
		fprintf(stderr, "\r\033[K");
	else
		fprintf(stderr, "\r%3u %%  %" PRIu64 " packets\033[K", total ? (unsigned)(100 * read / total) : 0, frames);
}

static void print_span(const struct sensor_counts *c)
{
	char first[INSTANT_TEXT], last[INSTANT_TEXT];

	if (c->frames == 0)
		return;
	fprintf(stderr, "  from      %.19sZ\n  to        %.19sZ\n", instant_format(c->first_ns, first),
		instant_format(c->last_ns, last));
}

/* ---- colours ---- */

struct paint {
	bool on;
};

static struct paint paint_for_terminal(void)
{
	const char *no_color = getenv("NO_COLOR"); /* no-color.org: set and not empty */
	const char *term = getenv("TERM");

	return (struct paint){ isatty(STDERR_FILENO) && !(no_color && no_color[0]) && !(term && strcmp(term, "dumb") == 0) };
}

static const char *paint_level(struct paint p, enum level l)
{
	static const char *const colours[GATHER_LEVELS] = { "\033[2m", "\033[36m", "\033[33m", "\033[31m", "\033[1;31m" };

	return p.on ? colours[l] : "";
}

static const char *paint_off(struct paint p)
{
	return p.on ? "\033[0m" : "";
}

static const char *paint_head(struct paint p)
{
	return p.on ? "\033[1m" : "";
}

/* ---- the tables ---- */

static void print_levels(struct paint p, const uint64_t n[GATHER_LEVELS])
{
	bool any = false;

	for (int l = LEVEL_CRITICAL; l >= LEVEL_INFORMATIONAL; l--) {
		if (!n[l])
			continue;
		fprintf(stderr, "%s%s%" PRIu64 " %s%s", any ? ", " : "", paint_level(p, (enum level)l), n[l], level_name((enum level)l),
			paint_off(p));
		any = true;
	}
	fprintf(stderr, "%s\n", any ? "" : "none");
}

static void widen(const uint32_t from[GATHER_LEVELS], uint64_t to[GATHER_LEVELS])
{
	for (size_t l = 0; l < GATHER_LEVELS; l++)
		to[l] = from[l];
}

static void print_set_letters(uint8_t sets, char out[GATHER_SETS + 1])
{
	size_t n = 0;

	for (size_t i = 0; i < GATHER_SETS - 1; i++)
		if (sets & 1u << i)
			out[n++] = (char)('A' + i);
	out[n] = '\0';
}

static void print_sets(struct paint p, const struct gathered *all)
{
	static const char *const names[GATHER_SETS] = { "A routes to the outside", "B proxy authentication", "C tunnels",
							"D administration, zones", "E file sharing, traps", "F administrators",
							"other rules" };

	fprintf(stderr, "\n%s  by measure set%s\n", paint_head(p), paint_off(p));
	for (size_t i = 0; i < GATHER_SETS; i++) {
		if (i == GATHER_SETS - 1 && !all->by_set[i][LEVEL_HIGH] && !all->by_set[i][LEVEL_MEDIUM] && !all->by_set[i][LEVEL_LOW])
			continue;
		fprintf(stderr, "    %-26s ", names[i]);
		print_levels(p, all->by_set[i]);
	}
}

/* A name from the wire on a terminal: what is no printable character shows as a question mark. */
static void print_name(const char *name, int width)
{
	struct bytes rest = bytes_string(name);
	int n = 0;

	for (; rest.size > 0; n++) {
		const uint8_t *at = rest.at;
		uint32_t c = unseen_next(&rest);
		if (c < 0x20 || c == 0x7f || c == 0xfffd || unseen_is(c))
			fputc('?', stderr);
		else
			fwrite(at, 1, (size_t)(rest.at - at), stderr);
	}
	fprintf(stderr, "%*s ", n < width ? width - n : 0, "");
}

static void print_hosts(struct paint p, const struct gathered *all)
{
	size_t n = 0;

	for (size_t i = 0; i < all->n_hosts; i++) {
		const struct gather_host *h = all->hosts[i];
		uint64_t levels[GATHER_LEVELS];
		char address[ADDRESS_TEXT], sets[GATHER_SETS + 1];
		if (gather_worst(h->alerts) < (int)LEVEL_LOW)
			continue;
		if (n++ == 0)
			fprintf(stderr, "\n%s  by host%s (where the alerts come from)\n", paint_head(p), paint_off(p));
		if (n > SUMMARY_LINES)
			continue;
		widen(h->alerts, levels);
		print_set_letters(h->sets, sets);
		fprintf(stderr, "    %-18s %-6s ", address_format(&h->address, address), sets);
		print_name(h->name[0] ? h->name : h->zone[0] ? h->zone : h->role, 16);
		print_levels(p, levels);
	}
	if (n > SUMMARY_LINES)
		fprintf(stderr, "    and %zu more\n", n - SUMMARY_LINES);
}

static void print_accounts(struct paint p, const struct gathered *all)
{
	size_t n = 0;

	for (size_t i = 0; i < all->n_accounts; i++) {
		const struct gather_account *a = all->accounts[i];
		uint64_t levels[GATHER_LEVELS];
		char sets[GATHER_SETS + 1];
		if (gather_worst(a->alerts) < (int)LEVEL_LOW)
			continue;
		if (n++ == 0)
			fprintf(stderr, "\n%s  by account%s\n", paint_head(p), paint_off(p));
		if (n > SUMMARY_LINES)
			continue;
		widen(a->alerts, levels);
		print_set_letters(a->sets, sets);
		fprintf(stderr, "    ");
		print_name(a->name, 18);
		fprintf(stderr, "%-6s ", sets);
		print_name(a->class, 16);
		print_levels(p, levels);
	}
	if (n > SUMMARY_LINES)
		fprintf(stderr, "    and %zu more\n", n - SUMMARY_LINES);
}

static void print_reading(const struct sensor_counts *c, double seconds)
{
	fprintf(stderr, "\n  packets   %" PRIu64 " (%" PRIu64 " bytes) in %.2f s\n", c->frames, c->bytes, seconds);
	print_span(c);
	fprintf(stderr, "  flows     %" PRIu64 "\n  records   %" PRIu64 "\n  rules     %zu\n", c->engine->flows, c->engine->records,
		c->n_rules);
	if (c->decoder->malformed || c->decoder->unknown_link)
		fprintf(stderr, "  not read  %" PRIu64 " malformed, %" PRIu64 " of an unknown link type\n", c->decoder->malformed,
			c->decoder->unknown_link);
	if (c->engine->gap_bytes)
		fprintf(stderr, "  missing   %" PRIu64 " stream bytes are not in the capture\n", c->engine->gap_bytes);
	if (c->engine->flows_evicted)
		fprintf(stderr, "  evicted   %" PRIu64 " flows ended early: memory limit\n", c->engine->flows_evicted);
}

/* Where the capture could not show what there was: one side only, encrypted, not there at all. */
static void print_blind(const struct sensor *s)
{
	struct self_snapshot known = { 0 };
	const struct detect_view *v = &known.view;
	bool any = false;

	sensor_knows(s, &known);
	for (size_t i = 0; i < DETECT_BLIND; i++) {
		if (!v->blind[i].pairs)
			continue;
		fprintf(stderr, "%s%s %" PRIu64, any ? ", " : "  hidden    pairs of hosts: ", v->blind[i].reason, v->blind[i].pairs);
		any = true;
	}
	if (any)
		fprintf(stderr, "\n");
	if (v->one_sided)
		fprintf(stderr, "  one side  %" PRIu64 " of %" PRIu64 " TCP connections (%.0f %%)\n", v->one_sided, v->flows,
			100 * (double)v->one_sided / (double)v->flows);
	if (v->n_never)
		fprintf(stderr, "  not seen  %zu of %zu declared in the site file: %s\n", v->n_never, v->n_declared, v->silent);
}

void summary_print(const struct sensor *s, const struct gathered *all, double seconds)
{
	struct sensor_counts c = sensor_counts(s);
	struct paint p = paint_for_terminal();
	uint64_t shown = 0;

	print_reading(&c, seconds);
	print_blind(s);
	for (size_t l = 0; l < GATHER_LEVELS; l++)
		shown += all->by_level[l];
	fprintf(stderr, "  alerts    %" PRIu64 " (%" PRIu64 " repeats counted, %" PRIu64 " excepted", c.detect->alerts,
		c.detect->suppressed, c.detect->excepted);
	if (c.detect->folded)
		fprintf(stderr, ", %" PRIu64 " lines folded", c.detect->folded);
	fputs("): ", stderr);
	print_levels(p, all->by_level);
	if (shown != c.detect->alerts)
		fprintf(stderr, "  shown     %" PRIu64 " of them\n", shown);
	print_sets(p, all);
	print_hosts(p, all);
	print_accounts(p, all);
	if (all->left_out_alerts)
		fprintf(stderr, "  hosts and accounts are those of the first alerts; %" PRIu64 " more are only counted\n", all->left_out_alerts);
}
