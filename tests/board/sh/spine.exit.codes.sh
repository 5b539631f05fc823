# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Exit statuses come through as they are.
. "$T/lib/lib.sh"

for status in 0 1 2 3 63 64 77 100 125 126 127 128 129 130 137 143 200 254 255; do
	expect_status $status $RUN "$T/bin/exit" $status
done
expect_status 0 $RUN "$T/bin/exit" 256
expect_status 255 $RUN "$T/bin/exit" -1
done_testing
