#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Measures sensord against reading alone and against other readers; what it prints is explained in BENCH beside it.
# usage: bench.sh SENSORD TOOLS FOLDER   (TOOLS: where bare, measure and make_capture are; FOLDER: for the captures)
# BENCH_BYTES: size of the mixed capture; BENCH_RUNS: runs of each program, interleaved.
set -eu
sensord=$1 tools=$2 folder=$3
here=$(cd "$(dirname "$0")" && pwd)
top=$here/../..
runs=${BENCH_RUNS:-5}
bytes=${BENCH_BYTES:-1073741824}
lab=${SENSORD_LAB:-$top/../shared/lab}
corpus=${SENSORD_CORPUS:-$top/../shared/corpus}
mkdir -p "$folder"
results=$folder/results
: > "$results"

make_mixed() {
	find "$top/contrib" "$top/tests" "$lab" "$corpus" -type f \( -name '*.pcap' -o -name '*.cap' \) -size +512k 2> "$folder/find.log" |
		LC_ALL=C sort | tr '\n' '\0' | xargs -0 "$tools/make_capture" mixed "$folder/mixed.pcap" "$bytes"
}

make_captures() {
	[ -s "$folder/mixed.pcap" ] || make_mixed || echo "mixed: no capture at hand to make it of"
	for kind in short live empty smb smb3 logons kerberos-udp kerberos-tcp; do
		[ -s "$folder/$kind.pcap" ] || "$tools/make_capture" $kind "$folder/$kind.pcap" "$bytes"
	done
}

cat > "$folder/replay" << END
#!/bin/sh
exec "$sensord" replay -c "$here/site.yaml" --rules "$top/rules" --alerts "$folder/alerts.json" "\$@"
END
chmod +x "$folder/replay"

# One run: a line "capture program cpu wall kib" more in the results.
run() {
	capture=$1 program=$2
	shift 2
	figures=$("$tools/measure" "$@") || echo "$program on $capture: failed" >&2
	echo "$capture $program $figures" >> "$results"
}

run_all() {
	file=$folder/$1.pcap
	run "$1" bare "$tools/bare" "$file"
	run "$1" sensord "$folder/replay" "$file"
	run "$1" sensord+events "$folder/replay" --events "$folder/events.json" "$file"
	rm -f "$folder/events.json"
	if command -v tcpdump > /dev/null; then
		run "$1" tcpdump-w tcpdump -r "$file" -w /dev/null
	fi
}

# tshark takes minutes for a gigabyte and keeps all it saw: it gets the first 50 MB, and its time is scaled.
run_tshark() {
	file=$folder/$1.pcap
	size=$(wc -c < "$file")
	[ "$size" -gt 0 ] && command -v tshark > /dev/null || return 0
	head -c 52428800 "$file" > "$folder/cut.pcap"
	cut=$(wc -c < "$folder/cut.pcap")
	figures=$("$tools/measure" tshark -n -r "$folder/cut.pcap") || true # the cut ends inside a packet
	echo "$1 tshark-scaled $figures" | awk -v k="$size" -v n="$cut" '{ $3 *= k / n; $4 *= k / n; print }' >> "$results"
	rm -f "$folder/cut.pcap"
}

# Medians of each program, and its CPU time as a multiple of the bare loop's.
report() {
	awk -v capture="$1" '
	function median(key, i, j, n, t, v) {
		n = split(list[key], v, " ")
		for (i = 2; i <= n; i++)
			for (j = i; j > 1 && v[j - 1] + 0 > v[j] + 0; j--) { t = v[j]; v[j] = v[j - 1]; v[j - 1] = t }
		return v[int((n + 1) / 2)] + 0
	}
	$1 == capture {
		if (!($2 in seen)) { seen[$2] = 1; order[++n_order] = $2 }
		for (i = 3; i <= 5; i++) list[$2 " " i] = list[$2 " " i] " " $i
	}
	END {
		printf "%s\n  %-16s %8s %8s %9s %9s\n", capture, "program", "cpu s", "wall s", "x bare", "peak MiB"
		for (i = 1; i <= n_order; i++) {
			p = order[i]; bare = median("bare 3")
			printf "  %-16s %8.2f %8.2f %9.2f %9.1f\n", p, median(p " 3"), median(p " 4"),
			       (bare > 0 ? median(p " 3") / bare : 0), median(p " 5") / 1024
		}
	}' "$results"
}

report_live() {
	awk '$2 == "sensord" && ($1 == "live" || $1 == "empty") { kib[$1] = $5 }
	END { printf "live\n  %.0f bytes a live flow (%.1f MiB with 1,000,000 open, %.1f MiB on an empty capture)\n",
	      (kib["live"] - kib["empty"]) * 1024 / 1000000, kib["live"] / 1024, kib["empty"] / 1024 }' "$results"
}

make_captures
for capture in mixed short smb smb3 logons kerberos-udp kerberos-tcp; do
	[ -s "$folder/$capture.pcap" ] || continue
	cat "$folder/$capture.pcap" > /dev/null # into the page cache
	i=0
	while [ $i -lt "$runs" ]; do
		run_all $capture
		i=$((i + 1))
	done
	case $capture in mixed | short) run_tshark $capture ;; esac
	report $capture
done
for capture in empty live; do
	run $capture sensord "$folder/replay" "$folder/$capture.pcap"
done
report_live
