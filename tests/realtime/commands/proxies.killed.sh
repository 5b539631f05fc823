# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2046
# The proxies of the resident enclaves are killed, but for those that are needed to tell; that the enclaves are still there, their own counters say.
if [ -e proxies ]; then
	kill -KILL $(cat proxies) || exit
	rm proxies
fi
usleep 500000
[ "$(pidof ringmaster | wc -w)" = "$(cat kept 2>/dev/null | wc -l)" ] || exit
[ "$(ringmaster info | sed -n 's/^enclaves  *//p')" = "$(wc -l <residents)" ]
