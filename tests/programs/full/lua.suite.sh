# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 900 s
# Lua's own test suite: as for users (`_U=true`); with what is not portable; with what is long; the interpreter's own tests (main.lua),
# which start it by a shell over and over; and the internal ones, with an interpreter that asserts on its invariants.
. "$T/programs/lib.sh"

use lua lua-internal

# Times, addresses, memory, and what hangs on random numbers, as do dots for progress, are not the same in two runs. Standard input is a pipe, since the
# suite holds that it cannot seek there.
quiet() {
	grep -Ev '^ *time:? |random (seeds|range)|memory: |sorting |^test done on|^total time|strings: |udata: |msec|short-circuit|^[.+]*(OK)?$' out |
		sed -E "s#$P/$kind/##g; s/0x[0-9a-f]+/ADDRESS/g; s#/tmp/lua_[A-Za-z0-9]{6}#NAME#g; s/pid [0-9]+/PID/; s/[0-9]+ kills/KILLS/"
}

suite() { # PROGRAM OPTIONS
	cp -r $L/luasuite/testes/. .
	# The interpreter's tests come by themselves below.
	sed -i "s/^dofile('main.lua')/-- &/" all.lua
	# Busybox' shell becomes its last command instead of starting it, so that a signal to it is not an exit status.
	sed -i "/sh -c 'kill -s HUP/d" files.lua
	true | x "$1" -W -e "$2 $locales" all.lua >out 2>&1 || { tail -n 30 out; return 1; }
	quiet
}

# musl takes any name of a locale and goes on as before; the suite then expects commas in numbers.
locales='local set = os.setlocale; function os.setlocale(l, ...) if not l or l == "C" or l == "" then return set(l, ...) end end'

users() { suite lua '_U = true;'; }
unportable() { suite lua '_soft = true;'; }
long() { suite lua '_port = true;'; }
internal() { suite lua-internal '_soft = true; _port = true;'; }

# Each `lua` of a shell's command is one of the same kind, also without a PATH. Left out: a module from a shared library, as there is
# no dynamic linking, and the one test that wants readline.
interpreter() {
	cp -r $L/luasuite/testes/. .
	sed -i '/^-- test module names with version/,/^checkout/d; /^-- non-string prompt/,/^]], 1, true))/d' main.lua
	prefix=$RUN
	[ $kind = enclave ] || prefix=
	# shellcheck disable=SC2016 # for the script
	printf '#!/bin/sh\nPATH="%s:$PATH" exec %s lua "$@"\n' "$P/$kind" "$prefix" >/bin/lua
	chmod 755 /bin/lua
	true | x lua -e "arg[-3] = 'lua'" main.lua >out 2>&1 || { tail -n 30 out; return 1; }
	rm /bin/lua
	quiet
}

for part in users unportable interpreter internal long; do
	pair $part $part
done
for part in users unportable long; do
	grep -q 'final OK !!!' $part.native || fail "$part: the suite does not end well: $(tail -n 5 $part.native)"
done
done_testing
