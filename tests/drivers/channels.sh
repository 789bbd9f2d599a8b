#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What is done over a further channel of an SMB session, between other addresses, is told with its account, share and file.
set -eu
command -v python3 >/dev/null || exit 77
top=${srcdir:-.}
work=$(mktemp -d channels-XXXXXX)
trap 'rm -rf "$work"' EXIT
python3 "$top/tests/drivers/channels.py" "$work/two.pcap"
bin/sensord replay -r "$top/rules" "$work/two.pcap" >"$work/out"
for file in first second; do
	grep '"id":"E-04"' "$work/out" | grep -q "10.1.11.11 (adm-kato) wrote the program Temp.*$file.exe to .*ADMIN.* on 10.1.11.12" || {
		echo "$file.exe is not told of the bound channel" >&2
		cat "$work/out" >&2
		exit 1
	}
done
