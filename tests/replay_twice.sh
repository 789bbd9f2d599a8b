#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Replay is a pure function: the same packets give the same bytes out, in whatever file and through whatever door they come.
# And the exit status tells what happened: 0 fine, 1 the answer is no, 2 could not do it.
set -eu
top=$(cd "${srcdir:-.}" && pwd)
sensord=$PWD/bin/sensord
sample=$top/contrib/sample/sample.pcapng
work=$PWD/$(mktemp -d replay-XXXXXX)
trap 'rm -rf "$work"' EXIT
failed=0

fail() { echo "FAIL $*" >&2; failed=1; }
replay() { "$sensord" replay -r "$top/rules" -c "$top/contrib/sample/site.yaml" "$@"; }
# Alerts, and alerts with records, below $work/$1. The captures are all called `sample`, for their name is in the output.
both() {
	name=$1
	shift
	(cd "$work/$name" && replay --alerts alerts --events events "$@") || fail "$name: status $?"
}
same() {
	for kind in alerts events; do
		cmp "$work/once/$kind" "$work/$1/$kind" >&2 || fail "$1: other $kind than in the first replay"
	done
}
# What has no name of a file: nor have the ids, which come from all that a record says.
nameless() {
	sed 's/"capture_file":"[^"]*"/"capture_file":""/; s/"[0-9a-f]\{16\} [^"]*#/"#/g; s/"id":"[0-9a-f]\{16\}"/"id":""/g' "$1"
}
same_but_name() {
	for kind in alerts events; do
		nameless "$work/once/$kind" >"$work/expected"
		nameless "$work/$1/$kind" | cmp "$work/expected" - >&2 || fail "$1: other $kind than in the first replay"
	done
}
mkdir "$work/once" "$work/twice" "$work/gz" "$work/stdin" "$work/pipe" "$work/pcap" "$work/halves"

cp "$sample" "$work/once/sample"
cp "$sample" "$work/twice/sample"
both once sample
# Whether records are shown decides which are made, and must decide nothing of the alerts.
(cd "$work/once" && replay --alerts unseen sample) || fail "without records: status $?"
cmp "$work/once/alerts" "$work/once/unseen" >&2 || fail "other alerts without records"
[ -s "$work/once/alerts" ] && [ -s "$work/once/events" ] || fail "no output"
grep -q '"capture_file":"sample"' "$work/once/alerts" || fail "no capture file in the alerts"
both twice sample
same twice
gzip -c "$sample" >"$work/gz/sample"
both gz sample
same gz
# By several engines at once.
for jobs in 1 2 4; do
	mkdir "$work/jobs$jobs"
	cp "$sample" "$work/jobs$jobs/sample"
	both "jobs$jobs" --jobs "$jobs" sample
	same "jobs$jobs"
done
both stdin - <"$sample"
same_but_name stdin
# Through a pipe in small pieces.
dd if="$sample" bs=611 2>/dev/null | both pipe -
same_but_name pipe
if command -v python3 >/dev/null; then
	python3 "$top/tests/drivers/to_pcap.py" "$sample" "$work/pcap/sample"
	both pcap sample
	same pcap
	# Two halves in the wrong order: the same conclusions (packet numbers count within each file).
	messages='s/.*"message":"\(.*\)","message_ja".*/\1/'
	sed "$messages" "$work/once/alerts" >"$work/expected"
	python3 "$top/tests/drivers/to_pcap.py" "$sample" "$work/halves/b-first" 1 500
	python3 "$top/tests/drivers/to_pcap.py" "$sample" "$work/halves/a-second" 501
	replay "$work/halves" | sed "$messages" | cmp "$work/expected" - || fail "a folder of two halves: other alerts"
	replay "$work/halves/a-second" "$work/halves/b-first" | sed "$messages" | cmp "$work/expected" - || fail "two halves: other alerts"
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
status 2 "an unknown command" "$sensord" listen
status 2 "no command" "$sensord"
status 2 "an operand where there is none" "$sensord" run eth0
status 2 "a site file that is not there" "$sensord" replay -r "$top/rules" -c "$work/nothing.yaml" "$sample"
printf 'site: { zones: { x: { networks: [10.0.0.0/99] } } }\n' >"$work/bad.yaml"
status 2 "a site file with an error" "$sensord" replay -r "$top/rules" -c "$work/bad.yaml" "$sample"
status 1 "check of a site file with an error" "$sensord" check -r "$top/rules" -c "$work/bad.yaml"
status 0 "check of the sample's site file" "$sensord" check -r "$top/rules" -c "$top/contrib/sample/site.yaml"
: >"$work/empty.pcap"
status 2 "an empty file" replay "$work/empty.pcap"
echo "this is no capture, only a line of text" >"$work/text.pcap"
status 2 "a file of another kind" replay "$work/text.pcap"
head -c 100001 "$sample" >"$work/cut.pcapng"
status 2 "a capture that ends within a packet" replay "$work/cut.pcapng"
grep -q '"kind":"alert"' "$work/out" || fail "what could be read of a cut capture gave no alerts"
[ "$(wc -l <"$work/err")" = 1 ] || fail "the damage is not one line: $(cat "$work/err")"
for command in replay run check fields rules; do
	status 0 "$command --help" "$sensord" $command --help
done
exit $failed
