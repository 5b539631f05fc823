# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# examples/sums hashes files as sha256sum does, natively and as an enclave.
. "$T/lib/lib.sh"

"$T/bin/pattern" 1000000 >large
"$T/bin/pattern" 32768 >one
printf x >byte
: >empty
sha256sum large one byte empty /proc/version >expected
for kind in '' .native; do
	run=$RUN
	[ -z "$kind" ] || run=
	# shellcheck disable=SC2086 # a command, or nothing
	$run "$T/bin/sums$kind" large one byte empty /proc/version >out || fail "sums$kind: status $?"
	expect_same expected out
	# shellcheck disable=SC2086 # likewise
	expect_status 1 $run "$T/bin/sums$kind" none . 2>err
	expect_text err 'none: No such file or directory' '.: Is a directory'
done
done_testing
