/* SPDX-License-Identifier: BSD-2-Clause
 * Administrators: where from, where to and when they may work; management hosts: what they may call and open, and
 * where. */
#include "admins.h"

#include <stdlib.h>

#include "accounts.h"
#include "private.h"

static bool build_account(struct admin_account *to, const struct account_setting *from, const struct network *n,
			  const struct document *d, struct error *err)
{
	to->setting = from;
	if (!selectors_build(n, &from->sources, d, &to->sources, err) ||
	    !selectors_build(n, &from->targets, d, &to->targets, err))
		return false;
	if (from->hours.count == 0)
		return true;
	to->hours = calloc(1, sizeof(*to->hours));
	if (!to->hours)
		return error_set(err, "out of memory");
	for (size_t i = 0; i < from->hours.count; i++)
		week_parse(bytes_string(from->hours.items[i]), to->hours); /* the calendar has checked them */
	return true;
}

static bool build_accounts(struct admins *a, const struct network *n, const struct document *d, struct error *err)
{
	const struct conf_list *list = &n->settings->site.accounts.admin;
	const struct account_setting *items = list->items;

	a->accounts = calloc(list->count + 1, sizeof(*a->accounts));
	if (!a->accounts)
		return error_set(err, "out of memory");
	for (size_t i = 0; i < list->count; i++) {
		a->n_accounts++;
		if (!build_account(&a->accounts[i], &items[i], n, d, err))
			return false;
	}
	return true;
}

static bool build_role(struct admins *a, const struct role_setting *role, const struct network *n,
		       const struct document *d, struct error *err)
{
	const struct role_host_setting *hosts = role->hosts.items;

	for (size_t i = 0; i < role->hosts.count; i++) {
		if (hosts[i].allowed_rpc.count == 0 && hosts[i].allowed_shares.count == 0)
			continue;
		struct management_host *more = realloc(a->hosts, (a->n_hosts + 1) * sizeof(*more));
		if (!more)
			return error_set(err, "out of memory");
		a->hosts = more;
		struct management_host *h = &more[a->n_hosts++];
		*h = (struct management_host){ .setting = &hosts[i] };
		if (!address_range_parse(bytes_string(hosts[i].host.items[0]), &h->range) ||
		    !selectors_build(n, &hosts[i].targets, d, &h->targets, err))
			return false;
	}
	return true;
}

static bool declares_places(const struct network *n)
{
	for (size_t i = 0; i < n->settings->site.zones.count; i++)
		if (n->zone_sets[i] & (n->admin_set | n->terminal_set))
			return true;
	return network_declares(n, "admin_terminal");
}

bool admins_build(struct admins *a, const struct network *n, const struct document *d, struct error *err)
{
	const struct role_setting *roles = n->settings->site.roles.items;

	a->places_known = declares_places(n);
	for (size_t i = 0; i < n->settings->site.roles.count; i++)
		if (!build_role(a, &roles[i], n, d, err))
			return false;
	return build_accounts(a, n, d, err);
}

void admins_release(struct admins *a)
{
	for (size_t i = 0; i < a->n_accounts; i++) {
		selectors_release(&a->accounts[i].sources);
		selectors_release(&a->accounts[i].targets);
		free(a->accounts[i].hours);
	}
	for (size_t i = 0; i < a->n_hosts; i++)
		selectors_release(&a->hosts[i].targets);
	free(a->accounts);
	free(a->hosts);
	*a = (struct admins){ 0 };
}

/* ---- questions ---- */

/* The exact name before a pattern, as for the class. */
static const struct admin_account *find(const struct site *s, struct bytes user, struct bytes domain)
{
	struct account_name name = account_split(user, domain);
	const struct admin_account *fits = NULL;

	for (size_t i = 0; i < s->admins.n_accounts; i++) {
		const struct admin_account *a = &s->admins.accounts[i];
		struct bytes pattern = bytes_string(a->setting->name.items[0]);
		if (!account_fits(pattern, &name))
			continue;
		if (!memchr(pattern.at, '*', pattern.size))
			return a;
		fits = fits ? fits : a;
	}
	return fits;
}

bool site_admin(const struct site *s, struct bytes user, struct bytes domain, struct site_admin *ret)
{
	const struct admin_account *a = find(s, user, domain);

	if (!a)
		return false;
	*ret = (struct site_admin){ .account = a, .admin_class = a->setting->account_class };
	return true;
}

bool site_admin_from(const struct site *s, const struct site_admin *admin, const struct address *from, bool *ret_known)
{
	const struct admin_account *a = admin->account;
	struct place place = network_place(&s->network, from);

	*ret_known = a->sources.count > 0 || s->admins.places_known;
	if (a->sources.count)
		return selectors_fit(&a->sources, &place);
	return (place.roles & (s->network.admin_set | s->network.terminal_set)) != 0;
}

bool site_admin_to(const struct site *s, const struct site_admin *admin, const struct address *to, bool *ret_known)
{
	const struct admin_account *a = admin->account;
	struct place place = network_place(&s->network, to);

	*ret_known = a->targets.count > 0;
	return selectors_fit(&a->targets, &place);
}

bool site_admin_off_hours(const struct site *s, const struct site_admin *admin, uint64_t time_ns, bool *ret_known)
{
	const struct admin_account *a = admin->account;

	if (!a->hours)
		return site_off_hours(s, time_ns, ret_known);
	*ret_known = s->calendar.known;
	return !week_has(a->hours, calendar_local(&s->calendar, time_ns));
}

static bool lists(const struct conf_strings *words, struct bytes name)
{
	for (size_t i = 0; i < words->count; i++)
		if (name.size == 0 || !strcmp(words->items[i], "any") || glob_fits(bytes_string(words->items[i]), name))
			return true;
	return false;
}

bool site_managed_by(const struct site *s, const struct address *from, const struct address *to, enum managed kind,
		     struct bytes name)
{
	if (!s->admins.n_hosts)
		return false;
	struct place place = network_place(&s->network, to);
	for (size_t i = 0; i < s->admins.n_hosts; i++) {
		const struct management_host *h = &s->admins.hosts[i];
		if (!address_range_has(&h->range, from) || !selectors_fit(&h->targets, &place))
			continue;
		if ((kind != MANAGED_SHARE && lists(&h->setting->allowed_rpc, name)) ||
		    (kind != MANAGED_RPC && lists(&h->setting->allowed_shares, name)))
			return true;
	}
	return false;
}

bool site_manages(const struct site *s)
{
	return s->admins.n_hosts > 0;
}

const char *site_admin_place(const struct site *s, const struct address *a)
{
	struct place place = network_place(&s->network, a);

	if (place.roles & s->network.terminal_set)
		return "terminal";
	if (!(place.roles & s->network.admin_set))
		return NULL;
	return network_declares(&s->network, "admin_terminal") && s->settings.site.admin_terminals.count ? "unlisted" : "zone";
}
