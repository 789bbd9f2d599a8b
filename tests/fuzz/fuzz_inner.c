/* SPDX-License-Identifier: BSD-2-Clause
 * Any bytes as a payload inside another protocol: the first octet picks one of those that have an `inner`. */
#include "../unit/proto_harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
	static const char *const names[] = { "ntlm", "gss" };
	if (size == 0)
		return 0;
	struct harness *h = harness_new(NULL);
	parse_inner(harness_parse(h), names[at[0] % 2], bytes_of(at + 1, size - 1), harness_scratch(h));
	harness_free(h);
	return 0;
}
