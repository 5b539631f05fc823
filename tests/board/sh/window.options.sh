# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# --windows, the counters of windows, and what a trace says of a read that a window had.
. "$T/lib/lib.sh"
needs_enclaves

counted() { awk -v what="$1" '{ sub(/^ */, "") } index($0, what) == 1 { print $NF }' err; }
commands() { printf '%s\n' "open file 0" "read 0 4096 200" close; }

dd if=/dev/zero of=file bs=64K count=4 2>/dev/null
commands | ringmaster run --stats "$T/bin/windowed" >out 2>err || fail "it fails: $(cat err)"
[ "$(counted 'reads by windows')" -gt 150 ] || fail "by windows: $(cat err)"
[ "$(counted 'windows filled')" = 1 ] || fail "filled: $(cat err)"
[ "$(counted 'voluntary exits')" -lt 100 ] || fail "exits: $(cat err)"
commands | ringmaster run --host-calls=exit --windows=off --stats "$T/bin/windowed" >out 2>err || fail "it fails: $(cat err)"
[ "$(counted 'reads by windows')" = 0 ] || fail "off: $(cat err)"
[ "$(counted 'voluntary exits')" -gt 200 ] || fail "exits: $(cat err)"
commands | ringmaster trace -o all -e pread64 --windows=on "$T/bin/windowed" >out 2>err || fail "it fails: $(cat err)"
[ "$(grep -c '^pread64(3, .* = 4096 <.*; window>$' all)" -gt 150 ] || fail "the trace: $(tail -n 20 all)"
expect_status 125 ringmaster run --windows=maybe "$T/bin/windowed"
done_testing
