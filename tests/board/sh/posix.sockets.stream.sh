# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# 50 MB over TCP between an enclave and a native process, both ways round, and between enclaves: what is sent arrives.
. "$T/lib/lib.sh"

# between SERVER CLIENT BYTES BLOCK: a command each.
between() {
	rm -f port
	$1 serve port >server.out &
	server=$!
	wait_until 20 test -s port || fail "no server: $1"
	$2 send port "$3" "$4" >client.out || fail "status $?: $2"
	wait $server || fail "status $?: $1"
	expect_same server.out client.out
	[ "$(cut -d' ' -f1 server.out)" = "$3" ] || fail "$(cat server.out) instead of $3 bytes"
}

native="$T/bin/stream.native"
enclave="$RUN $T/bin/stream"
between "$enclave" "$native" 50000000 65536
between "$native" "$enclave" 50000000 1000000
between "$enclave" "$enclave" 50000000 100000
if [ -n "$RUN" ]; then
	between "$RUN --poll $T/bin/stream" "$native" 10000000 65536
	between "$native" "$RUN --poll $T/bin/stream" 10000000 65536
fi
done_testing
