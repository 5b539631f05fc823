# SPDX-License-Identifier: MIT
#
# What came out of the line uart0 while device.uart ran: says what is wrong. Each of three beacons has counted from 0 to its end without
# a gap, and has sent back what tests/run had sent.

function wrong(text) { print "line " NR ": " text }

/^beacon [0-9]+ [0-9]+$/ {
	if ($2 == 0 && beacons++ && !ended) wrong("a beacon before the last one ended")
	if ($2 != 0 && $2 != expected) wrong($2 " instead of " expected)
	expected = $2 + 1
	ended = 0
	next
}
/^beacon end [0-9]+$/ {
	if ($3 != expected) wrong("the end after " expected " lines")
	ended = 1
	next
}
/^echo ping (one|two)$/ { echoes++; next }
/^serial line$/ || /^x+$/ { next }	# tests/board/enclave/serial.c
{ wrong($0) }
END { if (beacons != 3 || !ended || echoes != 2) print beacons " beacons, " echoes " echoes" }
