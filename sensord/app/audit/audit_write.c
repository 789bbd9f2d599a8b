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

/* What is wrong with the captures as such, if it is: the number in its sentence goes to `ret`. */
typedef bool note(const struct audit *a, uint64_t ret[2]);

static bool note_unread(const struct audit *a, uint64_t ret[2])
{
	return (ret[0] = a->quality.problems) > 0;
}

static bool note_empty(const struct audit *a, uint64_t ret[2])
{
	(void)ret;
	return a->quality.packets == 0;
}

/* In hundredths of a percent. */
static bool note_loss(const struct audit *a, uint64_t ret[2])
{
	uint64_t hundredths = (uint64_t)(100 * audit_loss(a) + 0.5);

	ret[0] = hundredths / 100;
	ret[1] = hundredths % 100;
	return audit_loss(a) >= 0.1;
}

static bool note_sides(const struct audit *a, uint64_t ret[2])
{
	ret[0] = a->quality.one_sided;
	ret[1] = a->quality.one_sided + a->quality.two_sided;
	return ret[0] > 0 && ret[0] * 10 >= ret[1];
}

static bool note_snapped(const struct audit *a, uint64_t ret[2])
{
	return (ret[0] = a->quality.snapped) > 0;
}
static bool note_unplaced(const struct audit *a, uint64_t ret[2])
{
	return (ret[0] = a->quality.unplaced) > 0;
}

static bool note_evicted(const struct audit *a, uint64_t ret[2])
{
	ret[0] = a->quality.evicted;
	ret[1] = a->quality.left_out;
	return ret[0] + ret[1] > 0;
}

static bool note_full(const struct audit *a, uint64_t ret[2])
{
	ret[0] = AUDIT_CELLS_MAX;
	ret[1] = AUDIT_SUBNETS_MAX;
	return a->full;
}

static bool note_v6(const struct audit *a, uint64_t ret[2])
{
	bool any = false;

	(void)ret;
	for (size_t i = 0; i < a->n_subnets; i++)
		any |= a->subnets[i].v6;
	return !any;
}

/* @ stands for a number. */
static const struct {
	note *is;
	struct words words;
} notes[] = {
	{ note_unread,
	  { "@ capture file(s) could not be read to the end", "最後まで読めなかったキャプチャファイルが@個ある" } },
	{ note_empty, { "no packet was read: nothing can be proven", "パケットが一つも読めない：何も実証できない" } },
	{ note_loss,
	  { "@.@ % of the stream bytes are missing: with 0.1 % or more nothing that was stopped counts as proven; "
	    "capture again without drops",
	    "ストリームの @.@％ が欠落：0.1％以上では遮断を実証済としない。漏れなく取り直すこと" } },
	{ note_sides,
	  { "@ of @ connections show one direction only: is the mirror port set to both?",
	    "@件（全@件中）の通信が片方向のみ：ミラーポートは双方向か" } },
	{ note_snapped,
	  { "@ packets were cut short when captured: capture whole packets (tcpdump -s 0), or logons and requests "
	    "cannot be read",
	    "@個のパケットが途中で切られている：全長で取得すること（tcpdump -s 0）。ログオンや要求が読めない" } },
	{ note_unplaced,
	  { "@ connections start at inner addresses of no zone: add their networks to site.zones, or they are not "
	    "judged",
	    "@件の通信がどのゾーンにもない内部アドレスから始まる：site.zones に追加しないと判定されない" } },
	{ note_evicted,
	  { "@ connections were given up and @ attempts left out for want of room: audit fewer captures at a time, or "
	    "raise limits.memory_mib",
	    "上限のため通信@件を打ち切り、試行@件を除外した：一度に検証するキャプチャを減らすか、limits.memory_mib "
	    "を増やすこと" } },
	{ note_full,
	  { "the site needs more than @ cells or @ networks: the rest is not judged",
	    "セル@個またはネットワーク@個の上限を超えた：残りは判定されない" } },
	{ note_v6,
	  { "no zone declares an IPv6 network: IPv6 is judged nowhere; if hosts have it switched on, declare it",
	    "IPv6 のネットワークがどのゾーンにもない：IPv6 は判定されない。有効なホストがあれば宣言すること" } },
};

static void fill(const char *words, const uint64_t numbers[2], char *room, size_t size)
{
	struct text t = { room, size, 0, false };
	unsigned next = 0;

	for (; *words; words++) {
		bool hundredths = next == 1 && words[-1] == '.';
		if (*words != '@' || next == 2) {
			text_char(&t, *words);
			continue;
		}
		text_printf(&t, hundredths ? "%02llu" : "%llu", (unsigned long long)numbers[next]);
		next++;
	}
	text_end(&t);
}

const char *audit_note(const struct audit *a, size_t index, bool japanese, char *room, size_t size)
{
	for (size_t i = 0; i < ARRAY_SIZE(notes); i++) {
		uint64_t numbers[2] = { 0 };
		if (!notes[i].is(a, numbers) || index-- > 0)
			continue;
		fill(japanese ? notes[i].words.ja : notes[i].words.en, numbers, room, size);
		return room;
	}
	return NULL;
}
