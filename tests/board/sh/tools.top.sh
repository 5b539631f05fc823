# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# ringmaster top and the counters of run --stats: what an enclave reads and writes is seen, while it runs and at its end.
. "$T/lib/lib.sh"
needs_enclaves

counted() { awk -v what="$1" '{ sub(/^ */, "") } index($0, what) == 1 { print $NF }' err; }

dd if=/dev/zero of=bytes bs=64K count=64 2>/dev/null
ringmaster run --stats "$T/bin/cat" <bytes >copied 2>err || fail "cat: $(cat err)"
cmp bytes copied || fail "the copy differs"
[ "$(counted 'bytes in')" -ge 4194304 ] || fail "bytes in: $(cat err)"
[ "$(counted 'bytes out')" -ge 4194304 ] || fail "bytes out: $(cat err)"
[ "$(counted 'arena copies')" -ge 2 ] || fail "copies: $(cat err)"
[ "$(counted 'arena slots at most')" -ge 1 ] || fail "slots: $(cat err)"

ringmaster run "$T/bin/yes" >/dev/null &
yes=$!
ringmaster top -b -d 0.5 -n 3 >out 2>err || fail "top: $(cat err)"
kill $yes
wait $yes
[ "$(grep -c '^ *ID' out)" = 3 ] || fail "not three tables: $(cat out)"
# The last table: number, process, threads, memory (two words), CPU, exits, interrupts, calls, ring, in, out (two words each), name.
awk '/^ *ID/ { seen = 0 } $NF == "yes" { seen = $9 + $10 > 0 && $13 > 0 && $7 > 0 && NF == 15 } END { exit !seen }' out ||
	fail "nothing of it is seen: $(cat out)"
ringmaster top -d 0 2>err && fail "a delay of nothing is taken"
grep -q 'from 0.1 on' err || fail "the message: $(cat err)"
ringmaster top -x 2>err && fail "an unknown option is taken"
done_testing
