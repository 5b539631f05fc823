# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# For the tests that are shell scripts. $RUN is `ringmaster run`, or nothing when the tests prove themselves on plain Linux.

failures=0

fail() {
	echo "FAIL: $*" >&2
	failures=$((failures + 1))
}

skip() {
	echo "skipped: $*" >&2
	exit 77
}

done_testing() {
	[ "$failures" = 0 ]
	exit
}

# expect_status N COMMAND...
expect_status() {
	expected=$1
	shift
	"$@"
	got=$?
	[ "$got" = "$expected" ] || fail "status $got instead of $expected: $*"
}

# expect_text FILE WORD...: each word stands in the file.
expect_text() {
	file=$1
	shift
	for word; do
		grep -qF -- "$word" "$file" || fail "'$word' is not in: $(head -c 500 "$file")"
	done
}

# expect_same FILE FILE
expect_same() {
	cmp -s "$1" "$2" || {
		fail "$1 and $2 differ"
		diff "$1" "$2" | head -n 20
	}
}

# refused STATUS WORDS... -- COMMAND...: the command ends with that status and one clear message that has the words; the next
# enclave runs as if nothing had happened.
refused() {
	expected=$1
	shift
	words=
	while [ "$1" != -- ]; do
		words="$words $1"
		shift
	done
	shift
	"$@" >refused.out 2>refused.err
	got=$?
	[ "$got" = "$expected" ] || fail "status $got instead of $expected: $*: $(head -c 500 refused.err)"
	# shellcheck disable=SC2086 # words
	expect_text refused.err $words
	[ "$(grep -c . refused.err)" -le 3 ] || fail "more than 3 lines of message: $*"
	next_enclave_runs
}

next_enclave_runs() {
	[ "$($RUN "$T/bin/hello" 2>&1)" = 'hello, world' ] || fail "the next enclave does not run"
}

needs_enclaves() {
	[ -n "$RUN" ] || skip "needs enclaves"
}

# wait_until SECONDS COMMAND...: until the command succeeds.
wait_until() {
	ticks=$(($1 * 50))
	shift
	until "$@"; do
		ticks=$((ticks - 1))
		[ $ticks -gt 0 ] || return 1
		usleep 20000
	done
}

# 100 MB, made once a boot; in the page cache from then on.
make_huge() {
	HUGE_FILE=/tmp/huge
	[ -e $HUGE_FILE ] || "$T/bin/pattern" 100000000 >$HUGE_FILE
}

# Debian's gdb with its own libraries: $GDB is a command from then on.
use_gdb() {
	GDB=/tmp/debugger/run
	[ ! -e $GDB ] || return 0
	cp -r /mnt/host/debugger /tmp/
	cat >$GDB <<-'END'
		#!/bin/sh
		libraries=/tmp/debugger/lib/aarch64-linux-gnu:/tmp/debugger/usr/lib/aarch64-linux-gnu
		export GCONV_PATH=/tmp/debugger/usr/lib/aarch64-linux-gnu/gconv
		exec /tmp/debugger/lib/ld-linux-aarch64.so.1 --library-path $libraries /tmp/debugger/usr/bin/gdb -q -nx -batch "$@"
	END
	chmod 755 $GDB
}
