#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# sensord verify on chained files that tests/outputs/feed wrote: whole ones pass, through restart and rotation; every kind of
# tampering is found and named, at its line.
set -eu
work=$(mktemp -d verify-XXXXXX)
trap 'rm -rf "$work"' EXIT
a=$work/a.json
bad=0

lines() { # FROM TO
	awk -v from="$1" -v to="$2" 'BEGIN { for (i = from; i <= to; i++) printf "{\"n\":%d,\"text\":\"alert\"}\n", i }'
}
# expect STATUS TEXT ARGUMENT…: what verify says, and its status.
expect() {
	want=$1 text=$2
	shift 2
	status=0
	got=$(bin/sensord verify "$@" 2>&1) || status=$?
	case $got in
	*"$text"*) [ "$status" = "$want" ] && return ;;
	esac
	echo "verify $*: status $status, not $want, or it does not say \"$text\":" >&2
	echo "$got" >&2
	bad=1
}

lines 1 20 | tests/outputs/feed type=file path="$a" chain=1 >/dev/null
lines 21 30 | tests/outputs/feed type=file path="$a" chain=1 >/dev/null # a restart
[ "$(wc -l <"$a")" = 30 ] || { echo "30 lines are not there" >&2; bad=1; }
expect 0 "whole: lines 1 to 30" "$a"
mv "$a.key" "$work/key"
expect 0 "without the key" "$a"
expect 0 "whole: lines 1 to 30" --key "$work/key" "$a"

# try SCRIPT STATUS TEXT: a copy that sed changed.
try() {
	sed "$1" "$a" >"$work/b.json"
	expect "$2" "$3" --key "$work/key" --state "$a.chain" "$work/b.json"
}
try '7s/alert/agent/' 1 "b.json:7: edited"
try '7d' 1 "b.json:7: removed"
try '7d' 1 "line 7 of the chain is not in the files"
try '7{h;d};8{G}' 1 "line 7 of the chain stands further on: reordered"
try '7{p}' 1 "b.json:8: reordered"
try '1d' 1 "b.json:1: removed"
try '30d' 1 "truncated: the chain goes on to line 30, the files end with line 29"
try '7a {"n":7,"text":"foreign"}' 1 "b.json:8: foreign line"
try 's/"mac":"\(.\)\(.\)/"mac":"\2\1/' 1 "edited"
head -c -10 "$a" >"$work/b.json"
expect 1 "b.json:30: truncated" --key "$work/key" --state "$a.chain" "$work/b.json"

# Who has no key makes every hash anew: only the key finds that.
python3 - "$a" "$work/b.json" <<'END'
import hashlib, json, struct, sys
prev = bytes(32)
with open(sys.argv[2], "w") as out:
    for line in open(sys.argv[1]):
        chain = json.loads(line)["chain"]
        before = line[:line.rindex(',"chain"')]
        if chain["seq"] == 7:
            before = before.replace("alert", "agent")
        h = hashlib.sha256(prev + struct.pack(">Q", chain["seq"]) + before.encode() + b"}").digest()
        member = '"seq":%d' % chain["seq"]
        if "prev" in chain:
            member += ',"prev":"%s"' % prev.hex()
        out.write('%s,"chain":{%s,"hash":"%s","mac":"%s"}}\n' % (before, member, h.hex(), chain["mac"]))
        prev = h
END
expect 1 "b.json:7: edited: the hash was made anew, but not with the key" --key "$work/key" "$work/b.json"
expect 0 "without the key" "$work/b.json"

# Rotation, packed files too; a file in the middle left out.
lines 31 400 | tests/outputs/feed type=file path="$a" chain=1 rotate_kib=16 pace=500 >/dev/null
rotated=$(ls "$a"-* | sort)
[ "$(echo "$rotated" | wc -l)" -ge 3 ] || { echo "no rotation: $rotated" >&2; bad=1; }
gzip "$(echo "$rotated" | head -1)"
rotated=$(ls "$a"-* | sort)
# shellcheck disable=SC2086
expect 0 "whole: lines 1 to 400" --key "$work/key" $rotated "$a"
# shellcheck disable=SC2046
expect 1 "removed" --key "$work/key" $(echo "$rotated" | sed 2d) "$a"
# shellcheck disable=SC2046
expect 0 "are not in the files given" --key "$work/key" $(echo "$rotated" | sed 1d) "$a"

# Files in the wrong order, one twice; all lines gone, with the state and without; a line cut inside of a character.
# shellcheck disable=SC2046
expect 1 "reordered" --key "$work/key" $(echo "$rotated" | sed '2{h;d};3{G}') "$a"
# shellcheck disable=SC2046
expect 1 "reordered" --key "$work/key" $(echo "$rotated" | sed '2p') "$a"
: >"$work/b.json"
expect 1 "truncated: the chain goes on to line 400" --key "$work/key" --state "$a.chain" "$work/b.json"
expect 1 "empty: not one line" --key "$work/key" "$work/b.json"
printf '{"n":1,"text":"警告"}\n' | tests/outputs/feed type=file path="$work/c.json" chain=1 >/dev/null
cut=$(grep -abo '告' "$work/c.json" | cut -d: -f1)
{ head -c $((cut + 1)) "$work/c.json"; printf '\n'; } >"$work/d.json"
expect 1 "d.json:1: foreign line" --state "$work/c.json.chain" "$work/d.json"
tests/outputs/feed type=file path="$work/e.json" chain=1 </dev/null >/dev/null
expect 0 "the chain has no line yet" "$work/e.json"

expect 2 "cannot open" "$work/none.json"
expect 2 "is no key" --key "$a" "$a"
expect 2 "no alert file given"
exit $bad
