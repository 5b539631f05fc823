# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 300 s
# What is shared changes while the enclave works, from another core if there is one:
#   words	heads, tails and flags of the queues are read once and clamped; signals are taken by number and only those that were asked for
#		(posix/sighost.c), counted; the server's beat only says whether to wait for it; counters and boot record are not read again
#   twice	what stands in the arena is copied once, and the copy is checked (ring/access.h)
#   boot	the boot page is copied once and checked whole (ring/attach.c): works as it is, or ends with a message, before the program begins
. "$T/lib/liar.sh"
needs_enclaves
status=

printf 'deadline = 250\ndebug = true\n' >m.toml
# words_of LIES OPTION...
words_of() {
	export LIAR_SEED=$#
	lied "$@" -- 2
	case $status in
	40) ;;
	# A thread that was about to start found its boot page changed.
	126) grep -q 'the enclave refuses what this program set up for it' err || fail "$*: $status: $(blame)" ;;
	*) fail "$*: $status: $(blame)" ;;
	esac
	[ "$(told)" -gt 0 ] 2>/dev/null || fail "$*: no lies were told"
}

for lies in words twice; do
	words_of $lies
	words_of $lies --host-calls=exit
	words_of $lies --manifest /tmp/work/m.toml
done
[ "$(nproc)" = 1 ] || words_of twice --poll
next_enclave_runs

export LIAR_FROM=start LIAR=boot
for LIAR_SEED in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
	export LIAR_SEED
	guard 20 liar run "$T/bin/hello" >out 2>err
	status=$?
	case $status in
	0) ;;
	*) grep -qE '^ringmaster: ' err || fail "boot page, seed $LIAR_SEED: $status without a message: $(cat err)" ;;
	esac
done
unset LIAR LIAR_FROM LIAR_SEED
next_enclave_runs
done_testing
