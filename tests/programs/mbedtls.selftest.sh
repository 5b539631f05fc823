# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 120 s
# mbedTLS tests itself: every algorithm against its published vectors.
. "$T/programs/lib.sh"

use selftest
selftest() {
	x selftest --exclude timing
}
pair selftest selftest
grep -q 'All tests PASS' selftest.native || fail 'not all tests pass'
done_testing
