# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# The proxy killed half-way, computing or in the middle of input and output: all is given back, the next enclave runs.
. "$T/lib/lib.sh"
needs_enclaves

free=$(frames)
for i in 1 2 3 4 5; do
	$RUN "$T/bin/pattern" 1000000000 >/tmp/work/out &
	wait_until 10 test -s out || fail "no output"
	usleep $((i * 17000))
	kill -KILL $!
	wait $!
	rm -f out
	next_enclave_runs
done
mkfifo fifo
for i in 1 2 3; do
	$RUN "$T/bin/cat" <fifo >/dev/null &
	exec 3>fifo
	echo text >&3
	usleep 100000
	kill -KILL $!
	wait $!
	exec 3>&-
	next_enclave_runs
done
gives_back() { [ "$(frames)" = "$free" ]; }
wait_until 5 gives_back || fail "secure memory free: $free before, $(frames) after"
[ "$(ringmaster ps | wc -l)" = 1 ] || fail "left: $(ringmaster ps)"
done_testing
