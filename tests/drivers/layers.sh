#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The folder tree is the architecture: which folder may include whose contracts, and which library is used where. Prints
# `file: from -> to` of what crosses a seam. A private header stands in the folder that includes it, without a slash. In app,
# which has folders of its own, one may include another's headers by folder and name, and those of app itself.
set -eu

violations() {
	(cd "$1" && find sensord include -name '*.[ch]' | sort | xargs awk '
	BEGIN {
		may["base"] = "base"
		may["record"] = "base record"
		may["conf"] = "base conf"
		may["site"] = "base conf site"
		may["decode"] = "base decode"
		may["proto"] = "base record proto"
		may["flow"] = "base record decode proto flow"
		may["detect"] = "base record conf site detect"
		may["output"] = "base record conf output"
		may["app"] = "base record conf site decode proto flow detect output app"
		# header of a library, by its first part -> the folders that use it
		only["pcap.h"] = only["pcap/"] = "app"
		only["event2/"] = only["event.h"] = "app"
		only["jansson.h"] = "record"
		only["yaml.h"] = "conf"
		only["pcre2.h"] = "detect"
		only["openssl/"] = "record proto output app"
		only["librdkafka/"] = "output"
		only["zlib.h"] = "app output"
		only["zstd.h"] = only["lz4frame.h"] = "app"
	}
	function has(list, word) { return index(" " list " ", " " word " ") > 0 }
	function complain(to) { print FILENAME ": " from " -> " to; bad = 1 }
	FNR == 1 { split(FILENAME, path, "/"); from = path[2]; if (!(from in may)) complain("(a folder without a row in the table)") }
	match($0, /^[ \t]*#[ \t]*include[ \t]*"[^"]+"/) {
		name = $0; sub(/^[^"]*"/, "", name); sub(/".*/, "", name)
		if (from == "app" && system("test -f sensord/app/" name) == 0) next
		if (name ~ /\//) {
			to = name; sub(/\/.*/, "", to)
			if (!has(may[from], to)) complain(to)
			if (system("test -f include/" name) != 0) complain(name " (no contract of that name)")
		} else if (system("test -f \"$(dirname " FILENAME ")/" name "\"") != 0)
			complain(name " (no private header of this folder)")
	}
	match($0, /^[ \t]*#[ \t]*include[ \t]*<[^>]+>/) {
		name = $0; sub(/^[^<]*</, "", name); sub(/>.*/, "", name)
		part = name; if (name ~ /\//) sub(/\/.*/, "/", part)
		if ((part in only) && !has(only[part], from)) complain("<" name ">")
	}
	END { exit bad }')
}

found=0
violations "${srcdir:-.}" || found=1

# The check itself must be able to fail: one seam crossed by each kind of include.
tree=$(mktemp -d layers-XXXXXX)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/sensord/base" "$tree/sensord/proto" "$tree/sensord/detect" "$tree/include/record" "$tree/include/flow"
: >"$tree/include/record/record.h"
: >"$tree/include/flow/engine.h"
echo '#include "record/record.h"' >"$tree/sensord/base/up.c"
echo '#include "flow/engine.h"' >"$tree/sensord/detect/side.c"
echo '#include <event2/event.h>' >"$tree/sensord/proto/library.c"
echo '#include "other.h"' >"$tree/sensord/proto/private.c"
planted=$(violations "$tree" || :)
for expected in 'sensord/base/up.c: base -> record' 'sensord/detect/side.c: detect -> flow' \
	'sensord/proto/library.c: proto -> <event2/event.h>' 'sensord/proto/private.c: proto -> other.h'; do
	case $planted in
	*"$expected"*) ;;
	*) echo "a planted violation was not found: $expected" >&2; found=1 ;;
	esac
done
exit $found
