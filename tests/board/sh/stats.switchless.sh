# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Host calls without exits, as it is without --host-calls: a program that makes many has them done by a thread on another core, if there is one and
# Linux gives it time; otherwise, and with --host-calls=exit, each leaves. What is written and read is right in any case.
. "$T/lib/lib.sh"
needs_enclaves

counted() { awk -v what="$1" '{ sub(/^ */, "") } index($0, what) == 1 { print $NF }' err; }

# often WHAT...: numbers are written and read back, in a file by each of some threads, or through a pipe or a pair of sockets.
often() {
	ringmaster run --stats --windows=off $how "$T/bin/often" "$@" >out 2>err || fail "$* $how: status $? $(cat err)"
	expect_text out 'as written'
	exits=$(counted 'voluntary exits') without=$(counted 'without an exit')
	echo "$* $how: $exits exits, $without calls without, $(counted 'taken back') taken back"
}

# without CALLS ARGUMENT...: a machine that is busy with other things has no core for it most of the time, but has one now and then.
without() {
	wanted=$1 total=0
	shift
	for turn in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		often "$@"
		total=$((total + without))
		[ "$total" -lt "$wanted" ] || return 0
	done
	fail "$*, $turn times: $total calls without an exit, not $wanted"
}

how=--host-calls=exit
often numbers 2000 1
[ "$exits" -ge 6000 ] || fail "$exits exits for 6000 calls"
[ "$without" = 0 ] || fail "$without calls without an exit"
how=
often numbers 2000 4
often numbers 2000 9
if [ "$(nproc)" = 1 ]; then
	often numbers 2000 1
	[ "$without" = 0 ] || fail "$without calls without an exit on one core"
	done_testing
fi
without 5000 numbers 2000 1
without 3000 pipe 2000
without 3000 socket 2000
done_testing
