/* SPDX-License-Identifier: BSD-2-Clause
 * Requests to proxies, tunnels, logons and remote calls as evidence for sets B, C, E and F (MEASURES 6.6, 7.6, 9.6,
 * 10.5), and the alerts that have to go with them. */
#include "audit_evidence.h"

#include "base/instant.h"
#include "learn/infer.h"

int audit_listener_at(const struct audit *a, const struct address *at, uint64_t port)
{
	for (size_t i = 0; i < site_listeners(a->site); i++) {
		struct site_listener l = site_listener(a->site, i);
		if (address_range_has(&l.range, at) && port >= l.first && port <= l.last)
			return (int)i;
	}
	return -1;
}

static void see(struct audit *a, struct audit_cell *c, enum audit_event e, const struct audit_seen *s, const char *what)
{
	struct audit_sight sight = audit_sight(a, s, "%s", what);

	audit_mark(a, c, e, s, &sight);
}

static void see_status(struct audit *a, struct audit_cell *c, enum audit_event e, const struct audit_seen *s, uint64_t status)
{
	struct bytes method = record_text(s->record, FIELD_HTTP_REQUEST_METHOD), host = record_text(s->record, FIELD_URL_DOMAIN);
	uint64_t port = record_uint(s->record, FIELD_URL_PORT);
	struct audit_sight sight = audit_sight(a, s, status ? "%.*s %.*s:%u answered %u" : "%.*s %.*s:%u not answered%.0u",
					       (int)(method.size < 10 ? method.size : 10), (const char *)method.at,
					       (int)(host.size < 50 ? host.size : 50), (const char *)host.at, (unsigned)port, (unsigned)status);

	audit_mark(a, c, e, s, &sight);
}

static void see_weak(struct audit *a, struct audit_cell *c, const struct audit_seen *s, const char *what)
{
	if (c && !audit_excepted(a, c, s) && c->weak++ == 0)
		c->weak_first = audit_sight(a, s, "%s", what);
}

/* ---- proxies ---- */

static bool served(uint64_t status) { return status >= 200 && status < 400; }

/* B: a request without a credential gets 407, or is refused before that (MEASURES 6.3, B-06). */
static void no_credential(struct audit *a, const struct audit_seen *s, int listener, uint64_t status)
{
	struct audit_cell *c;

	if (s->from_net < 0 || record_bool(s->record, FIELD_PROXY_AUTH_EXEMPT) || record_bool(s->record, FIELD_PROXY_AUTHENTICATED) ||
	    !record_text_is(s->record, FIELD_PROXY_AUTH_SCHEME, "none"))
		return;
	c = audit_find(a,
		       &(struct audit_key){ CELL_NO_CREDENTIAL, s->version, (uint16_t)listener, (uint16_t)s->from_net,
					    record_text_is(s->record, FIELD_HTTP_REQUEST_METHOD, "CONNECT"), 0 });
	/* 403 and 400 may be of another limit, or of the server behind a proxy that asked for nothing. */
	if (status == 403 || status == 400)
		see_weak(a, c, s, "refused, but no credential was asked for");
	else
		see_status(a, c,
			   status == 0	   ? AUDIT_UNCLEAR
			   : status == 407 ? AUDIT_STOPPED
					   : AUDIT_SUCCEEDED,
			   s, status);
}

/* A gateway's errors (RFC 9110 sections 15.6.3 to 15.6.5) tell that the proxy tried: only who forbids has stopped
 * anything. */
static enum audit_event refusal(uint64_t status)
{
	if (served(status))
		return AUDIT_SUCCEEDED;
	return status == 403 || status == 405 ? AUDIT_STOPPED : AUDIT_UNCLEAR;
}

static void connect_request(struct audit *a, const struct audit_seen *s, int listener, uint64_t status)
{
	size_t port = (size_t)record_uint(s->record, FIELD_URL_PORT);
	struct audit_cell *denied = audit_cell_at(a, CELL_CONNECT, s->version, (size_t)listener, port);

	if (status == 407) /* the credential is asked for before the port is looked at */
		return;
	if (denied)
		see_status(a, denied, refusal(status), s, status);
	else if (status)
		see_status(a, audit_cell_at(a, CELL_LISTENER, s->version, (size_t)listener, LISTENER_CONNECT),
			   served(status) ? AUDIT_SUCCEEDED : AUDIT_STOPPED, s, status);
}

static void at_listener(struct audit *a, const struct audit_seen *s, int listener, uint64_t status)
{
	bool authenticated = record_bool(s->record, FIELD_PROXY_AUTHENTICATED);
	bool required = site_listener(a->site, (size_t)listener).auth_required;

	no_credential(a, s, listener, status);
	if (served(status) && (authenticated || !required)) {
		if (!record_text_is(s->record, FIELD_HTTP_REQUEST_METHOD, "CONNECT")) /* those have cells of their own */
			see_status(a, audit_cell_at(a, CELL_LISTENER, s->version, (size_t)listener, LISTENER_RIGHT),
				   AUDIT_SUCCEEDED, s, status);
		if (s->from_net >= 0)
			a->subnets[s->from_net].proxied++;
	}
	if (served(status) && !authenticated && record_bool(s->record, FIELD_PROXY_AUTH_EXEMPT))
		see_status(a, audit_cell_at(a, CELL_LISTENER, s->version, (size_t)listener, LISTENER_EXEMPT),
			   AUDIT_SUCCEEDED, s, status);
	if (record_text_is(s->record, FIELD_PROXY_AUTH_OUTCOME, "failure"))
		see_status(a, audit_cell_at(a, CELL_LISTENER, s->version, (size_t)listener, LISTENER_WRONG),
			   AUDIT_STOPPED, s, status);
	if (record_text_is(s->record, FIELD_HTTP_REQUEST_METHOD, "CONNECT"))
		connect_request(a, s, listener, status);
}

/* A proxy that nobody declared is a way round all of B; told only where one is found. */
static void rogue(struct audit *a, const struct audit_seen *s, uint64_t status)
{
	struct audit_key key = { CELL_ROGUE, s->version, s->port, 0, 0, 0 };
	struct audit_cell *c;

	if (!served(status) || !infer_from(s->record).proxy || site_is_external(a->site, s->to) ||
	    !(c = audit_make(a, &key, false)))
		return;
	c->set = 'B';
	c->kind = AUDIT_DENY;
	c->version = s->version;
	c->rules[0] = "A-07";
	c->rules[1] = "B-06";
	c->hint = "a proxy that the site file does not list";
	memcpy(c->from, "any", 4);
	struct text to = TEXT_ON(c->to), item = TEXT_ON(c->item);
	text_printf(&to, "undeclared proxies, port %u", s->port);
	text_string(&item, "undeclared-proxy");
	text_end(&to);
	text_end(&item);
	see_status(a, c, AUDIT_SUCCEEDED, s, status);
}

static void away(struct audit *a, const struct audit_seen *s, uint64_t status)
{
	struct audit_cell *c =
		s->from_net < 0 ? NULL : audit_cell_at(a, CELL_AWAY, 0, a->subnets[s->from_net].zone, AWAY_PROXY);

	if (!c || status == 0)
		return;
	if (status == 407)
		see_weak(a, c, s, "the proxy asked for credentials: with the right ones it may serve");
	else
		see_status(a, c, status == 403 || status == 405 ? AUDIT_STOPPED : AUDIT_SUCCEEDED, s, status);
}

void audit_proxy(struct audit *a, const struct audit_seen *s)
{
	uint64_t status = record_uint(s->record, FIELD_HTTP_RESPONSE_STATUS_CODE);
	int listener = audit_listener_at(a, s->to, s->port);

	if (record_text_is(s->record, FIELD_EVENT_ACTION, "gave-up")) /* a request told before, seen to be the last */
		return;
	if (listener >= 0)
		at_listener(a, s, listener, status);
	else
		rogue(a, s, status);
	away(a, s, status);
}

/* C: the proxy cuts at T, within a tenth; MEASURES 7.3 (C-03) grants 60 s more before it calls the cut failed. */
void audit_tunnel(struct audit *a, const struct audit_seen *s)
{
	uint64_t cut = site_forced_cut_seconds(a->site);
	double age = record_real(s->record, FIELD_TUNNEL_AGE), limit = (double)cut;
	int listener = audit_listener_at(a, s->to, s->port);
	struct audit_cell *c =
		listener < 0 ? NULL : audit_cell_at(a, CELL_LISTENER, s->version, (size_t)listener, LISTENER_CUT);
	struct bytes host = record_text(s->record, FIELD_URL_DOMAIN);
	struct audit_sight sight;

	if (!c || cut == 0 || record_bool(s->record, FIELD_TUNNEL_START_UNKNOWN))
		return;
	sight = audit_sight(a, s, "tunnel to %.*s, %.0f s old, cut at %.0f s declared", (int)(host.size < 40 ? host.size : 40),
			    (const char *)host.at, age, limit);
	if (age > 1.1 * limit + 60)
		audit_mark(a, c, AUDIT_SUCCEEDED, s, &sight);
	else if (record_text_is(s->record, FIELD_TUNNEL_CLOSED_BY, "server") && age >= 0.9 * limit)
		audit_mark(a, c, AUDIT_STOPPED, s, &sight);
}

/* ---- logons ---- */

/* Answers that say "this account may not do this here"; a wrong password says nothing of that (MEASURES 9.6, 10.5). */
static bool by_design(const struct record *r)
{
	static const char *const errors[] = { "KDC_ERR_POLICY", "KDC_ERR_CLIENT_REVOKED", "STATUS_LOGON_TYPE_NOT_GRANTED",
					      "STATUS_INVALID_WORKSTATION", "STATUS_ACCOUNT_RESTRICTION", "STATUS_ACCOUNT_DISABLED",
					      "STATUS_AUTHENTICATION_FIREWALL_FAILED" };

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		if (record_text_is(r, FIELD_AUTH_ERROR, errors[i]))
			return true;
	return false;
}

static const char *told(const struct record *r, char *room, size_t size)
{
	struct text t = { room, size, 0, false };
	struct bytes error = record_text(r, FIELD_AUTH_ERROR);

	text_add(&t, record_text(r, FIELD_AUTH_CARRIER));
	text_string(&t, ": ");
	text_add(&t, record_text(r, FIELD_USER_NAME));
	text_string(&t, ", ");
	text_add(&t, error.size ? error : record_text(r, FIELD_EVENT_OUTCOME));
	return text_end(&t);
}

static void trap(struct audit *a, const struct audit_seen *s, bool success, bool failure)
{
	char room[AUDIT_SAID];
	const char *what = told(s->record, room, sizeof(room));
	struct audit_cell *sample = audit_cell_at(a, CELL_SITE, 0, SITE_SAMPLE, 0);

	for (unsigned i = 0; i < AUDIT_TRAPS; i++)
		if (record_text_is(s->record, FIELD_AUTH_CARRIER, audit_traps[i].carrier))
			see(a, audit_cell_at(a, CELL_TRAP, 0, i, 0),
			    success   ? AUDIT_SUCCEEDED
			    : failure ? AUDIT_STOPPED
				      : AUDIT_UNCLEAR,
			    s, what);
	if (!sample || !record_text_is(s->record, FIELD_AUTH_CARRIER, "smb") || strcmp(site_role(a->site, s->to), "user") != 0)
		return;
	struct audit_host *pc = audit_host(a, s->to, s->record->time_ns);
	if (success)
		see(a, sample, AUDIT_SUCCEEDED, s, what);
	else if (failure && !by_design(s->record))
		see_weak(a, sample, s, what);
	else if (failure && pc && !pc->sampled) {
		pc->sampled = true;
		see(a, sample, AUDIT_STOPPED, s, what);
	}
}

static int admin_class(const struct audit *a, const struct record *r)
{
	const char *class;
	struct bytes own = record_text(r, FIELD_USER_ADMIN_CLASS);

	for (size_t i = 0; (class = site_admin_class(a->site, i)); i++)
		if (bytes_equal(bytes_string(class), own))
			return (int)i;
	return -1;
}

static void admin(struct audit *a, const struct audit_seen *s, bool success, bool failure)
{
	int class = admin_class(a, s->record);
	char room[AUDIT_SAID];
	const char *what = told(s->record, room, sizeof(room));
	bool pc = strcmp(site_role(a->site, s->from), "user") == 0;
	bool kdc = record_text_is(s->record, FIELD_AUTH_CARRIER, "kdc");
	struct audit_cell *on_pc[2] = { class < 0 ? NULL : audit_cell_at(a, CELL_ADMIN, 0, (size_t) class, ADMIN_PC),
					audit_cell_at(a, CELL_SITE, 0, SITE_INTERACTIVE, 0) };

	if (class < 0)
		return;
	if (success && !pc && site_admin_place(a->site, s->from))
		see(a, audit_cell_at(a, CELL_ADMIN, 0, (size_t) class, ADMIN_TERMINAL), AUDIT_SUCCEEDED, s, what);
	if (failure)
		see(a, audit_cell_at(a, CELL_ADMIN, 0, (size_t) class, ADMIN_FAILURES), AUDIT_STOPPED, s, what);
	for (size_t i = 0; pc && i < (kdc ? 2 : 1); i++) {
		if (success)
			see(a, on_pc[i], AUDIT_SUCCEEDED, s, what);
		else if (failure && by_design(s->record))
			see(a, on_pc[i], AUDIT_STOPPED, s, what);
		else if (failure)
			see_weak(a, on_pc[i], s, what);
	}
}

void audit_auth(struct audit *a, const struct audit_seen *s)
{
	bool success = record_text_is(s->record, FIELD_EVENT_OUTCOME, "success");
	bool failure = record_text_is(s->record, FIELD_EVENT_OUTCOME, "failure");

	if (record_text_is(s->record, FIELD_USER_CLASS, "trap"))
		trap(a, s, success, failure);
	else if (record_text_is(s->record, FIELD_USER_CLASS, "admin"))
		admin(a, s, success, failure);
}

/* ---- remote calls ---- */

static bool does(const struct audit_remote *way, const struct record *r)
{
	bool there = false, act = false;

	for (size_t i = 0; i < ARRAY_SIZE(way->endpoints) && way->endpoints[i]; i++)
		there |= record_text_is(r, FIELD_DCE_RPC_ENDPOINT, way->endpoints[i]);
	for (size_t i = 0; there && i < ARRAY_SIZE(way->operations) && way->operations[i]; i++)
		act |= bytes_starts(record_text(r, FIELD_DCE_RPC_OPERATION), bytes_string(way->operations[i]));
	return act;
}

void audit_rpc(struct audit *a, const struct audit_seen *s)
{
	struct bytes operation = record_text(s->record, FIELD_DCE_RPC_OPERATION);
	bool failure = record_text_is(s->record, FIELD_EVENT_OUTCOME, "failure");
	char room[AUDIT_SAID];
	struct text t = TEXT_ON(room);

	if (strcmp(site_role(a->site, s->from), "user") != 0 || strcmp(site_role(a->site, s->to), "user") != 0)
		return;
	text_add(&t, operation);
	text_string(&t, failure ? " refused" : " answered");
	text_end(&t);
	for (unsigned i = 0; i < AUDIT_REMOTE; i++)
		if (does(&audit_remote[i], s->record))
			see(a, audit_cell_at(a, CELL_REMOTE, 0, i, 0), failure ? AUDIT_STOPPED : AUDIT_SUCCEEDED, s,
			    room);
}

/* ---- alerts ---- */

/* "B-03" tells for B-03 and for its parts, B-03-request. */
static bool rule_is(struct bytes id, const char *rule)
{
	struct bytes r = bytes_string(rule);

	return bytes_starts(id, r) && (id.size == r.size || id.at[r.size] == '-');
}

/* Is the alert about what this cell is about? Alerts of correlations may lack an end. */
static bool concerns(const struct audit *a, const struct audit_cell *c, const struct audit_seen *s)
{
	if (c->listener >= 0)
		return audit_listener_at(a, s->to, s->port) == c->listener;
	if (c->set == 'E' && c->subnet >= 0)
		return s->from_net == c->subnet;
	if (c->carrier)
		return record_text_is(s->record, FIELD_AUTH_CARRIER, c->carrier);
	return c->class < 0 || !record_has(s->record, FIELD_USER_ADMIN_CLASS) || admin_class(a, s->record) == c->class;
}

void audit_alert(void *audit, const struct record *alert)
{
	struct audit *a = audit;
	struct bytes id = record_text(alert, FIELD_RULE_ID);
	struct audit_seen s = { .record = alert, .from = record_ip(alert, FIELD_SOURCE_IP), .to = record_ip(alert, FIELD_DESTINATION_IP),
				.port = (uint16_t)record_uint(alert, FIELD_DESTINATION_PORT) };
	struct address nobody = { 0 };

	if (record_text_is(alert, FIELD_ALERT_STATE, "closed"))
		return;
	s.from = s.from ? s.from : &nobody;
	s.to = s.to ? s.to : &nobody;
	s.from_net = audit_subnet(a, s.from);
	s.to_net = audit_subnet(a, s.to);
	for (size_t i = 0; i < a->n_cells; i++) {
		struct audit_cell *c = &a->cells[i];
		bool mine = false;
		if (c->kind != AUDIT_TRACE && !c->alarm)
			continue;
		for (size_t k = 0; k < AUDIT_RULES && c->rules[k]; k++)
			mine |= rule_is(id, c->rules[k]);
		if (!mine || !concerns(a, c, &s))
			continue;
		struct audit_sight sight = audit_sight(a, &s, "told by %.*s", (int)id.size, (const char *)id.at);
		audit_mark(a, c, AUDIT_TOLD, &s, &sight);
	}
}
