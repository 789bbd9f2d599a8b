/* SPDX-License-Identifier: BSD-2-Clause
 * The policy (DESIGN section 3): the first row that fits decides; between zones what no row allows is denied. */
#include "policy.h"

#include <stdlib.h>

#include "private.h"

static bool build_services(struct policy_row *row, const struct conf_strings *words, const struct document *d,
			   struct error *err)
{
	row->services = calloc(words->count + 1, sizeof(*row->services));
	if (!row->services)
		return error_set(err, "out of memory");
	for (size_t i = 0; i < words->count; i++) {
		if (service_parse(bytes_string(words->items[i]), &row->services[i]))
			continue;
		const char *near = service_suggest(words->items[i]);
		return near ? word_error(d, words, i, err, "unknown service `%s`; did you mean `%s`?", words->items[i],
					 near)
			    : word_error(d, words, i, err,
					 "unknown service `%s`: a name, tcp/PORT, udp/PORT, a port or any",
					 words->items[i]);
	}
	row->n_services = words->count;
	return true;
}

static bool note_ranges(struct ranges *named, const struct selectors *all, struct error *err)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->items[i].kind == SELECT_RANGE && !ranges_add(named, &all->items[i].range, 0))
			return error_set(err, "the policy names more than %d networks", RANGES_MAX);
	return true;
}

bool policies_build(struct policies *p, const struct network *n, const struct document *d, struct error *err)
{
	const struct policy_setting *settings = n->settings->site.policy.items;
	size_t count = n->settings->site.policy.count;

	p->rows = calloc(count + 1, sizeof(*p->rows));
	if (!p->rows)
		return error_set(err, "out of memory");
	for (size_t i = 0; i < count; i++) {
		struct policy_row *row = &p->rows[i];
		p->count++;
		row->verdict = settings[i].action ? POLICY_DENY : POLICY_ALLOW;
		if (!selectors_build(n, &settings[i].from, d, &row->from, err) ||
		    !selectors_build(n, &settings[i].to, d, &row->to, err) ||
		    !build_services(row, &settings[i].service, d, err) || !note_ranges(&p->named, &row->from, err) ||
		    !note_ranges(&p->named, &row->to, err))
			return false;
	}
	return ranges_build(&p->named) || error_set(err, "out of memory");
}

void policies_release(struct policies *p)
{
	for (size_t i = 0; i < p->count; i++) {
		selectors_release(&p->rows[i].from);
		selectors_release(&p->rows[i].to);
		free(p->rows[i].services);
	}
	free(p->rows);
	ranges_release(&p->named);
	*p = (struct policies){ 0 };
}

static bool row_has_service(const struct policy_row *row, const char *service, const char *transport, uint16_t port)
{
	for (size_t i = 0; i < row->n_services; i++)
		if (service_fits(&row->services[i], service, transport, port))
			return true;
	return false;
}

enum policy policies_ask(const struct policies *p, const struct place *source, const struct place *destination,
			 const char *service, const char *transport, uint16_t port, int *ret_row)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct policy_row *row = &p->rows[i];
		if (selectors_fit(&row->from, source) && selectors_fit(&row->to, destination) &&
		    row_has_service(row, service, transport, port)) {
			*ret_row = (int)i;
			return row->verdict;
		}
	}
	if (p->count == 0 || source->zone < 0 || destination->zone < 0 || source->zone == destination->zone)
		return POLICY_SILENT;
	return POLICY_DENY;
}

enum policy site_policy(const struct site *s, const struct address *from, const struct address *to,
			const char *service, const char *transport, uint16_t port)
{
	struct place source, destination;
	int row;

	if (s->policies.count == 0)
		return POLICY_SILENT;
	source = network_place(&s->network, from);
	destination = network_place(&s->network, to);
	return policies_ask(&s->policies, &source, &destination, service, transport, port, &row);
}
