#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every file under version control is in the release (DISTFILES comes from the Makefile), but for the few that only the
# repository needs. Without git, or out of a release, there is nothing to compare.
set -eu
top=${srcdir:-.}
[ -n "${DISTFILES:-}" ] || exit 77
[ -e "$top/.git" ] && command -v git >/dev/null || exit 77
work=$(mktemp -d dist-XXXXXX)
trap 'rm -rf "$work"' EXIT
# A checkout of another user (a build as root) is read all the same.
git -c safe.directory='*' -C "$top" ls-files >"$work/tracked" || exit 77
# A listed folder stands for what is below it.
echo "$DISTFILES" | tr ' ' '\n' | sed "s|^$top/||" | sort -u >"$work/listed"
missing=$(awk '
	NR == FNR { listed[$0] = 1; next }
	/^\.|\/\.|\.am$/ { next }
	{
		path = $0
		while (path != "" && !(path in listed)) { if (!sub(/\/[^\/]*$/, "", path)) path = "" }
		if (path == "") print
	}' "$work/listed" "$work/tracked")
if [ -n "$missing" ]; then
	echo "in the repository, but not in the release (EXTRA_DIST):" >&2
	echo "$missing" >&2
	exit 1
fi
