#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Builds an installable Debian package of this checkout: deb.sh [FOLDER]; it stands in FOLDER (build/deb) afterwards.
# Needs debhelper and what contrib/packages.sh installs.
set -eu
cd "$(dirname "$0")/.."
top=$PWD
folder=${1:-build/deb}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
version=$(sed -n 's/^AC_INIT(\[sensord\], \[\(.*\)\])$/\1/p' configure.ac)
tree=$folder/sensord-$version
rm -rf "$tree"
mkdir "$tree"
tar --exclude=./build --exclude=./.git --exclude=./autom4te.cache --exclude='*.o' --exclude='*.a' -cf - . | tar -C "$tree" -xf -
cd "$tree"
cp -r contrib/debian debian
sed 's/^/ /; s/^ $/ ./' LICENSE >>debian/copyright
cp contrib/logrotate debian/sensord.logrotate
date=$(LC_ALL=C date -R -d "@${SOURCE_DATE_EPOCH:-$(date +%s)}")
printf 'sensord (%s) unstable; urgency=medium\n\n  * Built from the sources.\n\n -- sensord developers <sensord@localhost>  %s\n' "$version" "$date" >debian/changelog
DEB_BUILD_OPTIONS="noautodbgsym parallel=$(nproc)" dpkg-buildpackage -b -us -uc >"$folder/build.log" 2>&1 || { tail -n 30 "$folder/build.log" >&2; exit 1; }
cd "$top"
rm -rf "$tree"
ls "$folder"/sensord_"$version"_*.deb
