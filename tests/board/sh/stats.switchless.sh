# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Host calls without exits, with --host-calls=auto: a program that makes many has them done by a thread on another core, if there is one and
# Linux gives it time; otherwise, and with --host-calls=exit, each leaves. What is written and read is right in any case.
. "$T/lib/lib.sh"
needs_enclaves

counted() { awk -v what="$1" '{ sub(/^ */, "") } index($0, what) == 1 { print $NF }' err; }

# 2000 numbers written, read, and read again by each thread.
often() {
	ringmaster run --stats --windows=off $how "$T/bin/often" numbers 2000 "$1" >out 2>err || fail "$1 threads $how: status $? $(cat err)"
	expect_text out 'as written'
	exits=$(counted 'voluntary exits') without=$(counted 'without an exit')
	echo "$1 threads $how: $exits exits, $without calls without, $(counted 'taken back') taken back"
}

how=--host-calls=exit
often 1
[ "$exits" -ge 6000 ] || fail "$exits exits for 6000 calls"
[ "$without" = 0 ] || fail "$without calls without an exit"
how=--host-calls=auto
often 4
often 9
if [ "$(nproc)" = 1 ]; then
	often 1
	[ "$without" = 0 ] || fail "$without calls without an exit on one core"
	done_testing
fi
# A machine that is busy with other things has no core for it most of the time, but has one now and then.
total=0
for turn in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	often 1
	total=$((total + without))
	[ "$total" -lt 5000 ] || break
done
[ "$total" -ge 5000 ] || fail "$turn times, and $total calls of 6000 without an exit"
done_testing
