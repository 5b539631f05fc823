# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# A writer whose reader went away ends by SIGPIPE.
. "$T/lib/lib.sh"

for _ in 1 2 3; do
	{ $RUN "$T/bin/yes"; echo $? >status; } 2>err | head -n 1 >out
	[ "$(cat out)" = y ] || fail "output: $(cat out)"
	[ "$(cat status)" = 141 ] || fail "status $(cat status) instead of 141"
	[ ! -s err ] || fail "message: $(cat err)"
done
done_testing
