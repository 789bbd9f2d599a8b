/* SPDX-License-Identifier: BSD-2-Clause
 * Verdicts that are remembered are those that the rules give. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/attributes.h"
#include "detect/rule.h"

#define RULE(name, detection) \
	"---\ntitle: " name "\nname: " name "\nlogsource: {product: sensord, service: flow}\ndetection:\n" detection "level: low\n"

static void complain(void *to, const struct error *err)
{
	char text[512];

	(void)to;
	fail_msg("%s", error_format(err, text, sizeof(text)));
}

static struct rules *parse(void)
{
	static const char plain[] =
		RULE("lists", "  a: {'destination.domain|re|i': '\\\\(admin|[a-z])\\$$'}\n  b: {flow.encapsulation: [one, two]}\n  condition: a and not b\n")
		RULE("same", "  a: {'flow.reject|fieldref': flow.outcome}\n  condition: a\n")
		RULE("absent", "  a: {'flow.outcome|exists': false}\n  b: {'flow.reject|endswith': '$'}\n  condition: a and b\n")
		RULE("both", "  a: {'flow.reject|endswith': '$'}\n  condition: a\n")
		RULE("large", "  a: {'source.port|gt': 6}\n  b: {'source.ip|cidr': 10.0.0.0/30}\n  condition: a and b\n");
	struct rules_settings s = { .max_state = 64 };
	struct rules *r = rules_parse(&s, "test", bytes_string(plain), complain, NULL);

	assert_non_null(r);
	return r;
}

static void note(void *context, const struct match *m)
{
	char *fired = context;

	strcat(fired, m->rule->name);
	strcat(fired, " ");
}

static unsigned next_random(unsigned *seed)
{
	return (*seed = *seed * 1103515245 + 12345) >> 16;
}

static void fill(struct record *r, unsigned *seed)
{
	static const char *const shares[] = { "\\\\a\\C$", "\\\\a\\admin$", "\\\\a\\a-share-with-a-long-name-C$", "\\\\a\\print" };
	static const char *const names[] = { "A$", "a$", "B", "CORP", "a-name-longer-than-sixteen-bytes", "a-name-longer-than-sixteen-bytes$" };
	static const char *const lists[] = { "one", "two", "three" };
	uint8_t octets[4] = { 10, 0, 0, (uint8_t)(next_random(seed) % 6) };
	struct address a = address_v4(octets);

	record_clear(r, DATASET_FLOW, next_random(seed));
	record_set_ip(r, FIELD_SOURCE_IP, &a);
	record_set_uint(r, FIELD_SOURCE_PORT, next_random(seed) % 12);
	if (next_random(seed) % 4)
		record_set_string(r, FIELD_DESTINATION_DOMAIN, shares[next_random(seed) % ARRAY_SIZE(shares)]);
	if (next_random(seed) % 4)
		record_set_string(r, FIELD_FLOW_REJECT, names[next_random(seed) % ARRAY_SIZE(names)]);
	if (next_random(seed) % 2)
		record_set_string(r, FIELD_FLOW_OUTCOME, names[next_random(seed) % ARRAY_SIZE(names)]);
	for (unsigned i = next_random(seed) % 3; i > 0; i--)
		record_add_text(r, FIELD_FLOW_ENCAPSULATION, bytes_string(lists[next_random(seed) % ARRAY_SIZE(lists)]));
}

static void what_is_remembered_is_what_the_rules_say(void **state)
{
	struct rules *lasting = parse();
	struct record *r = record_new();
	unsigned seed = 7, fired = 0;

	(void)state;
	assert_non_null(r);
	for (unsigned i = 0; i < 3000; i++) {
		char before[128] = "", now[128] = "";
		fill(r, &seed);
		rules_match(lasting, r, note, now);
		struct rules *fresh = parse(); /* remembers nothing */
		rules_match(fresh, r, note, before);
		rules_free(fresh);
		assert_string_equal(now, before);
		fired += now[0] != '\0';
	}
	assert_in_range(fired, 300, 2700);
	record_free(r);
	rules_free(lasting);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_remembered_is_what_the_rules_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
