/* SPDX-License-Identifier: BSD-2-Clause
 * What an alert says: the values of the record behind it, what the rule says of itself, the totals of the group, and a
 * sentence in English and Japanese (DESIGN section 6). Severity and the lowering for partial sight: MEASURES 4.6; the
 * names of the measure sets: MEASURES 2. */
#include <stdio.h>
#include <stdlib.h>

#include "alert.h"

static const struct measure { const char *name, *name_ja; } measures[6] = {
	{ "Stop connect-back by design of communication routes", "ネットワーク通信経路設計によるコネクトバック通信の遮断" },
	{ "Stop connect-back with authentication, and monitor the log",
	  "認証機能を活用したコネクトバック通信の遮断とログ監視" },
	{ "Stop connect-back by proxy access control, and monitor",
	  "プロキシのアクセス制御によるコネクトバック通信の遮断と監視" },
	{ "Dedicated administration terminals, network separation, and monitoring",
	  "運用管理専用の端末設置とネットワーク分離と監視" },
	{ "Restrict file sharing, and watch trap accounts", "ファイル共有の制限とトラップアカウントによる監視" },
	{ "Ban caching of administrator accounts, and watch their logons",
	  "管理者権限アカウントのキャッシュ禁止とログオンの監視" },
};

static const uint64_t severities[] = {
	[LEVEL_INFORMATIONAL] = 10, [LEVEL_LOW] = 30, [LEVEL_MEDIUM] = 50, [LEVEL_HIGH] = 75, [LEVEL_CRITICAL] = 95,
};

/* Counters of which an alert shows the highest value seen. */
static const enum field maxima[ALERT_MAXIMA] = {
	FIELD_SOURCE_BYTES,    FIELD_SOURCE_PACKETS,  FIELD_DESTINATION_BYTES,        FIELD_DESTINATION_PACKETS,
	FIELD_EVENT_DURATION,  FIELD_FLOW_SYN_COUNT,  FIELD_TUNNEL_DAY_UPLOAD_BYTES,  FIELD_BEACON_COUNT,
};

static const enum field account_fields[] = { FIELD_USER_NAME, FIELD_AUTH_TERMINAL_USER, FIELD_KERBEROS_CLIENT };
static const enum field address_fields[] = { FIELD_SOURCE_IP, FIELD_DESTINATION_IP, FIELD_FLOW_REJECT_BY };

/* ---- sight ---- */

/* Why part of the evidence is missing; NULL where the sight was full. */
static const char *partial_reason(const struct record *r)
{
	if (record_bool(r, FIELD_FLOW_ONE_SIDED))
		return "partial: only one direction was captured";
	if (record_text_is(r, FIELD_FLOW_OUTCOME, "midstream") || record_bool(r, FIELD_TUNNEL_START_UNKNOWN))
		return "partial: the capture began inside the connection";
	if (r->partial || record_uint(r, FIELD_FLOW_MISSED_BYTES) > 0)
		return "partial: bytes are missing from the capture";
	return NULL;
}

enum level match_level(const struct match *m)
{
	enum level level = m->rule->level;

	return level > LEVEL_LOW && partial_reason(m->record) ? level - 1 : level;
}

/* ---- what a match adds to its group ---- */

static void learn_evidence(struct group *g, uint64_t id, uint64_t packet, const char *file)
{
	for (size_t i = g->n_evidence; i > 0; i--)
		if (g->evidence[i - 1].id == id)
			return;
	if (g->n_evidence < ALERT_EVIDENCE)
		g->evidence[g->n_evidence++] = (struct evidence){ id, packet, file };
}

void group_learn_address(struct group *g, const struct address *a)
{
	for (size_t i = 0; i < g->n_ips; i++)
		if (address_equal(&g->ips[i], a))
			return;
	if (!g->ips)
		g->ips = calloc(ALERT_RELATED, sizeof(*g->ips));
	if (g->ips && g->n_ips < ALERT_RELATED)
		g->ips[g->n_ips++] = *a;
}

static void learn_maxima(struct group *g, const struct record *r)
{
	for (size_t i = 0; i < ALERT_MAXIMA; i++)
		if (record_uint(r, maxima[i]) > g->maxima[i])
			g->maxima[i] = record_uint(r, maxima[i]);
}

/* Packet numbers of the evidence are those of its own file. */
static void learn_cited(struct group *g, const struct match *m, const char *file)
{
	uint64_t own = record_uint(m->record, FIELD_SENSOR_PACKET);

	for (size_t i = 0; i < m->n_evidence; i++) {
		bool mine = m->evidence[i] == m->record->id;
		uint64_t packet = mine ? own : m->packets ? m->packets[i] : 0;
		learn_evidence(g, m->evidence[i], packet, mine ? file : m->files ? m->files[i] : NULL);
	}
	learn_evidence(g, m->record->id, own, file);
}

void group_learn(struct group *g, const struct match *m, const char *file)
{
	const struct record *r = m->record;

	if (g->n_evidence < ALERT_EVIDENCE)
		learn_cited(g, m, file);
	for (size_t i = 0; i < ARRAY_SIZE(account_fields); i++)
		if (record_has(r, account_fields[i]))
			words_add(&g->users, ALERT_RELATED, record_text(r, account_fields[i]));
	for (const struct value *v = record_get(r, FIELD_RELATED_USER); v; v = record_next(r, v))
		words_add(&g->users, ALERT_RELATED, value_text(r, v));
	for (size_t i = 0; i < ARRAY_SIZE(address_fields); i++)
		if (record_has(r, address_fields[i]))
			group_learn_address(g, record_ip(r, address_fields[i]));
	for (const struct value *v = record_get(r, FIELD_RELATED_IP); v; v = record_next(r, v))
		group_learn_address(g, &v->ip);
	for (size_t i = 0; i < m->n_values; i++)
		words_add(&g->values, ALERT_VALUES, bytes_string(m->values[i]));
	learn_maxima(g, r);
}

/* ---- the line ---- */

static void put_totals(struct record *line, const struct group *g, const char *state)
{
	record_printf(line, FIELD_ALERT_KEY, "%016llx", (unsigned long long)g->key);
	record_set_string(line, FIELD_ALERT_STATE, state);
	record_set_uint(line, FIELD_ALERT_COUNT, g->count);
	record_set_uint(line, FIELD_ALERT_FIRST, g->first_ns);
	record_set_uint(line, FIELD_ALERT_LAST, g->last_ns);
	if (g->folded)
		record_set_uint(line, FIELD_ALERT_FOLDED, g->folded_new);
	if (g->sources)
		record_set_uint(line, FIELD_ALERT_SOURCES, g->sources);
	for (size_t i = 0; i < ALERT_MAXIMA; i++)
		if (g->maxima[i] > 0)
			record_set_uint(line, maxima[i], g->maxima[i]);
	for (size_t i = 0; i < g->n_ips; i++)
		record_add_ip(line, FIELD_RELATED_IP, &g->ips[i]);
	for (size_t i = 0; i < g->users.count; i++)
		record_add_text(line, FIELD_RELATED_USER, bytes_string(g->users.items[i]));
	for (size_t i = 0; i < g->values.count; i++)
		record_add_text(line, FIELD_ALERT_VALUES, bytes_string(g->values.items[i]));
}

/* Of a long path the file name is enough. */
static const char *short_path(const char *path)
{
	const char *slash = strrchr(path, '/');

	return strlen(path) <= 100 || !slash ? path : slash + 1;
}

#define EVIDENCE_FILE 140 /* bytes of the name of a file */

/* "0123456789abcdef", in replay "0123456789abcdef day1.pcap#1234". */
static void put_evidence(struct record *line, const struct group *g)
{
	for (size_t i = 0; i < g->n_evidence; i++) {
		const struct evidence *e = &g->evidence[i];
		char room[192];
		struct text t = TEXT_ON(room);
		text_hex_number(&t, e->id, 16);
		if (e->file && e->packet) {
			const char *file = short_path(e->file);
			text_char(&t, ' ');
			text_add(&t, bytes_of(file, strnlen(file, EVIDENCE_FILE)));
			text_char(&t, '#');
			text_decimal(&t, e->packet);
		}
		record_add_text(line, FIELD_ALERT_EVIDENCE, text_bytes(&t));
	}
}

static void put_rule(struct record *line, const struct rule_about *about, enum level level)
{
	record_set_string(line, FIELD_RULE_ID, about->rule_id);
	record_set_string(line, FIELD_RULE_UUID, about->uuid);
	record_set_string(line, FIELD_RULE_NAME, about->title ? about->title : about->rule_id);
	record_set_string(line, FIELD_RULE_LEVEL, level_name(level));
	record_set_uint(line, FIELD_EVENT_SEVERITY, severities[level]);
	for (size_t i = 0; i < about->n_techniques; i++)
		record_add_text(line, FIELD_THREAT_TECHNIQUE_ID, bytes_string(about->techniques[i]));
	record_set_string(line, FIELD_IPA_BASIS, about->basis);
	if (!about->measure || about->measure[0] < 'A' || about->measure[0] > 'F')
		return;
	const struct measure *measure = &measures[about->measure[0] - 'A'];
	record_set_string(line, FIELD_IPA_MEASURE, about->measure);
	record_set_string(line, FIELD_IPA_NAME, measure->name);
	record_set_string(line, FIELD_IPA_NAME_JA, measure->name_ja);
}

/* "title: source -> destination:port (user)", for rules without a sentence of their own. */
static void plain_sentence(struct text *out, const char *title, const struct record *view, enum language language)
{
	static const char *const templates[] = {
		[LANGUAGE_EN] = "[: {source.ip}][ -> {destination.domain|url.domain|destination.ip}][:{destination.port}]"
				"[ ({user.name})][, {alert.count} times in {alert.span}]",
		[LANGUAGE_JA] = "[: {source.ip}][ -> {destination.domain|url.domain|destination.ip}][:{destination.port}]"
				"[ ({user.name})][、{alert.span}に{alert.count}回]",
	};
	struct message *m = message_compile(bytes_string(templates[language]), language, NULL);

	message_value(out, bytes_string(title));
	if (m)
		message_render(m, view, out);
	message_free(m);
}

static void put_sentence(struct record *line, const struct message *m, const char *title, const struct record *view,
			 enum language language)
{
	char room[MESSAGE_SIZE];
	struct text t = TEXT_ON(room);

	if (m)
		message_render(m, view, &t);
	else
		plain_sentence(&t, title, view, language);
	record_set_text(line, language == LANGUAGE_EN ? FIELD_MESSAGE : FIELD_MESSAGE_JA, text_bytes(&t));
}

/* How many there were, instead of the values of one of them. */
static void put_folded(struct record *line, const struct group *g, const char *title, const char *title_ja)
{
	unsigned long long fresh = g->folded_new, totals = g->folded - g->folded_new, ceiling = g->ceiling;
	unsigned long long sources = g->sources > FOLD_SOURCES ? FOLD_SOURCES : g->sources;
	const char *more = g->sources > FOLD_SOURCES ? "more than " : "", *more_ja = *more ? " 超" : "";
	char from[64] = "", from_ja[64] = "", closed[64] = "", closed_ja[64] = "";

	if (sources)
		snprintf(from, sizeof(from), " from %s%llu source%s", more, sources, sources == 1 ? "" : "s");
	if (sources)
		snprintf(from_ja, sizeof(from_ja), "（送信元 %llu%s）", sources, more_ja);
	if (totals)
		snprintf(closed, sizeof(closed), " and %llu total%s of earlier ones", totals, totals == 1 ? "" : "s");
	if (totals)
		snprintf(closed_ja, sizeof(closed_ja), "と既報の集計 %llu 件", totals);
	record_printf(line, FIELD_MESSAGE, "%s: %llu more alert%s%s%s in a minute, folded into this line (the ceiling is %llu lines a minute)",
		      title, fresh, fresh == 1 ? "" : "s", closed, from, ceiling);
	record_printf(line, FIELD_MESSAGE_JA, "%s：1 分間にさらに %llu 件のアラート%s%sがあり、この 1 行にまとめました（上限は毎分 %llu 行）",
		      title_ja ? title_ja : title, fresh, closed_ja, from_ja, ceiling);
}

static void put_texts(struct record *line, const struct group *g, const struct record *view)
{
	static const struct entry nothing = { .name = NULL };
	const struct entry *e = g->entry ? g->entry : &nothing;
	const char *title = g->about->title ? g->about->title : g->about->rule_id;

	if (g->folded)
		put_folded(line, g, title, e->title_ja);
	else
		put_sentence(line, e->message, title, view, LANGUAGE_EN);
	if (!g->folded && (e->message_ja || e->title_ja))
		put_sentence(line, e->message_ja, e->title_ja ? e->title_ja : title, view, LANGUAGE_JA);
	record_set_string(line, FIELD_RULE_NAME_JA, e->title_ja);
	record_set_string(line, FIELD_ALERT_RESPONSE, e->response);
	record_set_string(line, FIELD_ALERT_RESPONSE_JA, e->response_ja);
	record_set_string(line, FIELD_RULE_DESCRIPTION, g->about->description);
	record_set_string(line, FIELD_RULE_DESCRIPTION_JA, e->description_ja);
}

/* Of the key, the state and the time: an alert told again by another run has the same. */
static uint64_t line_id(const struct group *g, const char *state, uint64_t time_ns)
{
	struct hash_key key = { g->key, time_ns };

	return hash_bytes(&key, state, strlen(state));
}

void alert_compose(struct record *line, struct record *view, const struct group *g, const char *state, uint64_t time_ns,
		   const struct record *source)
{
	const char *reason = source ? partial_reason(source) : NULL;
	enum dataset dataset = source ? source->dataset : DATASET_FLOW;

	/* The sentence shows values of the record and the totals alike, so both meet in view first; the line takes the
	 * alert's own fields before those of the record, which may be long. */
	record_clear(view, dataset, time_ns);
	put_totals(view, g, state);
	put_rule(view, g->about, g->level);
	if (source)
		record_merge(view, source);
	record_clear(line, dataset, time_ns);
	line->kind = RECORD_ALERT;
	line->id = line_id(g, state, time_ns);
	put_totals(line, g, state);
	put_rule(line, g->about, g->level);
	put_texts(line, g, view);
	record_set_string(line, FIELD_ALERT_VISIBILITY, reason ? reason : "full");
	put_evidence(line, g);
	if (source)
		record_merge(line, source);
	line->cut |= source && source->cut;
}
