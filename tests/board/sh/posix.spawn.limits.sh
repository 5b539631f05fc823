# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# What an enclave may start: with --no-host-programs only other enclaves, and those inherit that.

. "$T/lib/lib.sh"
needs_enclaves

program=$T/bin/starts
expect_status 0 $RUN "$program" "$T/bin/exit" 0
expect_status 7 $RUN "$program" "$T/bin/exit" 7
expect_status 0 $RUN "$program" /bin/true
expect_status 0 $RUN --no-host-programs "$program" "$T/bin/exit" 0
expect_status 113 $RUN --no-host-programs "$program" /bin/true
expect_status 113 $RUN --no-host-programs "$program" "$program" /bin/true
expect_status 102 $RUN --no-host-programs "$program" /bin/no-such-program

# A child of an enclave is an enclave: ps shows both.
mkfifo gate
$RUN "$program" "$T/bin/cat" <gate >out &
exec 9>gate
two() { [ "$(ringmaster ps | grep -c -e starts -e cat)" = 2 ]; }
wait_until 20 two || fail "there are not two enclaves: $(ringmaster ps)"
echo through >&9
exec 9>&-
wait $!
expect_text out through
done_testing
