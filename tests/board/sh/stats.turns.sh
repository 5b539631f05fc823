# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# What a turn of an event loop costs in exits that the enclave asks for: a wait one, a change one or none with a polling thread.
. "$T/lib/lib.sh"
needs_enclaves

# exits_of COUNT OPTION WHAT: at most COUNT exits a turn, with a few on top for the start.
exits_of() {
	# shellcheck disable=SC2086 # an option, or nothing
	ringmaster run --stats $2 "$T/bin/turns" "$3" 500 >out 2>err || fail "$3 $2: $(cat out err)"
	exits=$(awk '/voluntary/ { for (i = 1; i <= NF; i++) if ($i ~ /^[0-9]+$/) { print $i; exit } }' err)
	[ -n "$exits" ] || fail "no count of voluntary exits: $(cat err)"
	echo "$3${2:+ $2}: $exits exits in 500 turns"
	[ "${exits:-99999}" -le $((500 * $1 + 60)) ] || fail "$3 $2: more than $1 a turn"
}

exits_of 1 '' wait
exits_of 1 '' poll
exits_of 1 '' change
exits_of 3 '' loop
if [ "$(nproc)" -ge 2 ]; then
	exits_of 1 --poll wait
	# One and, on a machine that is busy with other things, some to wake the polling thread; three would be as without it.
	exits_of 2 --poll loop
fi
done_testing
