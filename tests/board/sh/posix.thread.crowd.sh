# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 120 s
# 32 threads on two cores wait for each other in every way; the sums are those of the native run. `make check-full` has the long form.
. "$T/lib/lib.sh"

"$T/bin/crowd.native" 32 2 >expected || fail "natively: status $?"
# shellcheck disable=SC2086 # a command, or nothing
$RUN "$T/bin/crowd" 32 2 >out || fail "status $?"
expect_same expected out
done_testing
