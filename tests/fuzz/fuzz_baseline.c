/* SPDX-License-Identifier: BSD-2-Clause
 * Bytes as an earlier audit that somebody gives as the baseline: what differs from an audit of the default site, twice the
 * same. */
#include <stdlib.h>

#include "../../sensord/app/audit/audit.h"
#include "../../sensord/app/audit/audit_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size);

static size_t differences(const struct audit *a, struct bytes json)
{
	struct audit_drifts drifts;
	struct error err = { 0 };
	bool read = audit_drift_parse(a, "baseline", json, &drifts, &err);
	size_t n = drifts.count;

	if (!read && !err.text[0])
		abort();
	for (size_t i = 0; i < n; i++) {
		if (!drifts.items[i].id || (audit_drift_worse(&drifts.items[i]) && !drifts.items[i].cell))
			abort();
	}
	audit_drift_release(&drifts);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
	static const struct audit_options options = { 0 };
	struct site *site = site_default();
	struct audit *a = site ? audit_new(site, &options) : NULL;

	if (a) {
		audit_sets_build(a);
		audit_decide(a);
		if (differences(a, bytes_of(at, size)) != differences(a, bytes_of(at, size)))
			abort();
	}
	audit_free(a);
	site_free(site);
	return 0;
}
