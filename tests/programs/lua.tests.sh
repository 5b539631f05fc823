# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 180 s
# Lua 5.4 runs what Debian has of tests in Lua: the test programs of Lua 5.1, Debian's test of the interpreter, and luaunit with the
# tests of itself.
. "$T/programs/lib.sh"

use lua

# Those of Lua 5.1 that are programs for 5.4 as well; the others want functions that 5.4 no longer has, or never end.
programs() {
	cp -r $L/lua/5.1/. .
	for test in bisect cf echo env factorial fib fibfor hello printf readonly sieve sort trace-calls trace-globals xd; do
		echo "--- $test"
		case $test in
		fib) set -- 21 ;;
		cf | xd) set -- ;;
		*) set -- one 'two words' ;;
		esac
		# Names, addresses, times are not the same in two runs.
		x lua $test.lua "$@" <bisect.lua 2>&1 | sed -E "s#$P/$kind/##g; s/0x[0-9a-f]+/ADDRESS/g" |
			sed -E 's/^((plain|cached).*)\t[0-9.e-]+\t/\1\tTIME\t/; s/^(Hello there from .* on ).*/\1DATE/'
	done
	true
}
pair programs programs
grep -q 'Hello world' programs.native || fail 'the programs say nothing'

interpreter() {
	mkdir bin
	prefix=$RUN
	[ $kind = enclave ] || prefix=
	printf '#!/bin/sh\nexec %s %s/%s/lua "$@"\n' "$prefix" $P $kind >bin/lua
	chmod 755 bin/lua
	PATH="$PWD/bin:$PATH" sh $L/lua/interpreter
}
pair interpreter interpreter

unit() {
	cp -r $L/lua/unit/. .
	x lua run_unit_tests.lua --output text 2>&1 | sed -E "s#$P/$kind/##g; s/0x[0-9a-f]+/ADDRESS/g; s/in [0-9.]+ seconds/in TIME/; /^Started on/d"
}
pair unit unit
grep -q '^Ran [1-9][0-9][0-9] tests' unit.native || fail "luaunit ran nothing: $(tail -n 5 unit.native)"
done_testing
