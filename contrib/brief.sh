#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# brief.sh [FILE]: one line for each alert that was opened, or raised: time (UTC), level, rule, sentence. For eyes; programs read the JSON.
cat -- "${1:--}" | grep -E '"state":"(open|raised)"' |
	sed -n 's/^{"@timestamp":"[^"T]*T\([^".]*\).*,"message":"\(.*\)","message_ja":.*,"rule":{.*"id":"\([^"]*\)","level":"\([^"]*\)".*/\1 \4 \3 \2/p' |
	awk '{ head = sprintf("%s %-13s %s", $1, $2, $3); sub(/^[^ ]+ [^ ]+ [^ ]+ /, ""); gsub(/\\\\/, "\\\\"); gsub(/\\"/, "\""); print head " " $0 }' | LC_ALL=C sort -s -k1,1
