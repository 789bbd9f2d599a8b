#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Frames that arrive over a veth pair, as many as the sender can send: how many the bare loop takes, how many sensord takes,
# with the same ring, and for how much processor time. Explained in BENCH. Needs root and network namespaces, else skips.
# usage: live.sh SENSORD TOOLS PUMP FOLDER CAPTURE...    BENCH_RUNS, BENCH_LIVE_SECONDS (5): of each, interleaved
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if [ "${SENSORD_BENCH_INSIDE:-}" = "" ]; then
	if [ "$(id -u)" != 0 ] || ! unshare -n true 2>/dev/null; then
		echo "SKIP: live throughput (root and network namespaces are needed)"
		exit 0
	fi
	SENSORD_BENCH_INSIDE=1 exec unshare -n sh "$0" "$@"
fi
sensord=$1 tools=$2 pump=$3 folder=$4
shift 4
seconds=${BENCH_LIVE_SECONDS:-5}
ip link add bl0 type veth peer name bl1
for name in bl0 bl1; do
	echo 1 >/proc/sys/net/ipv6/conf/$name/disable_ipv6
	ip link set $name mtu 65535 up
	ip link set $name arp off
done
site=$folder/live.yaml
{
	cat "$here/site.yaml"
	echo "capture: { interfaces: [bl1], ring_mib: 64 }"
	echo "run: { allow_root: true, user: root, control: none }"
} >"$site"

ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }
# run NAME COMMAND...: a line "name sent taken lost cpu-ticks" of one run; the last words of what the program says count.
run() {
	name=$1
	shift
	"$@" >"$folder/live.said" 2>&1 &
	reader=$!
	for try in 0 1 2 3 4 5 6 7 8 9; do
		grep -q -e ready -e watching "$folder/live.said" && break
		sleep 0.3
	done
	sent=$("$pump" -t "$seconds" bl0 $captures | awk '{ print $1 }')
	sleep 0.5
	used=$(ticks $reader)
	kill $reader
	wait $reader || true
	awk -v name="$name" -v sent="$sent" -v used="$used" '
		/frames,/ { got = $1; lost = $5 }
		/packets received,/ { got = $2 - $5; lost = $5 }
		END { print name, sent, got, lost, used }' "$folder/live.said" >>"$folder/live.results"
}

captures=$*
: >"$folder/live.results"
i=0
while [ $i -lt "${BENCH_RUNS:-5}" ]; do
	run bare "$tools/bare_live" bl1 64
	run sensord "$sensord" run -c "$site" -r "$here/../../rules" --alerts "$folder/live.json"
	rm -f "$folder/live.json"
	i=$((i + 1))
done
awk -v seconds="$seconds" '
	{ n[$1]++; sent[$1] += $2; got[$1] += $3; lost[$1] += $4; used[$1] += $5 }
	END {
		printf "live throughput, %d runs of %d s\n  %-10s %10s %10s %8s %10s %8s\n", n["bare"], seconds, "program", "sent/s", "taken/s", "lost %", "cpu s/run", "x bare"
		for (i = 1; i <= 2; i++) {
			p = i == 1 ? "bare" : "sensord"; t = n[p] * seconds
			printf "  %-10s %10.0f %10.0f %8.3f %10.2f %8.2f\n", p, sent[p] / t, got[p] / t, (sent[p] ? 100 * lost[p] / sent[p] : 0), used[p] / 100 / n[p],
			       (got["bare"] ? got[p] / got["bare"] : 0)
		}
	}' "$folder/live.results"
