/* SPDX-License-Identifier: BSD-2-Clause
 * Account names in whatever form the wire shows: user, DOMAIN\user, user@realm; case and trailing blanks do not matter.
 */
#ifndef SITE_ACCOUNTS_H
#define SITE_ACCOUNTS_H

#include "base/bytes.h"
#include "settings.h"
#include "site/site.h"

#define ACCOUNT_NAME 256 /* longer names are cut */

struct account_name {
	struct bytes user, domain; /* views of what was split */
};

/* DOMAIN\user and user@realm taken apart; domain is used where the name has none. */
struct account_name account_split(struct bytes name, struct bytes domain);
/* Does a pattern of the site file (any form, * globs) mean this account? A missing domain on either side fits all;
 * LAB fits LAB.EXAMPLE, as NetBIOS names and realms go. */
bool account_fits(struct bytes pattern, const struct account_name *account);
/* ASCII case-insensitive match with * for any text. */
bool glob_fits(struct bytes pattern, struct bytes text);

struct account_entry;
struct accounts {
	struct account_entry *exact; /* ascending by name */
	struct account_entry *globs;
	size_t n_exact, n_globs;
};

/* Settings must stay as long as the accounts. */
bool accounts_build(struct accounts *a, const struct settings *s, struct error *err);
enum account_class accounts_class(const struct accounts *a, struct bytes user, struct bytes domain);
/* The class of an account whose name begins so; a trap before an administrator before a service. */
enum account_class accounts_class_prefix(const struct accounts *a, struct bytes start, struct bytes domain);
void accounts_release(struct accounts *a);

#endif
