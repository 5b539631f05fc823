# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Several enclaves at the same time do not disturb each other.
. "$T/lib/lib.sh"

for seed in 1 2 3 4; do
	$RUN "$T/bin/pattern" 2000000 $seed >out.$seed &
done
wait
for seed in 1 2 3 4; do
	"$T/bin/pattern.native" 2000000 $seed | cmp -s - out.$seed || fail "output $seed"
done
done_testing
