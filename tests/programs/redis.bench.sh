# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 240 s
# redis-server answers redis-benchmark: 50 connections, several commands, with and without pipelining. The load is native.
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
pair serve serve
grep -c 'requests per second' bench.native bench.enclave
cat bench.native bench.enclave
done_testing
