#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# run.sh SECONDS TARGET...: each fuzz target for so many seconds from its seeds, as many at a time as there are processors.
# FUZZ_RUNS=N: N runs with a fixed seed instead, so that the same code always gives the same verdict.
# What breaks a target is left in fuzz-findings/. Closes with `N passed, N failed`.
set -eu
seconds=$1
shift
seeds=$(cd "${srcdir:-.}" && pwd)/tests/fuzz/seeds
work=$(mktemp -d fuzz-XXXXXX)
trap 'rm -rf "$work"' EXIT
mkdir -p fuzz-findings

one='name=$(basename "$3"); corpus=$1/$name; mkdir -p "$corpus"; seeds=$4/${name#fuzz_}
[ -d "$seeds" ] || seeds=
limit=-max_total_time=$2
[ -z "${FUZZ_RUNS:-}" ] || limit="-runs=$FUZZ_RUNS -seed=1 -max_total_time=$2"
if "$3" $limit -timeout=60 -rss_limit_mb=2048 -artifact_prefix="fuzz-findings/$name-" "$corpus" $seeds \
	>"$1/$name.log" 2>&1 </dev/null; then
	echo "PASS: $name, $(sed -n "s/^Done \([0-9]*\) runs.*/\1 runs/p" "$1/$name.log")"
	echo pass >>"$1/verdicts"
else
	echo "FAIL: $name"
	tail -40 "$1/$name.log"
	echo fail >>"$1/verdicts"
fi'
printf '%s\n' "$@" | xargs -P "$(nproc)" -I '{}' sh -c "$one" sh "$work" "$seconds" '{}' "$seeds"
passed=$(grep -c pass "$work/verdicts" || :)
failed=$(grep -c fail "$work/verdicts" || :)
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" = $# ]
