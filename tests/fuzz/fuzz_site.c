/* SPDX-License-Identifier: BSD-2-Clause
 * Bytes as a site file: a site or an error; a site answers every question and its dump reads back to the same dump. */
#include <stdint.h>
#include <stdlib.h>

#include "base/instant.h"
#include "site/site.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size);

static void see(void *context, const char *value)
{
	size_t *n = context;

	*n += strlen(value);
}

static void ask(const struct site *s)
{
	static const uint8_t from[4] = { 10, 1, 10, 11 }, to[4] = { 203, 0, 113, 7 };
	static const uint8_t mac[6] = { 2 };
	struct address a = address_v4(from), b = address_v4(to);
	struct bytes name = bytes_string("a.example"), user = bytes_string("LAB\\tanaka");
	uint64_t time_ns = UINT64_C(1795382344) * NS_PER_S;
	size_t n = 0;
	bool any;

	site_zone(s, &a);
	site_role(s, &b);
	site_proxy(s, &a, 8080);
	site_proxy_scheme(s, &a, user, &any);
	site_auth_exempt(s, name);
	site_long_tunnel_allowed_at(s, name, time_ns);
	site_gateway(s, mac, &any);
	site_account(s, user, (struct bytes){ 0 });
	site_policy(s, &a, &b, "tls", "tcp", 443);
	site_off_hours(s, time_ns, &any);
	site_change_window(s, user, time_ns);
	site_exception(s, "A-01", &a, &b, 443, name, user, time_ns, &n);
	site_placeholder(s, "role:user", see, &n);
	site_placeholder(s, "connect_ports", see, &n);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
	struct error err = { 0 };
	struct site *s = site_parse("fuzz", bytes_of(at, size), &err), *again;
	char *once, *twice;

	if (!s) {
		if (!err.text[0])
			abort();
		return 0;
	}
	ask(s);
	once = site_dump(s);
	again = once ? site_parse("dump", bytes_string(once), &err) : NULL;
	twice = again ? site_dump(again) : NULL;
	if (once && (!twice || strcmp(once, twice) != 0))
		abort();
	free(once);
	free(twice);
	site_free(again);
	site_free(s);
	return 0;
}
