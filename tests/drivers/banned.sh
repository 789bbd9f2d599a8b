#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Calls that have no place: everywhere those that write without a bound or keep hidden state; below app/ also those that
# print, exit, or read the clock or the environment. Comments and texts are not looked at.
set -eu
everywhere="strcpy strcat stpcpy sprintf vsprintf gets strtok strncpy strncat atoi atol atoll atof alloca localtime gmtime
 ctime asctime rand srand random system popen signal setjmp longjmp mktemp tmpnam"
below_app="time clock clock_gettime gettimeofday getenv printf vprintf puts putchar perror exit _exit quick_exit syslog
 openlog err errx warn warnx"

calls() {
	(cd "$1" && find sensord include -name '*.[ch]' | sort | xargs awk -v everywhere="$everywhere" -v below="$below_app" '
	BEGIN {
		n = split(everywhere, names); for (i = 1; i <= n; i++) always[names[i]] = 1
		n = split(below, names); for (i = 1; i <= n; i++) under[names[i]] = 1
	}
	FNR == 1 { inside = 0; app = FILENAME ~ /^sensord\/app\// }
	{
		line = $0
		if (inside) {
			if (!match(line, /\*\//)) next
			line = substr(line, RSTART + 2); inside = 0
		}
		gsub(/\\["\\\x27]/, "", line)
		gsub(/"[^"]*"/, "\"\"", line)
		while (match(line, /\/\*/)) {
			before = substr(line, 1, RSTART - 1); rest = substr(line, RSTART + 2)
			if (!match(rest, /\*\//)) { line = before; inside = 1; break }
			line = before " " substr(rest, RSTART + 2)
		}
		if (!app && line ~ /(stdout|stderr)/) { print FILENAME ":" FNR ": stdout or stderr"; bad = 1 }
		while (match(line, /[A-Za-z_][A-Za-z_0-9]*[ \t]*\(/)) {
			name = substr(line, RSTART, RLENGTH - 1); sub(/[ \t]+$/, "", name)
			before = RSTART > 1 ? substr(line, RSTART - 1, 1) : " "
			line = substr(line, RSTART + RLENGTH)
			if (before == "." || before == ">") continue     # a member of that name
			if ((name in always) || (!app && (name in under))) { print FILENAME ":" FNR ": " name "()"; bad = 1 }
		}
	}
	END { exit bad }')
}

found=0
calls "${srcdir:-.}" || found=1

# The check itself must be able to fail, and must not be fooled by comments and texts.
tree=$(mktemp -d banned-XXXXXX)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/sensord/base" "$tree/sensord/app" "$tree/include"
printf '/* strcpy(a, b)\n * time(now) */ int x; /* exit(1) */\nconst char *t = "atoi(\\"1\\")";\n' >"$tree/sensord/base/fine.c"
printf 'void f(void) { clock_gettime(1, 0); }\n' >"$tree/sensord/base/clock.c"
printf 'void f(char *a) { printf("%%s", a); strcpy (a, a); }\n' >"$tree/sensord/app/copy.c"
planted=$(calls "$tree" || :)
expected='sensord/app/copy.c:1: strcpy()
sensord/base/clock.c:1: clock_gettime()'
if [ "$planted" != "$expected" ]; then
	printf 'planted calls were reported as\n%s\ninstead of\n%s\n' "$planted" "$expected" >&2
	found=1
fi
exit $found
