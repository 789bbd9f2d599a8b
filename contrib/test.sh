#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Passes the tests from a clean checkout: installs the packages (as root, or with sudo), builds below build/, tests.
#   test.sh          all: gcc with distcheck, ASan+UBSan, clang, laboratory, corpus, fuzzing; about half an hour on two processors, at most 80 minutes
#   test.sh quick    gcc and `make check` alone
# Each fuzz target makes FUZZ_RUNS (5000) runs from a fixed seed, within FUZZ_SECONDS (60); FUZZ_RUNS= : that long, at random. SENSORD_LAB, SENSORD_CORPUS: folders of captures, skipped where absent.
# Closes with `N passed, N failed`, the sum of all; the status is 0 where nothing failed. Logs stay in build/*.log.
set -eu
exec </dev/null
cd "$(dirname "$0")/.."
top=$PWD
deadline=$(($(date +%s) + 4800))
passed=0 failed=0
export LC_ALL=C.UTF-8
export FUZZ_RUNS="${FUZZ_RUNS-5000}"
jobs=$(nproc)

# step NAME SECONDS COMMAND...: runs it with its output in build/NAME.log, and adds what its closing lines count.
step() {
	name=$1 limit=$2
	shift 2
	log=$top/build/$name.log
	began=$(date +%s)
	left=$((deadline - began))
	[ "$left" -gt 1 ] || left=1
	[ "$limit" -lt "$left" ] || limit=$left
	status=0
	: >"$top/build/began"
	timeout -k 10 "$limit" "$@" >"$log" 2>&1 || status=$?
	p=$(awk '/^# (PASS|XFAIL): / { n += $3 } /^[0-9]+ passed, [0-9]+ failed$/ { n += $1 } END { print n + 0 }' "$log")
	f=$(awk '/^# (FAIL|XPASS|ERROR): / { n += $3 } /^[0-9]+ passed, [0-9]+ failed$/ { n += $3 } END { print n + 0 }' "$log")
	if [ $status = 0 ] && [ "$p" = 0 ] && ! grep -q '^SKIP' "$log"; then p=1; fi
	if [ $status != 0 ] && [ "$f" = 0 ]; then f=1; fi
	passed=$((passed + p)) failed=$((failed + f))
	verdict=ok
	[ "$p" != 0 ] || verdict=skipped
	[ $status = 0 ] || verdict=FAILED
	printf '%-12s %-8s %d passed, %d failed  %d s\n' "$name" $verdict "$p" "$f" $(($(date +%s) - began))
	grep '^SKIP' "$log" | sed 's/^/    /' || :
	[ $status = 0 ] && return 0
	[ $status != 124 ] || echo "    stopped after $limit s"
	grep -E '^(FAIL|ERROR)|: error: ' "$log" | head -20 | sed 's/^/    /' || :
	# What the failed tests themselves said, else how the log ends.
	for t in $(sed -n 's/^FAIL: \(tests\/[^ ]*\).*/\1/p' "$log"); do
		find "$top/build" -path "*/$t.log" -newer "$top/build/began" -exec tail -n 25 '{}' ';' | sed 's/^/    | /'
	done
	grep -q '^FAIL: tests/' "$log" || tail -n 25 "$log" | sed 's/^/    | /'
	return 1
}

# tree NAME OPTIONS...: a build folder of its own.
tree() {
	mkdir -p "$top/build/$1" && cd "$top/build/$1" || return 1
	shift
	"$top/configure" --quiet --enable-werror "$@" && make -s -j"$jobs" all
}
build_and_check() {
	tree "$@" && make -j"$jobs" check
}
build_with_threads() {
	tree threads CFLAGS='-g -O1 -fsanitize=thread' --disable-hardening && make -s -j"$jobs" check-threads
}
build_with_clang() {
	tree clang CC=clang && make -s -j"$jobs" check TESTS=
}
build_fuzzers() {
	tree fuzz CC=clang --enable-fuzzing --enable-sanitizers
}
# The inner call of step, which needs a command of its own.
if [ "${1:-}" = --inner ]; then
	shift
	"$@"
	exit
fi
inner() { echo "sh $top/contrib/test.sh --inner"; }

mkdir -p build
sh contrib/packages.sh "$([ "${1:-}" = quick ] && echo tests || echo all-tests)"
autoreconf -i >build/autoreconf.log 2>&1 || { cat build/autoreconf.log; exit 1; }

step gcc 600 $(inner) build_and_check gcc || :
if [ "${1:-}" != quick ]; then
	# Leaks are looked for with ptrace, which some containers forbid.
	printf 'int main(void) { return 0; }\n' >build/probe.c
	if gcc -fsanitize=address -o build/probe build/probe.c && ! build/probe >/dev/null 2>&1; then
		echo "AddressSanitizer cannot look for leaks here: it is told not to"
		ASAN_OPTIONS=detect_leaks=0
		export ASAN_OPTIONS
	fi
	step lab 240 make -s -C build/gcc check-lab || :
	step alone 400 make -s -C build/gcc check-alone || :
	step report 240 make -s -C build/gcc check-report || :
	step daemon 300 make -s -C build/gcc check-daemon || :
	step soak 200 make -s -C build/gcc check-soak SOAK_SECONDS="${SOAK_SECONDS:-60}" || :
	step corpus 600 make -s -C build/gcc check-corpus || :
	step engines 400 make -s -C build/gcc check-engines || :
	step attacks 200 make -s -C build/gcc check-attacks || :
	step audit 300 make -s -C build/gcc check-audit || :
	step learn 400 make -s -C build/gcc check-learn || :
	step plan 900 make -s -C build/gcc check-plan || :
	step outputs 300 make -s -C build/gcc check-outputs || :
	step live 300 make -s -C build/gcc check-live || :
	step sanitizers 800 $(inner) build_and_check sanitizers --enable-sanitizers || :
	step threads 500 $(inner) build_with_threads || :
	step distcheck 600 make -s -C build/gcc distcheck || :
	step deb 300 make -s -C build/gcc check-deb || :
	step clang 400 $(inner) build_with_clang || :
	step fuzz-build 400 $(inner) build_fuzzers || :
	step fuzz 1200 make -s -C build/fuzz -j"$jobs" check-fuzz FUZZ_SECONDS="${FUZZ_SECONDS:-60}" || :
fi
echo
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
