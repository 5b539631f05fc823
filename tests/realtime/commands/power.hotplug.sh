# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Linux takes cores off and on, honestly; one that resident enclaves live on stays, and Linux survives the refusal.
cpus=/sys/devices/system/cpu
stays() { # CORE
	if echo 0 2>/dev/null >"$cpus/cpu$1/online"; then return 1; fi
	[ "$(cat "$cpus/cpu$1/online")" = 1 ]
}

stays 0 || exit
if grep -q crew1 residents; then
	stays 1
	exit
fi
[ -e $cpus/cpu1 ] || exit 0
echo 0 >$cpus/cpu1/online || exit
[ "$(cat $cpus/cpu1/online)" = 0 ] || exit 1
[ "$(ringmaster run "$T/bin/hello")" = 'hello, world' ] || exit 1
echo 1 >$cpus/cpu1/online || exit
[ "$(cat $cpus/cpu1/online)" = 1 ]
