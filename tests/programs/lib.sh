# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# For the tests of large programs. Each program is there twice, and both run in the same boot:
#   use NAME...             fetches programs
#   x NAME ARGUMENTS...     runs one, as $kind says: native, or enclave
#   start NAME ARGUMENTS... the same in the background; its process is $pid
#   pair LABEL FUNCTION     calls FUNCTION for each kind in an empty folder of its own, and compares what it prints and its status
# $L is where the programs' files are, $P/native and $P/enclave where `use` puts programs, $W the test's own folder.

. "$T/lib/lib.sh"

L=/mnt/host/large
P=/tmp/programs
W=$PWD
kind=enclave

[ -d $L/bin ] || { echo 'the programs are not built: make programs'; exit 1; }

use() {
	mkdir -p $P/native $P/enclave
	for name; do
		[ -e "$P/native/$name" ] || cp "$L/bin/$name.native" "$P/native/$name"
		[ -e "$P/enclave/$name" ] || cp "$L/bin/$name" "$P/enclave/$name"
	done
}

x() {
	name=$1
	shift
	# shellcheck disable=SC2086 # a command, or nothing
	if [ $kind = native ]; then "$P/native/$name" "$@"; else $RUN "$P/enclave/$name" "$@"; fi
}

start() {
	name=$1
	shift
	# shellcheck disable=SC2086 # a command, or nothing
	if [ $kind = native ]; then "$P/native/$name" "$@" & else $RUN "$P/enclave/$name" "$@" & fi
	pid=$!
}

pair() {
	for kind in native enclave; do
		rm -rf run
		mkdir run
		before_pair=$(date +%s)
		(cd run && "$2") >"$1.$kind" 2>&1
		echo "status $?" >>"$1.$kind"
		echo "$1 $kind: $(($(date +%s) - before_pair)) s"
		rm -rf run
	done
	tail -n 1 "$1.native" | grep -qx 'status 0' || fail "$1: the native run fails: $(tail -n 20 "$1.native")"
	expect_same "$1.native" "$1.enclave"
}

# Debian's own programs (curl, ab, strace) with their libraries, where they expect them.
clients() {
	[ ! -e /lib/ld-linux-aarch64.so.1 ] || return 0
	cp -r $L/clients /tmp/
	mkdir -p /usr/lib
	ln -s /tmp/clients/usr/lib/aarch64-linux-gnu /usr/lib/
	ln -s /tmp/clients/lib/aarch64-linux-gnu /lib/
	ln -s aarch64-linux-gnu/ld-linux-aarch64.so.1 /lib/
}

client() {
	name=$1
	shift
	"/tmp/clients/usr/bin/$name" "$@"
}

# serving PORT [PID]: waits until a server, the process PID or the one of the last `start`, waits for connections there.
serving() {
	server_pid=${2-$pid}
	until grep -Eq "^ *[0-9]+: [0-9A-F]+:$(printf %04X "$1") [0:]+ 0A" /proc/net/tcp /proc/net/tcp6; do
		kill -0 "$server_pid" 2>/dev/null || return 1
		usleep 50000
	done
}

# stop PID: ends a server by SIGTERM, and waits for its end.
stop() {
	kill "$1"
	wait "$1"
}
