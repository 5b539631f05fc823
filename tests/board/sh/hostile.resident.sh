# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 300 s
# A resident enclave whose proxy lies (tests/liar, tests/board/enclave/paced.c): each kind of lie that a resident one can be told.
# Its first thread asks for nothing and is on time as ever (told here, judged by make check-realtime: this emulator waits for its
# turn, too); its second gets errors, in time by the manifest's deadline, or results that can be; the program ends as it should,
# and what can be found out is counted.
. "$T/lib/liar.sh"
needs_enclaves
. "$T/lib/resident.sh"

pack_paced image
detected=0
# lies NAME EVERY [PERIODS [threads]]
lies() {
	LIAR=$1 LIAR_EVERY=$2 guard 60 liar run --stats ./image "${3:-200}" 5000 $((${3:-200} / 20)) ${4:-} >out 2>err
	status=$?
	said=$(grep -ah '^paced:' err | tail -n 1)
	echo "$1, one in $2: $status, $(told) lies, $said"
	case $status in
	40 | 41 | 42 | 43) ;;
	*) fail "$1, one in $2: $status: $(grep -aE '^(paced|ringmaster|liar):' err | cut -c 1-160 | head -n 12)" ;;
	esac
	[ "$(told)" -gt 0 ] 2>/dev/null || fail "$1: no lies were told"
	detected=$((detected + status % 2))
}

for lie in result more less zero errno no_errno eintr alias bytes absurd repeat forge stale delay drop cq_tail sq_head; do
	lies $lie 3
done
for lie in notify words twice; do
	lies $lie 1
done
for lie in thread boot; do
	lies $lie 1 200 threads
	lies $lie 3 200 threads
done
for LIAR_SEED in 1 2 3 ${FULL:+4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20}; do
	export LIAR_SEED
	lies random 4 400 threads
done
[ $detected -ge 6 ] || fail "only $detected kinds were found out"
next_enclave_runs
done_testing
