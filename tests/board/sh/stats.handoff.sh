# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 120 s
# What it costs two threads to hand something to each other and back, in exits that they ask for: a futex one for each wait, a pipe two. Prints the times.
. "$T/lib/lib.sh"
needs_enclaves

[ "$(nproc)" -ge 2 ] || skip "one core"

# handoff EXITS WHAT CORES...: at most EXITS a round trip, with a few on top for the start.
handoff() {
	most=$1
	shift
	native=$("$T/bin/handoff.native" "$@") || fail "natively: $*"
	ringmaster run --stats "$T/bin/handoff" "$@" >out 2>err || fail "$*: $(cat out err)"
	exits=$(awk '/voluntary/ { for (i = 1; i <= NF; i++) if ($i ~ /^[0-9]+$/) { print $i; exit } }' err)
	echo "$*: $(cat out) ns, natively $native ns; $exits exits"
	[ "${exits:-99999}" -le $(($2 * most + 60)) ] || fail "$*: more than $most exits a round trip"
}

for cores in '0 1' '1 0' '0 0'; do
	# shellcheck disable=SC2086 # words
	handoff 2 futex 300 $cores
	# shellcheck disable=SC2086 # words
	handoff 4 pipe 300 $cores
done
done_testing
