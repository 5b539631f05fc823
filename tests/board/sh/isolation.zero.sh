# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# What one enclave leaves in its memory, the next does not find.
. "$T/lib/lib.sh"
needs_enclaves

# All but 1 MiB of what is free, for tables and the program itself.
size=$(($(frames) / 65536 * 65536 - (2 << 20)))
for _ in 1 2; do
	$RUN "$T/bin/eat" $size fill >out || fail "fill: $(cat out)"
	$RUN "$T/bin/eat" $size check >out || fail "check: $(cat out)"
done
# Ended in the middle of it.
$RUN "$T/bin/eat" $size fill >/dev/null &
usleep 200000
kill -KILL $!
wait $!
$RUN "$T/bin/eat" $size check >out || fail "check after a kill: $(cat out)"
done_testing
