/* SPDX-License-Identifier: BSD-2-Clause
 * What every form of the audit shares: order, names, remarks. */
#include "audit_write.h"

#include <stdlib.h>

#include "base/instant.h"

const struct audit_set_name audit_set_names[AUDIT_SETS] = {
	{ 'A', { "direct connect-back stopped by the routes", "通信経路設計によるコネクトバック通信の遮断" } },
	{ 'B', { "proxy authentication and its log", "認証機能を活用した遮断とログ監視" } },
	{ 'C', { "CONNECT controlled and watched", "プロキシのアクセス制御による遮断と監視" } },
	{ 'D', { "admin terminals and separated networks", "運用管理専用の端末設置とネットワーク分離と監視" } },
	{ 'E', { "file sharing restricted, trap accounts", "ファイル共有の制限とトラップアカウントによる監視" } },
	{ 'F', { "administrator accounts and their logons", "管理者権限アカウントのキャッシュ禁止とログオンの監視" } },
};

static int order(const void *left, const void *right)
{
	const struct audit_cell *a = *(const struct audit_cell *const *)left, *b = *(const struct audit_cell *const *)right;
	int o = (a->set > b->set) - (a->set < b->set);

	o = o ? o : strcmp(a->from, b->from);
	o = o ? o : strcmp(a->to, b->to);
	o = o ? o : (a->version > b->version) - (a->version < b->version);
	return o ? o : (a > b) - (a < b);
}

const struct audit_cell **audit_sorted(const struct audit *a, size_t *ret_n)
{
	const struct audit_cell **sorted = calloc(a->n_cells + 1, sizeof(*sorted));

	*ret_n = 0;
	for (size_t i = 0; sorted && i < a->n_cells; i++)
		if (audit_listed(&a->cells[i]))
			sorted[(*ret_n)++] = &a->cells[i];
	if (sorted)
		qsort(sorted, *ret_n, sizeof(*sorted), order);
	return sorted;
}

bool audit_same_row(const struct audit_cell *a, const struct audit_cell *b)
{
	return a->set == b->set && a->version == b->version && strcmp(a->from, b->from) == 0 && strcmp(a->to, b->to) == 0;
}

bool audit_passed(const struct audit *a)
{
	struct audit_sum sum = audit_sum(a, 0);
	bool whole = !a->full && a->quality.problems == 0, any = sum.of[AUDIT_PROVEN] > 0 || a->options.coverage == 0;

	return whole && any && sum.of[AUDIT_VIOLATED] == 0 && audit_coverage(&sum) >= a->options.coverage;
}

const char *audit_wire_name(unsigned wire)
{
	static const char *const names[] = { NULL, "between PCs", "to the internet", "outside the firewall", "to domain controllers",
					     "to and from servers", "to and from admin zones", "to the proxies" };

	return wire < ARRAY_SIZE(names) ? names[wire] : NULL;
}

const char *audit_time(uint64_t time_ns, char room[32])
{
	char full[INSTANT_TEXT];

	snprintf(room, 32, "%.19sZ", instant_format(time_ns, full));
	return room;
}

typedef bool note(const struct audit *a, char *room, size_t size);

static bool note_unread(const struct audit *a, char *room, size_t size)
{
	snprintf(room, size, "%zu capture file(s) could not be read to the end", a->quality.problems);
	return a->quality.problems > 0;
}

static bool note_empty(const struct audit *a, char *room, size_t size)
{
	snprintf(room, size, "no packet was read: nothing can be proven");
	return a->quality.packets == 0;
}

static bool note_loss(const struct audit *a, char *room, size_t size)
{
	snprintf(room, size, "%.2f %% of the stream bytes are missing: with 0.1 %% or more nothing that was stopped counts as proven; capture again without drops", audit_loss(a));
	return audit_loss(a) >= 0.1;
}

static bool note_sides(const struct audit *a, char *room, size_t size)
{
	uint64_t all = a->quality.one_sided + a->quality.two_sided;

	snprintf(room, size, "%llu of %llu connections show one direction only: is the mirror port set to both?",
		 (unsigned long long)a->quality.one_sided, (unsigned long long)all);
	return a->quality.one_sided > 0 && a->quality.one_sided * 10 >= all;
}

static bool note_snapped(const struct audit *a, char *room, size_t size)
{
	snprintf(room, size, "%llu packets were cut short when captured: capture whole packets (tcpdump -s 0), or logons and requests cannot be read",
		 (unsigned long long)a->quality.snapped);
	return a->quality.snapped > 0;
}

static bool note_unplaced(const struct audit *a, char *room, size_t size)
{
	snprintf(room, size, "%llu connections start at inner addresses of no zone: add their networks to site.zones, or they are not judged",
		 (unsigned long long)a->quality.unplaced);
	return a->quality.unplaced > 0;
}

static bool note_evicted(const struct audit *a, char *room, size_t size)
{
	snprintf(room, size, "%llu connections were given up and %llu attempts left out for want of room: audit fewer captures at a time, or raise limits.memory_mib",
		 (unsigned long long)a->quality.evicted, (unsigned long long)a->quality.left_out);
	return a->quality.evicted + a->quality.left_out > 0;
}

static bool note_full(const struct audit *a, char *room, size_t size)
{
	snprintf(room, size, "the site needs more than %u cells or %u networks: the rest is not judged", AUDIT_CELLS_MAX, AUDIT_SUBNETS_MAX);
	return a->full;
}

static bool note_v6(const struct audit *a, char *room, size_t size)
{
	bool any = false;

	for (size_t i = 0; i < a->n_subnets; i++)
		any |= a->subnets[i].v6;
	snprintf(room, size, "no zone declares an IPv6 network: IPv6 is judged nowhere; if hosts have it switched on, declare it");
	return !any;
}

const char *audit_note(const struct audit *a, size_t index, char *room, size_t size)
{
	static note *const notes[] = { note_unread, note_empty, note_loss, note_sides, note_snapped, note_unplaced, note_evicted, note_full, note_v6 };

	for (size_t i = 0; i < ARRAY_SIZE(notes); i++)
		if (notes[i](a, room, size) && index-- == 0)
			return room;
	return NULL;
}
