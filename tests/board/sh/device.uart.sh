# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# A UART of the Secure world: one enclave has it, until it ends, with or without its proxy. What arrives outside is checked when the boot
# is over (tests/run, device.line).
. "$T/lib/lib.sh"
needs_enclaves
[ "$BOARD" = sbsa ] || skip "this board has no UART to spare"

cp "$T/bin/beacon" "$T/bin/beacon.toml" "$T/bin/serial" .
ringmaster pack beacon -o beacon.image 2>err || fail "pack: $(cat err)"
ringmaster inspect beacon.image | grep -qF 'devices = ["uart0"]' || fail 'inspect'
sed 's/threads = 1/threads = 2/' beacon.toml >serial.toml
ringmaster pack serial -o serial.image 2>err || fail "pack: $(cat err)"
rm serial.toml

# What waits at the line since the boot comes back: tests/run sends it.
ringmaster run ./beacon.image 5000 100 >out 2>err || fail "beacon: $(cat out err)"
expect_text out '100 lines, 2 echoes'
ringmaster run ./serial.image >out 2>err || fail "serial: $(cat out err)"

# Nobody else while one has it; it needs no proxy, and when it has ended, it is another's.
ringmaster run ./beacon.image 5000 1000 >out 2>err &
proxy=$!
wait_until 20 grep -q every out || fail "the beacon does not start: $(cat err)"
refused 126 "another enclave's" -- ringmaster run ./beacon.image 5000 1
kill -9 $proxy
wait $proxy
ringmaster ps | grep -q beacon || fail 'it ended with its proxy'
refused 126 "another enclave's" -- ringmaster run ./beacon.image 5000 1
none_left() { ! ringmaster ps | grep -q beacon; }
wait_until 60 none_left || fail 'it does not end'
ringmaster run ./beacon.image 5000 10 >out 2>err || fail "when the first has ended: $(cat err)"

# Without the manifest's word there is no such device, even if Linux has made one.
[ "$(ringmaster run ./serial /dev/secure/uart0)" = 'No such file or directory' ] || fail 'without a grant'
mkdir -p /dev/secure
echo false >/dev/secure/uart0
for name in /dev/secure/uart0 /dev//secure/./uart0 /dev/secure/; do
	[ "$(ringmaster run ./serial $name)" = 'No such file or directory' ] || fail "Linux's device: $name"
done
rm -r /dev/secure

sed 's/uart0/gpio0/' beacon.toml >other.toml && mv other.toml beacon.toml
ringmaster pack beacon -o gpio.image 2>err || fail "pack: $(cat err)"
refused 126 'this board has no such device' -- ringmaster run ./gpio.image 5000 1
done_testing
