# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# A hosted enclave that loops for ever; its proxy is stopped, continued and killed meanwhile.
ringmaster run "$T/bin/loop" >out &
proxy=$!
tries=500
until grep -q looping out; do
	tries=$((tries - 1))
	[ $tries -gt 0 ] || exit 1
	usleep 20000
done
usleep 100000
kill -STOP $proxy
usleep 200000
kill -0 $proxy || exit 1
kill -CONT $proxy
usleep 100000
kill -KILL $proxy
wait $proxy
[ $? = 137 ]
