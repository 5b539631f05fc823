# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Hosted enclaves whose proxies tell lies of all kinds (tests/liar).
printf 'deadline = 250\n' >lying.toml
for seed in 1 2 3 4; do
	LIAR=random LIAR_SEED=$seed LIAR_EVERY=6 liar run --manifest lying.toml "$T/bin/lied" 1 >lying.out 2>lying.err &
	lying=$!
	# What Linux does not owe may stand still.
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		usleep 200000
		kill -0 $lying 2>/dev/null || break
	done
	kill -KILL $lying 2>/dev/null
	wait $lying
	case $? in
	40 | 125 | 126 | 137) ;;
	*)
		cat lying.err >&2
		exit 1
		;;
	esac
done
