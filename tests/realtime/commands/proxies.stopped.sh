# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2046
# The proxies of the resident enclaves are stopped; Linux says so.
kill -STOP $(cat proxies) || exit
usleep 200000
for proxy in $(cat proxies); do
	grep -q '^State:.*stopped' "/proc/$proxy/status" || exit
done
kill -CONT $(cat proxies)
