# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# What does not fit is refused: at packing, and by the secure kernel, with the sum; loose manifests, and what polls, too.
. "$T/lib/lib.sh"
needs_enclaves
. "$T/lib/resident.sh"

cp "$T/bin/resident" .
one='[[reservation]]\npriority = 50\nperiod = "1ms"\nbudget = "600us"\n'
printf "memory = \"8M\"\ndeadline = 100\n$one" >loose.toml
refused 125 'loose.toml' 'reservations' 'signed image' 'ringmaster pack' -- ringmaster run --manifest loose.toml ./resident plain
printf "memory = \"8M\"\ndeadline = 100\n$one$(echo "$one" | sed 's/50/49/')" >resident.toml
refused 125 'line 3' '122.0 %' '600+10 of 1000 us' '75 %' 'lower a budget' -- ringmaster pack resident -o image
[ ! -e image ] || fail 'a refused pack left something'
printf "$one" >resident.toml
refused 125 'needs a deadline' -- ringmaster pack resident -o image
printf "memory = \"8M\"\ndeadline = 100\ncore = 0\n$one" >resident.toml
ringmaster pack resident -o image 2>err || fail "pack: $(cat err)"
ringmaster inspect image >text
expect_text text 'core = 0' 'priority = 50' 'period = "1000us"' 'budget = "600us"'
refused 125 '--poll' -- ringmaster run --poll ./image forever
refused 125 '--host-calls=sync' -- ringmaster run --host-calls=sync ./image forever

ringmaster run ./image forever >out 2>err &
first=$!
wait_until 20 grep -q ready out || fail "the first one does not start: $(cat out err)"
refused 126 'not admitted' '61.0 %' '600+10 of 1000 us' '75 %' 'ringmaster ps' -- ringmaster run ./image forever
printf "memory = \"8M\"\ndeadline = 100\ncore = 999\n$one" >resident.toml
ringmaster pack resident -o nowhere 2>/dev/null
refused 126 'no such core' -- ringmaster run ./nowhere plain

# Only an order ends it: one by a key that the firmware does not know does not.
printf "memory = \"8G\"\ndeadline = 100\n[[reservation]]\npriority = 1\nperiod = \"10ms\"\nbudget = \"20us\"\n" >resident.toml
ringmaster pack resident -o large 2>/dev/null
refused 126 'memory' 'ask for less' -- ringmaster run ./large plain
ringmaster keygen key
refused 126 'key' 'does not know' -- ringmaster shutdown --key key
ringmaster ps | grep -q image || fail "it ended all the same: $(ringmaster ps)"
refused 125 'No such file' -- ringmaster shutdown --key missing
refused 125 'takes no arguments' -- ringmaster shutdown now
# An order may be signed elsewhere; it is for one kernel, and one time.
nonce=$(ringmaster info | sed -n 's/^nonce of orders  *//p')
refused 125 '--output' -- ringmaster shutdown --nonce "$nonce"
refused 125 '32 hexadecimal' -- ringmaster shutdown --nonce 12 -o order
ringmaster shutdown --nonce 00000000000000000000000000000001 -o other 2>/dev/null || fail 'shutdown --nonce'
refused 126 'not for the secure kernel' -- ringmaster run ./other
ringmaster shutdown --nonce "$nonce" -o order 2>err2 || fail "shutdown: $(cat err2)"
expect_text err2 'development key'
ringmaster inspect order | grep -q "order to end.*$nonce" || fail 'inspect'
ringmaster run ./order 2>err2 || fail "the order: $(cat err2)"
refused 126 'carried out already' -- ringmaster run ./order
wait_until 10 sh -c '! ringmaster ps | grep -q image' || fail "still there: $(ringmaster ps)"
kill $first 2>/dev/null
wait $first
ringmaster run ./image nothing >out 2>err || fail "its time was not given back: $(cat out err)"
ringmaster shutdown 2>err2 || fail "shutdown: $(cat err2)"
next_enclave_runs
done_testing
