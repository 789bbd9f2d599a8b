#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# replay --evidence: each alert that is not closing names a pcapng file; it is there, whole, holds packets of the alert's own
# addresses, says which alert it is of, and sensord itself reads it. Twice the same gives the same bytes.
set -eu
top=${srcdir:-.}
work=$(mktemp -d evidence-XXXXXX)
trap 'rm -rf "$work"' EXIT

for i in 1 2; do
	bin/sensord replay -r "$top/rules" -c "$top/contrib/sample/site.yaml" --evidence "$work/e" -a "$work/$i.json" "$top/contrib/sample/sample.pcapng"
	(cd "$work/e" && sha256sum ./*.pcapng) >"$work/$i.sums"
done
cmp "$work/1.json" "$work/2.json"
cmp "$work/1.sums" "$work/2.sums"
python3 - "$work" <<'END'
import json, os, socket, struct, sys
work = sys.argv[1]
alerts = [json.loads(l) for l in open(work + "/1.json")]
named = [a for a in alerts if "evidence_file" in a["alert"]]
assert named, "no alert names a file"
for a in alerts:
    assert a["alert"]["state"] == "closed" or "source" not in a or "evidence_file" in a["alert"], a["rule"]["id"]
with_packets = 0
for a in named:
    data, at, packets = open(a["alert"]["evidence_file"], "rb").read(), 0, []
    assert ("rule " + a["rule"]["id"]).encode() in data and a["event"]["id"].encode() in data
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        assert size % 4 == 0 and struct.unpack_from("<I", data, at + size - 4)[0] == size
        if kind == 6:
            packets.append(data[at + 28:at + 28 + struct.unpack_from("<I", data, at + 20)[0]])
        at += size
    assert at == len(data)
    with_packets += bool(packets)
    assert len(packets) <= 2000
    for p in packets:
        assert socket.inet_aton(a["source"]["ip"]) in p if "." in a["source"]["ip"] else True
assert with_packets >= len(named) / 2, "%d of %d files hold packets" % (with_packets, len(named))
END
for file in "$work"/e/*.pcapng; do
	bin/sensord replay -r "$top/rules" -a none "$file"
done
