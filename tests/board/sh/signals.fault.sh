# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# A fault ends the enclave, with the status a shell expects and one line that says what happened.
. "$T/lib/lib.sh"

# crash HOW STATUS WORD...
crash() {
	how=$1
	expected=$2
	shift 2
	$RUN "$T/bin/crash" "$how" >out 2>err
	status=$?
	[ $status = "$expected" ] || fail "crash $how: status $status instead of $expected: $(cat err)"
	[ "$(cat out)" = before ] || fail "crash $how: output $(cat out)"
	if [ -n "$RUN" ] && [ $# != 0 ]; then expect_text err crash "$@"; fi
	next_enclave_runs
}

crash null 139 'segmentation fault' 0
crash write 139 'segmentation fault'
crash jump 139 'segmentation fault'
crash abort 134
crash trap 133 trap
crash undefined 132 'illegal instruction'
crash stack 139 'segmentation fault'
crash readonly 139 'segmentation fault'
crash align 135 'bus error'
crash execute 139 'segmentation fault'
done_testing
