# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 900 s
# A proxy that tells lies of all kinds by chance. Its seeds are printed if it fails: LIAR_SEED=N HOSTILE_RUNS=1 repeats one, as far as threads do. With
# FULL=1 there are 200.
. "$T/lib/liar.sh"
needs_enclaves
status=

printf 'deadline = 250\ndebug = true\n' >m.toml
first=${LIAR_SEED:-$(($(date +%s) % 100000))}
[ -n "${HOSTILE_RUNS-}" ] || HOSTILE_RUNS=${FULL:+200}
last=$((first + ${HOSTILE_RUNS:-8} - 1))
seed=$first
limit=${FULL:+20}
limit=${limit:-10}
# Silence is not among these but where the manifest's deadline ends it: nothing may stand still.
bounded=result,more,less,zero,errno,no_errno,eintr,alias,bytes,absurd,repeat,forge,stale,swap,early,delay,drop,cq_tail,sq_head,grow,thread,notify
while [ "$seed" -le $last ]; do
	export LIAR_SEED=$seed LIAR_EVERY=$((seed % 5 * 4 + 2))
	case $((seed % 4)) in
	0) lied random -- 1 ;;
	1) lied random --host-calls=exit -- 1 ;;
	*) lied $bounded --manifest /tmp/work/m.toml -- 1 ;;
	esac
	case $status,$((seed % 4)) in
	40,*) ;;
	124,0 | 124,1) echo "seed $seed stood still" ;;
	*) grep -qaE 'the enclave refuses what this program set up for it|the secure kernel does not let it run' err ||
		fail "seed $seed, one in $LIAR_EVERY: $status: $(blame)" ;;
	esac
	seed=$((seed + 1))
done
echo "seeds $first to $last"
unset LIAR_SEED LIAR_EVERY
next_enclave_runs
done_testing
