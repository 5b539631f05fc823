# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Reading a clock neither traps nor leaves: 100,000 times without a system call, by libc's function and by the vDSO's.
. "$T/lib/lib.sh"
needs_enclaves

$RUN "$T/bin/clocks" >out || fail "status $?"
"$T/bin/clocks.native" >native || fail "natively: status $?"
expect_same native out
expect_text out 'clock_gettime: 0' '__kernel_gettimeofday: 0'
done_testing
