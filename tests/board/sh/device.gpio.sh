# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Lines of the Secure world, in and out, and their interrupt.
. "$T/lib/lib.sh"
needs_enclaves
[ "$BOARD" = virt ] || skip "this board has no such lines"

cp "$T/bin/lines" "$T/bin/lines.toml" "$T/bin/beacon" "$T/bin/beacon.toml" .
ringmaster pack lines -o lines.image 2>err || fail "pack: $(cat err)"
ringmaster run ./lines.image >out 2>err || fail "lines: $(cat out err)"
ringmaster run ./lines.image >out 2>err || fail "again: $(cat out err)"
ringmaster pack beacon -o beacon.image 2>err || fail "pack: $(cat err)"
refused 126 'this board has no such device' -- ringmaster run ./beacon.image 5000 1
done_testing
