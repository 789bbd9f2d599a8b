/* SPDX-License-Identifier: BSD-2-Clause
 * Registrable domains by counting labels (RFC 1034 section 3.1). */
#include "registrable.h"

#include "base/attributes.h"

/* Labels under a country code below which names are registered: under .jp and .kr by their registries' own lists,
 * elsewhere the ones that many registries share. */
static const char *const shared_second[] = { "ac", "co", "com", "edu", "gov", "net", "org" };
static const char *const asian_second[] = { "ac", "ad", "co", "ed", "go", "gr", "lg", "ne", "or", "pe", "re" };

/* Offset of the label before offset end (exclusive), or 0. */
static size_t label_start(struct bytes host, size_t end)
{
	while (end > 0 && host.at[end - 1] != '.')
		end--;
	return end;
}

static bool listed(struct bytes label, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes_equal_nocase(label, bytes_string(list[i])))
			return true;
	}
	return false;
}

/* Only country codes (two letters) have such second levels. */
static bool is_second_level(struct bytes label, struct bytes top)
{
	if (top.size != 2)
		return false;
	if (bytes_equal_nocase(top, bytes_string("jp")) || bytes_equal_nocase(top, bytes_string("kr")))
		return listed(label, asian_second, ARRAY_SIZE(asian_second));
	return listed(label, shared_second, ARRAY_SIZE(shared_second));
}

struct bytes registrable_domain(struct bytes host)
{
	if (host.size && host.at[host.size - 1] == '.')
		host.size--;
	size_t top = label_start(host, host.size);
	if (top == 0)
		return host;
	size_t second = label_start(host, top - 1);
	bool deep = is_second_level(bytes_of(host.at + second, top - 1 - second), bytes_of(host.at + top, host.size - top));
	if (second > 0 && deep)
		second = label_start(host, second - 1);
	return bytes_of(host.at + second, host.size - second);
}
