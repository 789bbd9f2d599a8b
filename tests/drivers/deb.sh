#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The Debian package that contrib/deb.sh builds holds what it should, and what is in it works from where it stands.
set -eu
top=${srcdir:-.}
for tool in dpkg-buildpackage dh dpkg-deb; do
	command -v $tool >/dev/null || { echo "SKIP: check-deb ($tool is not there)"; exit 0; }
done
work=$(mktemp -d "$PWD/deb-XXXXXX")
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# check WHAT COMMAND...
check() {
	what=$1
	shift
	if "$@" >"$work/out" 2>&1; then passed=$((passed + 1)); else
		failed=$((failed + 1))
		echo "FAIL: $what"
		tail -n 5 "$work/out"
	fi
}

check "the package is built" sh "$top/contrib/deb.sh" "$work/deb"
package=$(echo "$work"/deb/sensord_*.deb)
check "the package is unpacked" dpkg-deb -x "$package" "$work/root"
for file in usr/bin/sensord etc/sensord/sensord.yaml etc/logrotate.d/sensord usr/share/man/man8/sensord.8.gz \
	lib/systemd/system/sensord.service lib/systemd/system/sensord@.service usr/lib/sysusers.d/sensord.conf \
	usr/lib/tmpfiles.d/sensord.conf usr/share/sensord/rules/catalogue.yaml usr/share/bash-completion/completions/sensord usr/share/doc/sensord/copyright; do
	check "$file is in it" test -s "$work/root/$file"
done
check "the site file is a conffile" sh -c "dpkg-deb -I '$package' conffiles | grep -qx /etc/sensord/sensord.yaml"
check "nobody but root and its group reads the site file" \
	sh -c "dpkg-deb -c '$package' | grep -q '^-rw-r----- .* ./etc/sensord/sensord.yaml'"
check "the user is made where it is installed" sh -c "dpkg-deb -I '$package' postinst | grep -q systemd-sysusers"
alerts() {
	"$work/root/usr/bin/sensord" replay -c "$top/contrib/sample/site.yaml" "$top/contrib/sample/sample.pcapng" >"$work/alerts" &&
		grep -q '"id":"C-07"' "$work/alerts"
}
check "the program finds the rules beside it and alerts" alerts
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
