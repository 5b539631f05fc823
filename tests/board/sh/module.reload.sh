# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# The module cannot go while an enclave lives; taken out and put back, it works as before.
. "$T/lib/lib.sh"
needs_enclaves

mode=$(stat -c '%a %g' /dev/ringmaster)
$RUN "$T/bin/loop" >out &
wait_until 10 grep -q looping out
if rmmod ringmaster 2>/dev/null; then fail "the module went with an enclave alive"; fi
kill -KILL $!
wait $!
for _ in 1 2 3; do
	wait_until 5 rmmod ringmaster 2>/dev/null || fail "rmmod"
	insmod /lib/ringmaster/ringmaster.ko || fail "insmod"
	wait_until 5 test -e /dev/ringmaster || fail "no device"
	chmod "${mode% *}" /dev/ringmaster
	chgrp "${mode#* }" /dev/ringmaster
	next_enclave_runs
done
done_testing
