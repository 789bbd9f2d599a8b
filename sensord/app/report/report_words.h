/* SPDX-License-Identifier: BSD-2-Clause
 * Every text of the report, in English and Japanese: one table. Texts of alerts come from the rules and their catalogue. */
#ifndef APP_REPORT_WORDS_H
#define APP_REPORT_WORDS_H

#include "html/html.h"

/* clang-format off */
#define REPORT_WORDS(W) \
	W(TITLE, "Capture report", "キャプチャ調査報告") \
	W(SITE, "Site", "サイト") \
	W(NO_SITE, "no site file was given: private addresses are taken for terminals inside, proxies and domain controllers are guessed from the traffic", "サイトファイルの指定なし：プライベートアドレスを内部端末とみなし、プロキシやドメインコントローラは通信から推定しています") \
	W(PERIOD, "Period", "期間") \
	W(PERIOD_NOTE, "All times are those of the site's clock; the offset stands behind the period.", "時刻はすべてサイトの現地時刻です。時差は期間の末尾に示します。") \
	W(READ, "Read", "読み取り") \
	W(PACKETS, "packets", "パケット") \
	W(FLOWS, "connections", "通信") \
	W(RULES, "rules", "ルール") \
	W(ALERTS_COUNT, "alerts", "アラート") \
	W(CHOSEN, "Shown", "表示対象") \
	W(CHOSEN_NOTE, "Only part of what was found is shown here, as asked for:", "指定により、検知結果の一部だけを示しています：") \
	W(BY, "Made by", "作成") \
	W(DISCLAIMER, "sensord watches passively: it supports watching and verifying the six measure sets and claims no conformance with IPA's guide. No alert is no proof that a measure holds; sensord audit tells what was tried and stopped.", "sensord は受動的な監視ツールです。六つの対策セットの監視と確認を支援するもので、IPA のガイドへの準拠を示すものではありません。アラートがないことは対策が有効である証明にはなりません。試行と遮断の確認には sensord audit を使ってください。") \
	W(PART_SETS, "The six measure sets", "六つの対策セット") \
	W(PART_TIME, "Alerts over time", "アラートの時系列") \
	W(PART_ALERTS, "Alerts", "アラート") \
	W(PART_ZONES, "Zones", "ゾーン間通信") \
	W(PART_GRAPH, "Who touched whom, with which account", "誰が、どのアカウントで、どこへ") \
	W(PART_HOSTS, "Hosts", "ホスト") \
	W(PART_ACCOUNTS, "Accounts", "アカウント") \
	W(PART_CAPTURE, "The capture itself", "キャプチャ自体の品質") \
	W(STATE_BAD, "Act now", "要対応") \
	W(STATE_WARN, "To be looked at", "要確認") \
	W(STATE_QUIET, "No alert", "アラートなし") \
	W(STATE_UNKNOWN, "Nothing seen to judge", "判定材料なし") \
	W(SEEN, "Seen", "観測") \
	W(SEEN_NOTHING, "no traffic of this kind", "該当する通信なし") \
	W(RISK, "Residual risk", "残存リスク") \
	W(TODO, "What to do", "対応") \
	W(RISK_QUIET, "Traffic of this kind was seen and no rule objected. Whether the measure would stop an attempt was not shown here.", "該当する通信は観測されましたが、ルールに触れるものはありませんでした。試行が実際に止まるかどうかは、このキャプチャからは分かりません。") \
	W(RISK_UNKNOWN, "The capture holds no traffic of this kind: nothing can be said either way.", "該当する通信がキャプチャに含まれていないため、有効とも無効とも言えません。") \
	W(TODO_QUIET, "Have the forbidden attempts made on purpose and audited: sensord audit --plan lists them.", "禁止されている通信を意図的に試し、監査してください（sensord audit --plan が一覧を示します）。") \
	W(TODO_UNKNOWN, "Check that the mirror port shows this traffic, or capture again while it is exercised.", "ミラーポートに該当通信が流れているかを確認するか、試行しながら取り直してください。") \
	W(SET_A, "Communication routes", "通信経路設計による遮断") \
	W(SET_B, "Proxy authentication", "プロキシ認証とログ監視") \
	W(SET_C, "Proxy access control (CONNECT)", "プロキシのアクセス制御（CONNECT）") \
	W(SET_D, "Dedicated administration, separation", "運用管理専用端末と分離") \
	W(SET_E, "File sharing, trap accounts", "ファイル共有の制限とトラップ") \
	W(SET_F, "Administrators' logons", "管理者権限のログオン監視") \
	W(RISK_A, "A program inside may be controlled from outside without passing the proxy: neither its log nor its filter sees it.", "内部のプログラムがプロキシを通らずに外部から操作されるおそれがあります。プロキシのログにもフィルタにも残りません。") \
	W(RISK_B, "Malware that knows no password can use the proxy, or a stolen identity is in use there.", "パスワードを知らないマルウェアでもプロキシを利用できる、または盗まれた ID が使われているおそれがあります。") \
	W(RISK_C, "A remote control channel may be open inside an encrypted tunnel through the proxy.", "プロキシ経由の暗号化トンネル内に遠隔操作の経路が開いているおそれがあります。") \
	W(RISK_D, "From an ordinary terminal, administration or other zones can be reached: what administrators know can be taken there.", "一般端末から管理系や他のゾーンに到達できます。管理者の情報が奪われるおそれがあります。") \
	W(RISK_E, "An intruder may be spreading from terminal to terminal over file sharing and remote execution.", "ファイル共有や遠隔実行を使って端末から端末へ侵害が広がっているおそれがあります。") \
	W(RISK_F, "An administrator's account, hash or ticket may be in an intruder's hands.", "管理者のアカウント、ハッシュまたはチケットが攻撃者の手にあるおそれがあります。") \
	W(RISK_WARN, "Attempts, irregularities or traffic that could not be judged were seen; no rule calls it a breach.", "試行、不審な動き、または判定できない通信が観測されました。侵害と判断したルールはありません。") \
	W(RISK_DENIED, "No rule objected, but connections were open that the policy of the site file denies: see the zones below. Either the policy or the network is not as it should be.", "ルールに触れるものはありませんが、サイトファイルのポリシーで禁止された通信が成立しています（下のゾーン間通信を参照）。ポリシーかネットワークのどちらかが意図と異なります。") \
	W(TODO_DENIED, "Close the path, or write the connection into the policy with its owner.", "経路を閉じるか、責任者を決めてポリシーに追加してください。") \
	W(FACT_DIRECT_OPEN, "direct connections to the outside opened", "件の外部への直接通信が成立") \
	W(FACT_DIRECT_STOPPED, "stopped or unanswered", "件は遮断または無応答") \
	W(FACT_PROXY_REQUESTS, "requests to proxies", "件のプロキシへの要求") \
	W(FACT_PROXY_KNOWN, "of them authenticated", "件は認証済み") \
	W(FACT_PROXY_ASKED, "answered 407: authenticate first", "件は 407（認証要求）で応答") \
	W(FACT_TUNNELS, "tunnels opened through proxies", "件のプロキシ経由トンネル") \
	W(FACT_ADMIN_SESSIONS, "administration sessions", "件の管理系セッション") \
	W(FACT_DENIED_OPEN, "connections open that the policy denies", "件はポリシー上禁止だが成立") \
	W(FACT_DENIED_STOPPED, "stopped, as the policy asks", "件はポリシーどおり遮断") \
	W(FACT_SMB, "file sharing connections", "件のファイル共有通信") \
	W(FACT_SMB_TERMINALS, "of them between terminals", "件は端末間") \
	W(FACT_LOGONS, "logons", "件のログオン") \
	W(FACT_ADMIN_LOGONS, "of them with administrators' accounts", "件は管理者アカウント") \
	W(LEVEL, "Level", "レベル") \
	W(LEVEL_INFORMATIONAL, "informational", "情報") \
	W(LEVEL_LOW, "low", "低") \
	W(LEVEL_MEDIUM, "medium", "中") \
	W(LEVEL_HIGH, "high", "高") \
	W(LEVEL_CRITICAL, "critical", "緊急") \
	W(TIME, "Time", "時刻") \
	W(RULE, "Rule", "ルール") \
	W(SET, "Set", "セット") \
	W(WHAT, "What happened", "内容") \
	W(TIMES, "Times", "回数") \
	W(ALERTS_CAPTION, "Alerts above informational by time; open a row for its evidence and the first response.", "情報レベルを除くアラート（時刻順）。行を開くと証拠と初動対応を表示します。") \
	W(INFORMATIONAL_CAPTION, "Informational: for the picture, not for the pager", "情報レベル（参考）") \
	W(NO_ALERTS, "No alert was raised.", "アラートはありません。") \
	W(WHY, "Why it matters", "なぜ問題か") \
	W(RESPONSE, "First response", "初動対応") \
	W(FROM, "From", "送信元") \
	W(TO, "To", "宛先") \
	W(ACCOUNT, "Account", "アカウント") \
	W(EVIDENCE, "Evidence: file, display filter", "証拠（ファイルと表示フィルタ）") \
	W(RECORDS, "Records (event.id)", "レコード（event.id）") \
	W(SPAN, "First and last", "最初と最後") \
	W(VISIBILITY, "Visibility", "可視性") \
	W(TECHNIQUES, "ATT&CK", "ATT&CK") \
	W(BASIS, "Basis of the rule", "ルールの根拠") \
	W(RELATED_USERS, "Accounts lately seen there", "その端末で最近使われたアカウント") \
	W(RELATED_HOSTS, "Addresses involved", "関係するアドレス") \
	W(MORE_FIELDS, "What the wire showed", "通信の内容") \
	W(FILTER_LEAST, "Least level", "最低レベル") \
	W(FILTER_WORDS, "Words, addresses, accounts", "語・アドレス・アカウント") \
	W(ZONES_CAPTION, "Who opened connections to whom. Rows: who started it. Denied means: by the policy of the site file.", "どのゾーンがどのゾーンへ通信を開始したか（行が開始側）。「禁止」はサイトファイルのポリシーによります。") \
	W(ZONES_NONE, "No connection was seen.", "通信は観測されませんでした。") \
	W(OPEN, "open", "成立") \
	W(STOPPED, "stopped", "遮断") \
	W(UNANSWERED, "unanswered", "無応答") \
	W(MIDSTREAM, "already under way", "途中から観測") \
	W(DENIED_OPEN, "denied, yet open", "禁止だが成立") \
	W(DENIED_STOPPED, "denied and stopped", "禁止・遮断") \
	W(ZONE_EXTERNAL, "internet", "インターネット") \
	W(ZONE_INTERNAL, "inside, in no zone", "内部（ゾーン外）") \
	W(ZONE_GROUP, "broadcast, multicast", "ブロードキャスト等") \
	W(GRAPH_CAPTION, "Left: where the logon came from. Middle: the account. Right: where it was used. Red: named by an alert; broken line: failures only.", "左：発信元、中央：アカウント、右：利用先。赤はアラートに現れた組み合わせ、破線は失敗のみ。") \
	W(TOUCHES_CAPTION, "The same as a table", "同じ内容の表") \
	W(GRAPH_NONE, "No logon was seen.", "ログオンは観測されませんでした。") \
	W(HOW, "How", "手段") \
	W(SUCCESSES, "Successes", "成功") \
	W(FAILURES, "Failures", "失敗") \
	W(UNKNOWN, "Unknown", "不明") \
	W(HOSTS_NOTE, "Those named by alerts first, then the busiest.", "アラートに現れたホスト、次に通信の多いホストの順。") \
	W(ACCOUNTS_NOTE, "Those named by alerts first, then those with failures.", "アラートに現れたアカウント、次に失敗の多いアカウントの順。") \
	W(OUTWARD, "Started", "開始した通信") \
	W(INWARD, "Received", "受けた通信") \
	W(BYTES, "Payload sent and received", "送受信データ量") \
	W(AS_TARGET, "Alerts as destination", "宛先としてのアラート") \
	W(ACCOUNTS_USED, "Accounts used from here", "ここから使われたアカウント") \
	W(ACCOUNTS_HERE, "Accounts used towards here", "ここに対して使われたアカウント") \
	W(USED_FROM, "Used from and at", "利用元と利用先") \
	W(LOGONS, "Logons", "ログオン") \
	W(NONE, "none", "なし") \
	W(CUT_ALERTS, "alerts are not shown here (the lowest levels, the latest first left out); the NDJSON has them all", "件のアラートは省略しました（低レベルから順に省略）。NDJSON にはすべてあります") \
	W(CUT_MORE, "more are not shown here", "件は省略しました") \
	W(LEFT_OUT, "further hosts, accounts or pairs found no room and are only counted", "件のホスト・アカウント・組み合わせは上限のため数だけ数えています") \
	W(FILES_CAPTION, "What was read", "読み取ったファイル") \
	W(FILE, "File", "ファイル") \
	W(SIZE, "bytes", "バイト") \
	W(SHA256, "SHA-256", "SHA-256") \
	W(PROBLEM, "Problem", "問題") \
	W(NOT_HASHED, "a pipe: not hashed", "パイプのため未計算") \
	W(UNREADABLE, "could not be read again", "再読み取り不可") \
	W(QUALITY, "How far this capture can be trusted", "このキャプチャをどこまで信頼できるか") \
	W(QUALITY_CLEAN, "No loss, no one-sided connections and no damage were noticed.", "欠落、片方向の通信、破損は見つかりませんでした。") \
	W(MISSING_BYTES, "bytes of streams that the capture does not hold", "バイトのストリームデータが欠落") \
	W(LOSSY_FLOWS, "connections with holes in them", "件の通信に欠落あり") \
	W(ONE_SIDED, "connections of which only one direction was captured", "件の通信は片方向のみ") \
	W(MIDSTREAM_FLOWS, "connections that were under way when the capture began", "件の通信はキャプチャ開始前から継続") \
	W(MALFORMED, "packets that could not be read", "個のパケットは解析不能") \
	W(UNKNOWN_LINK, "packets of an unknown link type", "個のパケットは未対応のリンク種別") \
	W(EVICTED, "connections ended early by the memory limit", "件の通信はメモリ上限により途中で打ち切り") \
	W(SMB_ENCRYPTED, "SMB sessions whose content is encrypted: who and where is known, files and calls are not", "件の SMB セッションは暗号化（利用者と宛先のみ判明、ファイルや操作は不明）") \
	W(PARTIAL, "alerts rest on partly captured traffic", "件のアラートは一部しか取れていない通信に基づく") \
	W(NOTICES_CAPTION, "What the sensor noticed of its own sight", "センサー自身の見え方について") \
	W(NOTICE, "Notice", "内容") \
	W(SUBJECT, "About", "対象") \
	W(BLIND, "Kinds of traffic that were not seen at all", "まったく観測されなかった種類の通信") \
	W(TIMELINE_LABEL, "Alerts by measure set over time", "対策セット別アラート時系列")
/* clang-format on */

#define WORD_AS_ENUM(id, en, ja) WORD_##id,
enum word { REPORT_WORDS(WORD_AS_ENUM) WORD_COUNT };
#undef WORD_AS_ENUM

struct words word(enum word w);

#endif
