/* SPDX-License-Identifier: BSD-2-Clause */
#include "watchdog.h"

bool watchdog_feeds(struct watchdog *w, const struct live_stats *s)
{
	bool all = s->turns != w->detection;

	for (size_t i = 0; i < s->n_workers; i++)
		all = all && s->worker[i].turns != w->workers[i];
	if (!all)
		return false;
	w->detection = s->turns;
	for (size_t i = 0; i < s->n_workers; i++)
		w->workers[i] = s->worker[i].turns;
	return true;
}
