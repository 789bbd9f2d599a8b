/* SPDX-License-Identifier: BSD-2-Clause
 * One line a day for people: what was seen, what was lost, where the sensor is blind. What needs attention comes first. */
#include "self_health.h"

#include <inttypes.h>

#include "base/attributes.h"
#include "base/instant.h"
#include "base/text.h"

#define LOSS_SHARE 0.001     /* as rule S-01 */
#define ONE_SIDED_SHARE 0.3  /* as rule S-02 */
#define ONE_SIDED_LEAST 30
#define MEMORY_SHARE 0.9

struct day {
	const struct self_snapshot *from, *to;
	struct text en, ja;
};

static void point(struct day *d, const char *en, const char *ja)
{
	text_string(&d->en, d->en.used ? "; " : "");
	text_string(&d->en, en);
	text_string(&d->ja, d->ja.used ? "、" : "");
	text_string(&d->ja, ja);
}

static double share(uint64_t count, uint64_t total)
{
	return total ? (double)count / (double)total : 0;
}

/* ---- what needs attention: one function a point, saying nothing where all is well ---- */

static void about_losses(struct day *d)
{
	uint64_t dropped = 0, received = 0;
	char en[120], ja[120];
	struct text t = TEXT_ON(en), t_ja = TEXT_ON(ja);

	for (size_t i = 0; i < d->to->n_wires; i++) {
		dropped += d->to->wire[i].dropped;
		received += d->to->wire[i].received;
	}
	for (size_t i = 0; i < d->from->n_wires; i++) {
		dropped -= d->from->wire[i].dropped < dropped ? d->from->wire[i].dropped : dropped;
		received -= d->from->wire[i].received < received ? d->from->wire[i].received : received;
	}
	if (share(dropped, received) < LOSS_SHARE)
		return;
	text_printf(&t, "%.2f %% of the packets were lost", 100 * share(dropped, received));
	text_printf(&t_ja, "パケットの %.2f %% を取りこぼし", 100 * share(dropped, received));
	point(d, text_end(&t), text_end(&t_ja));
}

static void about_wires(struct day *d)
{
	char en[120], ja[120];

	for (size_t i = 0; i < d->to->n_wires; i++) {
		struct text t = TEXT_ON(en), t_ja = TEXT_ON(ja);
		if (d->to->wire[i].up)
			continue;
		text_printf(&t, "the interface %s is gone", d->to->wire[i].name);
		text_printf(&t_ja, "インタフェース %s が失われている", d->to->wire[i].name);
		point(d, text_end(&t), text_end(&t_ja));
	}
}

static void about_outputs(struct day *d)
{
	char en[240], ja[240];

	for (size_t i = 0; i < d->to->n_outputs; i++) {
		const struct self_output *o = &d->to->output[i];
		uint64_t before = i < d->from->n_outputs ? d->from->output[i].lost : 0;
		struct text t = TEXT_ON(en), t_ja = TEXT_ON(ja);
		if (!o->away && o->lost <= before)
			continue;
		text_printf(&t, "the output %s %s (%" PRIu64 " lines wait, %" PRIu64 " lost)", o->name, o->away ? "is away" : "lost lines",
			    o->waiting, instant_since(o->lost, before));
		text_printf(&t_ja, "出力先 %s が%s（待機 %" PRIu64 " 件、損失 %" PRIu64 " 件）", o->name, o->away ? "停止中" : "行を損失",
			    o->waiting, instant_since(o->lost, before));
		point(d, text_end(&t), text_end(&t_ja));
	}
}

static void about_overload(struct day *d)
{
	uint64_t records = instant_since(d->to->records_lost, d->from->records_lost);
	uint64_t flows = instant_since(d->to->flows_evicted, d->from->flows_evicted);
	char en[120], ja[120];
	struct text t = TEXT_ON(en), t_ja = TEXT_ON(ja);

	if (!records && !flows)
		return;
	text_printf(&t, "overload let go of %" PRIu64 " records and %" PRIu64 " flows", records, flows);
	text_printf(&t_ja, "過負荷によりレコード %" PRIu64 " 件・フロー %" PRIu64 " 件を破棄", records, flows);
	point(d, text_end(&t), text_end(&t_ja));
}

static void about_folding(struct day *d)
{
	uint64_t folded = instant_since(d->to->detect.folded, d->from->detect.folded);
	char en[120], ja[120];
	struct text t = TEXT_ON(en), t_ja = TEXT_ON(ja);

	if (!folded)
		return;
	text_printf(&t, "%" PRIu64 " alert lines were too many for their minute and told as sums", folded);
	text_printf(&t_ja, "毎分の上限を超えたアラート %" PRIu64 " 件をまとめて通知", folded);
	point(d, text_end(&t), text_end(&t_ja));
}

static void about_silence(struct day *d)
{
	const struct detect_view *v = &d->to->view;
	char en[400], ja[400];
	struct text t = TEXT_ON(en), t_ja = TEXT_ON(ja);

	if (!v->n_silent)
		return;
	text_printf(&t, "%zu declared parts of the network are not seen (%s)", v->n_silent, v->silent);
	text_printf(&t_ja, "宣言された %zu 箇所の通信が見えない（%s）", v->n_silent, v->silent);
	point(d, text_end(&t), text_end(&t_ja));
}

static void about_sides(struct day *d)
{
	uint64_t flows = instant_since(d->to->view.flows, d->from->view.flows);
	uint64_t one_sided = instant_since(d->to->view.one_sided, d->from->view.one_sided);
	char en[120], ja[120];
	struct text t = TEXT_ON(en), t_ja = TEXT_ON(ja);

	if (flows < ONE_SIDED_LEAST || share(one_sided, flows) < ONE_SIDED_SHARE)
		return;
	text_printf(&t, "%.0f %% of the connections are seen from one side only", 100 * share(one_sided, flows));
	text_printf(&t_ja, "接続の %.0f %% が片方向しか見えない", 100 * share(one_sided, flows));
	point(d, text_end(&t), text_end(&t_ja));
}

static void about_memory(struct day *d)
{
	double used = share(d->to->memory_bytes, d->to->memory_limit);
	char en[120], ja[120];
	struct text t = TEXT_ON(en), t_ja = TEXT_ON(ja);

	if (used < MEMORY_SHARE)
		return;
	text_printf(&t, "memory is at %.0f %% of its limit", 100 * used);
	text_printf(&t_ja, "メモリ使用が上限の %.0f %%", 100 * used);
	point(d, text_end(&t), text_end(&t_ja));
}

static void (*const points[])(struct day *d) = {
	about_losses, about_wires, about_outputs, about_overload, about_folding, about_silence, about_sides, about_memory,
};

/* ---- the line ---- */

static void add_measures(struct text *t, const struct self_snapshot *from, const struct self_snapshot *to)
{
	bool any = false;

	for (unsigned m = 0; m < 6; m++) {
		uint64_t n = instant_since(to->detect.by_measure[m], from->detect.by_measure[m]);
		if (n)
			text_printf(t, "%s%c %" PRIu64, any ? ", " : " (", 'A' + (char)m, n);
		any |= n > 0;
	}
	text_string(t, any ? ")" : "");
}

static uint64_t blind_pairs(const struct self_snapshot *s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(s->view.blind); i++)
		n += s->view.blind[i].pairs;
	return n;
}

void self_health(const struct self_snapshot *from, const struct self_snapshot *to, struct record *ret)
{
	char en[1000], ja[1000], line[1600];
	struct day d = { from, to, TEXT_ON(en), TEXT_ON(ja) };
	uint64_t frames = instant_since(to->frames, from->frames), flows = instant_since(to->flows, from->flows);
	uint64_t records = instant_since(to->records, from->records), alerts = instant_since(to->detect.alerts, from->detect.alerts);
	uint64_t blind = instant_since(blind_pairs(to), blind_pairs(from));
	double memory = 100 * share(to->memory_bytes, to->memory_limit);

	for (size_t i = 0; i < ARRAY_SIZE(points); i++)
		points[i](&d);
	bool well = d.en.used == 0;
	struct text t = TEXT_ON(line);
	text_printf(&t, "%s%s. In a day: %" PRIu64 " packets, %" PRIu64 " flows, %" PRIu64 " records, %" PRIu64 " alerts",
		    well ? "All is well" : "Needs attention: ", text_end(&d.en), frames, flows, records, alerts);
	add_measures(&t, from, to);
	text_printf(&t, "; %" PRIu64 " encrypted blind spots, %zu ended exceptions, memory %.0f %%, %zu rules", blind,
		    to->view.exceptions_expired, memory, to->n_rules);
	record_set_string(ret, FIELD_SENSOR_DETAIL, text_end(&t));
	t = TEXT_ON(line);
	text_printf(&t, "%s%s。1 日の実績：パケット %" PRIu64 "、フロー %" PRIu64 "、レコード %" PRIu64 "、アラート %" PRIu64,
		    well ? "異常ありません" : "要確認：", text_end(&d.ja), frames, flows, records, alerts);
	add_measures(&t, from, to);
	text_printf(&t, "、暗号化による死角 %" PRIu64 "、期限切れの例外 %zu、メモリ %.0f %%、ルール %zu 件", blind,
		    to->view.exceptions_expired, memory, to->n_rules);
	record_set_string(ret, FIELD_SENSOR_DETAIL_JA, text_end(&t));
	record_set_bool(ret, FIELD_SENSOR_WELL, well);
	record_set_uint(ret, FIELD_SENSOR_COUNT, alerts);
	record_set_uint(ret, FIELD_SENSOR_TOTAL, frames);
}
