/* SPDX-License-Identifier: BSD-2-Clause
 * MEASURES 16: "blocked and seen to be blocked" is not "never tried", and neither is "tried where an answer could not be
 * seen". Absence is never proof. */
#include "audit_verdict.h"

static struct audit_finding say(enum audit_verdict verdict, enum audit_why why)
{
	return (struct audit_finding){ verdict, why };
}

/* Nothing was seen of it. */
static struct audit_finding silent(const struct audit_facts *f)
{
	if (f->exempt || f->count[AUDIT_EXEMPTED])
		return say(AUDIT_EXEMPT, WHY_EXCEPTION);
	return say(AUDIT_NOT_EXERCISED, f->source_seen ? WHY_NEVER_TRIED : WHY_SOURCE_UNSEEN);
}

static struct audit_finding judge_deny(const struct audit_facts *f)
{
	const uint64_t *n = f->count;

	if (n[AUDIT_SUCCEEDED])
		return say(AUDIT_VIOLATED, WHY_CAME_THROUGH);
	if (n[AUDIT_OPEN])
		return say(AUDIT_VIOLATED, WHY_PATH_OPEN);
	if (n[AUDIT_STOPPED] + n[AUDIT_DEAD] + n[AUDIT_UNCLEAR] == 0)
		return silent(f);
	if (f->one_sided)
		return say(AUDIT_INCONCLUSIVE, WHY_ONE_SIDED);
	if (n[AUDIT_UNCLEAR]) /* one of them may have been answered by the host */
		return say(AUDIT_INCONCLUSIVE, f->weak ? WHY_WEAK : WHY_UNCLEAR);
	if (n[AUDIT_STOPPED] == 0)
		return say(AUDIT_INCONCLUSIVE, WHY_DEAD);
	if (f->lossy)
		return say(AUDIT_INCONCLUSIVE, WHY_LOSS);
	if (f->control_missing)
		return say(AUDIT_INCONCLUSIVE, WHY_NO_CONTROL);
	if (f->way_missing)
		return say(AUDIT_NOT_EXERCISED, WHY_WAY_MISSING);
	if (n[AUDIT_STOPPED] < f->minimum)
		return say(AUDIT_INCONCLUSIVE, WHY_TOO_FEW);
	if (f->alarm && n[AUDIT_TOLD] == 0)
		return say(AUDIT_INCONCLUSIVE, WHY_NO_ALARM);
	return say(AUDIT_PROVEN, WHY_STOPPED);
}

/* What may go through has to be seen going through; that it fails is no breach, but nothing is proven either. */
static struct audit_finding judge_allow(const struct audit_facts *f)
{
	const uint64_t *n = f->count;

	if (n[AUDIT_SUCCEEDED])
		return say(AUDIT_PROVEN, WHY_WORKS);
	if (n[AUDIT_STOPPED] + n[AUDIT_OPEN] + n[AUDIT_DEAD])
		return say(AUDIT_INCONCLUSIVE, WHY_FAILS);
	if (n[AUDIT_UNCLEAR])
		return say(AUDIT_INCONCLUSIVE, WHY_UNCLEAR);
	return silent(f);
}

static struct audit_finding judge_trace(const struct audit_facts *f)
{
	if (f->count[AUDIT_TOLD])
		return say(AUDIT_PROVEN, WHY_TOLD);
	if (f->count[AUDIT_STOPPED] + f->count[AUDIT_SUCCEEDED] + f->count[AUDIT_UNCLEAR])
		return say(AUDIT_NOT_EXERCISED, WHY_BELOW_RULE);
	return silent(f);
}

struct audit_finding audit_judge(const struct audit_facts *f)
{
	struct audit_finding found;

	if (f->kind == AUDIT_PAPER)
		return say(AUDIT_NOT_VISIBLE, WHY_DOCUMENT);
	if (f->kind == AUDIT_MISSING)
		return say(AUDIT_NOT_EXERCISED, WHY_NOT_DECLARED);
	found = f->kind == AUDIT_DENY ? judge_deny(f) : f->kind == AUDIT_ALLOW ? judge_allow(f) : judge_trace(f);
	/* What was seen all the same was seen. */
	if (f->wire_missing && found.verdict == AUDIT_NOT_EXERCISED)
		return say(AUDIT_NOT_VISIBLE, WHY_NO_WIRE);
	return found;
}

/* ---- words ---- */

static const char *const verdicts[][2] = {
	[AUDIT_PROVEN] = { "PROVEN", "実証済" },           [AUDIT_VIOLATED] = { "VIOLATED", "違反" },
	[AUDIT_NOT_EXERCISED] = { "NOT_EXERCISED", "未実施" }, [AUDIT_INCONCLUSIVE] = { "INCONCLUSIVE", "判定不能" },
	[AUDIT_NOT_VISIBLE] = { "NOT_VISIBLE", "観測不可" },   [AUDIT_EXEMPT] = { "EXEMPT", "例外" },
};

static const char *const whys[][3] = {
	[WHY_STOPPED] = { "stopped", "tried and stopped; the allowed path beside it works", "試行はすべて遮断され、許可された経路は通じている" },
	[WHY_CAME_THROUGH] = { "came-through", "a forbidden attempt came through", "禁止された通信が成立した" },
	[WHY_PATH_OPEN] = { "path-open", "the host itself refused: nothing on the path stopped it", "ホスト自身が拒否した：経路上では遮断されていない" },
	[WHY_NEVER_TRIED] = { "never-tried", "nobody tried", "試行が観測されていない" },
	[WHY_SOURCE_UNSEEN] = { "source-unseen", "nobody tried, and no packet of the source's network is in the captures: is its wire mirrored?",
				"試行がなく、送信元ネットワークのパケットも無い：その区間はミラーされているか" },
	[WHY_TOO_FEW] = { "too-few", "stopped, but tried less often than --attempts asks", "遮断されたが、試行回数が不足" },
	[WHY_DEAD] = { "target-silent", "not answered, but the target gave no sign of life within 10 minutes: aim at a host that is up",
		       "応答がないが、対象の生存が10分以内に確認できない：稼働中のホストに対して試行すること" },
	[WHY_UNCLEAR] = { "ambiguous", "refused by nobody knows whom, or begun before the capture: connect to an open port of the target, so that its TTL is known",
			  "拒否の主体が不明（TTL比較不能、または途中からの取得）：対象の開いたポートへ接続してTTLを確認すること" },
	[WHY_WEAK] = { "weak-refusal", "refused, but other reasons (a wrong password, an unknown account, another limit) are refused alike: try it as is wanted",
		       "拒否されたが、他の理由（パスワード誤り、未登録、別の制限）でも同じ応答になる：求められた方法で試行すること" },
	[WHY_ONE_SIDED] = { "one-sided", "tried, but on a wire where no answer can be seen: mirror both directions",
			    "試行はあるが応答方向が取得されていない：両方向をミラーすること" },
	[WHY_LOSS] = { "loss", "stopped, but the captures lack 0.1 % or more of the packets: capture again without loss",
		       "遮断されたが、取得漏れが0.1％以上ある：漏れなく取り直すこと" },
	[WHY_NO_CONTROL] = { "no-control", "stopped, but nothing allowed from there was seen to work: it may be the cable; do the allowed test too",
			     "遮断されたが、同じ送信元からの許可通信の成功が無い：許可側の試験も行うこと" },
	[WHY_NO_ALARM] = { "no-alarm", "stopped, but no rule told it: is the rule disabled or silenced?", "遮断されたが、検知規則が報告していない：規則が無効でないか" },
	[WHY_WORKS] = { "works", "allowed, and seen to work", "許可された通信の成功を観測" },
	[WHY_FAILS] = { "fails", "allowed, but every attempt failed: stopped too much, or the service is down", "許可されているが、すべて失敗した：過剰な遮断かサービス停止" },
	[WHY_TOLD] = { "told", "done, and told by the rule", "試行が検知規則により報告された" },
	[WHY_BELOW_RULE] = { "below-rule", "begun, but not as often or as long as the rule asks", "試行はあるが、規則の条件（回数・時間）に届かない" },
	[WHY_NO_WIRE] = { "no-wire", "the wire that shows it was not mirrored", "観測に必要な区間がミラーされていない" },
	[WHY_DOCUMENT] = { "document", "no wire shows it: attach the document that does", "通信では確認できない：証拠文書を添付すること" },
	[WHY_EXCEPTION] = { "exception", "covered by a dated exception", "期限付きの例外に該当" },
	[WHY_WAY_MISSING] = { "way-not-tried", "stopped in one way, but there are others that nobody tried", "一部の手段は遮断されたが、他の手段が試行されていない" },
	[WHY_NOT_DECLARED] = { "not-declared", "the site file does not say what to prove", "サイト設定に対象が宣言されていない" },
};

const char *audit_verdict_name(enum audit_verdict v) { return verdicts[v][0]; }
const char *audit_verdict_name_ja(enum audit_verdict v) { return verdicts[v][1]; }

enum audit_verdict audit_verdict_find(struct bytes name)
{
	enum audit_verdict v = 0;

	while (v < AUDIT_VERDICTS && !bytes_equal(name, bytes_string(verdicts[v][0])))
		v++;
	return v;
}

const char *audit_why_name(enum audit_why w) { return whys[w][0]; }
const char *audit_why_text(enum audit_why w) { return whys[w][1]; }
const char *audit_why_text_ja(enum audit_why w) { return whys[w][2]; }

const char *audit_event_name(enum audit_event e)
{
	static const char *const names[] = { "succeeded", "path_open", "stopped", "target_silent", "ambiguous", "told", "exempted" };

	return names[e];
}
