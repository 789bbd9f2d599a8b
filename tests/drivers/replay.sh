#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# sensord replay as somebody uses it at night: parts of a capture, hosts, accounts, many files, and what the exit codes say.
set -eu
top=${srcdir:-.}
work=$(mktemp -d replay-XXXXXX)
trap 'rm -rf "$work"' EXIT
sample=$top/contrib/sample/sample.pcapng
site=$top/contrib/sample/site.yaml

# replay CODE ARGUMENT...: out and err are in the work folder
replay() {
	wanted=$1
	shift
	got=0
	bin/sensord replay -r "$top/rules" -c "$site" "$@" >"$work/out" 2>"$work/err" || got=$?
	[ "$got" -eq "$wanted" ] || { echo "replay $*: exit $got instead of $wanted" >&2; cat "$work/err" >&2; exit 1; }
}
fail() {
	echo "$1" >&2
	cat "$work/err" >&2
	exit 1
}
lines() { grep -c '"state":"open"' "$work/out" || :; }
says() { grep -q -- "$1" "$work/err" || fail "no \"$1\" on standard error"; }

replay 0 "$sample"
all=$(lines)
[ "$all" -gt 20 ] && [ ! -s "$work/err" ] || fail "no alerts, or a talk on standard error"

# What the traffic shows of the site is known to rules that ask for it by name, too.
cat >"$work/rule.yml" <<'RULE'
title: The proxy was reached
name: T-01
logsource: { product: sensord, service: flow }
detection: { s: { event.action: established, 'destination.ip|expand': '%proxies%' }, condition: s }
level: low
RULE
for jobs in 1 2; do
	bin/sensord replay --jobs $jobs -r "$work/rule.yml" "$sample" >"$work/out" 2>"$work/err"
	[ "$(lines)" -gt 0 ] || fail "a proxy that was found is none of %proxies% (--jobs $jobs)"
done

# Time: a part has part of the alerts; both ends belong to it; the rest of the capture is not looked at.
replay 0 --to 2026-11-22T21:16 "$sample"
early=$(lines)
replay 0 --from 2026-11-22T21:17:00Z "$sample"
late=$(lines)
[ "$early" -gt 0 ] && [ "$late" -gt 0 ] && [ $((early + late)) -eq "$all" ] || fail "$early + $late alerts are not $all"
replay 0 --from 2026-11-22T21:15:52Z --to 2026-11-22T21:15:52Z "$sample"
[ "$(lines)" -gt 0 ] || fail "a second holds no alert"
replay 0 --from 2026-11-23T00:00+09:00 --to 2026-11-23 "$sample"
[ "$(lines)" -eq "$all" ] || fail "a day does not hold all"
replay 2 --from tomorrow "$sample"
says 'is no time'
replay 2 --from 2026-11-23 --to 2026-11-22 "$sample"
says 'not before'

# A link type that nobody reads is said: no alert would look like all was well. (pcap, link type 189: USB.)
printf '\324\303\262\241\002\000\004\000\000\000\000\000\000\000\000\000\000\000\001\000\275\000\000\000' >"$work/usb.pcap"
printf '\001\000\000\000\000\000\000\000\004\000\000\000\004\000\000\000abcd' >>"$work/usb.pcap"
replay 2 "$work/usb.pcap"
says '1 of 1 packets have a link type that is not read'

# The words of alerts come with the rules that the site names.
mkdir "$work/rules"
cp -R "$top/rules/." "$work/rules"
chmod -R u+w "$work/rules"
sed -i 's/^  message: "/&In our words: /' "$work/rules/catalogue.yaml"
{ cat "$site"; printf 'rules: { paths: ["%s"] }\n' "$(cd "$work/rules" && pwd)"; } >"$work/own.yaml"
bin/sensord replay -c "$work/own.yaml" "$sample" >"$work/out" 2>"$work/err" || fail "a site with rules of its own"
[ "$(grep -c '"message":"In our words: ' "$work/out")" -gt 20 ] || fail "the catalogue beside the rules of the site is not read"

# Hosts and accounts: what is written, not what is seen.
replay 0 --host 10.1.10.12 "$sample"
one=$(lines)
[ "$one" -gt 0 ] && [ "$one" -lt "$all" ] || fail "--host shows $one of $all"
grep -v '10\.1\.10\.12' "$work/out" && fail "an alert of another host"
replay 0 --host 10.1.10.11 --host 10.1.10.12 "$sample"
[ "$(lines)" -gt "$one" ] || fail "a second --host adds nothing"
replay 0 --host c2.example.org --events "$work/events" "$sample"
[ "$(lines)" -gt 0 ] && grep -q c2.example.org "$work/events" || fail "a host name finds nothing"
replay 0 --account suzuki --summary "$sample"
[ "$(lines)" -gt 0 ] || fail "--account finds nothing"
says 'shown '
says 'suzuki'
replay 0 --account 'LAB\s*' "$sample"
[ "$(lines)" -gt 0 ] || fail "a glob finds nothing"
replay 0 --account nobody --fail-on low "$sample" # nothing shown, nothing failed
replay 1 --account suzuki --fail-on high "$sample"
replay 0 --fail-on critical "$sample"
replay 2 --host 10.1.10.999 "$sample"
says 'is no address'
replay 2 --fail-on worst "$sample"
replay 2
says 'no capture given'
replay 2 --no-such-option "$sample"

# Many files: merged by time, whatever their order; what is damaged is told, what is not is read.
mkdir "$work/parts"
cp "$sample" "$work/parts/a.pcapng"
head -c 100000 "$sample" >"$work/parts/cut.pcapng"
replay 2 "$work/parts" "$work/nowhere.pcap"
[ "$(lines)" -ge "$all" ] || fail "a damaged file beside it takes alerts away"
says 'cut.pcapng'
says 'nowhere.pcap'
[ "$(wc -l <"$work/err")" -eq 2 ] || fail "not one line a damage"

# The summary: measure sets, hosts, accounts; plain where it is no terminal.
replay 0 -s "$sample"
for word in 'by measure set' 'by host' 'by account' 10.1.10.11 tanaka; do says "$word"; done
if grep -q "$(printf '\033')" "$work/err"; then fail "colours without a terminal"; fi

# On a terminal it is coloured, unless NO_COLOR is set (script(1) gives one where the machine has any).
if script -qec true /dev/null </dev/null >/dev/null 2>&1; then
	terminal() {
		TERM=xterm script -qec "bin/sensord replay -r $top/rules -c $site -a none $sample" /dev/null </dev/null >"$work/err"
	}
	terminal
	says 'by host'
	grep -q "$(printf '\033\[31m')" "$work/err" || fail "no colours on a terminal"
	NO_COLOR=1
	export NO_COLOR
	terminal
	unset NO_COLOR
	says 'by host'
	if grep -q "$(printf '\033\[[0-9;]*m')" "$work/err"; then fail "colours in spite of NO_COLOR"; fi
fi

# The report: beside the alerts, which stay the same bytes.
replay 0 "$sample"
cp "$work/out" "$work/alone"
replay 0 --report "$work/report.html" "$sample"
cmp "$work/out" "$work/alone" || fail "a report changes the alerts"
head -c 15 "$work/report.html" | grep -q '<!doctype html>' || fail "no page"
replay 2 --report "$work" "$sample"
says 'the report cannot be written'
replay 2 --report - "$sample"
says 'standard output'
replay 0 --report - --alerts none "$sample"
head -c 15 "$work/out" | grep -q '<!doctype html>' || fail "no page on standard output"

# What is no file stays what it is, and a full disk is told by every command.
mkfifo "$work/pipe"
cat "$work/pipe" >"$work/out2" &
bin/sensord replay -r "$top/rules" -c "$site" --alerts none --report "$work/pipe" "$sample" 2>"$work/err" || fail "no report into a pipe"
wait
[ -p "$work/pipe" ] && head -c 15 "$work/out2" | grep -q '<!doctype html>' || fail "a pipe was taken for a file"
if [ -c /dev/full ]; then
	for command in rules fields 'rules --json' --help 'check -h'; do
		got=0
		# shellcheck disable=SC2086
		bin/sensord $command >/dev/full 2>"$work/err" || got=$?
		[ "$got" -eq 2 ] || fail "$command into a full disk: exit $got"
		says 'standard output: cannot write'
	done
fi
