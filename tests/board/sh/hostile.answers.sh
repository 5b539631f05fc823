# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 300 s
# A proxy whose answers are lies (tests/liar), one kind after the other. The program's calls fail or work, what it knows alone stays as it is, nothing
# stands still, and what can be found out is counted in the enclave. Which check meets which lie:
#   result, more, no_errno	a result is compared with what was asked for (ring/ring.c, ring/hostcall.c): EIO, counted
#   less, zero, errno		cannot be told from the truth; nothing of ours depends on it
#   alias			descriptors of the enclave are its own numbers (posix/fd.c): only the host's files mix
#   bytes			are what the host says they are; copied once, into the buffer only (ring/access.S)
#   absurd			names, records, messages and lengths are checked in the copy (posix/sockname.c, stat.c, control_message.c ...): EIO, counted
#   eintr			is asked again, but not beyond the manifest's deadline
#   repeat, forge, stale, early	a completion counts once, for a live promise, by slot and generation: dropped, counted
#   swap, delay			a completion says nothing of others
#   drop			ETIMEDOUT by the deadline, counted; the slots stay out of use (ring/late.h)
#   cq_tail, sq_head		clamped to what can be (ring/ring.c), counted
#   thread			a number is checked; a thread that was refused and runs all the same ends the enclave (posix/clone.c)
#   grow			a touch of what is not there is an error, not a fault (ring/access.S): EIO, counted
#   kick, timer, notify		only time is lost
#   window			a page that is not there is read by a call instead (posix/window.c)
. "$T/lib/liar.sh"
needs_enclaves
status=

# lies NAME COUNTER EVERY OPTION...: the counter (enum rm_count) that must not be 0, or -
lies() {
	name=$1 counter=$2 expected=40
	export LIAR_EVERY="$3"
	shift 3
	case $counter in
	-) lied "$name" "$@" -- 1 ;;
	*)
		expected=41
		lied "$name" "$@" -- -c "$counter" 1
		;;
	esac
	[ "$status" = $expected ] || refuses || fail "$name, one in $LIAR_EVERY, $*: $status: $(blame)"
	[ "$(told)" -gt 0 ] 2>/dev/null || fail "$name, $*: no lies were told"
}

# A thread that was refused and runs is the end, with a message that says whose fault it is; if it comes too late, it is the proxy's.
refuses() {
	[ "$name" = thread ] && grep -qE 'the enclave refuses what this program set up for it|the secure kernel does not let it run' err
}

each() { # EVERY OPTION... -- 'LIE COUNTER'...
	every=$1 options=
	shift
	while [ "$1" != -- ]; do
		options="$options $1"
		shift
	done
	shift
	for lie; do
		# shellcheck disable=SC2086 # words
		lies ${lie% *} "${lie#* }" "$every" $options
	done
}

printf 'deadline = 250\ndebug = true\n' >m.toml
late='--manifest /tmp/work/m.toml'
# shellcheck disable=SC2046,SC2086 # words
for every in 3 ${FULL:+2 7 20}; do
	each $every -- 'result 3' 'more 3' 'less -' 'zero -' 'errno -' 'no_errno 3' 'alias -' 'bytes -' 'absurd 4' 'eintr -' 'window -'
	each $every $late -- 'result 3' 'more 3' 'less -' 'zero -' 'errno -' 'no_errno 3' 'alias -' 'bytes -' 'absurd 4' 'eintr -' 'repeat 2' \
		'forge 2' 'stale 2' 'delay -' 'drop 11' 'cq_tail 0' 'sq_head 1'
done
each 1 -- 'thread -' 'grow 5' 'kick -' 'timer -' 'notify -'
each 1 $late -- 'swap -' 'early -' 'repeat 2' 'delay -'
export LIAR_OWED=1
each 1 $late -- 'eintr 11' 'drop 11'
next_enclave_runs
done_testing
