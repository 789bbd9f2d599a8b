#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The ledger: what it says where there is nothing to list, what it refuses, and the logons of the laboratory's
# administrators, alone and against an operations record. The captures are not shipped: skipped where they are not there.
set -eu
top=${srcdir:-.}
work=$(mktemp -d ledger-XXXXXX)
trap 'rm -rf "$work"' EXIT
sample=$top/contrib/sample/sample.pcapng

# ledger CODE ARGUMENT...: out and err are in the work folder
ledger() {
	wanted=$1
	shift
	got=0
	bin/sensord ledger "$@" >"$work/out" 2>"$work/err" || got=$?
	[ "$got" -eq "$wanted" ] || { echo "ledger $*: exit $got instead of $wanted" >&2; cat "$work/err" >&2; exit 1; }
}
says() {
	grep -q -- "$2" "$work/$1" || { echo "no \"$2\" in:" >&2; cat "$work/$1" >&2; exit 1; }
}

ledger 0 "$sample"
says err 'no site file given'
[ ! -s "$work/out" ] && [ "$(wc -l <"$work/err")" -eq 1 ]
printf 'site:\n  name: bare\n' >"$work/bare.yaml"
ledger 0 -c "$work/bare.yaml" "$sample"
says err 'declares no administrators'
[ ! -s "$work/out" ]
ledger 2
ledger 2 -c "$top/tests/lab/site.yaml" --format xml "$sample"
ledger 2 -c "$top/tests/lab/site.yaml" "$work/nowhere.pcap"
printf 'account,from,to\nadm,2026-11-31T09:00,2026-12-01T09:00\n' >"$work/bad.csv"
ledger 2 -c "$top/tests/lab/site.yaml" --records "$work/bad.csv" "$sample"
says err 'bad.csv:2: from: '

lab=${SENSORD_LAB:-$top/../shared/lab}
[ -f "$lab/f_admin_ok.pcap" ] || exit 77
ledger 0 -c "$top/tests/lab/site.yaml" --format csv "$lab/f_admin_ok.pcap"
says out '^day,account,source,destination,target,method,outcome,first,last,count.$'
says out ',adm-kato,10.1.200.10,10.1.100.10,cifs/fs1.lab.example,kerberos/tgs,success,'
says out ',adm-kato,10.1.200.10,10.1.100.20,cifs/fs1.lab.example@LAB.EXAMPLE,kerberos/smb,success,'
says out ',adm-mori,10.1.200.10,10.1.100.20,fs1.lab.example,ntlm/smb,success,'
cp "$work/out" "$work/once"
ledger 0 -c "$top/tests/lab/site.yaml" --format csv "$lab/f_admin_ok.pcap"
cmp "$work/once" "$work/out"
day=$(sed -n '2s/,.*//p' "$work/out")

# A line that covers one administrator, one that nobody used.
cat >"$work/part.csv" <<END
account,from,to,source,id
LAB\\ADM-KATO,${day}T00:00,${day}T23:59,10.1.200.0/24,CHG-1
administrator,${day}T00:00,${day}T23:59,,CHG-2
END
ledger 1 -c "$top/tests/lab/site.yaml" --records "$work/part.csv" --format csv "$lab/f_admin_ok.pcap"
grep ',adm-kato,' "$work/out" | grep -qv ',matched,CHG-1.$' && { echo "a logon of adm-kato is not matched" >&2; exit 1; }
says out ',adm-mori,.*,unmatched,.$'
says out ',administrator,.*,0,unused,CHG-2.$'
echo "adm-mori@LAB.EXAMPLE,${day}T00:00:00Z,${day}T23:59:59Z,,CHG-3" >>"$work/part.csv"
ledger 0 -c "$top/tests/lab/site.yaml" --records "$work/part.csv" --format json "$lab/f_admin_ok.pcap"
says out '"account":"adm-mori",.*"status":"matched","record":"CHG-3"}$'

# Days and times are those of the site.
sed 's/^  name: lab$/  name: lab\n  timezone: Asia\/Tokyo/' "$top/tests/lab/site.yaml" >"$work/tokyo.yaml"
ledger 0 -c "$work/tokyo.yaml" "$lab/f_admin_ok.pcap"
says out '+09:00 .*+09:00 '
