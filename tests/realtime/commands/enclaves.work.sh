# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# No attack, but all that keeps the secure kernel busy longest: memory, regions, waiters, windows, faults, ends.
ringmaster run "$T/bin/eat" 6000000 || exit
[ "$(ringmaster run "$T/bin/hello")" = 'hello, world' ] || exit 1
ringmaster run "$T/bin/crash" null 2>/dev/null
[ $? = 139 ] || exit 1
ringmaster run "$T/bin/regions" || exit
ringmaster run "$T/bin/wakes" || exit
"$T/bin/pattern.native" 8388608 >file
printf '%s\n' 'open file 0' 'read 0 1048576 9' close 'open file 0' 'read 0 2097152 9' 'read 4000000 9999 9' |
	ringmaster run "$T/bin/windowed" || exit
[ "$("$T/bin/pattern.native" 300000 | ringmaster run "$T/bin/cat" | wc -c)" = 300000 ]
