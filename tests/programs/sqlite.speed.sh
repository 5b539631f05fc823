# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 180 s
# SQLite's own speed test, at a small size; its hash of all results is what must be equal.
. "$T/programs/lib.sh"

use speedtest1
speed() {
	x speedtest1 --size 4 --verify s.db >out || { cat out; return 1; }
	grep '^Verification Hash' out
	grep '   TOTAL' out >>"../time.$kind"
}
pair speed speed
grep -q 'Hash: .*[1-9]' speed.native || fail 'there is no hash'
cat time.native time.enclave
done_testing
