#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The units leave sensord no more than it needs: systemd-analyze finds nothing to correct, and rates the exposure of each at
# most 1.5 (of 10; "OK" is below 5).
set -eu
command -v systemd-analyze >/dev/null || { echo "SKIP: no systemd-analyze"; exit 77; }
systemd-analyze security --help 2>/dev/null | grep -q -e --offline || { echo "SKIP: systemd-analyze cannot work offline"; exit 77; }
work=$(mktemp -d units-XXXXXX)
trap 'rm -rf "$work"' EXIT

# Tenths of the exposure; what there is to complain of goes to complaints.
score() {
	(cd "$work" && systemd-analyze security --offline=true --no-pager "./$1" 2>complaints) |
		sed -n 's/^.*Overall exposure level for [^:]*: \([0-9]*\)\.\([0-9]\).*/\1\2/p'
}
bad=0
# A unit that is to be rated has a name that can be started.
cp systemd/sensord.service "$work/sensord.service"
cp systemd/sensord@.service "$work/sensord@head-office.service"
for unit in sensord.service sensord@head-office.service; do
	got=$(score $unit)
	if [ -s "$work/complaints" ]; then
		cat "$work/complaints" >&2
		bad=1
	fi
	if [ -z "$got" ] || [ "$got" -gt 15 ]; then
		echo "$unit: exposure $got (tenths), at most 15 is wanted" >&2
		bad=1
	fi
done
# The check itself must be able to fail.
grep -v ProtectSystem "$work/sensord.service" >"$work/open.service"
got=$(score open.service)
[ -n "$got" ] && [ "$got" -gt 15 ] || { echo "a unit without ProtectSystem= is rated $got" >&2; bad=1; }
exit $bad
