#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The sample that ships gives alerts of the sets A, B and C, each opened once, and every line holds to the alert schema.
set -eu
top=${srcdir:-.}
work=$(mktemp -d sample-XXXXXX)
trap 'rm -rf "$work"' EXIT

bin/sensord check -c "$top/contrib/sample/site.yaml" -r "$top/rules" >/dev/null
bin/sensord replay -r "$top/rules" -c "$top/contrib/sample/site.yaml" "$top/contrib/sample/sample.pcapng" >"$work/alerts"
for rule in A-01 A-02 B-01 B-06 C-01 C-07; do
	grep '"state":"open"' "$work/alerts" | grep -q "\"id\":\"$rule\"" || { echo "no alert of $rule" >&2; exit 1; }
done
twice=$(grep '"state":"open"' "$work/alerts" | sed 's/.*"key":"\([^"]*\)".*"rule":{.*"id":"\([^"]*\)".*/\2 \1/' | sort | uniq -d)
[ -z "$twice" ] || { echo "opened twice: $twice" >&2; exit 1; }
# The alerts that the README shows are those of the sample.
sh "$top/contrib/brief.sh" "$work/alerts" >"$work/brief"
grep -E '^    [0-9]{2}:[0-9]{2}:[0-9]{2} ' "$top/README" | sed 's/^    //' >"$work/shown"
[ "$(wc -l <"$work/shown")" -ge 8 ] || { echo "the README shows no alerts" >&2; exit 1; }
while read -r line; do
	grep -qxF "$line" "$work/brief" || { echo "the README shows what the sample does not give (make update-readme): $line" >&2; exit 1; }
done <"$work/shown"
command -v python3 >/dev/null || exit 0
python3 "$top/tests/drivers/validate.py" "$top/contrib/alert-schema.json" "$work/alerts"
