# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Cores taken offline and back while enclaves run.
. "$T/lib/lib.sh"
needs_enclaves

cpu=/sys/devices/system/cpu/cpu1/online
[ -w $cpu ] || skip "one core"
$RUN "$T/bin/loop" >out &
loop=$!
wait_until 10 grep -q looping out
for _ in 1 2 3; do
	echo 0 >$cpu || fail "offline"
	[ "$(cat $cpu)" = 0 ] || fail "still online"
	next_enclave_runs
	echo 1 >$cpu || fail "online"
	next_enclave_runs
	[ "$(pin 1 $RUN "$T/bin/hello")" = 'hello, world' ] || fail "no enclave on the core that came back"
done
kill -0 $loop || fail "the looping enclave is gone"
kill -KILL $loop
wait $loop
[ "$(ringmaster info | sed -n 's/^cores *//p')" = "$(nproc)" ] || fail "cores: $(ringmaster info)"
done_testing
