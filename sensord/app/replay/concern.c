/* SPDX-License-Identifier: BSD-2-Clause */
#include "concern.h"

#include <fnmatch.h>
#include <string.h>
#include <strings.h>

#include "base/attributes.h"
#include "base/text.h"

/* Where a record names hosts. */
static const enum field name_fields[] = {
	FIELD_SOURCE_DOMAIN, FIELD_DESTINATION_DOMAIN, FIELD_URL_DOMAIN, FIELD_TLS_CLIENT_SERVER_NAME,
	FIELD_AUTH_WORKSTATION, FIELD_AUTH_KNOWN_WORKSTATION, FIELD_AUTH_TARGET, FIELD_DNS_QUESTION_NAME,
	FIELD_KERBEROS_SERVICE, FIELD_RDP_CLIENT_NAME, FIELD_DHCP_CLIENT_NAME, FIELD_SMB_SHARE, FIELD_BEACON_TARGET,
	FIELD_HTTP_REQUEST_HOST, FIELD_NTLM_NEGOTIATE_WORKSTATION,
};
/* Where it names accounts, apart from user.name. */
static const enum field account_fields[] = {
	FIELD_RELATED_USER, FIELD_KERBEROS_CLIENT, FIELD_KERBEROS_FOR_USER, FIELD_AUTH_TERMINAL_USER, FIELD_DCE_RPC_ARG_ACCOUNT,
};

bool concern_add_host(struct concern *c, const char *host, struct error *err)
{
	struct bytes text = bytes_string(host);

	if (c->n_ranges == CONCERNS_MAX || c->n_names == CONCERNS_MAX)
		return error_set(err, "more than %d hosts", CONCERNS_MAX);
	if (text.size == 0 || text.size >= CONCERN_NAME)
		return error_set(err, "a host is an address, a network (10.1.0.0/16), a range or a name");
	if (address_range_parse(text, &c->ranges[c->n_ranges])) {
		c->n_ranges++;
		return true;
	}
	if (strspn(host, "0123456789.:/-") == text.size || strpbrk(host, "/\\@ "))
		return error_set(err, "\"%s\" is no address, network, range or host name", host);
	c->names[c->n_names++] = host;
	return true;
}

bool concern_add_account(struct concern *c, const char *account, struct error *err)
{
	size_t size = strlen(account);

	if (c->n_accounts == CONCERNS_MAX)
		return error_set(err, "more than %d accounts", CONCERNS_MAX);
	if (size == 0 || size >= CONCERN_NAME)
		return error_set(err, "an account is USER, DOMAIN\\USER or USER@REALM");
	c->accounts[c->n_accounts++] = account;
	return true;
}

bool concern_is_any(const struct concern *c)
{
	return c->n_ranges || c->n_names || c->n_accounts;
}

/* ---- hosts ---- */

static bool has_address(const struct concern *c, const struct record *r)
{
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (fields[f].type != FIELD_TYPE_IP)
			continue;
		for (const struct value *v = record_get(r, f); v; v = record_next(r, v))
			for (size_t i = 0; i < c->n_ranges; i++)
				if (address_range_has(&c->ranges[i], &v->ip))
					return true;
	}
	return false;
}

static bool fits(const char *glob, const char *text)
{
	return fnmatch(glob, text, FNM_CASEFOLD | FNM_NOESCAPE) == 0;
}

/* "pc11" is also pc11.example.org. */
static bool is_name(const char *glob, const char *name)
{
	char first[CONCERN_NAME];

	if (fits(glob, name))
		return true;
	if (strchr(glob, '.'))
		return false;
	size_t n = strcspn(name, ".");
	memcpy(first, name, n);
	first[n] = '\0';
	return fits(glob, first);
}

static bool separates(uint8_t c)
{
	return c == '/' || c == '\\' || c == ':' || c == '@' || c == '$';
}

/* A value may hold more than the name: cifs/fs1.example.org, \\FS1\share, host:443. */
static bool names(const struct concern *c, struct bytes value)
{
	char name[CONCERN_NAME];

	for (size_t at = 0; at < value.size;) {
		size_t n = 0;
		while (at + n < value.size && !separates(value.at[at + n]))
			n++;
		if (n > 0 && n < sizeof(name)) {
			memcpy(name, value.at + at, n);
			name[n] = '\0';
			for (size_t i = 0; i < c->n_names; i++)
				if (is_name(c->names[i], name))
					return true;
		}
		at += n + 1;
	}
	return false;
}

static bool has_name(const struct concern *c, const struct record *r)
{
	for (size_t i = 0; c->n_names && i < ARRAY_SIZE(name_fields); i++)
		for (const struct value *v = record_get(r, name_fields[i]); v; v = record_next(r, v))
			if (names(c, value_text(r, v)))
				return true;
	return false;
}

/* ---- accounts ---- */

struct account {
	char user[CONCERN_NAME], domain[CONCERN_NAME]; /* domain "": not given */
};

static void put(char out[CONCERN_NAME], struct bytes text)
{
	struct text t = { out, CONCERN_NAME, 0, false };

	text_utf8(&t, text);
	text_end(&t);
}

static void split(struct bytes text, struct bytes domain, struct account *ret)
{
	size_t slash = bytes_find(text, bytes_string("\\")), at = bytes_find(text, bytes_string("@"));

	if (slash != SIZE_MAX) {
		domain = bytes_of(text.at, slash);
		text = bytes_of(text.at + slash + 1, text.size - slash - 1);
	} else if (at != SIZE_MAX) {
		domain = bytes_of(text.at + at + 1, text.size - at - 1);
		text = bytes_of(text.at, at);
	}
	put(ret->user, text);
	put(ret->domain, domain);
}

/* LAB is lab.example.org too, whichever of them the wire shows. What the wire shows is never a pattern. */
static bool is_domain(const char *wanted, const char *seen)
{
	size_t n = strcspn(wanted, ".");

	return is_name(wanted, seen) || (!strchr(seen, '.') && strlen(seen) == n && strncasecmp(seen, wanted, n) == 0);
}

/* A record that says no domain may be of any. */
static bool is_account(const struct concern *c, struct bytes user, struct bytes domain)
{
	struct account seen, wanted;

	split(user, domain, &seen);
	for (size_t i = 0; i < c->n_accounts; i++) {
		split(bytes_string(c->accounts[i]), bytes_of(NULL, 0), &wanted);
		if (fits(wanted.user, seen.user) &&
		    (!wanted.domain[0] || !seen.domain[0] || is_domain(wanted.domain, seen.domain)))
			return true;
	}
	return false;
}

static bool has_account(const struct concern *c, const struct record *r)
{
	if (record_has(r, FIELD_USER_NAME) && is_account(c, record_text(r, FIELD_USER_NAME), record_text(r, FIELD_USER_DOMAIN)))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(account_fields); i++)
		for (const struct value *v = record_get(r, account_fields[i]); v; v = record_next(r, v))
			if (is_account(c, value_text(r, v), bytes_of(NULL, 0)))
				return true;
	return false;
}

bool concern_is(const struct concern *c, const struct record *r)
{
	bool host = c->n_ranges || c->n_names;

	return (!host || has_address(c, r) || has_name(c, r)) && (c->n_accounts == 0 || has_account(c, r));
}
