/* SPDX-License-Identifier: BSD-2-Clause
 * Rules written for other sensors: the community's folders load, and rules whose fields we see fire. The folders are
 * looked for in $SENSORD_SIGMA, or beside the source; without them those tests are skipped. */
#include <sys/stat.h>
#include <unistd.h>

#include "rule_testing.h"

static const char *sigma_folder(void)
{
	static char path[4096];
	const char *given = getenv("SENSORD_SIGMA"), *source = getenv("srcdir");
	struct stat st;

	if (given)
		snprintf(path, sizeof(path), "%s/rules", given);
	else
		snprintf(path, sizeof(path), "%s/../shared/sigma/rules", source ? source : ".");
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? path : NULL;
}

static struct rules *community(const char *folder)
{
	static char path[4200];
	const char *paths[] = { path };
	struct rules_settings s = { .paths = paths, .n_paths = 1 };
	struct rules *r;

	if (!sigma_folder())
		skip();
	snprintf(path, sizeof(path), "%s/%s", sigma_folder(), folder);
	r = rules_load(&s, show_error, NULL);
	assert_non_null(r);
	assert_true(rules_count(r) > 0);
	return r;
}

struct example {
	const char *title; /* of the rule that fires; NULL: nothing does */
	const char *record;
};

static void hold(struct rules *r, const struct example *examples, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct fired f = match_json(r, examples[i].record);

		if (examples[i].title && !strstr(f.names, examples[i].title))
			fail_msg("%s: \"%s\" did not fire, but:%s", examples[i].record, examples[i].title, f.names);
		if (!examples[i].title && f.matches)
			fail_msg("%s: fired:%s", examples[i].record, f.names);
	}
}
#define HOLD(r, examples) hold(r, examples, sizeof(examples) / sizeof((examples)[0]))

static void proxy_rules_fire_at_the_proxy_and_past_it(void **state)
{
	static const struct example examples[] = {
		{ "Download from Suspicious Dyndns Hosts",
		  "{\"event.dataset\": \"proxy\", \"url.extension\": \"exe\", \"url.domain\": \"evil.no-ip.org\"}" },
		{ "Windows WebDAV User Agent",
		  "{\"event.dataset\": \"http\", \"user_agent.original\": \"Microsoft-WebDAV-MiniRedir/10.0\","
		  "\"http.request.method\": \"GET\"}" },
		{ "F5 BIG-IP iControl Rest API Command Execution - Proxy",
		  "{\"event.dataset\": \"proxy\", \"http.request.method\": \"POST\", \"url.path\": "
		  "\"/mgmt/tm/util/bash\","
		  "\"url.original\": \"http://f5/mgmt/tm/util/bash\", \"user_agent.original\": \"x\"}" },
		{ "Raw Paste Service Access", "{\"event.dataset\": \"http\", \"url.full\": "
					      "\"http://www.pastebin.com/raw/abc\", \"url.path\": \"/raw/abc\"}" },
		{ "HackTool - Empire UserAgent URI Combo",
		  "{\"event.dataset\": \"proxy\", \"http.request.method\": \"POST\", \"url.path\": \"/news.php\","
		  "\"url.full\": \"http://c2.example/news.php\","
		  "\"user_agent.original\": \"Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like "
		  "Gecko\"}" },
		{ "HackTool - BabyShark Agent Default URL Pattern",
		  "{\"event.dataset\": \"proxy\", \"url.path\": \"/momyshark\", \"url.query\": \"key=1\"}" },
		{ "HackTool - CobaltStrike Malleable Profile Patterns - Proxy",
		  "{\"event.dataset\": \"http\", \"url.path\": "
		  "\"/s/ref=nb_sb_noss_1/167-3294888-0262949/field-keywords=books\","
		  "\"http.request.method\": \"GET\", \"url.domain\": \"www.amazon.com\","
		  "\"user_agent.original\": \"Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko\","
		  "\"http.request.cookie\": \"skin=noskin;=csm-hit=s-24KU11BB82RZSYGJ3BDK|1419899012996\"}" },
		{ "HTTP Request With Empty User Agent",
		  "{\"event.dataset\": \"http\", \"user_agent.original\": \"\"}" },
		{ "HTTP Request With Empty User Agent", "{\"event.dataset\": \"http\", \"url.path\": \"/\"}" },
		{ "Malware User Agent", "{\"event.dataset\": \"proxy\", \"user_agent.original\": \"x <|> y\"}" },
		{ "Suspicious External WebDAV Execution",
		  "{\"event.dataset\": \"http\", \"user_agent.original\": \"Microsoft-WebDAV-MiniRedir/10.0\","
		  "\"http.request.method\": \"GET\", \"url.path\": \"/a.exe\", \"destination.ip\": \"203.0.113.9\"}" },
		{ "PUA - Advanced IP/Port Scanner Update Check",
		  "{\"event.dataset\": \"http\", \"url.path\": \"/checkupdate.php\", \"user_agent.original\": \"x y\","
		  "\"url.query\": \"lng=en&ver=2&beta=n&type=upd&rmode=p&product=as\"}" },
		{ NULL, "{\"event.dataset\": \"http\", \"user_agent.original\": \"good/1.0\", \"url.domain\": "
			"\"www.example.com\","
			"\"url.path\": \"/index.html\", \"http.request.method\": \"GET\"}" },
		{ NULL, "{\"event.dataset\": \"tunnel\", \"user_agent.original\": \"\"}" },
	};
	struct rules *r = community("web/proxy_generic");

	(void)state;
	HOLD(r, examples);
	assert_int_equal(rules_datasets(r), DATASET_BIT(DATASET_HTTP) | DATASET_BIT(DATASET_PROXY));
	rules_free(r);
}

/* Rules that no capture can make fire, and why. */
static const char *const cannot_fire[] = {
	"First Time Seen Remote Named Pipe - Zeek",        /* its share is \\*\\IPC$ with an asterisk for a name */
	"Remote Task Creation via ATSVC Named Pipe - Zeek", /* the same */
};

static const struct example zeek_examples[] = {
	{ "MITRE BZAR Indicators for Execution", "{\"event.dataset\": \"dce_rpc\", \"dce_rpc.endpoint\": "
						 "\"svcctl\", \"dce_rpc.operation\": \"CreateServiceW\"}" },
	{ "Potential PetitPotam Attack Via EFS RPC Calls",
	  "{\"event.dataset\": \"dce_rpc\", \"dce_rpc.operation\": \"EfsRpcOpenFileRaw\"}" },
	{ "SMB Spoolss Name Piped Usage",
	  "{\"event.dataset\": \"smb\", \"smb.share\": \"\\\\\\\\srv\\\\IPC$\", \"smb.pipe\": \"spoolss\"}" },
	{ "Possible Impacket SecretDump Remote Activity - Zeek",
	  "{\"event.dataset\": \"smb\", \"smb.share\": \"\\\\\\\\srv\\\\ADMIN$\", \"file.path\": "
	  "\"SYSTEM32\\\\abc.tmp\"}" },
	{ "Suspicious PsExec Execution - Zeek",
	  "{\"event.dataset\": \"smb\", \"smb.share\": \"\\\\\\\\srv\\\\IPC$\", \"smb.pipe\": \"x-stdin\"}" },
	{ "Transferring Files with Credential Data via Network Shares - Zeek",
	  "{\"event.dataset\": \"smb\", \"smb.share\": \"\\\\\\\\srv\\\\c\", \"file.path\": \"ntds.dit\"}" },
	{ NULL,
	  "{\"event.dataset\": \"smb\", \"smb.share\": \"\\\\\\\\srv\\\\c\", \"file.path\": \"readme.txt\"}" },
	{ "Default Cobalt Strike Certificate",
	  "{\"event.dataset\": \"tls\", \"tls.server.x509.serial_number\": \"08BB00EE\"}" },
	{ "Default Cobalt Strike Certificate",
	  "{\"event.dataset\": \"tls\", \"tls.server.x509.serial_number\": \"8BB00EE\"}" },
	{ NULL, "{\"event.dataset\": \"tls\", \"tls.client.server_name\": \"x\"}" },
	{ "DNS TOR Proxies",
	  "{\"event.dataset\": \"dns\", \"dns.question.name\": \"a.onion.to\", \"dns.z\": 0}" },
	{ "DNS Events Related To Mining Pools",
	  "{\"event.dataset\": \"dns\", \"dns.question.name\": \"pool.minexmr.com\", \"dns.z\": 0,"
	  "\"dns.answers.data\": [\"203.0.113.1\"]}" },
	{ NULL, "{\"event.dataset\": \"dns\", \"dns.question.name\": \"pool.minexmr.com\", \"dns.z\": 0,"
		"\"dns.rejected\": true}" },
	{ NULL, "{\"event.dataset\": \"dns\", \"dns.question.name\": \"pool.minexmr.com\", \"dns.z\": 0,"
		"\"dns.answers.data\": [\"1.2.3.4\", \"127.0.0.1\"]}" },
	{ "Suspicious DNS Z Flag Bit Set", "{\"event.dataset\": \"dns\", \"dns.question.name\": \"a.example\", "
					   "\"dns.z\": 1, \"dns.question.type\": \"A\"}" },
	{ NULL, "{\"event.dataset\": \"dns\", \"dns.question.name\": \"a.example\", \"dns.z\": 1,"
		"\"dns.question.type\": \"NS\"}" },
	{ "WebDav Put Request",
	  "{\"event.dataset\": \"http\", \"user_agent.original\": \"Microsoft-WebDAV-MiniRedir\","
	  "\"http.request.method\": \"PUT\", \"destination.ip\": \"203.0.113.9\"}" },
	{ NULL, "{\"event.dataset\": \"http\", \"user_agent.original\": \"Microsoft-WebDAV-MiniRedir\","
		"\"http.request.method\": \"PUT\", \"destination.ip\": \"10.0.0.9\"}" },
	{ "HTTP Request to Low Reputation TLD", "{\"event.dataset\": \"http\", \"url.domain\": \"bad.xyz\", "
						"\"url.full\": \"http://bad.xyz/a.exe\"}" },
	{ "Executable from Webdav", "{\"event.dataset\": \"proxy\", \"url.full\": \"http://h/webdav/x.exe\", "
				    "\"url.path\": \"/webdav/x.exe\"}" },
	{ "Publicly Accessible RDP Service", "{\"event.dataset\": \"rdp\", \"source.ip\": \"203.0.113.9\"}" },
	{ NULL, "{\"event.dataset\": \"rdp\", \"source.ip\": \"172.20.0.9\"}" },
	{ "Kerberos Network Traffic RC4 Ticket Encryption",
	  "{\"event.dataset\": \"kerberos\", \"kerberos.type\": \"TGS\", \"kerberos.etype\": \"rc4-hmac\","
	  "\"kerberos.service\": \"HTTP/web\"}" },
	{ NULL,
	  "{\"event.dataset\": \"kerberos\", \"kerberos.type\": \"TGS\", \"kerberos.etype\": \"rc4-hmac\","
	  "\"kerberos.service\": \"$x\"}" },
	{ "MITRE BZAR Indicators for Persistence",
	  "{\"event.dataset\": \"dce_rpc\", \"dce_rpc.endpoint\": \"spoolss\", \"dce_rpc.operation\": \"RpcAddMonitor\"}" },
	{ "Suspicious Access to Sensitive File Extensions - Zeek",
	  "{\"event.dataset\": \"smb\", \"smb.share\": \"\\\\\\\\srv\\\\c\", \"file.path\": \"mail\\\\box.pst\"}" },
	{ "New Kind of Network (NKN) Detection",
	  "{\"event.dataset\": \"dns\", \"dns.question.name\": \"seed.nkn.org\"}" },
	{ "Suspicious DNS Query Indicating Kerberos Coercion via DNS Object SPN Spoofing",
	  "{\"event.dataset\": \"dns\", \"dns.question.name\": \"srv1UWhRCAAAAAAAAAAAAAAAAAAAAAAAAAAAAwbEAYBAAAA.lab.example\"}" },
	{ NULL, "{\"event.dataset\": \"smb\", \"smb.share\": \"\\\\\\\\srv\\\\IPC$\", \"smb.pipe\": \"atsvc\"}" },
	{ NULL, "{\"event.dataset\": \"smb\", \"smb.share\": \"\\\\\\\\srv\\\\IPC$\", \"smb.pipe\": \"never-seen\"}" },
};

static void zeek_rules_fire(void **state)
{
	struct rules *r = community("network/zeek");

	(void)state;
	HOLD(r, zeek_examples);
	rules_free(r);
}

static bool is_exampled(const char *title)
{
	for (size_t i = 0; i < sizeof(zeek_examples) / sizeof(zeek_examples[0]); i++)
		if (zeek_examples[i].title && strstr(title, zeek_examples[i].title))
			return true;
	for (size_t i = 0; i < sizeof(cannot_fire) / sizeof(cannot_fire[0]); i++)
		if (strcmp(title, cannot_fire[i]) == 0)
			return true;
	return false;
}

static void every_zeek_rule_is_shown_to_fire_or_listed(void **state)
{
	struct rules *r = community("network/zeek");

	(void)state;
	for (size_t i = 0; i < rules_count(r); i++)
		if (!is_exampled(rules_about(r, i)->title))
			fail_msg("\"%s\" has no record that makes it fire", rules_about(r, i)->title);
	rules_free(r);
}

static void firewall_rules_fire_for_flows_that_passed(void **state)
{
	static const struct example examples[] = {
		{ "Cleartext Protocol Usage",
		  "{\"event.dataset\": \"flow\", \"destination.port\": 23, \"flow.outcome\": \"established\"}" },
		{ "Cleartext Protocol Usage",
		  "{\"event.dataset\": \"flow\", \"destination.port\": 80, \"flow.outcome\": \"replied\"}" },
		{ NULL, "{\"event.dataset\": \"flow\", \"destination.port\": 23, \"flow.outcome\": \"rejected\"}" },
		{ NULL, "{\"event.dataset\": \"flow\", \"destination.port\": 22, \"flow.outcome\": \"established\"}" },
	};
	struct rules *r = community("network/firewall");

	(void)state;
	HOLD(r, examples);
	rules_free(r);
}

static void dns_rules_fire(void **state)
{
	static const struct example examples[] = {
		{ "DNS Query to External Service Interaction Domains",
		  "{\"event.dataset\": \"dns\", \"dns.question.name\": \"x.oast.fun\"}" },
		{ "Cobalt Strike DNS Beaconing",
		  "{\"event.dataset\": \"dns\", \"dns.question.name\": \"aaa.stage.1.example\"}" },
		{ "Telegram Bot API Request",
		  "{\"event.dataset\": \"dns\", \"dns.question.name\": \"API.telegram.org\"}" },
		{ "DNS TXT Answer with Possible Execution Strings",
		  "{\"event.dataset\": \"dns\", \"dns.question.name\": \"x\", \"dns.question.type\": \"TXT\","
		  "\"dns.answers.data\": [\"v=1\", \"iex(New-Object)\"]}" },
		{ NULL, "{\"event.dataset\": \"dns\", \"dns.question.name\": \"polling.oastify.com\"}" },
		{ NULL, "{\"event.dataset\": \"dns\", \"dns.question.name\": \"www.example.com\"}" },
	};
	struct rules *r = community("network/dns");

	(void)state;
	HOLD(r, examples);
	rules_free(r);
}

static void all_of_them_load_together(void **state)
{
	struct rules *r = community(".");

	(void)state;
	assert_true(rules_count(r) >= 58);
	rules_free(r);
}

/* ---- without the community's files ---- */

#define FOREIGN(logsource, line) "title: t\nlogsource: {" logsource "}\ndetection: {s: {" line "}, condition: s}\n"

static bool foreign_fires(const char *yaml, const char *json)
{
	struct rules *r = load(yaml);
	struct fired f = match_json(r, json);

	rules_free(r);
	return f.matches == 1;
}

static void vocabularies_are_translated(void **state)
{
	const char *deny = FOREIGN("category: firewall", "action: deny"),
		   *drop = FOREIGN("category: firewall", "blocked: 'TRUE'");
	const char *pattern = FOREIGN("category: firewall", "action|startswith: acc");
	const char *unknown = FOREIGN("category: firewall", "action: teleport");

	(void)state;
	assert_true(foreign_fires(deny, "{\"event.dataset\": \"flow\", \"flow.outcome\": \"rejected\"}"));
	assert_false(foreign_fires(deny, "{\"event.dataset\": \"flow\", \"flow.outcome\": \"established\"}"));
	assert_true(foreign_fires(drop, "{\"event.dataset\": \"flow\", \"flow.outcome\": \"unanswered\"}"));
	assert_true(foreign_fires(pattern, "{\"event.dataset\": \"flow\", \"flow.outcome\": \"replied\"}"));
	assert_false(foreign_fires(unknown, "{\"event.dataset\": \"flow\", \"flow.outcome\": \"replied\"}"));
}

static void connections_of_zeek_count_seconds(void **state)
{
	const char *yaml = FOREIGN("product: zeek, service: conn", "duration|gt: 2.5");

	(void)state;
	assert_true(foreign_fires(yaml, "{\"event.dataset\": \"flow\", \"event.duration\": 3000000000}"));
	assert_false(foreign_fires(yaml, "{\"event.dataset\": \"flow\", \"event.duration\": 2000000000}"));
	assert_false(foreign_fires(yaml, "{\"event.dataset\": \"flow\", \"event.duration\": 3000000000,"
					 "\"event.action\": \"established\"}"));
}

static void log_sources_imply_conditions(void **state)
{
	const char *yaml = FOREIGN("product: zeek, service: ntlm", "username: kato");

	(void)state;
	assert_true(foreign_fires(
		yaml, "{\"event.dataset\": \"auth\", \"auth.mechanism\": \"ntlm\", \"user.name\": \"kato\"}"));
	assert_false(foreign_fires(
		yaml, "{\"event.dataset\": \"auth\", \"auth.mechanism\": \"basic\", \"user.name\": \"kato\"}"));
}

static void our_own_names_serve_in_foreign_rules(void **state)
{
	(void)state;
	assert_true(foreign_fires(FOREIGN("category: dns", "dns.question.name: x"),
				  "{\"event.dataset\": \"dns\", \"dns.question.name\": \"x\"}"));
	assert_true(foreign_fires(FOREIGN("category: network, service: dns", "dns.response.code: NXDOMAIN"),
				  "{\"event.dataset\": \"dns\", \"dns.response_code\": \"nxdomain\"}"));
}

static void unknown_names_are_errors_with_suggestions(void **state)
{
	(void)state;
	assert_non_null(strstr(load_error(FOREIGN("category: proxy", "c-usragent: x")), "did you mean 'c-useragent'?"));
	assert_non_null(strstr(load_error(FOREIGN("product: zeek, service: modbus", "x: y")), "nothing on the wire"));
	assert_non_null(
		strstr(load_error(FOREIGN("product: sensord, service: http", "c-useragent: x")), "unknown field"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proxy_rules_fire_at_the_proxy_and_past_it),
		cmocka_unit_test(zeek_rules_fire),
		cmocka_unit_test(every_zeek_rule_is_shown_to_fire_or_listed),
		cmocka_unit_test(firewall_rules_fire_for_flows_that_passed),
		cmocka_unit_test(dns_rules_fire),
		cmocka_unit_test(all_of_them_load_together),
		cmocka_unit_test(vocabularies_are_translated),
		cmocka_unit_test(connections_of_zeek_count_seconds),
		cmocka_unit_test(log_sources_imply_conditions),
		cmocka_unit_test(our_own_names_serve_in_foreign_rules),
		cmocka_unit_test(unknown_names_are_errors_with_suggestions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
