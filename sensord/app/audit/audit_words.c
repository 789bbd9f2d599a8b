/* SPDX-License-Identifier: BSD-2-Clause
 * What the audit says, in Japanese: tables beside the English texts, which the other files hold where they belong. */
#include "audit_words.h"

static const struct words known[] = {
	/* places */
	{ "internet", "インターネット" },
	{ "site as a whole", "サイト全体" },
	{ "users", "利用者" },
	{ "any", "すべて" },
	{ "any host", "任意のホスト" },
	{ "logons", "ログオン" },
	{ "proxies", "プロキシ" },
	{ "file servers", "ファイルサーバ" },
	{ "PCs", "端末" },
	{ "PCs of the same network", "同じネットワークの端末" },
	{ "PCs of other networks", "他のネットワークの端末" },
	{ "administrators", "管理者" },
	/* what is wanted */
	{ "at least 5 wrong passwords from one terminal within 5 minutes", "一台の端末から5分以内に5回以上の誤ったパスワード" },
	{ "one account from two terminals within 15 minutes", "一つのアカウントを15分以内に二台の端末から使用" },
	{ "an authenticated request outside business hours", "業務時間外の認証済み要求" },
	{ "a request without credentials to a host of auth_exempt_hosts", "auth_exempt_hosts のホストへの認証情報なしの要求" },
	{ "CONNECT to an allowed port", "許可されたポートへの CONNECT" },
	{ "SSH or other clear text inside a tunnel to an allowed port", "許可されたポートへのトンネル内で SSH などの平文通信" },
	{ "a tunnel held open longer than connect.max_seconds", "connect.max_seconds を超えて維持したトンネル" },
	{ "a tunnel held open until the proxy cuts it", "プロキシが切断するまで維持したトンネル" },
	{ "three times: reconnect within a minute of the cut", "切断から1分以内の再接続を三回" },
	{ "a logon from an admin terminal", "管理端末からのログオン" },
	{ "the right password from a user terminal, refused by design (KDC error 12 or 18, STATUS_LOGON_TYPE_NOT_GRANTED …)",
	  "利用者端末から正しいパスワードで試し、設計どおり拒否されること（KDC エラー 12 または 18、STATUS_LOGON_TYPE_NOT_GRANTED など）" },
	{ "a logon outside hours", "業務時間外のログオン" },
	{ "three wrong passwords", "誤ったパスワードを三回" },
	{ "audit of the group policy: browsers do not keep passwords", "グループポリシーの確認：ブラウザにパスワードを保存させない" },
	{ "compare with a capture outside the firewall (W3), where addresses are translated",
	  "ファイアウォールの外側（W3、アドレス変換後）で取得したキャプチャと比較" },
	{ "connect a device that is not listed to the admin segment (D-08 ships informational)",
	  "登録されていない機器を管理セグメントに接続（D-08 の既定は情報レベル）" },
	{ "the trap's right password over SMB at a tenth of the PCs, at least 30: STATUS_LOGON_TYPE_NOT_GRANTED or _ACCOUNT_DISABLED",
	  "端末の一割（最低30台）で、トラップアカウントの正しいパスワードを SMB で試す：STATUS_LOGON_TYPE_NOT_GRANTED または _ACCOUNT_DISABLED" },
	{ "log on at a user terminal with an administrator's account", "利用者端末で管理者アカウントによりログオン" },
	{ "sensord ledger --records of one cycle, without unmatched rows", "一周期分の sensord ledger --records に不一致の行がないこと" },
	{ "host audit: CachedLogonsCount, Protected Users, deny-logon rights", "ホストの監査：CachedLogonsCount、Protected Users、ログオン拒否の権利" },
	{ "site.zones: no zone of role user, server or admin", "site.zones：user、server、admin のゾーンがない" },
	{ "site.policy: no row, so that nothing is denied", "site.policy：行がないため、何も禁止されていない" },
	{ "site.proxies: no proxy", "site.proxies：プロキシがない" },
	{ "site.accounts.trap: no account", "site.accounts.trap：アカウントがない" },
	{ "site.accounts.admin: no account", "site.accounts.admin：アカウントがない" },
	{ "site.timezone: without it there are no business hours", "site.timezone：指定がないため業務時間を判定できない" },
	{ "site.timezone: without it there are no hours", "site.timezone：指定がないため時間帯を判定できない" },
	{ "a request without credentials: 407 and nothing else", "認証情報なしの要求：407 だけが返ること" },
	{ "CONNECT to an allowed port without credentials: 407 and nothing else", "許可されたポートへの認証情報なしの CONNECT：407 だけが返ること" },
	{ "CONNECT with a right credential, refused with 403", "正しい認証情報による CONNECT が 403 で拒否されること" },
	{ "admin terminals do no web and no mail", "管理端末ではウェブもメールも使わない" },
	{ "two PCs: \\\\pc\\c$ and \\\\pc\\share; a silent drop, no RST", "二台の端末：\\\\pc\\c$ と \\\\pc\\share。RST を返さず破棄すること" },
	{ "the policy allows sharing between PCs: each session has to be told", "端末間の共有がポリシーで許可されている：各セッションが検知されること" },
	{ "a share of a file server", "ファイルサーバの共有" },
	{ "a logon with a trap account: refused, and told", "トラップアカウントによるログオン：拒否され、検知されること" },
	{ "a logon with a trap account: told; that it is refused stands in the log of the host (4625)",
	  "トラップアカウントによるログオン：検知されること。拒否の記録はホストのログ（4625）にある" },
	{ "from one ordinary PC at another: PsExec, schtasks, wmic", "一般端末から別の端末へ：PsExec、schtasks、wmic" },
	{ "a proxy that the site file does not list", "サイトファイルにないプロキシ" },
};

/* Parts of what a sight says, longest first where one begins another. */
static const struct words parts[] = {
	{ "; no other packet of that host to compare with", "（比較できる同じホストのパケットなし）" },
	{ "; the host itself answers with TTL ", "、ホスト自身の応答は TTL " },
	{ "; the host was alive", "（対象は稼働中）" },
	{ "; no sign of life of the host", "（対象の稼働を確認できず）" },
	{ ", outside: it may have got that far", "（外部：そこまで到達した可能性がある）" },
	{ " sent by the host itself", "（ホスト自身が送信）" },
	{ " sent by ", "、送信元 " },
	{ "begun before the capture", "取得開始前からの通信" },
	{ "no answer within 10 s", "10秒以内に応答なし" },
	{ "refused, but no credential was asked for", "拒否されたが、認証は求められていない" },
	{ "the proxy asked for credentials: with the right ones it may serve", "プロキシが認証を要求：正しい認証情報なら通る可能性がある" },
	{ "told by ", "検知した規則 " },
	{ "tunnel to ", "トンネル " },
	{ " s old, cut at ", " 秒経過、切断の設定 " },
	{ " s declared", " 秒" },
	{ " not answered", " 応答なし" },
	{ " answered ", " 応答 " },
	{ " answered", " 応答あり" },
	{ " refused", " 拒否" },
	{ "RST with TTL ", "RST の TTL " },
	{ "established", "成立" },
	{ "answered", "応答あり" },
	{ ", failure", "、失敗" },
	{ ", success", "、成功" },
	{ ", unknown", "、不明" },
};

static const struct words events[] = {
	[AUDIT_SUCCEEDED] = { "came through", "成立" },
	[AUDIT_OPEN] = { "refused by the host itself", "ホスト自身が拒否" },
	[AUDIT_STOPPED] = { "stopped", "遮断" },
	[AUDIT_DEAD] = { "unanswered, target silent", "応答なし（対象の稼働不明）" },
	[AUDIT_UNCLEAR] = { "ambiguous", "判別不能" },
	[AUDIT_TOLD] = { "told by rules", "規則が検知" },
	[AUDIT_EXEMPTED] = { "under an exception", "例外に該当" },
};

struct words audit_words(const char *en)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strcmp(known[i].en, en) == 0)
			return known[i];
	return (struct words){ en, en };
}

struct words audit_event_words(enum audit_event e) { return events[e]; }

static void said(const char *text, struct text *out)
{
	while (*text) {
		size_t i = 0;
		while (i < ARRAY_SIZE(parts) && strncmp(text, parts[i].en, strlen(parts[i].en)) != 0)
			i++;
		if (i == ARRAY_SIZE(parts)) {
			text_char(out, *text++);
			continue;
		}
		text_string(out, parts[i].ja);
		text += strlen(parts[i].en);
	}
}

void audit_sight_ja(const struct audit *a, const struct audit_sight *s, struct text *out)
{
	char from[ADDRESS_TEXT], to[ADDRESS_TEXT];

	text_printf(out, "%s → %s", address_format(&s->from, from), address_format(&s->to, to));
	if (s->port)
		text_printf(out, " ポート %u", s->port);
	text_string(out, "：");
	said(s->said, out);
	if (s->file < a->n_files)
		text_printf(out, "（%s#%llu）", a->files[s->file], (unsigned long long)s->packet);
}

void audit_reason_ja(const struct audit_cell *c, struct text *out)
{
	const char *separator = "［";

	text_string(out, audit_why_text_ja(c->finding.why));
	for (unsigned e = 0; e < AUDIT_EVENTS; e++) {
		if (c->count[e] == 0)
			continue;
		text_printf(out, "%s%s %llu", separator, events[e].ja, (unsigned long long)c->count[e]);
		separator = "、";
	}
	if (strcmp(separator, "、") == 0)
		text_string(out, "］");
}
