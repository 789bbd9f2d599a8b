#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# From a clean checkout to alerts: installs the packages (as root, or with sudo), builds in build/quickstart, replays the
# sample capture, shows a line an alert. Nothing is installed outside of the checkout but Debian's packages.
set -eu
cd "$(dirname "$0")/.."
top=$PWD

sh contrib/packages.sh
[ -x configure ] || autoreconf -i
mkdir -p build/quickstart
cd build/quickstart
[ -f Makefile ] || "$top/configure" --quiet
make -j"$(nproc)" bin/sensord

echo
echo "Alerts of contrib/sample/sample.pcapng (in full, as JSON: build/quickstart/alerts.json)"
echo
bin/sensord replay --summary -r "$top/rules" -c "$top/contrib/sample/site.yaml" "$top/contrib/sample/sample.pcapng" >alerts.json
# One line an alert that was opened: time, level, rule, sentence.
sed -n '/"state":"open"/s/^{"@timestamp":"[^"T]*T\([^".]*\).*,"message":"\(.*\)","message_ja".*"rule":{.*"id":"\([^"]*\)","level":"\([^"]*\)".*/\1  \3  \4  \2/p' alerts.json |
	awk '{ level = $3; $3 = sprintf("%-6s", level); print }'
for set in A B C; do
	grep -q "\"measure\":\"$set\"" alerts.json || { echo "no alert of set $set: this is a defect" >&2; exit 1; }
done
echo
echo "Next: build/quickstart/bin/sensord replay -r rules -c SITE.yaml YOUR.pcap   (a site file to start from: contrib/sensord.yaml)"
