# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 120 s
# Every byte of the headers changed in turn: whatever happens, it happens to that program alone.
. "$T/lib/lib.sh"
needs_enclaves

# Bytes 0-63 are the file's header, 64-287 the first four segments; every third is enough.
at=0
while [ $at -lt 288 ]; do
	cp "$T/bin/hello" broken
	printf '\377' | dd of=broken bs=1 seek=$at conv=notrunc 2>/dev/null
	guard 10 $RUN ./broken >out 2>&1
	status=$?
	[ $status != 124 ] || fail "byte $at: no end"
	at=$((at + 3))
done
next_enclave_runs
done_testing
