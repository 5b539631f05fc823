# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 300 s
# A TLS server: lighttpd with mbedTLS serves a file of 50 MB to curl, which checks the server's certificate; also to mbedTLS' client.
. "$T/programs/lib.sh"

use lighttpd ssl_client2
clients
mkdir www
{ "$T/bin/pattern" 10000000; dd if=/dev/zero bs=1M count=39 2>/dev/null; echo end; } >www/large
echo 'secret page' >www/small
cat $L/mbedtls/server2-sha256.crt $L/mbedtls/server2.key >server.pem

tls() {
	[ $kind = native ] && port=7031 || port=7032
	cat >conf <<-END
		server.document-root = "$W/www"
		server.bind = "127.0.0.1"
		server.port = $port
		server.modules = ("mod_mbedtls")
		ssl.engine = "enable"
		ssl.pemfile = "$W/server.pem"
		mimetype.assign = ("" => "text/plain")
	END
	start lighttpd -D -f conf >server.log 2>&1
	serving $port || { cat server.log; return 1; }
	client curl -sS --cacert $L/mbedtls/test-ca-sha256.crt --resolve localhost:$port:127.0.0.1 \
		-w '%{http_code} %{size_download} %{ssl_verify_result}\n' -o got "https://localhost:$port/large"
	cmp got "$W/www/large" && echo same
	client curl -sS --cacert $L/mbedtls/test-ca-sha256.crt --resolve localhost:$port:127.0.0.1 "https://localhost:$port/small"
	# Who does not know the authority does not connect.
	client curl -sS "https://127.0.0.1:$port/small" >refused 2>&1
	echo "status $?"
	"$P/native/ssl_client2" server_addr=127.0.0.1 server_port=$port server_name=localhost ca_file=$L/mbedtls/test-ca-sha256.crt \
		request_page=/small >client 2>&1
	echo "status $?"
	grep -E 'Protocol is|Verifying peer|secret page' client
	stop $pid
	echo "server $?"
}
pair tls tls
grep -q "^200 $(wc -c <www/large) 0" tls.native || fail 'the file was not got'
done_testing
