# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# A resident enclave whose process is gone gets another one, if its manifest permits it to: its standard streams and new files are that one's, old descriptors
# are nothing, signals come again. It is found again after the module was loaded anew.
. "$T/lib/lib.sh"
needs_enclaves
. "$T/lib/resident.sh"

group=$(stat -c %g /dev/ringmaster)
mode=$(stat -c %a /dev/ringmaster)
chmod 777 .

# pid_of NAME, id_of NAME: in the list
pid_of() { ringmaster ps | awk -v name="$1" '$NF == name { print $2 }'; }
id_of() { ringmaster ps | awk -v name="$1" '$NF == name { print $1 }'; }
alone() { [ "$(pid_of "$1")" = - ]; }
grows() {
	before=$(wc -c <"$1")
	wait_until 20 longer "$1" "$before" || fail "nothing is written to $1: $(cat out* err*)"
}
longer() { [ "$(wc -c <"$1")" -gt "$2" ]; }

# attach N NAME: into outN and errN, where the program tells that its host is back, with descriptors of the program's old numbers that it must not touch; $proxy
attach() {
	ringmaster attach --verbose "$2" >"out$1" 2>"err$1" 3>trap3 4>trap4 5>trap5 6>trap6 7>trap7 8>trap8 9>trap9 &
	proxy=$!
	wait_until 20 grep -q '^host' "out$1" || fail "attach $1: $(cat "out$1" "err$1"; ringmaster ps; ringmaster logs | tail -n 5)"
}

pack_resident image 'attach = "user"'
pack_resident hermit
ringmaster run --name theirs ./image attached >out 2>err &
proxy=$!
wait_until 20 grep -q 'host 0' out || fail "does not start: $(cat out err)"
grows one
grows two

# As long as it has a process, and for others than its user, there is nothing to attach to.
ringmaster attach "$(id_of theirs)" 2>refusal && fail 'attached to one that has a process'
expect_text refusal "has a process"
kill -KILL $proxy
wait $proxy
wait_until 20 alone theirs || fail "not alone: $(ringmaster ps)"
"$T/bin/as" 1001 "$group" ringmaster attach "$(id_of theirs)" 2>refusal && fail 'another user attached'
expect_text refusal 'does not permit it to you'

attach 1 theirs
[ "$(pid_of theirs)" = $proxy ] || fail "another process than $proxy: $(ringmaster ps)"
grows one
grows two
ringmaster attach theirs 2>refusal && fail 'attached twice'
expect_text refusal 'without a process'
kill -KILL $proxy
wait $proxy
wait_until 20 alone theirs || fail "not alone: $(ringmaster ps)"

# Nobody knows its user after that, nor what it was called but by its image.
wait_until 5 rmmod ringmaster 2>/dev/null || fail rmmod
insmod /lib/ringmaster/ringmaster.ko || fail insmod
wait_until 5 test -e /dev/ringmaster || fail 'no device'
chmod "$mode" /dev/ringmaster
chgrp "$group" /dev/ringmaster
alone resident || fail "not found again: $(ringmaster ps)"
attach 2 resident
grows one
grows two
kill -TERM $proxy
wait $proxy
status=$?
[ $status = 7 ] || fail "ended with $status: $(cat out2 err2)"
expect_text out2 'wrong 0'
[ "$(cat held)" = first ] || fail "held: $(cat held)"
for trap in trap?; do
	[ -s "$trap" ] && fail "$trap: $(head -c 100 "$trap")"
done

# Without a word in the manifest nobody may.
ringmaster run ./hermit forever >out 2>err &
proxy=$!
wait_until 20 grep -q ready out || fail "does not start: $(cat out err)"
kill -KILL $proxy
wait $proxy
wait_until 20 alone hermit || fail "not alone: $(ringmaster ps)"
ringmaster attach hermit 2>refusal && fail 'attached to a hermit'
expect_text refusal 'does not permit it to you'
ringmaster shutdown || fail 'shutdown'
next_enclave_runs
done_testing
