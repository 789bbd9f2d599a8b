/* SPDX-License-Identifier: BSD-2-Clause
 * Bytes as a file of rules; what loads is matched against two records, twice, with the clock moving on. */
#include <stdint.h>
#include <stdlib.h>

#include "base/instant.h"
#include "detect/rule.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size);

static bool give(const void *context, const char *name, void (*see)(void *to, const char *value), void *to)
{
	(void)context;
	if (name[0] == 'e')
		return true;
	see(to, "10.0.0.0/8");
	see(to, "adm\\*5");
	return name[0] != 'x';
}

/* Reads what a match gives, so that a view that does not hold is found. */
static void touch(void *context, const struct match *m)
{
	volatile uint64_t *sum = context;

	for (size_t i = 0; i < m->n_evidence; i++)
		*sum += m->evidence[i] + m->packets[i];
	for (size_t i = 0; i < m->n_values; i++)
		*sum += strlen(m->values[i]);
	*sum += strlen(m->rule->title) + strlen(m->rule->rule_id);
}

static void fill(struct record *r, enum dataset d, uint64_t time_ns)
{
	struct address a = address_v4((const uint8_t[]){ 10, 1, 2, 3 });

	record_clear(r, d, time_ns);
	r->id = time_ns;
	record_set_ip(r, FIELD_SOURCE_IP, &a);
	record_set_ip(r, FIELD_DESTINATION_IP, &a);
	record_set_uint(r, FIELD_DESTINATION_PORT, 443);
	record_set_string(r, FIELD_URL_FULL, "http://example.com/a/b.exe?q=1");
	record_set_string(r, FIELD_URL_PATH, "/a/b.exe");
	record_set_string(r, FIELD_URL_DOMAIN, "example.com");
	record_set_string(r, FIELD_USER_NAME, "adm\\kato");
	record_set_string(r, FIELD_USER_AGENT_ORIGINAL, "Mozilla/5.0 (x) aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab");
	record_set_string(r, FIELD_FLOW_OUTCOME, "established");
	record_set_real(r, FIELD_TUNNEL_AGE, 12.5);
	record_set_bool(r, FIELD_SITE_OFF_HOURS, true);
	record_add_text(r, FIELD_DNS_ANSWERS, bytes_string("192.0.2.1"));
	record_add_text(r, FIELD_DNS_ANSWERS, bytes_string(""));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
	struct rules_settings s = { .placeholder = give, .max_state = 4 };
	volatile uint64_t sum = 0;
	struct record *record = record_new();
	struct rules *r = rules_parse(&s, "fuzz.yml", bytes_of(at, size), NULL, NULL);

	for (unsigned i = 0; r && record && i < 12; i++) {
		fill(record, i % 2 ? DATASET_HTTP : DATASET_FLOW, NS_PER_DAY + (i ^ 3) * 700 * NS_PER_MS);
		rules_match(r, record, touch, (void *)&sum);
	}
	if (r)
		rules_expire(r, 3 * NS_PER_DAY);
	rules_free(r);
	record_free(record);
	return 0;
}
