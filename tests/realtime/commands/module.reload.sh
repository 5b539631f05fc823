# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# The module goes and comes back.
tries=250
until rmmod ringmaster 2>/dev/null; do
	tries=$((tries - 1))
	[ $tries -gt 0 ] || exit 1
	usleep 20000
done
[ ! -e /dev/ringmaster ] || exit 1
usleep 100000
insmod /lib/ringmaster/ringmaster.ko || exit
[ "$(ringmaster run "$T/bin/hello")" = 'hello, world' ]
