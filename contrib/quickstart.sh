#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# From a clean checkout to alerts: installs the packages (as root, or with sudo), builds in build/quickstart, replays the
# sample capture, shows a line an alert. Nothing is installed outside of the checkout but Debian's packages.
set -eu
cd "$(dirname "$0")/.."
top=$PWD

sh contrib/packages.sh
[ -x configure ] || autoreconf -i >/dev/null 2>&1 || autoreconf -i
mkdir -p build/quickstart
cd build/quickstart
[ -f Makefile ] || "$top/configure" --quiet
echo "building in build/quickstart ..."
make -s -j"$(nproc)" bin/sensord >make.log 2>&1 || { cat make.log; exit 1; }

bin/sensord replay --summary -r "$top/rules" -c "$top/contrib/sample/site.yaml" "$top/contrib/sample/sample.pcapng" >alerts.json
echo
echo "The alerts of contrib/sample/sample.pcapng, a line each (in full, as JSON: build/quickstart/alerts.json)"
echo
sh "$top/contrib/brief.sh" alerts.json
for set in A B C; do
	grep -q "\"measure\":\"$set\"" alerts.json || { echo "no alert of set $set: this is a defect" >&2; exit 1; }
done
echo
echo "Next: build/quickstart/bin/sensord replay -r rules -c SITE.yaml YOUR.pcap   (a site file to start from: contrib/sensord.yaml)"
