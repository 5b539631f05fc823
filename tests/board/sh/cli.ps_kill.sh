# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# ps shows what runs, kill ends it.
. "$T/lib/lib.sh"
needs_enclaves

ringmaster run --name sleeper "$T/bin/loop" >out &
wait_until 10 grep -q looping out
ringmaster ps >list
expect_text list sleeper "$!"
id=$(awk '/sleeper/ { print $1 }' list)
ringmaster kill "$id" || fail "kill $id"
wait $!
status=$?
[ $status = 143 ] || fail "status $status"
[ "$(ringmaster ps | wc -l)" = 1 ] || fail "still there: $(ringmaster ps)"
expect_status 1 ringmaster kill 99999 2>err
expect_text err 99999
done_testing
