/* SPDX-License-Identifier: BSD-2-Clause
 * Accounts of a site: exact names by binary search, patterns one after the other. */
#include "accounts.h"

#include <stdlib.h>

#include "base/text.h"

struct account_entry {
	struct bytes user, domain, pattern; /* views of the settings */
	enum account_class class;
};

static struct bytes trim_end(struct bytes b)
{
	while (b.size > 0 && b.at[b.size - 1] == ' ')
		b.size--;
	return b;
}

struct account_name account_split(struct bytes name, struct bytes domain)
{
	struct bytes rest = trim_end(name), head = bytes_split(&rest, '\\');

	if (head.size < trim_end(name).size)
		return (struct account_name){ rest, head };
	rest = head;
	head = bytes_split(&rest, '@');
	if (head.size > 0 && rest.size > 0)
		return (struct account_name){ head, rest };
	return (struct account_name){ head.size ? head : trim_end(name), trim_end(domain) };
}

/* One pass with one place to return to: time at worst in the product of the sizes. */
bool glob_fits(struct bytes pattern, struct bytes text)
{
	size_t p = 0, t = 0, star = SIZE_MAX, back = 0;

	while (t < text.size) {
		if (p < pattern.size && pattern.at[p] == '*') {
			star = p++;
			back = t;
		} else if (p < pattern.size && ascii_lower((char)pattern.at[p]) == ascii_lower((char)text.at[t])) {
			p++;
			t++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			t = ++back;
		} else {
			return false;
		}
	}
	while (p < pattern.size && pattern.at[p] == '*')
		p++;
	return p == pattern.size;
}

static struct bytes first_label(struct bytes domain)
{
	return bytes_split(&domain, '.');
}

static bool domain_fits(struct bytes want, struct bytes domain)
{
	if (want.size == 0 || domain.size == 0 || bytes_equal_nocase(want, domain))
		return true;
	struct bytes short_want = first_label(want), short_domain = first_label(domain);
	/* Two full names must be equal; a NetBIOS name is the first label of its realm. */
	if (short_want.size < want.size && short_domain.size < domain.size)
		return false;
	return bytes_equal_nocase(short_want, short_domain);
}

bool account_fits(struct bytes pattern, const struct account_name *account)
{
	struct account_name want = account_split(pattern, (struct bytes){ 0 });

	return glob_fits(want.user, account->user) && domain_fits(want.domain, account->domain);
}

static int compare(struct bytes a, struct bytes b)
{
	for (size_t i = 0; i < a.size && i < b.size; i++) {
		int x = ascii_lower((char)a.at[i]), y = ascii_lower((char)b.at[i]);
		if (x != y)
			return x < y ? -1 : 1;
	}
	return a.size < b.size ? -1 : a.size > b.size;
}

/* Traps come before administrators, those before services: the class with the louder alert wins. */
static int by_name(const void *a, const void *b)
{
	const struct account_entry *x = a, *y = b;
	int order = compare(x->user, y->user);

	return order ? order : (int)x->class - (int)y->class;
}

static void add(struct accounts *a, const struct conf_list *list, enum account_class class)
{
	const struct account_setting *settings = list->items;

	for (size_t i = 0; i < list->count; i++) {
		struct bytes pattern = bytes_string(settings[i].name.items[0]);
		struct account_name name = account_split(pattern, (struct bytes){ 0 });
		struct account_entry entry = { name.user, name.domain, pattern, class };
		if (name.user.size && memchr(name.user.at, '*', name.user.size))
			a->globs[a->n_globs++] = entry;
		else
			a->exact[a->n_exact++] = entry;
	}
}

bool accounts_build(struct accounts *a, const struct settings *s, struct error *err)
{
	size_t n = s->site.accounts.trap.count + s->site.accounts.admin.count + s->site.accounts.service.count;

	a->exact = calloc(n + 1, sizeof(*a->exact));
	a->globs = calloc(n + 1, sizeof(*a->globs));
	if (!a->exact || !a->globs)
		return error_set(err, "out of memory");
	add(a, &s->site.accounts.trap, ACCOUNT_TRAP);
	add(a, &s->site.accounts.admin, ACCOUNT_ADMIN);
	add(a, &s->site.accounts.service, ACCOUNT_SERVICE);
	qsort(a->exact, a->n_exact, sizeof(*a->exact), by_name);
	return true;
}

static size_t lower_bound(const struct accounts *a, struct bytes user)
{
	size_t low = 0, high = a->n_exact;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare(a->exact[middle].user, user) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

enum account_class accounts_class(const struct accounts *a, struct bytes user, struct bytes domain)
{
	struct account_name name = account_split(user, domain);

	if (name.user.size == 0)
		return ACCOUNT_OTHER;
	for (size_t i = lower_bound(a, name.user); i < a->n_exact && compare(a->exact[i].user, name.user) == 0; i++)
		if (domain_fits(a->exact[i].domain, name.domain))
			return a->exact[i].class;
	for (size_t i = 0; i < a->n_globs; i++)
		if (account_fits(a->globs[i].pattern, &name))
			return a->globs[i].class;
	return ACCOUNT_OTHER;
}

/* The louder of two classes: by the order of enum account_class, in which "other" comes first. */
static enum account_class louder(enum account_class a, enum account_class b)
{
	if (a == ACCOUNT_OTHER || b == ACCOUNT_OTHER)
		return a == ACCOUNT_OTHER ? b : a;
	return a < b ? a : b;
}

/* Patterns count by what stands before their first asterisk, where that is as long. */
enum account_class accounts_class_prefix(const struct accounts *a, struct bytes start, struct bytes domain)
{
	struct account_name name = account_split(start, domain);
	enum account_class found = ACCOUNT_OTHER;

	if (name.user.size == 0)
		return found;
	for (size_t i = lower_bound(a, name.user); i < a->n_exact && bytes_starts_nocase(a->exact[i].user, name.user); i++)
		if (domain_fits(a->exact[i].domain, name.domain))
			found = louder(found, a->exact[i].class);
	for (size_t i = 0; i < a->n_globs; i++)
		if (bytes_starts_nocase(a->globs[i].user, name.user) && domain_fits(a->globs[i].domain, name.domain))
			found = louder(found, a->globs[i].class);
	return found;
}

void accounts_release(struct accounts *a)
{
	free(a->exact);
	free(a->globs);
	*a = (struct accounts){ 0 };
}
