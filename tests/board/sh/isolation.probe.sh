# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# An enclave that reads or writes where nothing is its own: kernel, runtime, shared pages of other threads, null.
. "$T/lib/lib.sh"

# probe r|w|x ADDRESS...
probe() {
	how=$1
	shift
	for address; do
		$RUN "$T/bin/probe" "$how" "$address" >out 2>err
		status=$?
		[ $status = 139 ] || fail "probe $how $address: status $status, $(cat out)"
	done
}

probe r 0 8 0xffff 0xffff000000000000 0xffff000020002000 0xffffffffffffff00 0x8000000000 0x0000ffffffffff00 0x1000000000000
probe w 0 0xffff000000000000 0xffffffffffffff00 0x20002000
if [ -n "$RUN" ]; then
	# The runtime's code, its private data by way of code, and the region of a thread that does not exist.
	probe w 0x7f00000000 0x7f00001000
	probe r 0x7f81000000 0x7f40020000
	probe x 0x7f80000000 0x7f40000000
fi
next_enclave_runs
done_testing
