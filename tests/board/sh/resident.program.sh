# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# A resident enclave is a program like any other: it prints, reads, has threads, waits; it has the priorities that its manifest grants; who overruns
# its budget is throttled, and the others are not.
. "$T/lib/lib.sh"
needs_enclaves
. "$T/lib/resident.sh"

pack_resident image
resident_run image plain || fail "plain: $(cat out err)"
cat >expected <<'END'
read root:
threads 50 10
main 50 10 0 50
refused: Operation not permitted, Operation not permitted, Invalid argument
cores 1, this one
mlockall 0
slept 200 ms
host 0
END
expect_same expected out
expect_text err releases

resident_run image signals || fail "signals: $(cat out err)"
printf 'raised 1\nsleep -1, 2\nread -1, 3\ntimer -1, 4\n' >expected
expect_same expected out

resident_run image overrun || fail "overrun: $(cat out err)"
[ "$(cat out)" = 'turns some, periods 200, throttled often' ] || fail "overrun: $(cat out err)"

resident_run image late || fail "late: $(cat out err)"
[ "$(cat out)" = 'missed 5 of 5' ] || fail "late: $(cat out err)"

resident_run image crowd || fail "crowd: $(cat out err)"
[ "$(cat out)" = 'crowd as large as it may be, Resource temporarily unavailable' ] || fail "crowd: $(cat out err)"

# What may wait for others waits longer than the deadline; Linux is not lost for it.
mkfifo input
ringmaster run ./image wait <input >out 2>err &
exec 3>input
wait_until 20 grep -q ready out || fail "wait: does not start: $(cat out err)"
usleep 900000
echo >&3
usleep 900000
echo >&3
wait $! || fail "wait: $(cat out err)"
exec 3>&-
expect_text out 'got it, host 0'
next_enclave_runs
done_testing
