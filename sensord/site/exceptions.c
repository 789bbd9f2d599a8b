/* SPDX-License-Identifier: BSD-2-Clause
 * Exceptions and planned work (MEASURES 4.2): everything that silences has an owner, a reason and an end. */
#include "policy.h"

#include <stdlib.h>

#include "base/text.h"
#include "private.h"

bool suffix_fits(struct bytes suffix, struct bytes host)
{
	if (bytes_starts(suffix, bytes_string("*.")))
		suffix = bytes_of(suffix.at + 2, suffix.size - 2);
	else if (bytes_starts(suffix, bytes_string(".")))
		suffix = bytes_of(suffix.at + 1, suffix.size - 1);
	if (host.size > 0 && host.at[host.size - 1] == '.') /* the root, RFC 1034 section 3.1 */
		host.size--;
	if (suffix.size == 0 || !bytes_ends_nocase(host, suffix))
		return false;
	return host.size == suffix.size || host.at[host.size - suffix.size - 1] == '.';
}

static void add_words(struct text *t, const char *before, const struct conf_strings *words, const char *none)
{
	text_string(t, words->count || none ? before : "");
	for (size_t i = 0; i < words->count; i++)
		text_printf(t, "%s%s", i ? "," : "", words->items[i]);
	if (words->count == 0 && none)
		text_string(t, none);
}

/* "A-01 users -> 203.0.113.0/24 port 123 (NTP, net)" */
static char *describe(const struct exception_setting *s)
{
	char room[512];
	struct text t = TEXT_ON(room);

	add_words(&t, "", &s->rule, "");
	add_words(&t, " ", &s->from, "any");
	add_words(&t, " -> ", &s->to, "any");
	add_words(&t, " port ", &s->port, NULL);
	add_words(&t, " name ", &s->name, NULL);
	add_words(&t, " user ", &s->user, NULL);
	text_printf(&t, " (%s, %s)", s->reason, s->owner);
	return strdup(text_end(&t));
}

static bool build_ports(struct exception *e, const struct document *d, struct error *err)
{
	const struct conf_strings *words = &e->setting->port;

	e->ports = calloc(words->count + 1, sizeof(*e->ports));
	if (!e->ports)
		return error_set(err, "out of memory");
	for (size_t i = 0; i < words->count; i++)
		if (!port_span_parse(bytes_string(words->items[i]), &e->ports[i]))
			return word_error(d, words, i, err, "`%s` is no port or range of ports", words->items[i]);
	return true;
}

bool exceptions_build(struct exceptions *e, const struct network *n, const struct calendar *c, const struct document *d,
		      struct error *err)
{
	const struct exception_setting *settings = n->settings->site.exceptions.items;
	size_t count = n->settings->site.exceptions.count;

	e->items = calloc(count + 1, sizeof(*e->items));
	if (!e->items)
		return error_set(err, "out of memory");
	for (size_t i = 0; i < count; i++) {
		struct exception *one = &e->items[i];
		e->count++;
		one->setting = &settings[i];
		if (!selectors_build(n, &settings[i].from, d, &one->from, err) ||
		    !selectors_build(n, &settings[i].to, d, &one->to, err) || !build_ports(one, d, err) ||
		    !calendar_instant(c, &settings[i].expires, true, d, &one->ends_ns, err))
			return false;
		one->text = describe(&settings[i]);
		if (!one->text)
			return error_set(err, "out of memory");
	}
	return true;
}

void exceptions_release(struct exceptions *e)
{
	for (size_t i = 0; i < e->count; i++) {
		selectors_release(&e->items[i].from);
		selectors_release(&e->items[i].to);
		free(e->items[i].ports);
		free(e->items[i].text);
	}
	free(e->items);
	*e = (struct exceptions){ 0 };
}

static bool port_fits(const struct exception *e, uint16_t port)
{
	for (size_t i = 0; i < e->setting->port.count; i++)
		if (port >= e->ports[i].first && port <= e->ports[i].last)
			return true;
	return e->setting->port.count == 0;
}

static bool rule_fits(const struct conf_strings *rules, const char *rule)
{
	for (size_t i = 0; i < rules->count; i++)
		if (glob_fits(bytes_string(rules->items[i]), bytes_string(rule)))
			return true;
	return false;
}

static bool name_fits(const struct conf_strings *names, struct bytes name)
{
	for (size_t i = 0; i < names->count; i++)
		if (suffix_fits(bytes_string(names->items[i]), name))
			return true;
	return names->count == 0;
}

static bool user_fits(const struct conf_strings *users, struct bytes user)
{
	struct account_name name = account_split(user, (struct bytes){ 0 });

	for (size_t i = 0; i < users->count; i++)
		if (name.user.size && account_fits(bytes_string(users->items[i]), &name))
			return true;
	return users->count == 0;
}

bool site_exception(const struct site *s, const char *rule, const struct address *from, const struct address *to,
		    uint16_t port, struct bytes name, struct bytes user, uint64_t time_ns, size_t *ret_index)
{
	struct place source, destination;

	if (s->exceptions.count == 0)
		return false;
	source = network_place(&s->network, from);
	destination = network_place(&s->network, to);
	for (size_t i = 0; i < s->exceptions.count; i++) {
		const struct exception *e = &s->exceptions.items[i];
		if (time_ns < e->ends_ns && rule_fits(&e->setting->rule, rule) && port_fits(e, port) &&
		    name_fits(&e->setting->name, name) && user_fits(&e->setting->user, user) &&
		    selectors_fit(&e->from, &source) && selectors_fit(&e->to, &destination)) {
			*ret_index = i;
			return true;
		}
	}
	return false;
}

size_t site_exceptions(const struct site *s) { return s->exceptions.count; }

const char *site_exception_text(const struct site *s, size_t index, uint64_t *ret_ends_ns)
{
	if (index >= s->exceptions.count)
		return NULL;
	*ret_ends_ns = s->exceptions.items[index].ends_ns;
	return s->exceptions.items[index].text;
}

bool site_exception_expired(const struct site *s, size_t index, uint64_t time_ns)
{
	return index < s->exceptions.count && time_ns >= s->exceptions.items[index].ends_ns;
}

bool windows_build(struct windows *w, const struct settings *s, const struct calendar *c, const struct document *d,
		   struct error *err)
{
	const struct window_setting *settings = s->site.change_windows.items;

	w->items = calloc(s->site.change_windows.count + 1, sizeof(*w->items));
	if (!w->items)
		return error_set(err, "out of memory");
	for (size_t i = 0; i < s->site.change_windows.count; i++) {
		struct window *one = &w->items[w->count++];
		one->setting = &settings[i];
		if (!calendar_instant(c, &settings[i].from, false, d, &one->from_ns, err) ||
		    !calendar_instant(c, &settings[i].to, true, d, &one->to_ns, err))
			return false;
		if (one->to_ns <= one->from_ns)
			return word_error(d, &settings[i].to, 0, err, "`to` is not after `from`");
	}
	return true;
}

void windows_release(struct windows *w)
{
	free(w->items);
	*w = (struct windows){ 0 };
}

const char *site_change_window(const struct site *s, struct bytes account, uint64_t time_ns)
{
	for (size_t i = 0; i < s->windows.count; i++) {
		const struct window *w = &s->windows.items[i];
		if (time_ns >= w->from_ns && time_ns < w->to_ns && user_fits(&w->setting->accounts, account))
			return w->setting->id;
	}
	return NULL;
}
