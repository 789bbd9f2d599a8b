/* SPDX-License-Identifier: BSD-2-Clause
 * What administrators and management hosts may do (MEASURES 4.2): rows of accounts.admin and of roles made ready to
 * ask. */
#ifndef SITE_ADMINS_H
#define SITE_ADMINS_H

#include "calendar.h"
#include "network.h"

struct admin_account {
	const struct account_setting *setting;
	struct selectors sources, targets;
	struct week *hours; /* NULL: those of the site */
};

struct management_host {
	const struct role_host_setting *setting;
	struct address_range range;
	struct selectors targets;
};

struct admins {
	struct admin_account *accounts;
	size_t n_accounts;
	struct management_host *hosts; /* only those that list what they may do */
	size_t n_hosts;
	bool places_known; /* the site says where administration sits */
};

bool admins_build(struct admins *a, const struct network *n, const struct document *d, struct error *err);
void admins_release(struct admins *a);

#endif
