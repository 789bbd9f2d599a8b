#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A function of ours with the name of one in a library we load would silently take its place (libevent exports event_add):
# no exported symbol of libsensord.a may be exported by a library of the program.
set -eu
command -v nm >/dev/null && command -v ldd >/dev/null || exit 77
work=$(mktemp -d symbols-XXXXXX)
trap 'rm -rf "$work"' EXIT

nm -g --defined-only libsensord.a 2>/dev/null | awk 'NF == 3 { print $3 }' | sort -u >"$work/ours"
# Sanitizers replace functions of libc on purpose and are no library of ours.
ldd bin/sensord | awk '$3 ~ /^\// && $1 !~ /^lib(a|ub|t)san/ { print $3 }' >"$work/libraries"
while read -r library; do
	nm -D --defined-only "$library" | awk -v from="$library" 'NF == 3 { sub(/@.*/, "", $3); print $3, from }'
done <"$work/libraries" | sort -u >"$work/theirs"

[ "$(wc -l <"$work/ours")" -gt 100 ] || { echo "nm sees no symbols in libsensord.a" >&2; exit 1; }
collisions() { join "$1" "$work/theirs"; }

collisions "$work/ours" >"$work/found"
if [ -s "$work/found" ]; then
	echo "exported by libsensord.a and by a library:" >&2
	cat "$work/found" >&2
	exit 1
fi
# The check itself must be able to fail.
echo event_add >"$work/planted"
collisions "$work/planted" | grep -q event || { echo "a planted event_add was not found" >&2; exit 1; }
