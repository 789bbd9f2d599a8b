/* SPDX-License-Identifier: BSD-2-Clause
 * The proposed site file: YAML with a reason at the end of every line. What is uncertain is proposed as a comment. Names
 * of the wire stand in double quotes (YAML 1.2 section 7.3.1) or in comments, without anything that a line obeys. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/instant.h"
#include "learn.h"
#include "ledger/ledger_print.h"

#define COLUMN 72      /* where reasons begin */
#define SERVICES 24    /* of one row; more become the transport as a whole */
#define ROWS_MAX 4096

struct seen_host {
	const struct address *address;
	const struct learn_host *host;
};
struct seen_account {
	const char *name;
	const struct learn_account *account;
};

/* One row of the policy: from and to as words. */
struct row {
	char from[24], to[24];
	struct { char name[LEARN_NAME]; uint64_t came, stopped; } services[SERVICES];
	size_t n_services;
	uint64_t others; /* connections for whose service there was no room */
	struct learn_place first;
};

struct writer {
	const struct learned *learned;
	FILE *to;
	struct seen_host *hosts;
	size_t n_hosts;
	struct seen_account *accounts;
	size_t n_accounts;
	struct row *rows;
	size_t n_rows;
};

/* ---- pieces ---- */

static void plain(FILE *to, const char *text)
{
	char clean[512], room[512];
	struct text c = TEXT_ON(clean), t = TEXT_ON(room);

	text_utf8(&c, bytes_string(text));
	ledger_plain(&t, text_bytes(&c));
	fwrite(room, 1, t.used, to);
}

static void quoted(FILE *to, const char *text)
{
	char clean[512], room[512];
	struct text c = TEXT_ON(clean), t = TEXT_ON(room);

	text_utf8(&c, bytes_string(text));
	ledger_json_string(&t, text_bytes(&c)); /* JSON strings are YAML's */
	fwrite(room, 1, t.used, to);
}

/* The line so far is `used` columns; its reason follows, and where it was seen first. */
static void reason(const struct writer *w, int used, const char *why, const struct learn_place *first)
{
	fprintf(w->to, "%*s# %s", used < COLUMN ? COLUMN - used : 1, "", why);
	if (first && first->set) {
		const char *file = w->learned->files[first->file], *slash = strrchr(file, '/');
		fprintf(w->to, "; first: ");
		plain(w->to, slash ? slash + 1 : file);
		fprintf(w->to, "#%" PRIu64, first->packet);
	}
	fputc('\n', w->to);
}

static const char *many(uint8_t n, char room[16])
{
	snprintf(room, 16, n < LEARN_WHO ? "%u" : "%u or more", n);
	return room;
}

/* ---- order ---- */

static void take_host(void *context, const void *key, void *value)
{
	struct writer *w = context;

	w->hosts[w->n_hosts++] = (struct seen_host){ key, value };
}

static int host_order(const void *a, const void *b)
{
	return address_compare(((const struct seen_host *)a)->address, ((const struct seen_host *)b)->address);
}

static void take_account(void *context, const void *key, void *value)
{
	struct writer *w = context;

	w->accounts[w->n_accounts++] = (struct seen_account){ key, value };
}

static int account_order(const void *a, const void *b)
{
	return strcmp(((const struct seen_account *)a)->name, ((const struct seen_account *)b)->name);
}

static int subnet_order(const void *a, const void *b)
{
	return address_compare(&(*(const struct learn_subnet *const *)a)->network, &(*(const struct learn_subnet *const *)b)->network);
}

/* ---- zones ---- */

static void write_zone(const struct writer *w, enum learn_zone z, const struct learn_subnet *const *sorted)
{
	static const char *const roles[] = { "user", "server", "admin", "dmz" };
	static const char *const why[] = { "hosts that open more than they serve", "half of the hosts or more serve others",
					   "only hosts that administer others, and do nothing else", "only proxies" };
	bool any = false;

	for (size_t i = 0; i < w->learned->n_subnets; i++) {
		const struct learn_subnet *s = sorted[i];
		char address[ADDRESS_TEXT], text[160];
		if (s->zone != z)
			continue;
		if (!any)
			fprintf(w->to, "    %s:  # %s\n      role: %s\n      networks:\n", learn_zone_name(z), why[z], roles[z]);
		any = true;
		int used = fprintf(w->to, "        - \"%s/%u\"", address_format(&s->network, address), s->prefix);
		snprintf(text, sizeof(text), "%" PRIu64 " hosts (%" PRIu64 " that serve), %" PRIu64 " connections opened, %" PRIu64 " served",
			 s->hosts, s->servers + s->proxies, s->opened, s->served);
		reason(w, used, text, &s->first);
	}
}

static bool write_zones(const struct writer *w)
{
	const struct learn_subnet **sorted = calloc(w->learned->n_subnets + 1, sizeof(*sorted));

	if (!sorted)
		return false;
	for (size_t i = 0; i < w->learned->n_subnets; i++)
		sorted[i] = &w->learned->subnets[i];
	qsort(sorted, w->learned->n_subnets, sizeof(*sorted), subnet_order);
	fprintf(w->to, "\n  # Networks: the /24 (IPv6: /64) around each inner host that took part in a connection. Mend the prefixes that are\n"
		       "  # wider or narrower here, and split zones that your network keeps apart: between zones the policy below decides.\n");
	if (w->learned->n_subnets)
		fprintf(w->to, "  zones:\n");
	for (enum learn_zone z = 0; z < LEARN_ZONES; z++)
		write_zone(w, z, sorted);
	free(sorted);
	return true;
}

/* ---- hosts ---- */

static void write_proxy(const struct writer *w, const struct seen_host *s, const struct learn_proxy_port *p, bool propose)
{
	char address[ADDRESS_TEXT], clients[16], text[200];
	bool first = true;
	int used = fprintf(w->to, "    %s- { address: \"%s\", ports: [%u], authentication: %s", propose ? "" : "# ", address_format(s->address, address),
			   p->port, p->asked ? "required" : "none");

	for (unsigned i = 0; p->asked && i < LEARN_SCHEMES; i++) {
		if (!(p->schemes & 1u << i))
			continue;
		used += fprintf(w->to, "%s%s", first ? ", schemes: [" : ", ", learn_schemes[i]);
		first = false;
	}
	used += fprintf(w->to, "%s }", first ? "" : "]");
	snprintf(text, sizeof(text), "%sserved %" PRIu64 " requests of %s clients, asked for credentials %" PRIu64 " times%s",
		 propose ? "" : "outside, not the site's own: ", p->served.count, many(p->served.n_who, clients), p->asked,
		 p->asked || !propose ? "" : ": REVIEW, measure set B wants authentication");
	reason(w, used, text, &p->served.first);
}

static void write_proxies(const struct writer *w)
{
	bool headed = false;

	for (int propose = 1; propose >= 0; propose--)
		for (size_t i = 0; i < w->n_hosts; i++)
			for (size_t k = 0; k < w->hosts[i].host->n_proxy; k++) {
				if (learn_is_inner(w->learned, w->hosts[i].address) != (propose == 1))
					continue;
				if (!headed && propose)
					fprintf(w->to, "\n  proxies:\n");
				headed = true;
				write_proxy(w, &w->hosts[i], &w->hosts[i].host->proxy[k], propose);
			}
	for (size_t i = 0; i < w->learned->n_connect; i++) {
		const struct learn_tally *t = &w->learned->connect[i];
		char text[120], clients[16];
		bool usual = w->learned->connect_ports[i] == 443;
		snprintf(text, sizeof(text), "CONNECT to it was served %" PRIu64 " times to %s clients%s", t->count, many(t->n_who, clients), usual ? "" : ": REVIEW");
		if (usual)
			reason(w, fprintf(w->to, "\n  connect: { ports: [443] }") - 1, text, &t->first);
		else
			reason(w, fprintf(w->to, "  # connect: { ports: [%u] }", w->learned->connect_ports[i]), text, &t->first);
	}
}

struct list {
	const char *key, *what;
	size_t offset; /* of the tally */
	uint8_t least; /* clients for a line of its own */
	bool role;     /* below roles */
};

static const struct learn_tally *tally_of(const struct learn_host *h, size_t offset)
{
	const void *at = (const char *)h + offset;

	return at;
}

/* Has a line that is not a comment. */
static bool is_sure(const struct writer *w, const struct seen_host *s, const struct list *l)
{
	if (strcmp(l->key, "file_servers") == 0 && s->host->is_dc)
		return false;
	/* Whoever answers tickets is what he answers as, whatever his address. */
	return (learn_is_inner(w->learned, s->address) || strcmp(l->key, "domain_controllers") == 0) && tally_of(s->host, l->offset)->n_who >= l->least;
}

static void write_list(const struct writer *w, const struct list *l, bool *headed_roles)
{
	bool sure = false, any = false, headed = false;
	const char *indent = l->role ? "    " : "  ";

	for (size_t i = 0; i < w->n_hosts; i++) {
		bool inner = learn_is_inner(w->learned, w->hosts[i].address) || strcmp(l->key, "domain_controllers") == 0;
		any |= inner && tally_of(w->hosts[i].host, l->offset)->count > 0;
		sure |= is_sure(w, &w->hosts[i], l);
	}
	if (!any)
		return;
	if (l->role && !*headed_roles && sure) {
		fprintf(w->to, "\n  roles:\n");
		*headed_roles = true;
	}
	for (size_t i = 0; i < w->n_hosts; i++) {
		const struct seen_host *s = &w->hosts[i];
		const struct learn_tally *t = tally_of(s->host, l->offset);
		char address[ADDRESS_TEXT], clients[16], text[160];
		if (t->count == 0 || (!learn_is_inner(w->learned, s->address) && strcmp(l->key, "domain_controllers") != 0))
			continue;
		bool proposed = is_sure(w, s, l);
		if (!headed)
			fprintf(w->to, "%s%s%s%s:\n", l->role ? "" : "\n", indent, sure ? "" : "# ", l->key);
		headed = true;
		int used = fprintf(w->to, "%s  %s- \"%s\"", indent, proposed ? "" : "# ", address_format(s->address, address));
		snprintf(text, sizeof(text), "%s %" PRIu64 " times, for %s clients%s", l->what, t->count, many(t->n_who, clients),
			 proposed ? "" : s->host->is_dc ? " (a domain controller)" : ": too few to be sure");
		reason(w, used, text, &t->first);
	}
}

static void write_terminals(const struct writer *w)
{
	bool headed = false;

	for (size_t i = 0; i < w->n_hosts; i++) {
		const struct seen_host *s = &w->hosts[i];
		char address[ADDRESS_TEXT], hosts[16], text[200];
		bool sure;
		if (!learn_is_inner(w->learned, s->address) || !learn_is_terminal(s->host, &sure))
			continue;
		sure = sure && learn_zone_of(w->learned, s->address) == ZONE_ADMIN;
		if (!headed)
			fprintf(w->to, "\n  # Admin terminals: hosts that administer several others (SSH, RDP, WinRM, VNC, admin shares, services, tasks) and do little else.\n  %sadmin_terminals:\n", sure ? "" : "# ");
		headed = true;
		int used = fprintf(w->to, "    %s- \"%s\"", sure ? "" : "# ", address_format(s->address, address));
		snprintf(text, sizeof(text), "administered %s hosts, %" PRIu64 " connections%s", many(s->host->managed.n_who, hosts), s->host->managed.count,
			 sure ? "" : "; uncertain: it also serves, goes outside, or sits among others");
		reason(w, used, text, &s->host->managed.first);
	}
}

/* ---- accounts ---- */

enum kind { KIND_COMPUTER, KIND_ADMIN, KIND_SERVICE, KIND_OTHER };

static enum kind kind_of(const struct writer *w, const struct seen_account *s)
{
	size_t n = strlen(s->name);
	bool servers = s->account->logons.n_who > 0;

	if (n && s->name[n - 1] == '$')
		return KIND_COMPUTER;
	if (s->account->acts.count)
		return KIND_ADMIN;
	for (size_t i = 0; i < s->account->logons.n_who; i++) {
		const struct learn_host *h = table_peek(w->learned->hosts, &s->account->logons.who[i]);
		servers &= h && h->is_server;
	}
	return servers ? KIND_SERVICE : KIND_OTHER;
}

static void write_accounts(const struct writer *w)
{
	static const char *const heads[] = { NULL, "    # admin:      # did what administrators do: services, tasks, registry, WMI, admin shares, WinRM, RDP\n",
					     "    # service:    # logged on from servers only\n" };
	uint64_t kinds[KIND_OTHER + 1] = { 0 };

	for (size_t i = 0; i < w->n_accounts; i++)
		kinds[kind_of(w, &w->accounts[i])]++;
	fprintf(w->to, "\n  # Accounts: %" PRIu64 " of computers, %" PRIu64 " that may be administrators, %" PRIu64 " that may be services, %" PRIu64 " others. No wire tells who is\n"
		       "  # what: take the lists from the directory; these are to compare with. Traps are only known to who set them.\n"
		       "  # accounts:\n    # trap: []\n", kinds[KIND_COMPUTER], kinds[KIND_ADMIN], kinds[KIND_SERVICE], kinds[KIND_OTHER]);
	for (enum kind k = KIND_ADMIN; k <= KIND_SERVICE; k++) {
		if (kinds[k])
			fputs(heads[k], w->to);
		for (size_t i = 0; i < w->n_accounts; i++) {
			const struct learn_account *a = w->accounts[i].account;
			char text[160], hosts[16], targets[16];
			if (kind_of(w, &w->accounts[i]) != k)
				continue;
			int used = fprintf(w->to, "    #   - ") + (int)strlen(w->accounts[i].name) + 2;
			quoted(w->to, w->accounts[i].name);
			snprintf(text, sizeof(text), "%" PRIu64 " logons from %s hosts, %" PRIu64 " refused; %" PRIu64 " such acts at %s hosts", a->logons.count,
				 many(a->logons.n_who, hosts), a->failures, a->acts.count, many(a->acts.n_who, targets));
			reason(w, used, text, a->acts.count ? &a->acts.first : &a->logons.first);
		}
	}
}

/* ---- policy ---- */

/* The word for a host in the policy. False for a host that has none: it never took part. */
static bool word_of(const struct writer *w, const struct address *a, char out[24])
{
	const struct learn_host *h = table_peek(w->learned->hosts, a);
	enum learn_zone z = learn_zone_of(w->learned, a);

	if (h && h->is_dc)
		snprintf(out, 24, "role:dc");
	else if (h && h->is_proxy && learn_is_inner(w->learned, a))
		snprintf(out, 24, "role:proxy");
	else if (!learn_is_inner(w->learned, a))
		snprintf(out, 24, "internet");
	else if (z < LEARN_ZONES)
		snprintf(out, 24, "%s", learn_zone_name(z));
	else
		return false;
	return true;
}

static struct row *find_row(struct writer *w, const char *from, const char *to)
{
	for (size_t i = 0; i < w->n_rows; i++)
		if (strcmp(w->rows[i].from, from) == 0 && strcmp(w->rows[i].to, to) == 0)
			return &w->rows[i];
	if (w->n_rows == ROWS_MAX)
		return NULL;
	struct row *r = &w->rows[w->n_rows++];
	snprintf(r->from, sizeof(r->from), "%s", from);
	snprintf(r->to, sizeof(r->to), "%s", to);
	return r;
}

static void take_pair(void *context, const void *key, void *value)
{
	struct writer *w = context;
	const struct learn_pair_key *k = key;
	const struct learn_pair *p = value;
	char from[24], to[24];
	size_t i = 0;

	if (!learn_is_inner(w->learned, &k->from) || !word_of(w, &k->from, from) || !word_of(w, &k->to, to) || strcmp(from, to) == 0)
		return;
	struct row *r = find_row(w, from, to);
	if (!r)
		return;
	if (!r->first.set)
		r->first = p->first;
	while (i < r->n_services && strcmp(r->services[i].name, k->service) != 0)
		i++;
	if (i == SERVICES) {
		r->others += p->came;
		return;
	}
	r->n_services += i == r->n_services;
	memcpy(r->services[i].name, k->service, LEARN_NAME);
	r->services[i].came += p->came;
	r->services[i].stopped += p->stopped;
}

static int row_order(const void *left, const void *right)
{
	const struct row *a = left, *b = right;
	int o = strcmp(a->from, b->from);

	return o ? o : strcmp(a->to, b->to);
}

static bool is_unnamed(const struct row *r, size_t service)
{
	return strcmp(r->services[service].name, LEARN_UNNAMED) == 0;
}

/* What the policy cannot name is left to be judged. */
static void write_unnamed(const struct writer *w, const struct row *r)
{
	for (size_t i = 0; i < r->n_services; i++) {
		char text[120];
		if (!is_unnamed(r, i))
			continue;
		snprintf(text, sizeof(text),
			 "other protocols than TCP, UDP, SCTP and ICMP (tunnels, routing): %" PRIu64 ": REVIEW",
			 r->services[i].came + r->services[i].stopped);
		reason(w, fprintf(w->to, "    # - { from: %s, to: \"%s\", service: any }", r->from, r->to), text,
		       &r->first);
	}
}

static void write_services(const struct writer *w, const struct row *r, bool came)
{
	char text[512];
	struct text t = TEXT_ON(text);
	int used = fprintf(w->to, "    %s- { from: %s, to: \"%s\", service: [", came ? "" : "# ", r->from, r->to);
	bool first = true, direct = strcmp(r->to, "internet") == 0 && strcmp(r->from, "role:proxy") != 0;

	for (size_t i = 0; i < r->n_services; i++) {
		uint64_t n = came ? r->services[i].came : r->services[i].came ? 0 : r->services[i].stopped;
		if (n == 0 || is_unnamed(r, i))
			continue;
		used += fprintf(w->to, "%s%s", first ? "" : ", ", r->services[i].name);
		text_printf(&t, "%s%s %" PRIu64, first ? "" : ", ", r->services[i].name, n);
		first = false;
	}
	if (came && r->others) {
		used += fprintf(w->to, "%stcp, udp", first ? "" : ", ");
		text_printf(&t, ", others %" PRIu64, r->others);
	}
	used += fprintf(w->to, "] }");
	text_string(&t, came ? direct ? ": REVIEW, a way out beside the proxy; measure set A forbids it" : "" : ": only attempts that were stopped");
	reason(w, used, text_end(&t), &r->first);
}

static void write_policy(struct writer *w)
{
	bool headed = false;

	table_walk(w->learned->pairs, take_pair, w);
	qsort(w->rows, w->n_rows, sizeof(*w->rows), row_order);
	fprintf(w->to, "\n  # Who opened what to whom, with the number of connections. Seen is not wanted: delete every row that should not be.\n"
		       "  # What no row allows between two zones is denied as soon as one row stands here.\n");
	for (size_t i = 0; i < w->n_rows; i++) {
		uint64_t came = w->rows[i].others, stopped = 0;
		for (size_t k = 0; k < w->rows[i].n_services; k++) {
			if (is_unnamed(&w->rows[i], k))
				continue;
			came += w->rows[i].services[k].came;
			stopped += w->rows[i].services[k].came ? 0 : w->rows[i].services[k].stopped;
		}
		if (came && !headed)
			fprintf(w->to, "  policy:\n");
		headed |= came > 0;
		if (came)
			write_services(w, &w->rows[i], true);
		if (stopped)
			write_services(w, &w->rows[i], false);
		write_unnamed(w, &w->rows[i]);
	}
}

/* ---- all ---- */

static void write_head(const struct writer *w)
{
	const struct learned *l = w->learned;
	char first[INSTANT_TEXT], last[INSTANT_TEXT];

	fprintf(w->to, "# A site file proposed by sensord learn from %zu capture(s), %" PRIu64 " packets, %.19sZ to %.19sZ.\n", l->n_files, l->packets,
		instant_format(l->first_ns, first), instant_format(l->last_ns, last));
	fprintf(w->to, "# It says what was seen, and why each line stands here; whether it should be so is for you to say. Then:\n"
		       "#   sensord check -c FILE                  is it a valid site file?\n"
		       "#   sensord audit -c FILE --plan           what has to be tried before going live\n");
	if (l->left_out)
		fprintf(w->to, "# There was no room for %" PRIu64 " observations: learn from fewer captures at a time.\n", l->left_out);
	fprintf(w->to, "\nsite:\n  name: learned\n  # timezone: Asia/Tokyo\n  # business_hours: \"Mon-Fri 07:00-22:00\"   # no wire tells; the rules on hours need both\n");
}

static void write_hosts(const struct writer *w)
{
	static const struct list lists[] = {
		{ "domain_controllers", "issued tickets or opened a secure channel", offsetof(struct learn_host, dc), 1, false },
		{ "file_servers", "shares were opened", offsetof(struct learn_host, shares), 2, false },
		{ "dns", "names were answered", offsetof(struct learn_host, dns), 1, true },
		{ "ntp", "time was answered", offsetof(struct learn_host, ntp), 1, true },
		{ "mail", "mail was taken or fetched", offsetof(struct learn_host, mail), 1, true },
	};
	bool headed = false;

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		write_list(w, &lists[i], &headed);
}

bool learn_write(const struct learned *l, FILE *to)
{
	struct writer w = { .learned = l, .to = to };
	bool fine = false;

	w.hosts = calloc(table_count(l->hosts) + 1, sizeof(*w.hosts));
	w.accounts = calloc(table_count(l->accounts) + 1, sizeof(*w.accounts));
	w.rows = calloc(ROWS_MAX, sizeof(*w.rows));
	if (w.hosts && w.accounts && w.rows) {
		table_walk(l->hosts, take_host, &w);
		qsort(w.hosts, w.n_hosts, sizeof(*w.hosts), host_order);
		table_walk(l->accounts, take_account, &w);
		qsort(w.accounts, w.n_accounts, sizeof(*w.accounts), account_order);
		write_head(&w);
		fine = write_zones(&w);
		write_proxies(&w);
		write_hosts(&w);
		write_terminals(&w);
		write_accounts(&w);
		write_policy(&w);
	}
	free(w.hosts);
	free(w.accounts);
	free(w.rows);
	return fine && !ferror(to);
}
