# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Linux takes cores off and on, honestly; the one that resident enclaves live on stays, and Linux survives the refusal.
cpus=/sys/devices/system/cpu
if echo 0 2>/dev/null >$cpus/cpu0/online; then exit 1; fi
[ "$(cat $cpus/cpu0/online)" = 1 ] || exit 1
[ -e $cpus/cpu1 ] || exit 0
echo 0 >$cpus/cpu1/online || exit
[ "$(cat $cpus/cpu1/online)" = 0 ] || exit 1
[ "$(ringmaster run "$T/bin/hello")" = 'hello, world' ] || exit 1
echo 1 >$cpus/cpu1/online || exit
[ "$(cat $cpus/cpu1/online)" = 1 ]
