/* SPDX-License-Identifier: BSD-2-Clause */
#include "sensor_rules.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATE_BYTES 2048 /* of all memory, for one group of a correlation */

struct site *sensor_read_site(const char *path, struct error *err)
{
	return path ? site_read(path, err) : site_default();
}

const char *sensor_rules_folder(char *room, size_t size)
{
	/* Installed below a prefix; in the source tree; in a build folder of it. */
	static const char *const beside[] = { "/../share/sensord/rules", "/../rules", "/../../rules", "/../../../rules" };
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	struct stat st;

	if (n > 0) {
		self[n] = '\0';
		*strrchr(self, '/') = '\0';
		for (size_t i = 0; i < ARRAY_SIZE(beside); i++) {
			int used = snprintf(room, size, "%s%s", self, beside[i]);
			if (used > 0 && (size_t)used < size && stat(room, &st) == 0 && S_ISDIR(st.st_mode))
				return room;
		}
	}
	snprintf(room, size, "%s/rules", SENSORD_DATADIR);
	return room;
}

static void complain(void *to, const struct error *err)
{
	struct complaints *all = to;
	char text[1024];

	if (all->count++ == 0)
		all->first = *err;
	fprintf(stderr, "%s\n", error_format(err, text, sizeof(text)));
}

static bool placeholder(const void *site, const char *name, void (*see)(void *to, const char *value), void *to)
{
	return site_placeholder(site, name, see, to);
}

struct rules *rules_of_site(const struct site *site, const char *const *paths, size_t n_paths, struct complaints *ret)
{
	const struct site_settings *own = site_settings(site);
	char room[4096];
	const char *fallback = sensor_rules_folder(room, sizeof(room));
	struct rules_settings settings = {
		.paths = n_paths ? paths : own->n_rule_paths ? own->rule_paths : &fallback,
		.n_paths = n_paths ? n_paths : own->n_rule_paths ? own->n_rule_paths : 1,
		.placeholder = placeholder,
		.placeholder_context = site,
		.disabled = own->rules_disabled,
		.n_disabled = own->n_rules_disabled,
		.levels = own->rule_levels,
		.n_levels = own->n_rule_levels,
		.max_state = (own->memory_mib << 20) / STATE_BYTES,
	};

	/* Keeps strangers from choosing groups that collide; no result depends on it. */
	(void)!getentropy(&settings.key, sizeof(settings.key));
	*ret = (struct complaints){ 0 };
	return rules_load(&settings, complain, ret);
}

struct rules *rules_none(void)
{
	return rules_load(&(struct rules_settings){ 0 }, complain, &(struct complaints){ 0 });
}

struct rules *sensor_load_rules(const struct site *site, const char *const *paths, size_t n_paths, size_t *ret_problems)
{
	struct complaints complaints;
	struct rules *rules = rules_of_site(site, paths, n_paths, &complaints);

	*ret_problems = complaints.count;
	return rules;
}

const char *rules_catalogue(const struct sensor_options *o, const struct site *site, char *room, size_t size)
{
	const struct site_settings *own = site_settings(site);
	const char *const *paths = o->n_rule_paths ? o->rule_paths : own->rule_paths;
	size_t n = o->n_rule_paths ? o->n_rule_paths : own->n_rule_paths;
	char folder[4096];
	struct stat st;

	for (size_t i = 0; i < n; i++) {
		snprintf(room, size, "%s/catalogue.yaml", paths[i]);
		if (stat(room, &st) == 0)
			return room;
	}
	snprintf(room, size, "%s/catalogue.yaml", sensor_rules_folder(folder, sizeof(folder)));
	return stat(room, &st) == 0 ? room : NULL;
}
