#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Manual pages, shell completion and index template are what contrib/manual makes of their templates and the program's
# tables (make update-manual renews them); the pages are clean for mandoc, the others for their readers.
#   manual.sh            compares and checks
#   manual.sh --update   writes them
set -eu
top=${srcdir:-.}
work=$(mktemp -d manual-XXXXXX)
trap 'rm -rf "$work"' EXIT
made="man/sensord.8 man/sensord.yaml.5 man/sensord-rules.5 man/sensord-fields.5 completion/sensord completion/_sensord
 siem/index-template.json"

for page in $made; do
	out=$work/$(basename "$page")
	contrib/manual "$top/rules" <"$top/contrib/$page.in" >"$out"
	if [ "${1:-}" = --update ]; then
		cmp -s "$out" "$top/contrib/$page" || cp "$out" "$top/contrib/$page"
	elif ! cmp -s "$out" "$top/contrib/$page"; then
		echo "contrib/$page is not what the tables say: make update-manual" >&2
		diff "$out" "$top/contrib/$page" | head -20 >&2 || :
		exit 1
	fi
done
[ "${1:-}" != --update ] || exit 0

if command -v mandoc >/dev/null; then
	for page in "$work"/*.[58]; do
		# A page of another part of the same set is not installed yet where this runs.
		mandoc -T lint -W warning "$page" 2>&1 | grep -v 'outdated mandoc.db' >"$work/lint" || :
		[ ! -s "$work/lint" ] || { cat "$work/lint" >&2; exit 1; }
	done
	echo '.Sh' >"$work/bad.8" # the check itself must be able to fail
	! mandoc -T lint -W warning "$work/bad.8" >/dev/null 2>&1
fi
if command -v bash >/dev/null; then
	bash -n "$work/sensord"
	got=$(bash -c '. "$1"; COMP_WORDS=(sensord rep); COMP_CWORD=1; _sensord; echo "${COMPREPLY[*]}"' - "$work/sensord")
	[ "$got" = replay ] || { echo "completion of rep: $got" >&2; exit 1; }
	got=$(bash -c '. "$1"; compopt() { :; }; COMP_WORDS=(sensord fields --j); COMP_CWORD=2; _sensord; echo "${COMPREPLY[*]}"' - "$work/sensord")
	[ "$got" = --json ] || { echo "completion of fields --j: $got" >&2; exit 1; }
fi
! command -v zsh >/dev/null || zsh -n "$work/_sensord"
! command -v python3 >/dev/null || python3 -m json.tool "$work/index-template.json" >/dev/null
