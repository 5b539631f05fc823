# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 180 s
# Redis with its append-only file: what was written is there after a restart, after SIGTERM as after SIGKILL, and the other build
# reads the same file.
. "$T/programs/lib.sh"

use redis-server redis-cli
cli() {
	"$P/native/redis-cli" -p 7003 "$@"
}

serve() {
	start redis-server --port 7003 --save '' --appendonly yes --appendfsync always --auto-aof-rewrite-percentage 0 \
		--ignore-warnings ARM64-COW-BUG --enable-debug-command local >>server.log 2>&1
	server=$pid
	wait_until 30 answers || { cat server.log; return 1; }
}

# It listens before it has read its file.
answers() {
	[ "$(cli PING 2>&1)" = PONG ]
}

fill() {
	i=0
	while [ $i -lt 80 ]; do
		echo "SET key:$i value-$i-$1"
		echo "RPUSH list $i-$1"
		echo "HSET hash field:$i $1"
		i=$((i + 1))
	done | cli | tail -n 1
}

look() {
	cli DBSIZE
	cli GET key:77
	cli LLEN list
	cli LINDEX list -1
	cli HGET hash field:199
	cli DEBUG DIGEST
}

persist() {
	serve && fill first && look
	kill -TERM $server
	wait $server
	echo "ended $?"
	serve && look && fill second && look
	kill -KILL $server
	wait $server 2>/dev/null	# the shell may say "Killed"
	serve && look
	kill -TERM $server
	wait $server
	# The other build takes over.
	[ $kind = native ] && kind=enclave || kind=native
	serve && look
	cli SHUTDOWN
	wait $server
	cat appendonlydir/*.incr.aof | sha256sum
}
pair persist persist
grep -qx 'value-77-second' persist.native || fail 'what was written is not there'
done_testing
