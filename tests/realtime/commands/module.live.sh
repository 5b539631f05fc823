# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# A hostile kernel beside the honest module, that has its way with hosted enclaves (tests/board/lib/live.h).
export RUN='ringmaster run'
for name in enter pages end; do
	"$T/prog/smc.live.$name" >live.out 2>&1 </dev/null || {
		cat live.out >&2
		exit 1
	}
done
