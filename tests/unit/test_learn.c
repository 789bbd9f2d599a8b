/* SPDX-License-Identifier: BSD-2-Clause
 * What hosts seem to be from what they were seen to do, and the site file that is proposed of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "../../sensord/app/learn/learn.h"
#include "site/site.h"

static struct learned l;

static int begin(void **state)
{
	static const struct hash_key key = { 1, 2 };

	(void)state;
	memset(&l, 0, sizeof(l));
	l.hosts = table_new(sizeof(struct address), sizeof(struct learn_host), LEARN_HOSTS_MAX, &key, NULL, NULL);
	l.pairs =
		table_new(sizeof(struct learn_pair_key), sizeof(struct learn_pair), LEARN_PAIRS_MAX, &key, NULL, NULL);
	l.accounts = table_new(LEARN_NAME, sizeof(struct learn_account), LEARN_ACCOUNTS_MAX, &key, NULL, NULL);
	l.subnets = calloc(LEARN_SUBNETS_MAX, sizeof(*l.subnets));
	l.packets = 1;
	return l.hosts && l.pairs && l.accounts && l.subnets ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	table_free(l.hosts);
	table_free(l.pairs);
	table_free(l.accounts);
	free(l.subnets);
	return 0;
}

static struct address at(const char *text)
{
	struct address_range r;

	assert_true(address_range_parse(bytes_string(text), &r));
	return r.first;
}

static struct learn_host *host(const char *text)
{
	struct address a = at(text);

	return table_make(l.hosts, &a, 0, NULL);
}

static void seen(struct learn_tally *t, uint64_t count, uint8_t who)
{
	t->count = count;
	t->n_who = who;
}

static enum learn_zone zone(const char *text)
{
	struct address a = at(text);

	return learn_zone_of(&l, &a);
}

static void who_opens_is_a_user_and_who_serves_a_server(void **state)
{
	(void)state;
	seen(&host("10.1.0.1")->opened, 9, 3);
	seen(&host("10.1.0.2")->opened, 4, 3);
	struct learn_host *s = host("10.2.0.1");
	seen(&s->served, 9, 3);
	seen(&s->opened, 1, 1);
	learn_guess(&l);
	assert_int_equal(zone("10.1.0.1"), ZONE_USERS);
	assert_int_equal(zone("10.2.0.1"), ZONE_SERVERS);
	assert_true(s->is_server);
}

/* Two clients, or more opened than served: that may be anybody. */
static void serving_a_little_makes_no_server(void **state)
{
	(void)state;
	seen(&host("10.1.0.1")->served, 9, 2);
	struct learn_host *h = host("10.1.0.2");
	seen(&h->served, 5, 3);
	seen(&h->opened, 5, 3);
	learn_guess(&l);
	assert_int_equal(zone("10.1.0.1"), ZONE_USERS);
	assert_false(h->is_server);
}

static void a_share_that_one_client_opens_makes_no_file_server(void **state)
{
	(void)state;
	struct learn_host *one = host("10.1.0.1"), *two = host("10.1.0.2"), *dc = host("10.1.0.3");
	seen(&one->shares, 50, 1);
	seen(&two->shares, 2, 2);
	seen(&dc->shares, 50, 5);
	seen(&dc->dc, 1, 1);
	seen(&one->served, 1, 1);
	seen(&two->served, 1, 1);
	learn_guess(&l);
	assert_false(one->is_files);
	assert_true(two->is_files);
	assert_true(dc->is_dc && !dc->is_files);
}

static void who_only_administers_is_an_admin_terminal(void **state)
{
	bool sure;

	(void)state;
	struct learn_host *t = host("10.9.0.1"), *u = host("10.1.0.1");
	seen(&t->opened, 6, 3);
	seen(&t->managed, 4, 3);
	seen(&u->opened, 6, 5);
	seen(&u->managed, 4, 2); /* less than half of whom it talks to */
	learn_guess(&l);
	assert_true(learn_is_terminal(t, &sure) && sure);
	assert_int_equal(zone("10.9.0.1"), ZONE_ADMIN);
	assert_false(learn_is_terminal(u, &sure));
	seen(&t->outside, 1, 1);
	assert_true(learn_is_terminal(t, &sure) && !sure);
}

static void a_network_of_proxies_is_apart(void **state)
{
	(void)state;
	host("10.5.0.1")->n_proxy = 1;
	host("10.2.0.1")->n_proxy = 1;
	struct learn_host *s = host("10.2.0.2");
	seen(&s->served, 9, 3);
	learn_guess(&l);
	assert_int_equal(zone("10.5.0.1"), ZONE_DMZ);
	assert_int_equal(zone("10.2.0.1"), ZONE_SERVERS);
}

static void who_was_only_tried_makes_no_network(void **state)
{
	(void)state;
	host("10.7.0.1");
	seen(&host("203.0.113.9")->served, 9, 3);
	learn_guess(&l);
	assert_int_equal(l.n_subnets, 0);
	assert_int_equal(zone("10.7.0.1"), LEARN_ZONES);
	assert_int_equal(zone("203.0.113.9"), LEARN_ZONES);
}

static void networks_are_a_24_or_a_64(void **state)
{
	(void)state;
	seen(&host("10.1.0.1")->opened, 1, 1);
	seen(&host("10.1.0.200")->opened, 1, 1);
	seen(&host("10.1.1.1")->opened, 1, 1);
	seen(&host("fd00::1:1")->opened, 1, 1);
	seen(&host("fd00::2:2")->opened, 1, 1);
	learn_guess(&l);
	assert_int_equal(l.n_subnets, 3);
}

static char *proposed(void)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	learn_guess(&l);
	assert_true(learn_write(&l, f));
	fclose(f);
	return text;
}

static void is_valid(const char *text)
{
	struct error err = { 0 };
	struct site *s = site_parse("proposed", bytes_string(text), &err);

	if (!s)
		fail_msg("%s\n%s", err.text, text);
	site_free(s);
}

static void pair(const char *from, const char *to, const char *service)
{
	struct learn_pair_key key;

	memset(&key, 0, sizeof(key));
	key.from = at(from);
	key.to = at(to);
	snprintf(key.service, sizeof(key.service), "%s", service);
	((struct learn_pair *)table_make(l.pairs, &key, 0, NULL))->came = 1;
}

/* Line ends of YAML 1.1, characters that no YAML holds, and everything that has a meaning in it. */
static void no_name_of_the_wire_gets_out_of_its_comment(void **state)
{
	static const char *const names[] = { "a\"b",
					     "x\xe2\x80\xa8policy: [oops",
					     "x\xe2\x80\xa9y: 1",
					     "z\xc2\x85site: {}",
					     "# c",
					     "!!int x",
					     "&a",
					     "*a",
					     "n\nroot: 1",
					     "w\xef\xbb\xbfq",
					     "v\xef\xbf\xbe",
					     "%TAG",
					     "k: v",
					     "'",
					     "\\\"",
					     "\x1b[31m" };

	(void)state;
	seen(&host("10.2.0.1")->served, 9, 3);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char key[LEARN_NAME] = { 0 };
		snprintf(key, sizeof(key), "%s", names[i]);
		struct learn_account *a = table_make(l.accounts, key, 0, NULL);
		seen(&a->acts, 1, 1);
	}
	char *text = proposed();
	is_valid(text);
	assert_null(strstr(text, "\xe2\x80\xa8"));
	assert_null(strstr(text, "\nroot"));
	free(text);
}

static void a_protocol_without_a_word_allows_nothing(void **state)
{
	(void)state;
	seen(&host("10.1.0.1")->opened, 1, 1);
	seen(&host("10.2.0.1")->served, 9, 3);
	pair("10.1.0.1", "10.2.0.1", LEARN_UNNAMED);
	char *text = proposed();
	is_valid(text);
	assert_non_null(strstr(text, "\n    # - { from: users, to: \"servers\", service: any }"));
	assert_null(strstr(text, "\n    - {"));
	free(text);
}

/* HTTP rides on many ports; a proxy's port is not that of the web. */
static void http_elsewhere_is_proposed_by_its_port(void **state)
{
	struct record *r = record_new();
	struct address from = at("10.1.0.1"), to = at("10.2.0.1");

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		record_clear(r, DATASET_FLOW, 1);
		record_set_ip(r, FIELD_SOURCE_IP, &from);
		record_set_ip(r, FIELD_DESTINATION_IP, &to);
		record_set_uint(r, FIELD_DESTINATION_PORT, i ? 80 : 8080);
		record_set_string(r, FIELD_NETWORK_TRANSPORT, "tcp");
		record_set_string(r, FIELD_NETWORK_PROTOCOL, "http");
		record_set_string(r, FIELD_EVENT_ACTION, "established");
		record_set_string(r, FIELD_FLOW_OUTCOME, "established");
		learn_record(&l, r);
	}
	struct learn_pair_key key;
	memset(&key, 0, sizeof(key));
	key.from = from;
	key.to = to;
	memcpy(key.service, "tcp/8080", 9);
	assert_non_null(table_peek(l.pairs, &key));
	memset(key.service, 0, sizeof(key.service));
	memcpy(key.service, "http", 5);
	assert_non_null(table_peek(l.pairs, &key));
	record_free(r);
}

static void a_way_past_the_proxy_is_marked(void **state)
{
	(void)state;
	seen(&host("10.1.0.1")->opened, 1, 1);
	seen(&host("10.2.0.1")->served, 9, 3);
	pair("10.1.0.1", "203.0.113.9", "https");
	pair("10.1.0.1", "10.2.0.1", "smb");
	char *text = proposed();
	is_valid(text);
	const char *out = strstr(text, "{ from: users, to: \"internet\", service: [https] }");
	assert_non_null(out);
	assert_non_null(strstr(out, "REVIEW"));
	assert_non_null(strstr(text, "{ from: users, to: \"servers\", service: [smb] }"));
	free(text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_opens_is_a_user_and_who_serves_a_server),
		TEST(serving_a_little_makes_no_server),
		TEST(a_share_that_one_client_opens_makes_no_file_server),
		TEST(who_only_administers_is_an_admin_terminal),
		TEST(a_network_of_proxies_is_apart),
		TEST(who_was_only_tried_makes_no_network),
		TEST(networks_are_a_24_or_a_64),
		TEST(no_name_of_the_wire_gets_out_of_its_comment),
		TEST(a_protocol_without_a_word_allows_nothing),
		TEST(http_elsewhere_is_proposed_by_its_port),
		TEST(a_way_past_the_proxy_is_marked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
