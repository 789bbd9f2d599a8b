#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Replay is a pure function: the same packets give the same bytes out, in whatever file and through whatever door they come.
# And the exit status tells what happened: 0 fine, 1 the answer is no, 2 could not do it.
set -eu
top=${srcdir:-.}
sample=$top/contrib/sample/sample.pcapng
work=$(mktemp -d replay-XXXXXX)
trap 'rm -rf "$work"' EXIT
failed=0

fail() { echo "FAIL $*" >&2; failed=1; }
replay() { bin/sensord replay -r "$top/rules" -c "$top/contrib/sample/site.yaml" "$@"; }
# Alerts, and alerts with records; the name of the file is all that may differ, and stands in two places.
both() {
	name=$1
	shift
	replay --alerts "$work/$name.raw" --events "$work/$name.events.raw" "$@" || fail "$name: status $?"
	for kind in "" .events; do
		sed 's/"capture_file":"[^"]*"/"capture_file":""/; s/ [^" ]*#\([0-9]*"\)/ #\1/g' "$work/$name$kind.raw" >"$work/$name$kind"
	done
}
same() {
	for kind in "" .events; do
		cmp "$work/once$kind" "$work/$1$kind" >&2 || fail "$1: other output than the first replay"
	done
}

both once "$sample"
[ -s "$work/once" ] && [ -s "$work/once.events" ] || fail "no output"
grep -q '"capture_file":""' "$work/once" || fail "no capture file in the alerts"
both twice "$sample"
cmp "$work/once.raw" "$work/twice.raw" || fail "two replays differ (alerts)"
cmp "$work/once.events.raw" "$work/twice.events.raw" || fail "two replays differ (records)"
gzip -c "$sample" >"$work/sample.gz"
both gz "$work/sample.gz"
same gz
both stdin - <"$sample"
same stdin
# Through a pipe in small pieces.
dd if="$sample" bs=611 2>/dev/null | both pipe -
same pipe
if command -v python3 >/dev/null; then
	python3 "$top/tests/drivers/to_pcap.py" "$sample" "$work/sample.pcap"
	both pcap "$work/sample.pcap"
	same pcap
	# Two halves in the wrong order: the same conclusions (packet numbers count within each file).
	mkdir "$work/halves"
	python3 "$top/tests/drivers/to_pcap.py" "$sample" "$work/halves/b-first" 1 500
	python3 "$top/tests/drivers/to_pcap.py" "$sample" "$work/halves/a-second" 501
	for halves in "$work/halves" "$work/halves/a-second $work/halves/b-first"; do
		# shellcheck disable=SC2086
		replay $halves | sed 's/.*"message":"\(.*\)","message_ja".*/\1/' >"$work/halves.messages"
		sed 's/.*"message":"\(.*\)","message_ja".*/\1/' "$work/once.raw" | cmp - "$work/halves.messages" || fail "two halves differ"
	done
fi

# status WANTED what command...
status() {
	wanted=$1 what=$2
	shift 2
	got=0
	"$@" >"$work/out" 2>"$work/err" </dev/null || got=$?
	[ $got = "$wanted" ] || fail "$what: status $got instead of $wanted"
	[ "$wanted" != 2 ] || [ -s "$work/err" ] || fail "$what: no word on standard error"
}
status 0 "a sound capture" replay "$sample"
status 1 "--fail-on high" replay --fail-on high "$sample"
status 0 "--fail-on critical" replay --fail-on critical "$sample"
status 2 "--fail-on with no level" replay --fail-on loud "$sample"
status 2 "no capture" replay
status 2 "a capture that is not there" replay "$work/nothing.pcap"
status 2 "an unknown option" replay --no-such-option "$sample"
status 2 "an unknown command" bin/sensord listen
status 2 "no command" bin/sensord
status 2 "a site file that is not there" bin/sensord replay -r "$top/rules" -c "$work/nothing.yaml" "$sample"
printf 'site: { zones: { x: { networks: [10.0.0.0/99] } } }\n' >"$work/bad.yaml"
status 2 "a site file with an error" bin/sensord replay -r "$top/rules" -c "$work/bad.yaml" "$sample"
status 1 "check of a site file with an error" bin/sensord check -r "$top/rules" -c "$work/bad.yaml"
status 0 "check of the sample's site file" bin/sensord check -r "$top/rules" -c "$top/contrib/sample/site.yaml"
: >"$work/empty.pcap"
status 2 "an empty file" replay "$work/empty.pcap"
echo "this is no capture, only a line of text" >"$work/text.pcap"
status 2 "a file of another kind" replay "$work/text.pcap"
head -c 100001 "$sample" >"$work/cut.pcapng"
status 2 "a capture that ends within a packet" replay "$work/cut.pcapng"
grep -q '"kind":"alert"' "$work/out" || fail "what could be read of a cut capture gave no alerts"
[ "$(wc -l <"$work/err")" = 1 ] || fail "the damage is not one line: $(cat "$work/err")"
for command in replay run check fields rules; do
	status 0 "$command --help" bin/sensord $command --help
done
exit $failed
