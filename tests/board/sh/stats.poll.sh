# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# A 100 MB page-cached file read with a polling thread on the other core: less than one voluntary exit a MiB.
. "$T/lib/lib.sh"
needs_enclaves

[ "$(nproc)" -ge 2 ] || skip "one core"
make_huge
ringmaster run --stats --poll "$T/bin/sum" $HUGE_FILE 1048576 >out 2>err || fail "$(cat err)"
"$T/bin/sum.native" $HUGE_FILE 1048576 >expected
expect_same expected out
cat err
exits=$(awk '/voluntary/ { for (i = 1; i <= NF; i++) if ($i ~ /^[0-9]+$/) { print $i; exit } }' err)
[ -n "$exits" ] || fail "no count of voluntary exits: $(cat err)"
[ "${exits:-9999}" -lt 95 ] || fail "$exits voluntary exits for 95 MiB"
done_testing
