# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 240 s
# redis-server answers redis-benchmark: 50 connections, several commands, with and without pipelining. The load is native. Then with
# an append-only file: what the benchmark wrote is there after a restart.
. "$T/programs/lib.sh"

use redis-server redis-benchmark redis-cli
cli() {
	"$P/native/redis-cli" -p "$port" "$@"
}

serve() {
	[ $kind = native ] && port=7001 || port=7002
	start redis-server --port $port --save '' --appendonly no --daemonize no --ignore-warnings ARM64-COW-BUG >server.log 2>&1
	serving $port || { cat server.log; return 1; }
	cli PING
	"$P/native/redis-benchmark" -p $port -c 50 -n 400 -t set,get,incr,lpush,lrange_100,mset -q >bench 2>&1
	echo "benchmark $?"
	"$P/native/redis-benchmark" -p $port -c 50 -n 5000 -P 16 -t set,get -q >>bench 2>&1
	echo "pipelined $?"
	tr '\r' '\n' <bench | grep 'requests per second' >"../bench.$kind"
	sed 's/:.*//' "../bench.$kind"
	cli DBSIZE
	cli INFO stats | grep -E '^(total_connections_received|rejected_connections|total_error_replies)'
	cli EVAL 'local s = 0; for i = 1, 1000 do s = s + redis.call("INCR", KEYS[1]) end; return s' 1 counted
	cli SHUTDOWN NOSAVE
	wait $pid
	echo "server $?"
}

append() {
	start redis-server --port $port --save '' --appendonly yes --appendfsync everysec --auto-aof-rewrite-percentage 0 \
		--enable-debug-command local --ignore-warnings ARM64-COW-BUG >>server.log 2>&1
	wait_until 30 answers || { cat server.log; return 1; }
}

# It listens before it has read its file.
answers() {
	[ "$(cli PING 2>&1)" = PONG ]
}

# Each of the 4000 INCRs and LPUSHes counts, so that one that is lost is seen.
persist() {
	[ $kind = native ] && port=7004 || port=7005
	append || return
	"$P/native/redis-benchmark" -p $port -c 50 -n 2000 -t incr,lpush -q >bench 2>&1
	echo "benchmark $?"
	"$P/native/redis-benchmark" -p $port -c 50 -n 2000 -P 16 -t incr,lpush -q >>bench 2>&1
	echo "pipelined $?"
	tr '\r' '\n' <bench | sed -n "s/requests per second/with AOF &/p" >>"../bench.$kind"
	cli DEBUG DIGEST >before
	stop $pid
	echo "server $?"
	append || return
	cli DEBUG DIGEST | cmp before - && echo 'same after a restart'
	cli GET counter:__rand_int__
	cli LLEN mylist
	stop $pid
	wc -c <appendonlydir/appendonly.aof.1.incr.aof
}
pair serve serve
pair persist persist
grep -qx 4000 persist.native || fail 'what the benchmark wrote is not there'
grep -c 'requests per second' bench.native bench.enclave
cat bench.native bench.enclave
done_testing
