# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# As many enclaves as the board takes: the one too many is told so, the others go on.
. "$T/lib/lib.sh"
needs_enclaves

n=0
mkfifo hold
exec 4<>hold
while [ $n -lt 40 ]; do
	n=$((n + 1))
	$RUN "$T/bin/cat" <hold >/dev/null 2>err.$n &
done
usleep 300000
for err in err.*; do
	[ ! -s "$err" ] || expect_text "$err" ringmaster
done
for pid in $(jobs -p); do kill "$pid" 2>/dev/null; done
wait
next_enclave_runs
done_testing
