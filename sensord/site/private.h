/* SPDX-License-Identifier: BSD-2-Clause
 * A site as its own files see it: the settings as read, and what was made of them. */
#ifndef SITE_PRIVATE_H
#define SITE_PRIVATE_H

#include "accounts.h"
#include "admins.h"
#include "calendar.h"
#include "network.h"
#include "policy.h"
#include "settings.h"
#include "site/site.h"

struct long_session {
	const char *suffix;
	uint64_t ends_ns;
};

struct site {
	bool is_default;
	struct settings settings;
	struct network network;
	struct accounts accounts;
	struct admins admins;
	struct calendar calendar;
	struct policies policies;
	struct exceptions exceptions;
	struct windows windows;
	struct long_session *long_sessions;
	size_t n_long_sessions;
	uint8_t (*gateways)[6];
	size_t n_gateways;
	struct declared *declared;
	size_t n_declared, n_declared_zones;
	const char **level_pairs;
	struct site_settings shown;
};

/* declared.c: once the network is built. */
bool declared_build(struct site *s, struct error *err);

#endif
