#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The committed JSON Schemas are those of the field registry (make update-schema renews them), and lines that the
# alert layer writes hold to them.
set -eu
top=${srcdir:-.}
work=$(mktemp -d schema-XXXXXX)
trap 'rm -rf "$work"' EXIT

for kind in alert record; do
	contrib/schema $kind >"$work/$kind.json"
	if ! cmp -s "$work/$kind.json" "$top/contrib/$kind-schema.json"; then
		echo "contrib/$kind-schema.json is not that of the field registry: make update-schema" >&2
		diff "$work/$kind.json" "$top/contrib/$kind-schema.json" | head -20 >&2 || :
		exit 1
	fi
done

command -v python3 >/dev/null || exit 77
[ -x tests/unit/test_alert ] || exit 77
ALERT_LINES="$work/alerts" RECORD_LINES="$work/records" tests/unit/test_alert >"$work/log" 2>&1 || {
	cat "$work/log" >&2
	exit 1
}
[ -s "$work/alerts" ] && [ -s "$work/records" ]
python3 "$top/tests/drivers/validate.py" "$top/contrib/alert-schema.json" "$work/alerts"
python3 "$top/tests/drivers/validate.py" "$top/contrib/record-schema.json" "$work/records"
# The check itself must be able to fail.
for fault in '{"alert":{"state":"odd"}}' '{"nothing":1}'; do
	if echo "$fault" | python3 "$top/tests/drivers/validate.py" "$top/contrib/alert-schema.json" >/dev/null 2>&1; then
		echo "a line that breaks the schema was accepted: $fault" >&2
		exit 1
	fi
done
