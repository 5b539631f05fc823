# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 180 s
# pigz compresses on 8 threads: the same bytes as natively and with one thread's blocks, and what it wrote unpacks again.
. "$T/programs/lib.sh"

use pigz
{ "$T/bin/pattern" 1000000; seq 1 300000; } >data

threads() {
	x pigz -p 8 -c "$W/data" >data.gz || return
	sha256sum <data.gz
	gunzip -c data.gz | cmp - "$W/data" && echo unpacks
	x pigz -dc -p 8 data.gz | cmp - "$W/data" && echo 'unpacks itself'
	x pigz -p 8 -b 32 -9 -c "$W/data" | gunzip -c | cmp - "$W/data" && echo again
	x pigz -p 8 <"$W/data" | sha256sum
	cp "$W/data" copy
	x pigz -p 8 copy && x pigz -l copy.gz
	head -c 50000 data.gz >broken.gz
	x pigz -t broken.gz
	echo "status $?"
}
pair threads threads
done_testing
