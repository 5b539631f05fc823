# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# A program that jumps to an svc of its runtime makes the runtime's calls, and gets nothing of others by it: no time of its own without a signed
# manifest, and no end of resident enclaves without a signed order, though Linux told it the nonce.
. "$T/lib/lib.sh"
needs_enclaves

cp "$T/bin/loop" .
cat >loop.toml <<'END'
memory = "4M"
debug = false
deadline = 1000
[[reservation]]
priority = 10
period = "10ms"
budget = "500us"
END
ringmaster pack loop -o loop.image 2>/dev/null || fail 'pack'
ringmaster run --name resident ./loop.image >out 2>err &
wait_until 10 grep -q looping out
ringmaster run "$T/bin/gadget" "$(ringmaster info | sed -n 's/^nonce of orders  *//p')" >out || fail "gadget: $(cat out)"
# It does get there: the first is a call that only the runtime may make.
printf 'regions 1\nresident -1\nshutdown -1\n' >expected
expect_same expected out
ringmaster ps | grep -q resident || fail 'the resident enclave is gone'
ringmaster shutdown 2>err || fail "shutdown: $(cat err)"
wait_until 10 sh -c '! ringmaster ps | grep -q resident'
done_testing
