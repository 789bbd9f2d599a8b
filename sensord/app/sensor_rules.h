/* SPDX-License-Identifier: BSD-2-Clause
 * Which rules and which catalogue serve a site: those that were typed, those that its file names, those that came with the
 * program. */
#ifndef APP_SENSOR_RULES_H
#define APP_SENSOR_RULES_H

#include "sensor.h"

struct complaints {
	size_t count;
	struct error first;
};

/* Problems on standard error, the first of them in ret too. NULL where any rule has an error. */
struct rules *rules_of_site(const struct site *site, const char *const *paths, size_t n_paths, struct complaints *ret);
/* A set without rules: for who only wants the records. */
struct rules *rules_none(void);
/* The catalogue stands in the folder of the rules: of those typed, else those of the site, else the program's own; NULL
 * where there is none. Written into room. */
const char *rules_catalogue(const struct sensor_options *o, const struct site *site, char *room, size_t size);

#endif
