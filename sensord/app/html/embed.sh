#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Files as arrays of bytes in C: `embed.sh NAME=FILE... >html_assets.c`.
set -eu
echo '/* Made by embed.sh: edit the files it is made of. */'
for pair; do
	name=${pair%%=*} file=${pair#*=}
	echo "extern const unsigned char $name[]; extern const unsigned long ${name}_size;"
	echo "const unsigned char $name[] = {"
	od -An -v -tu1 "$file" | sed 's/  *\([0-9]\)/ \1/g; s/\([0-9]\)/\1/g; s/\([0-9][0-9]*\)/\1,/g'
	echo "};"
	echo "const unsigned long ${name}_size = sizeof($name);"
done
