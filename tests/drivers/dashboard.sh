#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The dashboard and the Prometheus rules ask only for metrics that the sensor has, under labels that it gives.
set -eu
top=${srcdir:-.}
files="$top/contrib/siem/grafana.json $top/contrib/siem/prometheus-rules.yaml"

unknown() {
	# shellcheck disable=SC2086
	grep -ohE '\b(sensord|process)_[a-z_]+' $files "$@" | sort -u | while read -r name; do
		grep -q "\"$name\"" "$top/sensord/app/daemon/metrics.c" || echo "$name"
	done
}
missing=$(unknown)
[ -z "$missing" ] || { echo "no such metric: $missing" >&2; exit 1; }
# The check itself must be able to fail.
echo sensord_nonsense_total >dashboard.planted
trap 'rm -f dashboard.planted' EXIT
[ "$(unknown dashboard.planted)" = sensord_nonsense_total ]
command -v python3 >/dev/null || exit 0
python3 - "$top/contrib/siem/grafana.json" <<'END'
import json, sys
panels = json.load(open(sys.argv[1]))['panels']
ids = [p['id'] for p in panels]
assert len(ids) == len(set(ids))
places = [(p['gridPos'], p['title']) for p in panels]
for i, (a, one) in enumerate(places):
    assert a['x'] + a['w'] <= 24, one
    for b, other in places[i + 1:]:
        apart = a['x'] + a['w'] <= b['x'] or b['x'] + b['w'] <= a['x'] or a['y'] + a['h'] <= b['y'] or b['y'] + b['h'] <= a['y']
        assert apart, f'{one} lies on {other}'
END
