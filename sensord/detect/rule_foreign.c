/* SPDX-License-Identifier: BSD-2-Clause
 * The one table of foreign names: log sources, field names and vocabularies of rules that were written for other
 * sensors (Sigma taxonomy appendix 2.1; Zeek's logs; W3C extended log names of proxies), and what they are here. */
#include "rule_private.h"

/* Groups of names; a log source knows several. */
enum {
	NAMES_ANY = 1u << 0,  /* what firewalls, proxies and hosts write alike */
	NAMES_WEB = 1u << 1,
	NAMES_FIREWALL = 1u << 2,
	NAMES_DNS = 1u << 3,
	NAMES_ZEEK = 1u << 4, /* what every log of Zeek has */
	NAMES_HTTP = 1u << 5,
	NAMES_CONN = 1u << 6,
	NAMES_TLS = 1u << 7,
	NAMES_DCE_RPC = 1u << 8,
	NAMES_SMB_FILES = 1u << 9,
	NAMES_SMB_MAPPING = 1u << 10,
	NAMES_KERBEROS = 1u << 11,
	NAMES_NTLM = 1u << 12,
	NAMES_RDP = 1u << 13,
	NAMES_NETWORK = 1u << 14, /* category network of the taxonomy: ECS names, durations in seconds */
};

/* Conditions that a log source implies: any of them holds. */
struct implied {
	enum field field;
	const char *value; /* NULL: the field is there */
	bool negate;
};

struct foreign_source {
	const char *category, *product, *service; /* NULL: not given */
	uint32_t datasets;
	uint32_t names;
	struct implied implied[2];
	unsigned n_implied;
};

#define BIT(d) DATASET_BIT(DATASET_##d)

/* A proxy's log is told by what a sensor sees of requests to the proxy, and of those that went past it. */
static const struct foreign_source sources[] = {
	{ "proxy", NULL, NULL, BIT(PROXY) | BIT(HTTP), NAMES_ANY | NAMES_WEB, { { 0 } }, 0 },
	{ "webserver", NULL, NULL, BIT(HTTP), NAMES_ANY | NAMES_WEB, { { 0 } }, 0 },
	{ "firewall", NULL, NULL, BIT(FLOW), NAMES_ANY | NAMES_FIREWALL, { { 0 } }, 0 },
	{ "dns", NULL, NULL, BIT(DNS), NAMES_ANY | NAMES_DNS, { { 0 } }, 0 },
	{ "network", NULL, "dns", BIT(DNS), NAMES_ANY | NAMES_DNS | NAMES_NETWORK, { { 0 } }, 0 },
	/* one record a connection, when it is over or has failed */
	{ "network", NULL, "connection", BIT(FLOW), NAMES_ANY | NAMES_NETWORK,
	  { { FIELD_EVENT_ACTION, "established", true } }, 1 },
	{ NULL, "zeek", "conn", BIT(FLOW), NAMES_ANY | NAMES_ZEEK | NAMES_CONN,
	  { { FIELD_EVENT_ACTION, "established", true } }, 1 },
	{ NULL, "zeek", "dns", BIT(DNS), NAMES_ANY | NAMES_ZEEK | NAMES_DNS, { { 0 } }, 0 },
	{ NULL, "zeek", "http", BIT(PROXY) | BIT(HTTP), NAMES_ANY | NAMES_ZEEK | NAMES_WEB | NAMES_HTTP, { { 0 } }, 0 },
	{ NULL, "zeek", "ssl", BIT(TLS), NAMES_ANY | NAMES_ZEEK | NAMES_TLS, { { 0 } }, 0 },
	{ NULL, "zeek", "x509", BIT(TLS), NAMES_ANY | NAMES_ZEEK | NAMES_TLS,
	  { { FIELD_TLS_SERVER_SERIAL, NULL, false } }, 1 },
	{ NULL, "zeek", "dce_rpc", BIT(DCE_RPC), NAMES_ANY | NAMES_ZEEK | NAMES_DCE_RPC, { { 0 } }, 0 },
	{ NULL, "zeek", "smb_files", BIT(SMB), NAMES_ANY | NAMES_ZEEK | NAMES_SMB_FILES,
	  { { FIELD_FILE_PATH, NULL, false }, { FIELD_SMB_PIPE, NULL, false } }, 2 },
	{ NULL, "zeek", "smb_mapping", BIT(SMB), NAMES_ANY | NAMES_ZEEK | NAMES_SMB_MAPPING,
	  { { FIELD_SMB_SHARE, NULL, false } }, 1 },
	{ NULL, "zeek", "kerberos", BIT(KERBEROS), NAMES_ANY | NAMES_ZEEK | NAMES_KERBEROS, { { 0 } }, 0 },
	{ NULL, "zeek", "ntlm", BIT(AUTH), NAMES_ANY | NAMES_ZEEK | NAMES_NTLM,
	  { { FIELD_AUTH_MECHANISM, "ntlm", false } }, 1 },
	{ NULL, "zeek", "rdp", BIT(RDP), NAMES_ANY | NAMES_ZEEK | NAMES_RDP, { { 0 } }, 0 },
};

/* ---- vocabularies ---- */

#define PASSED { "established", "replied" }
#define STOPPED { "rejected", "blocked", "unanswered" }

static const struct foreign_word firewall_actions[] = {
	{ "accept", PASSED }, { "accepted", PASSED }, { "allow", PASSED }, { "allowed", PASSED }, { "forward", PASSED },
	{ "pass", PASSED }, { "permit", PASSED }, { "permitted", PASSED }, { "2", PASSED },
	{ "block", STOPPED }, { "blocked", STOPPED }, { "deny", STOPPED }, { "denied", STOPPED }, { "drop", STOPPED },
	{ "dropped", STOPPED }, { "reject", { "rejected", "blocked" } }, { NULL, { NULL } },
};
static const struct foreign_word firewall_blocked[] = {
	{ "false", PASSED }, { "true", STOPPED }, { "0", PASSED }, { "1", STOPPED }, { NULL, { NULL } },
};
static const struct foreign_word success_words[] = {
	{ "true", { "success" } }, { "false", { "failure" } }, { "T", { "success" } }, { "F", { "failure" } },
	{ NULL, { NULL } },
};
/* Zeek's conn_state; states that differ in how a connection ended are alike here. */
static const struct foreign_word conn_states[] = {
	{ "S0", { "unanswered" } }, { "REJ", { "rejected", "blocked" } }, { "S1", { "established" } },
	{ "SF", PASSED }, { "S2", { "established" } }, { "S3", { "established" } }, { "RSTO", { "established" } },
	{ "RSTR", { "established" } }, { "OTH", { "midstream" } }, { NULL, { NULL } },
};
static const struct foreign_word share_types[] = {
	{ "DISK", { "disk" } }, { "PIPE", { "pipe" } }, { "PRINT", { "print" } }, { NULL, { NULL } },
};
static const struct foreign_word tls_versions[] = {
	{ "SSLv2", { "2.0" } }, { "SSLv3", { "3.0" } }, { "TLSv10", { "1.0" } }, { "TLSv11", { "1.1" } },
	{ "TLSv12", { "1.2" } }, { "TLSv13", { "1.3" } }, { NULL, { NULL } },
};
static const struct foreign_word ciphers[] = {
	{ "rc4-hmac", { "rc4-hmac", "arcfour-hmac", "arcfour-hmac-md5", "rc4" } },
	{ "arcfour-hmac-md5", { "rc4-hmac", "arcfour-hmac", "arcfour-hmac-md5", "rc4" } },
	{ "rc4-hmac-exp", { "rc4-hmac-exp", "arcfour-hmac-exp" } },
	{ "des-cbc-crc", { "des-cbc-crc" } }, { "des-cbc-md5", { "des-cbc-md5" } },
	{ "des3-cbc-sha1", { "des3-cbc-sha1", "des3-cbc-sha1-kd" } },
	{ "aes128-cts-hmac-sha1-96", { "aes128-cts-hmac-sha1-96", "aes128" } },
	{ "aes256-cts-hmac-sha1-96", { "aes256-cts-hmac-sha1-96", "aes256" } },
	{ "aes128-cts-hmac-sha256-128", { "aes128-cts-hmac-sha256-128" } },
	{ "aes256-cts-hmac-sha384-192", { "aes256-cts-hmac-sha384-192" } },
	{ NULL, { NULL } },
};

/* ---- fields ---- */

#define NS_A_SECOND 1e9

struct foreign_field {
	uint32_t names;
	const char *name;
	uint16_t sources[RULE_SOURCES]; /* ends at 0 (the time, which no foreign name stands for) */
	const struct foreign_word *words;
	double scale;
	bool absent_is_empty, hexadecimal;
};

#define SAME(names, name, ...) { names, name, { __VA_ARGS__ }, NULL, 0, false, false }
#define WORDS(names, name, words, ...) { names, name, { __VA_ARGS__ }, words, 0, false, false }

/* A URL is written whole, as sent, or as path and query, depending on the log: any of them may hold. */
#define WHOLE_URL FIELD_URL_FULL, FIELD_URL_ORIGINAL, SOURCE_PATH_QUERY

static const struct foreign_field names[] = {
	SAME(NAMES_ANY, "src_ip", FIELD_SOURCE_IP),
	SAME(NAMES_ANY, "dst_ip", FIELD_DESTINATION_IP),
	SAME(NAMES_ANY, "src_port", FIELD_SOURCE_PORT),
	SAME(NAMES_ANY, "dst_port", FIELD_DESTINATION_PORT),
	SAME(NAMES_ANY, "src_mac", FIELD_SOURCE_MAC),
	SAME(NAMES_ANY, "dst_mac", FIELD_DESTINATION_MAC),
	SAME(NAMES_ANY, "SourceIp", FIELD_SOURCE_IP),
	SAME(NAMES_ANY, "DestinationIp", FIELD_DESTINATION_IP),
	SAME(NAMES_ANY, "SourcePort", FIELD_SOURCE_PORT),
	SAME(NAMES_ANY, "DestinationPort", FIELD_DESTINATION_PORT),
	SAME(NAMES_ANY, "DestinationHostname", FIELD_DESTINATION_DOMAIN),
	SAME(NAMES_ANY, "SourceHostname", FIELD_SOURCE_DOMAIN),
	SAME(NAMES_ANY, "protocol", FIELD_NETWORK_TRANSPORT),
	SAME(NAMES_ANY, "username", FIELD_USER_NAME),
	SAME(NAMES_ANY, "User", FIELD_USER_NAME),

	WORDS(NAMES_FIREWALL, "action", firewall_actions, FIELD_FLOW_OUTCOME),
	WORDS(NAMES_FIREWALL, "blocked", firewall_blocked, FIELD_FLOW_OUTCOME),

	SAME(NAMES_WEB, "c-ip", FIELD_SOURCE_IP),
	SAME(NAMES_WEB, "s-ip", FIELD_DESTINATION_IP),
	SAME(NAMES_WEB, "s-port", FIELD_DESTINATION_PORT),
	SAME(NAMES_WEB, "c-uri", WHOLE_URL),
	SAME(NAMES_WEB, "cs-uri", WHOLE_URL),
	SAME(NAMES_WEB, "c-uri-extension", FIELD_URL_EXTENSION),
	SAME(NAMES_WEB, "c-uri-query", FIELD_URL_QUERY),
	SAME(NAMES_WEB, "cs-uri-query", FIELD_URL_QUERY),
	SAME(NAMES_WEB, "c-uri-stem", FIELD_URL_PATH),
	SAME(NAMES_WEB, "cs-uri-stem", FIELD_URL_PATH),
	/* a log writes the header that is not there as the empty one */
	{ NAMES_WEB, "c-useragent", { FIELD_USER_AGENT_ORIGINAL }, NULL, 0, true, false },
	{ NAMES_WEB, "cs-user-agent", { FIELD_USER_AGENT_ORIGINAL }, NULL, 0, true, false },
	SAME(NAMES_WEB, "cs-cookie", FIELD_HTTP_REQUEST_COOKIE),
	SAME(NAMES_WEB, "cs-host", FIELD_URL_DOMAIN),
	SAME(NAMES_WEB, "r-dns", FIELD_URL_DOMAIN),
	SAME(NAMES_WEB, "cs-method", FIELD_HTTP_REQUEST_METHOD),
	SAME(NAMES_WEB, "cs-referrer", FIELD_HTTP_REQUEST_REFERRER),
	SAME(NAMES_WEB, "cs-referer", FIELD_HTTP_REQUEST_REFERRER),
	SAME(NAMES_WEB, "cs-version", FIELD_HTTP_VERSION),
	SAME(NAMES_WEB, "cs-username", FIELD_USER_NAME),
	SAME(NAMES_WEB, "sc-status", FIELD_HTTP_RESPONSE_STATUS_CODE),
	SAME(NAMES_WEB, "cs-bytes", FIELD_HTTP_REQUEST_BODY_BYTES),
	SAME(NAMES_WEB, "sc-bytes", FIELD_HTTP_RESPONSE_BODY_BYTES),

	SAME(NAMES_DNS, "query", FIELD_DNS_QUESTION_NAME),
	SAME(NAMES_DNS, "QueryName", FIELD_DNS_QUESTION_NAME),
	SAME(NAMES_DNS, "record_type", FIELD_DNS_QUESTION_TYPE),
	SAME(NAMES_DNS, "qtype_name", FIELD_DNS_QUESTION_TYPE),
	SAME(NAMES_DNS, "answer", FIELD_DNS_ANSWERS),
	SAME(NAMES_DNS, "answers", FIELD_DNS_ANSWERS),
	SAME(NAMES_DNS, "rcode_name", FIELD_DNS_RESPONSE_CODE),
	SAME(NAMES_DNS, "rejected", FIELD_DNS_REJECTED),
	SAME(NAMES_DNS, "trans_id", FIELD_DNS_ID),
	SAME(NAMES_DNS, "Z", FIELD_DNS_Z),

	SAME(NAMES_ZEEK, "id.orig_h", FIELD_SOURCE_IP),
	SAME(NAMES_ZEEK, "id.orig_p", FIELD_SOURCE_PORT),
	SAME(NAMES_ZEEK, "id.resp_h", FIELD_DESTINATION_IP),
	SAME(NAMES_ZEEK, "id.resp_p", FIELD_DESTINATION_PORT),
	SAME(NAMES_ZEEK, "proto", FIELD_NETWORK_TRANSPORT),
	SAME(NAMES_ZEEK, "community_id", FIELD_NETWORK_COMMUNITY_ID),

	SAME(NAMES_HTTP, "method", FIELD_HTTP_REQUEST_METHOD),
	SAME(NAMES_HTTP, "host", FIELD_URL_DOMAIN),
	SAME(NAMES_HTTP, "uri", WHOLE_URL),
	SAME(NAMES_HTTP, "referrer", FIELD_HTTP_REQUEST_REFERRER),
	SAME(NAMES_HTTP, "user_agent", FIELD_USER_AGENT_ORIGINAL),
	SAME(NAMES_HTTP, "version", FIELD_HTTP_VERSION),
	SAME(NAMES_HTTP, "status_code", FIELD_HTTP_RESPONSE_STATUS_CODE),
	SAME(NAMES_HTTP, "request_body_len", FIELD_HTTP_REQUEST_BODY_BYTES),
	SAME(NAMES_HTTP, "response_body_len", FIELD_HTTP_RESPONSE_BODY_BYTES),
	SAME(NAMES_HTTP, "orig_mime_types", FIELD_HTTP_REQUEST_MIME_TYPE),
	SAME(NAMES_HTTP, "resp_mime_types", FIELD_HTTP_RESPONSE_MIME_TYPE),

	SAME(NAMES_CONN, "service", FIELD_NETWORK_PROTOCOL),
	SAME(NAMES_CONN, "orig_bytes", FIELD_SOURCE_BYTES),
	SAME(NAMES_CONN, "resp_bytes", FIELD_DESTINATION_BYTES),
	SAME(NAMES_CONN, "orig_pkts", FIELD_SOURCE_PACKETS),
	SAME(NAMES_CONN, "resp_pkts", FIELD_DESTINATION_PACKETS),
	SAME(NAMES_CONN, "missed_bytes", FIELD_FLOW_MISSED_BYTES),
	SAME(NAMES_CONN, "vlan", FIELD_NETWORK_VLAN_ID),
	SAME(NAMES_CONN, "inner_vlan", FIELD_NETWORK_INNER_VLAN_ID),
	WORDS(NAMES_CONN, "conn_state", conn_states, FIELD_FLOW_OUTCOME),
	{ NAMES_CONN, "duration", { FIELD_EVENT_DURATION }, NULL, NS_A_SECOND, false, false },
	{ NAMES_NETWORK, "event.duration", { FIELD_EVENT_DURATION }, NULL, NS_A_SECOND, false, false },
	SAME(NAMES_NETWORK, "dns.response.code", FIELD_DNS_RESPONSE_CODE),

	SAME(NAMES_TLS, "server_name", FIELD_TLS_CLIENT_SERVER_NAME),
	SAME(NAMES_TLS, "ja3", FIELD_TLS_CLIENT_JA3),
	SAME(NAMES_TLS, "ja3s", FIELD_TLS_SERVER_JA3S),
	SAME(NAMES_TLS, "ja4", FIELD_TLS_CLIENT_JA4),
	SAME(NAMES_TLS, "resumed", FIELD_TLS_RESUMED),
	SAME(NAMES_TLS, "next_protocol", FIELD_TLS_NEXT_PROTOCOL),
	SAME(NAMES_TLS, "subject", FIELD_TLS_SERVER_SUBJECT),
	SAME(NAMES_TLS, "issuer", FIELD_TLS_SERVER_ISSUER),
	WORDS(NAMES_TLS, "version", tls_versions, FIELD_TLS_VERSION),
	{ NAMES_TLS, "certificate.serial", { FIELD_TLS_SERVER_SERIAL }, NULL, 0, false, true },
	SAME(NAMES_TLS, "certificate.subject", FIELD_TLS_SERVER_SUBJECT),
	SAME(NAMES_TLS, "certificate.issuer", FIELD_TLS_SERVER_ISSUER),

	SAME(NAMES_DCE_RPC, "endpoint", FIELD_DCE_RPC_ENDPOINT),
	SAME(NAMES_DCE_RPC, "operation", FIELD_DCE_RPC_OPERATION),
	SAME(NAMES_DCE_RPC, "named_pipe", FIELD_SMB_PIPE),

	/* Zeek names a pipe like a file, and a file by its path in the share */
	SAME(NAMES_SMB_FILES, "name", FIELD_FILE_PATH, SOURCE_ROOTED_PATH, FIELD_SMB_PIPE),
	SAME(NAMES_SMB_FILES | NAMES_SMB_MAPPING, "path", FIELD_SMB_SHARE),
	SAME(NAMES_SMB_FILES, "action", FIELD_SMB_COMMAND),
	SAME(NAMES_SMB_FILES, "size", FIELD_FILE_SIZE),
	WORDS(NAMES_SMB_MAPPING, "share_type", share_types, FIELD_SMB_SHARE_TYPE),

	SAME(NAMES_KERBEROS, "request_type", FIELD_KERBEROS_TYPE),
	SAME(NAMES_KERBEROS, "client", FIELD_KERBEROS_CLIENT),
	SAME(NAMES_KERBEROS, "service", FIELD_KERBEROS_SERVICE),
	SAME(NAMES_KERBEROS, "error_msg", FIELD_KERBEROS_ERROR_NAME),
	WORDS(NAMES_KERBEROS, "cipher", ciphers, FIELD_KERBEROS_ETYPE),
	WORDS(NAMES_KERBEROS | NAMES_NTLM, "success", success_words, FIELD_EVENT_OUTCOME),

	SAME(NAMES_NTLM, "hostname", FIELD_AUTH_WORKSTATION),
	SAME(NAMES_NTLM, "domainname", FIELD_USER_DOMAIN),
	SAME(NAMES_NTLM, "server_nb_computer_name", FIELD_NTLM_NB_COMPUTER),
	SAME(NAMES_NTLM, "server_dns_computer_name", FIELD_NTLM_DNS_COMPUTER),
	SAME(NAMES_NTLM, "server_tree_name", FIELD_NTLM_DNS_TREE),

	SAME(NAMES_RDP, "cookie", FIELD_RDP_COOKIE),
};

/* ---- log sources ---- */

static bool text_is(const struct node *n, const char *want)
{
	return want ? n && n->kind == NODE_SCALAR && strcmp(n->text, want) == 0 : !n;
}

static const struct foreign_source *source_find(const struct node *category, const struct node *product,
						const struct node *service)
{
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++)
		if (text_is(category, sources[i].category) && text_is(product, sources[i].product) &&
		    text_is(service, sources[i].service))
			return &sources[i];
	return NULL;
}

/* product: sensord, with the kind of record as service; without one, every kind. */
static bool source_own(struct compile *c, const struct node *logsource)
{
	const struct node *service = node_get(logsource, "service");
	const char *all[DATASET_COUNT + 1] = { NULL };

	c->foreign = NULL;
	c->datasets = DATASETS_ALL;
	if (!service)
		return true;
	if (service->kind != NODE_SCALAR)
		return node_error(c->document, service, c->err, "expected the name of a kind of record");
	enum dataset d = dataset_find(bytes_of(service->text, service->size));
	if (d < DATASET_COUNT) {
		c->datasets = DATASET_BIT(d);
		return true;
	}
	for (unsigned i = 0; i < DATASET_COUNT; i++)
		all[i] = dataset_name(i);
	const char *near = conf_suggest(service->text, all);
	return node_error(c->document, service, c->err, "no kind of record is called '%s'%s%s%s", service->text,
			  near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static const struct expr *implied_compile(struct compile *c, const struct implied *in)
{
	struct item *item = store_take(&c->rules->store, sizeof(*item));
	struct test *test = store_take(&c->rules->store, sizeof(*test));

	if (!item || !test) {
		compile_memory(c);
		return NULL;
	}
	item->kind = in->value ? ITEM_TEXT : ITEM_EXISTS;
	item->negate = in->negate;
	item->n_sources = 1;
	item->sources[0] = (uint16_t)in->field;
	test->kind = TEST_EQUAL;
	test->needle = bytes_string(in->value);
	item->tests = test;
	item->n_tests = in->value ? 1 : 0;
	field_set_add(c->reads, in->field);
	return expr_item(c, item);
}

static bool implied_join(struct compile *c, const struct expr **ret)
{
	const struct expr *parts[ARRAY_SIZE(c->foreign->implied)];

	*ret = NULL;
	for (unsigned i = 0; i < c->foreign->n_implied; i++) {
		parts[i] = implied_compile(c, &c->foreign->implied[i]);
		if (!parts[i])
			return false;
	}
	if (!c->foreign->n_implied)
		return true;
	*ret = expr_join(c, EXPR_OR, parts, c->foreign->n_implied);
	return *ret != NULL;
}

bool logsource_find(struct compile *c, const struct node *root, const struct expr **ret_implied)
{
	const struct node *logsource = node_get(root, "logsource");
	const struct node *category, *product, *service;

	*ret_implied = NULL;
	if (!logsource || logsource->kind != NODE_MAP)
		return node_error(c->document, logsource ? logsource : root, c->err, "'logsource' is missing");
	category = node_get(logsource, "category");
	product = node_get(logsource, "product");
	service = node_get(logsource, "service");
	if (text_is(product, "sensord") && !category)
		return source_own(c, logsource);
	c->foreign = source_find(category, product, service);
	if (!c->foreign)
		return node_error(
			c->document, logsource, c->err,
			"nothing on the wire is this log source: "
			"known are product sensord, product zeek (with its service), and the categories proxy, "
			"webserver, firewall, dns and network");
	c->datasets = c->foreign->datasets;
	return implied_join(c, ret_implied);
}

/* ---- field names ---- */

static bool name_error(struct compile *c, const struct node *n, bool at_key, const char *text)
{
	return error_at(c->err, document_name(c->document), at_key ? n->key_line : n->line,
			at_key ? n->key_column : n->column, "%s", text);
}

static const char *name_suggest(const struct compile *c, const char *name)
{
	const char *known[ARRAY_SIZE(names) + 1];
	size_t count = 0;

	for (size_t i = 0; c->foreign && i < ARRAY_SIZE(names); i++)
		if (names[i].names & c->foreign->names)
			known[count++] = names[i].name;
	known[count] = NULL;
	const char *near = count ? conf_suggest(name, known) : NULL;
	return near ? near : field_suggest(bytes_string(name));
}

static bool name_unknown(struct compile *c, const struct node *n, bool at_key, struct bytes name)
{
	char word[96] = "", text[300];
	struct text t = TEXT_ON(text);

	memcpy(word, name.at, name.size < sizeof(word) ? name.size : sizeof(word) - 1);
	const char *near = name_suggest(c, word);
	text_printf(&t, "unknown field '%s'%s%s%s", word, near ? ", did you mean '" : "", near ? near : "",
		    near ? "'?" : "");
	return name_error(c, n, at_key, text_end(&t));
}

/* Do records of this kind carry the field? kinds: names separated by spaces, or "*". */
static bool kind_carries(const char *kinds, enum dataset d)
{
	struct bytes rest = bytes_string(kinds), name = bytes_string(dataset_name(d));

	if (strcmp(kinds, "*") == 0)
		return true;
	while (rest.size)
		if (bytes_equal(bytes_split(&rest, ' '), name))
			return true;
	return false;
}

static bool own_name(struct compile *c, const struct node *n, bool at_key, struct bytes name, struct operand *ret)
{
	enum field f = field_find(name);
	char text[200];
	struct text t = TEXT_ON(text);

	if (f == FIELD_COUNT)
		return name_unknown(c, n, at_key, name);
	for (unsigned d = 0; d < DATASET_COUNT; d++) {
		if (!(c->datasets & DATASET_BIT(d)) || !kind_carries(fields[f].kinds, d))
			continue;
		*ret = (struct operand){ .n_sources = 1, .sources = { (uint16_t)f } };
		return true;
	}
	text_printf(&t, "the records of this log source carry no '%s' (it is in: %s)", fields[f].name, fields[f].kinds);
	return name_error(c, n, at_key, text_end(&t));
}

bool operand_find(struct compile *c, const struct node *n, bool at_key, struct bytes name, struct operand *ret)
{
	for (size_t i = 0; c->foreign && i < ARRAY_SIZE(names); i++) {
		const struct foreign_field *f = &names[i];

		if (!(f->names & c->foreign->names) || !bytes_equal(bytes_string(f->name), name))
			continue;
		*ret = (struct operand){ .scale = f->scale, .words = f->words, .absent_is_empty = f->absent_is_empty,
					 .hexadecimal = f->hexadecimal };
		while (ret->n_sources < RULE_SOURCES && f->sources[ret->n_sources]) {
			ret->sources[ret->n_sources] = f->sources[ret->n_sources];
			ret->n_sources++;
		}
		return true;
	}
	return own_name(c, n, at_key, name, ret);
}
