#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Installs what sensord needs on Debian 12 (or a sibling with apt).
#   packages.sh          to build and run it
#   packages.sh tests    also for the tests: both compilers, sanitizers, python3
#   packages.sh all-tests   and a browser, for the report, and the tools that the audit's plan names
# Nothing is asked of apt where all of it is there; where it has to be asked, root or sudo is needed.
set -eu
cd "$(dirname "$0")/.."
packages="gcc make autoconf automake pkg-config libc6-dev libpcap-dev libevent-dev libjansson-dev libyaml-dev
 libpcre2-dev libssl-dev zlib1g-dev libzstd-dev liblz4-dev librdkafka-dev libseccomp-dev tzdata"
if [ "${1:-}" ]; then
	packages="$packages libcmocka-dev python3 openssl clang llvm libclang-rt-14-dev binutils xz-utils gzip
 debhelper mandoc systemd iproute2"
fi
[ "${1:-}" != all-tests ] || packages="$packages chromium netcat-openbsd nmap curl bind9-dnsutils smbclient
 iputils-ping nftables tcpdump"

missing=
for p in $packages; do
	case $(dpkg-query -W -f '${Status}' "$p" 2>/dev/null || :) in
	"install ok installed") ;;
	*) missing="$missing $p" ;;
	esac
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
	echo "this is no Debian system; install what these packages hold:$missing" >&2
	exit 1
fi
as_root=
if [ "$(id -u)" != 0 ]; then
	as_root=sudo
	command -v sudo >/dev/null || { echo "root or sudo is needed to install:$missing" >&2; exit 1; }
fi
mkdir -p build
echo "installing:$missing"
log=build/packages.log
# shellcheck disable=SC2086
{ $as_root apt-get update -q &&
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing; } >"$log" 2>&1 </dev/null || {
	tail -n 30 "$log" >&2
	exit 1
}
