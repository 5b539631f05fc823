# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 240 s
# lighttpd under load: ApacheBench with 50 connections at once, small and larger files, with and without keep-alive.
. "$T/programs/lib.sh"

use lighttpd
clients
mkdir www
echo 'a small page' >www/small
"$T/bin/pattern" 100000 >www/large

load() {
	[ $kind = native ] && port=7021 || port=7022
	cat >conf <<-END
		server.document-root = "$W/www"
		server.bind = "127.0.0.1"
		server.port = $port
		server.max-keep-alive-requests = 10000
		mimetype.assign = ("" => "text/plain")
	END
	start lighttpd -D -f conf >server.log 2>&1
	serving $port || { cat server.log; return 1; }
	for options in '-n 500 /small' '-n 1000 -k /small' '-n 200 /large' '-n 100 /nothere'; do
		echo "--- $options"
		# shellcheck disable=SC2086 # words
		client ab -q -c 50 ${options% *} "http://127.0.0.1:$port${options##* }" >out 2>&1
		echo "ab $?"
		grep -E '^(Concurrency|Complete|Failed|Non-2xx|Document Length|HTML transferred|Total of)' out || cat out
		sed -n "s#^Requests per second: *#$kind $options #p" out >>"../rates.$kind"
	done
	client curl -sS "http://127.0.0.1:$port/large" | cmp - "$W/www/large" && echo same
	client curl -sS -r 500-999 "http://127.0.0.1:$port/large" | sha256sum
	client curl -sSI "http://127.0.0.1:$port/small" | grep -vi '^\(date\|last-modified\|etag\)'
	stop $pid
	echo "server $?"
}
pair load load
grep -q '^Complete requests: *1000' load.native || fail "ab did not do its work: $(cat load.native)"
cat rates.native rates.enclave
done_testing
