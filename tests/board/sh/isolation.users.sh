# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# An enclave of one user, hosted or resident, is not another's to stop, to look into or to talk to, though both may use the device.
. "$T/lib/lib.sh"
needs_enclaves

group=$(stat -c %g /dev/ringmaster)
chmod 777 .

# as_user NUMBER COMMAND: shell command as that user, in the device's group.
as_user() {
	"$T/bin/as" "$1" "$group" sh -c "$2"
}

# not_for_1001 WHAT COMMAND: user 1001 gets an error and nothing else.
not_for_1001() {
	as_user 1001 "$2" >stolen 2>refusal && fail "another user can $1"
	[ -s stolen ] && fail "$1: $(head -c 100 stolen)"
	[ -s refusal ] || fail "$1: refused without a word"
}

# others_may_not NAME: all that an enclave of that name, of user 1000, is to be spared.
others_may_not() {
	id=$(ringmaster ps | awk -v name="$1" '$NF == name { print $1 }')
	pid=$(ringmaster ps | awk -v name="$1" '$NF == name { print $2 }')
	[ -n "$id" ] && [ "$(stat -c %u "/proc/$pid")" = 1000 ] || fail "$1 is not there: $(ringmaster ps)"
	not_for_1001 "end $1" "ringmaster kill $id"
	not_for_1001 "kill $1's process" "kill -9 $pid"
	not_for_1001 "stop $1's process" "kill -STOP $pid"
	not_for_1001 "read $1's shared memory" "cat /proc/$pid/mem"
	not_for_1001 "see where $1's shared memory is" "cat /proc/$pid/maps"
	not_for_1001 "take $1's descriptors" "ls /proc/$pid/fd/"
	not_for_1001 "read $1's environment" "cat /proc/$pid/environ"
	as_user 1001 'ringmaster logs' >log || fail 'logs of ones own'
	grep -q "$1" log && fail "$1's log is told to others: $(cat log)"
	as_user 1000 'ringmaster logs' | grep -q "$1" || fail "$1's own user is told nothing"
}

mkfifo line
as_user 1000 "exec ringmaster run --name theirs $T/bin/victim" <line >out &
exec 7>line
echo s >&7
wait_until 10 grep -q address out
others_may_not theirs
echo >&7
wait_until 10 grep -q intact out
exec 7>&-
wait $! || fail "the enclave was harmed: $?"

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
as_user 1000 "exec ringmaster run --name resident ./loop.image" >out 2>err &
wait_until 10 grep -q looping out
others_may_not resident
pid=$(ringmaster ps | awk '$NF == "resident" { print $2 }')
as_user 1000 "kill -9 $pid"
wait_until 10 sh -c "ringmaster ps | grep -q ' - .*resident'"
id=$(ringmaster ps | awk '$NF == "resident" { print $1 }')
not_for_1001 'end a resident enclave without a process' "ringmaster kill $id"
ringmaster kill "$id" 2>err && fail 'kill of a resident enclave without a process'
expect_text err "$id" resident shutdown
ringmaster ps | grep -q resident || fail 'the resident enclave is gone'
ringmaster shutdown 2>err || fail "shutdown: $(cat err)"
wait_until 10 sh -c '! ringmaster ps | grep -q resident'
done_testing
