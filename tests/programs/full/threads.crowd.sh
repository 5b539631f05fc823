# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 1200 s
# As posix.thread.crowd, for long.
. "$T/lib/lib.sh"

for threads in 8 32 48; do
	"$T/bin/crowd.native" $threads 60 >expected || fail "natively: status $?"
	# shellcheck disable=SC2086 # a command, or nothing
	$RUN "$T/bin/crowd" $threads 60 >out || fail "$threads threads: status $?"
	expect_same expected out
done
done_testing
