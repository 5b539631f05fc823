# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# An endless loop ends by kill, at once.
. "$T/lib/lib.sh"

# end_by SIGNAL STATUS
end_by() {
	rm -f out
	$RUN "$T/bin/loop" >out &
	wait_until 10 grep -q looping out || fail "loop does not start"
	kill "-$1" $!
	start=$(cut -d. -f1 /proc/uptime)
	wait $!
	status=$?
	[ $status = "$2" ] || fail "kill -$1: status $status instead of $2"
	[ $(($(cut -d. -f1 /proc/uptime) - start)) -le 2 ] || fail "kill -$1: took long"
	next_enclave_runs
}

end_by TERM 143
end_by HUP 129
end_by KILL 137
done_testing
