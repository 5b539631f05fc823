# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Thousands of arguments and a large environment arrive; too much of them is said to be so.
. "$T/lib/lib.sh"

words=$(seq 1 9000)
"$T/bin/args.native" $words >expected
"$T/bin/args.native" >/dev/null
$RUN "$T/bin/args" $words >out
sed -i 's/\[[^]]*\] //' expected out
expect_same expected out
LARGE=$(head -c 100000 /dev/zero | tr '\0' x)
export LARGE
[ "$($RUN "$T/bin/variable" LARGE | wc -c)" = 100001 ] || fail 'large variable'
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do export "LARGE$i=$LARGE"; done
$RUN "$T/bin/hello" >out 2>err
status=$?
case $status in
0) expect_text out 'hello, world' ;;
126) expect_text err ringmaster arguments ;;
*) fail "status $status: $(cat err)" ;;
esac
unset LARGE LARGE1 LARGE2 LARGE3 LARGE4 LARGE5 LARGE6 LARGE7 LARGE8 LARGE9 LARGE10 LARGE11 LARGE12
next_enclave_runs
done_testing
