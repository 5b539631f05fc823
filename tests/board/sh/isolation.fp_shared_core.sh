# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# On one core, two enclaves and a Linux program that keep values in every vector register: each finds its own.
. "$T/lib/lib.sh"

for i in 1 2; do
	pin 0 $RUN "$T/pair/spine.float.context.enclave" >out.$i 2>&1 &
done
pin 0 "$T/pair/spine.float.context.native" >out.3 2>&1 || fail "native: $(cat out.3)"
wait
for i in 1 2 3; do
	[ "$(cat out.$i)" = kept ] || fail "$i: $(cat out.$i)"
done
done_testing
