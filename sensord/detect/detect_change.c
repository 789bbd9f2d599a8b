/* SPDX-License-Identifier: BSD-2-Clause
 * Other rules, another site, while records come: all that may fail is made before, then both are exchanged. */
#include "detect_private.h"

#include <stdlib.h>

struct detect_change {
	const struct site *site;
	struct rules *rules;
	struct alerts_change *alerts; /* NULL: made */
	struct sight *sight;
	struct detect_asker *asker;
};

struct detect_change *detect_prepare(const struct detect_settings *s, struct error *err)
{
	struct detect_change *c = calloc(1, sizeof(*c));

	if (!c) {
		error_set(err, "out of memory");
		return NULL;
	}
	c->site = s->site;
	c->rules = s->rules;
	c->alerts = alerts_prepare(s->site, s->catalogue, s->alerts_per_minute, err);
	c->sight = sight_new(s->site);
	c->asker = asker_new(s->rules);
	if (c->alerts && c->sight && c->asker)
		return c;
	if (c->alerts)
		error_set(err, "out of memory");
	detect_change_free(c);
	return NULL;
}

void detect_change_free(struct detect_change *c)
{
	if (!c)
		return;
	alerts_change_free(c->alerts);
	detect_asker_free(c->asker);
	sight_free(c->sight);
	free(c);
}

struct detect_asker *detect_change_asker(const struct detect_change *c)
{
	return asker_new(c->rules);
}

bool detect_adopt(struct detect *d, struct detect_change *c, struct error *err)
{
	struct detect_change before = { d->site, d->rules, NULL, d->sight, d->asker };

	d->tracking.site = c->site; /* what starts may ask it */
	if (!detect_run_trackers(d, c->rules)) {
		d->tracking.site = d->site;
		return error_set(err, "out of memory");
	}
	alerts_adopt(d->alerts, c->alerts, c->rules);
	rules_adopt(c->rules, d->rules, d->now_ns);
	sight_adopt(c->sight, d->sight);
	detect_look_at(d, c->site, c->rules, c->sight);
	detect_asker_renew(d, c->asker);
	d->asker = c->asker;
	detect_take_counts(d);
	*c = before;
	return true;
}
