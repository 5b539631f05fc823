# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 120 s
# The other direction: mbedTLS' client as an enclave, against a TLS server of the board's Linux.
. "$T/programs/lib.sh"

use lighttpd ssl_client2
mkdir www
echo 'secret page' >www/small
cat $L/mbedtls/server2-sha256.crt $L/mbedtls/server2.key >server.pem
cat >conf <<END
server.document-root = "$W/www"
server.bind = "127.0.0.1"
server.port = 7033
server.modules = ("mod_mbedtls")
ssl.engine = "enable"
ssl.pemfile = "$W/server.pem"
END
kind=native
start lighttpd -D -f conf >server.log 2>&1
server=$pid
serving 7033 || fail "$(cat server.log)"

page() {
	x ssl_client2 server_addr=127.0.0.1 server_port=7033 server_name=localhost "ca_file=$L/mbedtls/$1" request_page=/small >client 2>&1
	echo "status $?"
	grep -E 'Protocol is|Ciphersuite|Verifying peer|secret page|not correctly signed' client
}
pages() {
	page test-ca-sha256.crt
	page server2-sha256.crt
	true
}
pair pages pages
grep -q 'secret page' pages.native || fail 'the page was not got'
stop $server
done_testing
