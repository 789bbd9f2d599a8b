#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Each contract in include/ and each private header compiles alone, and twice in a row.
set -eu
top=$(cd "${srcdir:-.}" && pwd)
work=$(mktemp -d headers-XXXXXX)
trap 'rm -rf "$work"' EXIT

n=0
for header in $(cd "$top" && find include sensord -name '*.h' | sort); do
	n=$((n + 1))
	printf '#include "%s"\n#include "%s"\n' "$top/$header" "$top/$header" >"$work/$(echo "$header" | tr / -).c"
done
[ $n -gt 10 ] || { echo "no headers found below $top" >&2; exit 1; }
# shellcheck disable=SC2086
${CC:-cc} -std=gnu11 -D_GNU_SOURCE ${HEADER_CPPFLAGS:-} -I"$top/include" -iquote "$top/sensord/app" -Wall -Werror -fsyntax-only "$work"/*.c
# The check itself must be able to fail.
echo 'struct x { uint8_t needs_stdint; };' >"$work/planted.h"
printf '#include "planted.h"\n' >"$work/planted.c"
if ${CC:-cc} -fsyntax-only "$work/planted.c" 2>/dev/null; then
	echo "a header that needs another was accepted" >&2
	exit 1
fi
