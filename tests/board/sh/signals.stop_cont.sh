# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Stopped and continued at any moment, an enclave does its work as if nothing had been.
. "$T/lib/lib.sh"

"$T/bin/pattern.native" 30000000 | sha256sum >expected
mkfifo pipe
sha256sum <pipe >out &
$RUN "$T/bin/pattern" 30000000 >pipe &
enclave=$!
for i in 1 2 3 4 5 6 7 8; do
	kill -STOP $enclave 2>/dev/null
	usleep $((i * 5000))
	kill -CONT $enclave 2>/dev/null
	usleep $((i * 7000))
done
wait $enclave || fail "status $?"
wait
expect_same expected out
done_testing
