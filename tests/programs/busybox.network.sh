# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 120 s
# Busybox over loopback: wget gets files from httpd of the guest's busybox; nc sends to nc, either side an enclave.
. "$T/programs/lib.sh"

use busybox
mkdir www
"$T/bin/pattern" 2000000 >www/data
echo '<p>index' >www/index.html
httpd -f -p 127.0.0.1:7010 -h www &
server=$!
serving 7010 $server || fail 'httpd does not listen'

network() {
	x busybox wget -q -O got http://127.0.0.1:7010/data && cmp got "$W/www/data" && echo got
	x busybox wget -q -O - http://127.0.0.1:7010/
	x busybox wget -q -O - http://127.0.0.1:7010/nothere
	echo "status $?"
	x busybox wget -O - http://127.0.0.1:1/ 2>&1
	echo "status $?"
	start busybox nc -l -p 7011 >received
	serving 7011
	nc 127.0.0.1 7011 <"$W/www/data" >/dev/null
	wait $pid
	cmp received "$W/www/data" && echo received
	nc -l -p 7012 >sent &
	serving 7012 $!
	x busybox nc 127.0.0.1 7012 <"$W/www/data"
	wait $!
	cmp sent "$W/www/data" && echo sent
	x busybox nslookup localhost 127.0.0.1 >/dev/null 2>&1
	echo "status $?"
	x busybox ping -c 1 -W 5 127.0.0.1 | head -n 1
	x busybox ifconfig lo | grep -c 'inet addr:127.0.0.1'
}
pair network network
grep -qx got network.native || fail 'nothing was got'
kill $server
done_testing
