# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# The proxy of a resident enclave stops: its calls end in time, it learns of it, and goes on when the proxy does.
. "$T/lib/lib.sh"
needs_enclaves
. "$T/lib/resident.sh"

pack_resident image
ringmaster run ./image silent >out 2>err &
proxy=$!
wait_until 20 grep -q ready out || fail "does not start: $(cat out err)"
usleep 300000
kill -STOP $proxy
usleep 3000000
kill -CONT $proxy
wait $proxy || fail "ended with $?: $(cat out err)"
expect_text out 'host 2, other errors 0, waited in vain some, at once ten times as many, longest in time'
next_enclave_runs
done_testing
