/* SPDX-License-Identifier: BSD-2-Clause
 * Bytes as what may come over the daemon's sockets: each line a control request, the whole a request for metrics. A
 * request that is taken keeps to its table; one that is refused says why. */
#include <stdint.h>
#include <stdlib.h>

#include "../../sensord/app/daemon/control_request.h"
#include "../../sensord/app/daemon/metrics.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size);

static void request(struct bytes line)
{
	struct control_request q;
	struct error err = { 0 };

	if (!control_parse(line, &q, &err)) {
		if (!err.text[0])
			abort();
		return;
	}
	if (q.verb >= CONTROL_VERBS || q.level > LEVEL_CRITICAL || q.kinds == 0 || (q.measure && (q.measure < 'A' || q.measure > 'F')))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
	struct bytes rest = bytes_of(at, size);
	unsigned status = metrics_request(rest);

	if (status != 200 && status != 400 && status != 404 && status != 405)
		abort();
	while (rest.size)
		request(bytes_split(&rest, '\n'));
	return 0;
}
