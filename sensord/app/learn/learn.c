/* SPDX-License-Identifier: BSD-2-Clause
 * sensord learn: proposes a site file from captures. Only what a host was seen to do counts, and every line says why it
 * stands there; deciding whether it should be so is left to the reader (MEASURES 5.4: nothing is allowed by itself). */
#include "learn.h"

#include <stdlib.h>

#include "base/text.h"
#include "cli.h"
#include "infer.h"
#include "sensor.h"
#include "site/survey.h"

#define PATHS_MAX 65536

static const struct option_row options[] = { { 0 } };

const char *const learn_schemes[LEARN_SCHEMES] = { "negotiate", "ntlm", "digest", "basic" };

struct arguments {
	struct sensor_options sensor;
	const char *paths[PATHS_MAX];
	size_t n_paths;
};

/* ---- collecting ---- */

static struct learn_place place(struct learned *l, const struct record *r)
{
	struct bytes name = record_text(r, FIELD_SENSOR_CAPTURE_FILE);
	size_t i = 0;

	if (name.size == 0)
		return (struct learn_place){ record_uint(r, FIELD_SENSOR_PACKET), 0, false };
	while (i < l->n_files && !bytes_equal(bytes_string(l->files[i]), name))
		i++;
	if (i == l->n_files && i < LEARN_FILES_MAX && (l->files[i] = strndup((const char *)name.at, name.size)))
		l->n_files++;
	return (struct learn_place){ record_uint(r, FIELD_SENSOR_PACKET), (uint16_t)i, i < l->n_files };
}

static void count(struct learned *l, struct learn_tally *t, const struct record *r, const struct address *who)
{
	if (t->count++ == 0)
		t->first = place(l, r);
	for (size_t i = 0; i < t->n_who; i++)
		if (address_equal(&t->who[i], who))
			return;
	if (t->n_who < LEARN_WHO)
		t->who[t->n_who++] = *who;
}

/* What is full takes no more: the first hosts of a capture are no worse than the last. */
static void *entry(struct learned *l, struct table *t, const void *key, size_t max, uint64_t now_ns)
{
	void *value = table_find(t, key, now_ns);

	if (!value && table_count(t) < max)
		value = table_make(t, key, now_ns, NULL);
	l->left_out += !value;
	return value;
}

static struct learn_host *host(struct learned *l, const struct record *r, const struct address *a)
{
	return entry(l, l->hosts, a, LEARN_HOSTS_MAX, r->time_ns);
}

static void see_proxy(struct learned *l, const struct record *r, const struct address *client, struct learn_host *server, bool asks)
{
	uint16_t port = (uint16_t)record_uint(r, FIELD_DESTINATION_PORT);
	struct learn_proxy_port *p = server->proxy;
	struct bytes scheme = record_text(r, FIELD_PROXY_AUTH_SCHEME);

	while (p < server->proxy + server->n_proxy && p->port != port)
		p++;
	if (p == server->proxy + LEARN_PORTS)
		return;
	server->n_proxy += p == server->proxy + server->n_proxy;
	p->port = port;
	p->asked += asks;
	if (!asks)
		count(l, &p->served, r, client);
	for (unsigned i = 0; i < LEARN_SCHEMES; i++) {
		if (bytes_equal(scheme, bytes_string(learn_schemes[i])))
			p->schemes |= (uint8_t)(1u << i);
		for (const struct value *v = record_get(r, FIELD_HTTP_RESPONSE_PROXY_AUTHENTICATE); v; v = record_next(r, v))
			if (bytes_equal_nocase(value_text(r, v), bytes_string(learn_schemes[i])))
				p->schemes |= (uint8_t)(1u << i);
	}
}

static void see_connect(struct learned *l, const struct record *r, const struct address *client)
{
	uint16_t port = (uint16_t)record_uint(r, FIELD_URL_PORT);
	uint64_t status = record_uint(r, FIELD_HTTP_RESPONSE_STATUS_CODE);
	size_t i = 0;

	if (!record_text_is(r, FIELD_HTTP_REQUEST_METHOD, "CONNECT") || status < 200 || status >= 300)
		return;
	while (i < l->n_connect && l->connect_ports[i] != port)
		i++;
	if (i == LEARN_PORTS)
		return;
	l->n_connect += i == l->n_connect;
	l->connect_ports[i] = port;
	count(l, &l->connect[i], r, client);
}

static bool administers(const char *protocol, uint16_t port)
{
	static const struct { const char *protocol; uint16_t port; } ways[] = { { "ssh", 22 }, { "rdp", 3389 }, { "winrm", 5985 },
										 { "winrm", 5986 }, { "telnet", 23 }, { "vnc", 5900 } };

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		if (protocol ? strcmp(protocol, ways[i].protocol) == 0 : port == ways[i].port)
			return true;
	return false;
}

/* The words of a policy row for this connection. */
static void name_service(const char *protocol, const char *transport, uint16_t port, char out[LEARN_NAME])
{
	const char *name = site_service_name(protocol, transport, port);
	/* To a proxy, or to an application: the port says more, and the audit has to know where to try it. */
	bool elsewhere = name && strcmp(name, "http") == 0 && port && port != 80;

	if (name && !elsewhere)
		snprintf(out, LEARN_NAME, "%s", name);
	else if (transport && (!strcmp(transport, "tcp") || !strcmp(transport, "udp") || !strcmp(transport, "sctp")))
		snprintf(out, LEARN_NAME, port ? "%s/%u" : "%s", transport, port); /* there is no port 0 in a policy */
	else
		snprintf(out, LEARN_NAME, "%s",
			 LEARN_UNNAMED); /* the policy has no word but any, which says far more than was seen */
}

/* Domain and file services do not cross the internet: IPv6 networks that speak them are inside, though their addresses
 * are global. */
static void note_inner(struct learned *l, const struct address *a, const char *protocol)
{
	static const char *const inner[] = { "smb", "kerberos", "ldap", "dce_rpc" };
	bool speaks = false;

	for (size_t i = 0; protocol && i < ARRAY_SIZE(inner); i++)
		speaks |= strcmp(protocol, inner[i]) == 0;
	if (speaks && !address_is_v4(a) && !learn_is_inner(l, a) && l->n_inner < LEARN_INNER_MAX)
		l->inner[l->n_inner++] = *a;
}

static void see_ends(struct learned *l, const struct record *r, const struct address *from, const struct address *to,
		     const char *protocol, const char *transport)
{
	struct learn_host *client = host(l, r, from), *server = host(l, r, to);
	uint16_t port = (uint16_t)record_uint(r, FIELD_DESTINATION_PORT);
	bool udp = transport && strcmp(transport, "udp") == 0;

	note_inner(l, from, protocol);
	note_inner(l, to, protocol);
	if (client)
		count(l, &client->opened, r, to);
	if (client && administers(protocol, port))
		count(l, &client->managed, r, to);
	if (client && !learn_is_inner(l, to))
		count(l, &client->outside, r, to);
	if (server)
		count(l, &server->served, r, from);
	if (server && udp && port == 123)
		count(l, &server->ntp, r, from);
	if (server && protocol && (!strcmp(protocol, "smtp") || !strcmp(protocol, "imap") || !strcmp(protocol, "pop3")))
		count(l, &server->mail, r, from);
}

static void see_flow(struct learned *l, const struct record *r, const struct address *from, const struct address *to)
{
	char protocol_room[LEARN_NAME], transport_room[LEARN_NAME];
	const char *protocol = record_string(r, FIELD_NETWORK_PROTOCOL, protocol_room, sizeof(protocol_room));
	const char *transport = record_string(r, FIELD_NETWORK_TRANSPORT, transport_room, sizeof(transport_room));
	bool came = record_text_is(r, FIELD_EVENT_ACTION, "established");
	struct learn_pair_key key;

	if (record_text_is(r, FIELD_EVENT_ACTION, "closed") || record_text_is(r, FIELD_FLOW_OUTCOME, "midstream") || address_is_group(to))
		return;
	if (came)
		see_ends(l, r, from, to, protocol, transport);
	memset(&key, 0, sizeof(key));
	key.from = *from;
	key.to = *to;
	name_service(protocol, transport, (uint16_t)record_uint(r, FIELD_DESTINATION_PORT), key.service);
	struct learn_pair *pair = entry(l, l->pairs, &key, LEARN_PAIRS_MAX, r->time_ns);
	if (!pair)
		return;
	if (pair->came + pair->stopped == 0)
		pair->first = place(l, r);
	pair->came += came;
	pair->stopped += !came;
}

/* A share that people use; those of administration and of the domain are on every Windows host. */
static bool is_share(const struct record *r, bool *ret_admin)
{
	static const char *const others[] = { "IPC$", "SYSVOL", "NETLOGON", "print$" };
	struct bytes share = record_text(r, FIELD_SMB_SHARE);

	while (bytes_find(share, bytes_string("\\")) != SIZE_MAX)
		bytes_split(&share, '\\');
	*ret_admin = bytes_equal_nocase(share, bytes_string("ADMIN$")) || (share.size == 2 && share.at[1] == '$');
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (bytes_equal_nocase(share, bytes_string(others[i])))
			return false;
	return share.size > 0 && !*ret_admin;
}

static struct learn_account *account(struct learned *l, const struct record *r)
{
	struct bytes user = record_text(r, FIELD_USER_NAME);
	char key[LEARN_NAME] = { 0 };

	if (user.size == 0 || user.size >= sizeof(key))
		return NULL;
	for (size_t i = 0; i < user.size; i++)
		key[i] = ascii_lower((char)user.at[i]);
	return entry(l, l->accounts, key, LEARN_ACCOUNTS_MAX, r->time_ns);
}

static void see_act(struct learned *l, const struct record *r, const struct address *from, const struct address *to)
{
	struct learn_account *a = account(l, r);
	struct learn_host *client = host(l, r, from);

	if (a)
		count(l, &a->acts, r, to);
	if (client)
		count(l, &client->managed, r, to);
}

static void see_smb(struct learned *l, const struct record *r, const struct address *from, const struct address *to)
{
	bool admin, people;

	if (!record_text_is(r, FIELD_SMB_COMMAND, "tree_connect") || !record_text_is(r, FIELD_EVENT_OUTCOME, "success"))
		return;
	people = is_share(r, &admin);
	struct learn_host *server = host(l, r, to);
	if (people && server && !record_text_is(r, FIELD_SMB_SHARE_TYPE, "print"))
		count(l, &server->shares, r, from);
	if (admin)
		see_act(l, r, from, to);
}

static void see_rpc(struct learned *l, const struct record *r, const struct address *from, const struct address *to)
{
	static const char *const ways[] = { "svcctl", "ITaskSchedulerService", "atsvc", "winreg", "IWbemServices", "IRemoteSCMActivator", "drsuapi" };

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		if (record_text_is(r, FIELD_DCE_RPC_ENDPOINT, ways[i]) && record_has(r, FIELD_DCE_RPC_OPERATION) &&
		    record_text_is(r, FIELD_EVENT_OUTCOME, "success"))
			see_act(l, r, from, to);
}

static void see_auth(struct learned *l, const struct record *r, const struct address *from, const struct address *to)
{
	struct learn_account *a = account(l, r);

	if (!a)
		return;
	if (record_text_is(r, FIELD_EVENT_OUTCOME, "success"))
		count(l, &a->logons, r, from);
	else if (record_text_is(r, FIELD_EVENT_OUTCOME, "failure"))
		a->failures++;
	if (a->domain[0] == '\0')
		record_string(r, FIELD_USER_DOMAIN, a->domain, sizeof(a->domain));
	if (record_text_is(r, FIELD_EVENT_OUTCOME, "success") && (record_text_is(r, FIELD_AUTH_CARRIER, "winrm") || record_text_is(r, FIELD_AUTH_CARRIER, "rdp")))
		count(l, &a->acts, r, to);
}

void learn_record(void *learned, const struct record *r)
{
	struct learned *l = learned;
	const struct address *from = record_ip(r, FIELD_SOURCE_IP), *to = record_ip(r, FIELD_DESTINATION_IP);
	struct inference found;
	struct learn_host *server;

	if (!from || !to || address_is_group(to))
		return;
	if (record_text_is(r, FIELD_EVENT_ACTION, "gave-up")) /* a request told before, seen to be the last */
		return;
	found = infer_from(r);
	server = found.proxy || found.dc || found.dns ? host(l, r, to) : NULL;
	if (server && found.proxy)
		see_proxy(l, r, from, server, found.asks);
	if (server && found.dc)
		count(l, &server->dc, r, from);
	if (server && found.dns)
		count(l, &server->dns, r, from);
	switch (r->dataset) {
	case DATASET_FLOW: see_flow(l, r, from, to); break;
	case DATASET_PROXY: see_connect(l, r, from); break;
	case DATASET_SMB: see_smb(l, r, from, to); break;
	case DATASET_DCE_RPC: see_rpc(l, r, from, to); break;
	case DATASET_AUTH: see_auth(l, r, from, to); break;
	default: break;
	}
}

/* ---- the command ---- */

static bool begin(struct learned *l)
{
	static const struct hash_key key = { 0x6c6561726e, 1 }; /* captures, not strangers at work */

	l->hosts = table_new(sizeof(struct address), sizeof(struct learn_host), LEARN_HOSTS_MAX, &key, NULL, NULL);
	l->pairs = table_new(sizeof(struct learn_pair_key), sizeof(struct learn_pair), LEARN_PAIRS_MAX, &key, NULL, NULL);
	l->accounts = table_new(LEARN_NAME, sizeof(struct learn_account), LEARN_ACCOUNTS_MAX, &key, NULL, NULL);
	l->subnets = calloc(LEARN_SUBNETS_MAX, sizeof(*l->subnets));
	return l->hosts && l->pairs && l->accounts && l->subnets;
}

static void end(struct learned *l)
{
	table_free(l->hosts);
	table_free(l->pairs);
	table_free(l->accounts);
	free(l->subnets);
	for (size_t i = 0; i < l->n_files; i++)
		free(l->files[i]);
}

static bool read_all(struct sensor *s, struct capture *c, struct learned *l, struct error *err)
{
	struct frame frame;

	while (capture_next(c, &frame) == CAPTURE_FRAME)
		if (!sensor_frame(s, &frame, err))
			return false;
	if (!sensor_finish(s, err))
		return false;
	struct sensor_counts n = sensor_counts(s);
	l->packets = n.frames;
	l->first_ns = n.first_ns;
	l->last_ns = n.last_ns;
	return true;
}

static enum exit_code propose(struct learned *l)
{
	struct error err = { 0 };

	if (l->packets == 0) {
		error_set(&err, "learn: no packet was read; there is nothing to propose");
		return cli_fail(&err);
	}
	learn_guess(l);
	if (!learn_write(l, stdout) || fflush(stdout) != 0) {
		error_set(&err, "standard output: cannot write");
		return cli_fail(&err);
	}
	return EXIT_FINE;
}

static enum exit_code learn(struct arguments *a)
{
	struct learned l = { 0 };
	struct error err = { 0 };
	enum exit_code code = EXIT_COULD_NOT;
	struct sensor *s = NULL;
	struct capture *c = capture_open(a->paths, a->n_paths, NULL, &err);

	if (!c)
		return cli_fail(&err);
	a->sensor.see = learn_record;
	a->sensor.see_to = &l;
	a->sensor.see_datasets = INFER_DATASETS | DATASET_BIT(DATASET_FLOW) | DATASET_BIT(DATASET_SMB) | DATASET_BIT(DATASET_AUTH);
	if (!begin(&l))
		error_set(&err, "out of memory");
	else
		s = sensor_new(&a->sensor, &err);
	code = s && read_all(s, c, &l, &err) ? propose(&l) : cli_fail(&err);
	for (size_t i = 0; i < capture_problems(c); i++) {
		fprintf(stderr, "sensord: %s\n", capture_problem(c, i));
		code = EXIT_COULD_NOT;
	}
	sensor_free(s);
	capture_close(c);
	end(&l);
	return code;
}

static bool take(void *to, int option, const char *argument)
{
	struct arguments *a = to;

	(void)option; /* there is none but the captures */
	return cli_add(a->paths, &a->n_paths, PATHS_MAX, "captures", argument);
}

static enum exit_code run(int argc, char **argv)
{
	static struct arguments a;
	enum exit_code code;

	a = (struct arguments){ .sensor.alerts = "none", .sensor.no_rules = true };
	if (!cli_read(&command_learn, argc, argv, take, &a, &code))
		return code;
	return a.n_paths ? learn(&a) : cli_misused(&command_learn, "no capture given");
}

const struct command command_learn = {
	.name = "learn",
	.synopsis = "FILE|DIR|- …",
	.about = "proposes a commented site file from what captures show",
	.options = options,
	.run = run,
};
