# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 3000 s
# The conformance suite (tests/posix) in enclaves whose proxy lies by chance. What becomes of a case is not judged: it may fail, be misled
# to its death, or wait for what does not come. But no runtime crashes, none ends without a word that says why, who stands still can be
# ended; and lies that cannot be the truth are counted, but for completions that a thread never looks at, since it ends. Some cases of
# each area; with FULL=1 all of them, three times.
. "$T/lib/liar.sh"
needs_enclaves
FULL=${FULL:-0}
export POSIX_TMPFS=/tmp/work/posix
folder=/mnt/disk/work/run
printf 'deadline = 250\ndebug = true\n' >m.toml

seeds=1
[ "$FULL" = 0 ] || seeds="1 2 3"
# Numbers of processes come from the host: these would end some of the guest's.
spared=' process signals spawn wait '
# A number that is no error, and completions of nothing.
impossible=no_errno,forge,repeat,stale
any=result,more,less,zero,errno,no_errno,eintr,alias,bytes,absurd,repeat,forge,stale,swap,early,delay,drop,cq_tail,sq_head,grow,thread,notify

# By the enclave's report, which this liar leaves alone.
counted() {
	sed -nE 's/^  (impossible|completions of nothing|shared pages that|calls that Linux).* ([0-9]+)$/\2/p' err | awk '{ sum += $1 } END { print sum + 0 }'
}

# How the process ended that ran cases of $area.
judge() {
	where="$area, $(grep -a '^begin' out | tail -n 1), LIAR=$LIAR LIAR_SEED=$LIAR_SEED"
	if grep -aqE 'pc 0x7f0[0-7][0-9a-f]{6}$|runtime gave up' err; then
		fail "$where: the runtime crashed: $(blame)"
		return
	fi
	case $status in
	0) [ $LIAR != $impossible ] || [ $(($(counted) * 4)) -ge $((told * 3)) ] || fail "$where: $told lies, $(counted) counted" ;;
	124) still=$((still + 1)) ;;
	125 | 126)
		refused=$((refused + 1))
		grep -aqE '^ringmaster: .*[a-z]' err || fail "$where: ended with $status without a word"
		;;
	*) misled=$((misled + 1)) ;;
	esac
}

# run_cases INDEX...: those of $area, with another process for those behind one that did not come to its end
run_cases() {
	while [ $# != 0 ]; do
		rm -rf $folder $POSIX_TMPFS
		mkdir $folder $POSIX_TMPFS
		guard 4 liar run --stats --manifest /tmp/work/m.toml "$T/posix/$area.enclave" --run $folder "$@" >out 2>err </dev/null
		status=$?
		told=$(told)
		told=${told:-0}
		judge
		lies=$((lies + told)) ok=$((ok + $(grep -ac '^ok ' out))) failed=$((failed + $(grep -ac '^not ok ' out)))
		begun=$(grep -ac '^begin ' out)
		[ "$begun" -gt 0 ] || begun=1
		[ "$begun" -lt $# ] || begun=$#
		shift "$begun"
	done
}

# suite LIES EVERY STEP: each STEP-th case
suite() {
	export LIAR="$1" LIAR_EVERY="$2"
	step=$3 lies=0 ok=0 failed=0 refused=0 misled=0 still=0
	for program in "$T"/posix/*.enclave; do
		area=$(basename "$program" .enclave)
		case $spared in *" $area "*) continue ;; esac
		# shellcheck disable=SC2046 # numbers
		run_cases $("$T/posix/$area.native" --list | awk -v step="$step" -v seed=$LIAR_SEED '($1 + seed) % step == 0 { print $1 }')
	done
	echo "seed $LIAR_SEED: $lies lies; cases: $ok ok, $failed not; processes: $refused refused, $misled misled to their death, $still stood still"
	[ $lies -gt 50 ] || fail "only $lies lies"
	unset LIAR LIAR_EVERY
}

for LIAR_SEED in ${LIAR_SEED:-$seeds}; do
	export LIAR_SEED
	suite $impossible 3 "$((FULL ? 1 : 7))"
	suite $any 4 "$((FULL ? 1 : 6))"
done
unset LIAR_SEED
next_enclave_runs
done_testing
