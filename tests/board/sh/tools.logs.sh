# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# `ringmaster logs`: starts, ends of every kind, unsupported calls, violations by the host; after the end, live, for its user only.
. "$T/lib/lib.sh"
needs_enclaves

# has NAME WORD...: a line about NAME has all the words.
has() {
	name=$1
	shift
	ringmaster logs "$name" >log 2>&1
	expect_text log "$@"
}

ringmaster run --name log-exit "$T/bin/exit" 3
has log-exit ' module: started by user 0' ' module: ended: exit status 3'
[ "$(ringmaster logs log-exit | wc -l)" = 2 ] || fail "more than a start and an end: $(cat log)"

ringmaster run --name log-fault "$T/bin/crash" null >/dev/null 2>&1
has log-fault 'ended: signal 11, address 0x0, pc 0x'
ringmaster run --memory 4M --name log-memory "$T/bin/eat" >/dev/null 2>&1
has log-memory 'ended: out of secure memory'
echo nonsense >nonsense
chmod +x nonsense
ringmaster run --name log-refused ./nonsense 2>/dev/null
has log-refused 'refused by the runtime' 'proxy: not a program'
ringmaster run --name log-calls "$T/bin/traced" >/dev/null
has log-calls 'runtime: unsupported call nfsservctl (42)'

# Killed without a word.
mkfifo input
ringmaster run --name log-killed "$T/bin/cat" <input >/dev/null &
proxy=$!
exec 3>input
wait_until 20 sh -c 'ringmaster logs log-killed | grep -q started' || fail "a start is not told at once"
kill -9 $proxy
wait $proxy
exec 3>&-
wait_until 20 sh -c 'ringmaster logs log-killed | grep -q "its process is gone"' || fail "a killed launcher leaves no trace"

# A host that lies is told of while the enclave lives, and in its counters.
ringmaster run --stats --name log-lies "$T/bin/cat" <input >/dev/null 2>lies.err &
proxy=$!
exec 3>input
echo one >&3
wait_until 20 sh -c "ringmaster ps | grep -q log-lies" || fail "does not run"
poke $proxy || fail "cannot play the host"
echo two >&3
wait_until 30 sh -c 'ringmaster logs log-lies | grep -q "violation by the host: impossible start of the submission queue: 1"' ||
	fail "no violation: $(ringmaster logs log-lies)"
kill $proxy
wait $proxy
exec 3>&-

# Live.
ringmaster logs -f log-live >live &
reader=$!
ringmaster run --name log-live "$T/bin/exit" 5
wait_until 20 grep -q 'exit status 5' live || fail "-f: $(cat live)"
kill $reader
wait $reader 2>/dev/null

# By number; each user's own; --stats.
number=$(ringmaster logs log-exit | awk 'NR == 1 { print $4 }')
[ "$(ringmaster logs "$number")" = "$(ringmaster logs log-exit)" ] || fail "by number $number"
chmod 666 /dev/ringmaster
as 1234 990 ringmaster logs >theirs || fail "another user may not ask"
[ ! -s theirs ] || fail "another user reads: $(cat theirs)"
chmod 660 /dev/ringmaster
ringmaster run --stats "$T/bin/traced" 2>stats >/dev/null
grep -q 'unsupported calls *1$' stats || fail "--stats: $(cat stats)"

refused 1 'no-such-enclave' '1024' -- ringmaster logs no-such-enclave
refused 125 "'-x'" 'logs --help' -- ringmaster logs -x
refused 125 'one enclave' -- ringmaster logs a b
ringmaster logs --help | grep -q 'usage: ringmaster logs' || fail "no help"
done_testing
