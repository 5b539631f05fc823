# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# 4000 sends and receives: one exit each; with a polling thread none, but where a busy machine lets it come too late.
. "$T/lib/lib.sh"
needs_enclaves

# exits OPTION...: voluntary exits of the program.
exits() {
	ringmaster run --stats "$@" "$T/bin/pingpong" 1000 >out 2>err || fail "$(cat err)"
	[ "$(cat out)" = ping ] || fail "output: $(cat out)"
	awk '/voluntary/ { for (i = 1; i <= NF; i++) if ($i ~ /^[0-9]+$/) { print $i; exit } }' err
}

plain=$(exits)
[ "${plain:-9999}" -lt 4100 ] || fail "$plain exits for 4000 operations"
if [ "$(nproc)" -ge 2 ]; then
	polled=$(exits --poll)
	[ "${polled:-9999}" -lt 2000 ] || fail "$polled exits with a polling thread"
fi
done_testing
