# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Processes attach to the resident enclaves in the place of those that were killed, and are killed.
process() { ringmaster ps | awk -v name="$1" '$NF == name { print $2 }'; }

# becomes NAME PROCESS: by and by
becomes() {
	tries=250
	until [ "$(process "$1")" = "$2" ]; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		usleep 10000
	done
}

for name in 1000hz 250hz 100hz 20hz; do
	ringmaster attach $name &
	proxy=$!
	becomes $name $proxy || exit
	kill -KILL $proxy
	wait $proxy
	becomes $name - || exit
done
