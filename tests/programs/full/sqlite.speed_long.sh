# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 1200 s
# SQLite's own speed test at half its usual size.
. "$T/programs/lib.sh"

use speedtest1
speed() {
	x speedtest1 --size 50 --verify s.db >out || { cat out; return 1; }
	grep '^Verification Hash' out
	grep '   TOTAL' out >>"../time.$kind"
}
pair speed speed
cat time.native time.enclave
done_testing
