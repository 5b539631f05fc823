# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2046
# The proxies of the resident enclaves are stopped; Linux says so.
proxies=$(cat proxies kept 2>/dev/null)
# shellcheck disable=SC2086
kill -STOP $proxies || exit
usleep 200000
for proxy in $proxies; do
	grep -q '^State:.*stopped' "/proc/$proxy/status" || exit
done
# shellcheck disable=SC2086
kill -CONT $proxies
