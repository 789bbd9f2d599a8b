#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A flood of invented sources, 4,000 in 40 seconds: the ceiling of lines a minute holds, the sums are right, replay stays a
# pure function, and who asks for one host, or wants no ceiling, gets every alert.
set -eu
top=${srcdir:-.}
command -v python3 >/dev/null || exit 77
work=$(mktemp -d flood-XXXXXX)
trap 'rm -rf "$work"' EXIT
bad=0

fail() { echo "FAIL $*" >&2; bad=1; }
replay() { bin/sensord replay -r "$top/rules" "$@"; }

python3 - "$work/flood.pcap" <<'END'
import struct, sys

def checksum(b):
    s = sum(struct.unpack("!%dH" % (len(b) // 2), b))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return struct.pack("!H", ~s & 0xffff)

with open(sys.argv[1], "wb") as out:
    out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for i in range(4000):
        ends = bytes([10, 1, i >> 8, i & 255, 203, 0, 113, 9])
        tcp = struct.pack("!HHIIBBHHH", 40000, 443, 1000 + i, 0, 0x50, 2, 64240, 0, 0)
        tcp = tcp[:16] + checksum(ends + struct.pack("!HH", 6, 20) + tcp) + tcp[18:]
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 40, i, 0, 64, 6, 0) + ends
        frame = bytes.fromhex("020000000001 020000000002 0800") + ip[:10] + checksum(ip) + ip[12:] + tcp
        out.write(struct.pack("<IIII", 1795424400 + i // 100, i % 100 * 10000, len(frame), len(frame)) + frame)
END

count() { python3 - "$1" <<'END'
import collections, json, sys
n = collections.Counter()
for line in open(sys.argv[1]):
    a = json.loads(line)["alert"]
    n[a["state"]] += 1
    n["alerts"] += a["folded"] if a["state"] == "folded" else a["state"] == "open"
    n["matches"] += a["count"] if a["state"] != "closed" else 0
print(n["open"], n["folded"], n["alerts"], n["matches"])
END
}
replay "$work/flood.pcap" >"$work/alerts" || fail "status $?"
[ "$(count "$work/alerts")" = "600 1 4000 4000" ] || fail "open, folded, alerts, matches: $(count "$work/alerts")"
for jobs in 1 2; do
	replay --jobs $jobs "$work/flood.pcap" | cmp - "$work/alerts" || fail "other bytes with --jobs $jobs"
done
echo 'limits: { alerts_per_minute: 0 }' >"$work/site.yaml"
replay -c "$work/site.yaml" "$work/flood.pcap" >"$work/all" || fail "status $?"
[ "$(count "$work/all")" = "4000 0 4000 4000" ] || fail "without a ceiling: $(count "$work/all")"
replay --host 10.1.14.100 "$work/flood.pcap" >"$work/one" || fail "status $?"
[ "$(count "$work/one")" = "1 0 1 1" ] || fail "of one host: $(count "$work/one")"
exit $bad
