# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 180 s
# A program touches 480 MiB and finds them as it left them; the touch beyond the limit ends it with a message that says so.
. "$T/lib/lib.sh"
needs_enclaves
[ "$BOARD" = sbsa ] || skip "this board has not so much secure memory"

total=$(ringmaster info | sed -n 's/^secure memory  *//p')
$RUN "$T/bin/touch" 480 >out 2>err
status=$?
[ $status = 137 ] || fail "status $status instead of 137"
expect_text out '480 MiB'
expect_text err touch 'secure memory ran out' "out ($total for all enclaves" 'use less'
# A limit of one's own is named.
$RUN --memory 24M "$T/bin/touch" 16 >out 2>err
status=$?
[ $status = 137 ] || fail "status $status instead of 137 with --memory"
expect_text out '16 MiB'
expect_text err touch 'limit 24 MiB' --memory
next_enclave_runs
done_testing
