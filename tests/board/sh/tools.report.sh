# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# How a program died: registers and a backtrace with names, if its manifest permits debugging; else only the line that Linux's shell lacks.
. "$T/lib/lib.sh"
needs_enclaves

cp "$T/bin/faulty" .
# order FILE: the functions of the backtrace, in this order
order() {
	sed -n 's/^  #[0-9]* *0x[0-9a-f]* \([a-z_]*\)+0x.*/\1/p' "$1" | grep -E 'innermost|middle|outermost|main' | tr '\n' ' '
}

expect_status 139 ringmaster run ./faulty fault 2>err
expect_text err 'thread 0 died by signal 11' 'address 0x4d2' 'x0 ' 'x30' 'sp ' 'pstate'
[ "$(order err)" = 'innermost middle outermost main ' ] || fail "backtrace: $(cat err)"
expect_status 139 ringmaster run ./faulty thread 2>err
# (musl's clone() leaves the creator's frame pointer, so the creator may follow.)
order err | grep -q '^innermost middle outermost ' || fail "backtrace of a thread: $(cat err)"
grep -q 'thread [1-9][0-9]* died' err || fail "which thread: $(cat err)"
expect_status 134 ringmaster run --name died ./faulty abort 2>err
expect_text err 'died by signal 6'
order err | grep -q 'innermost middle outermost main' || fail "backtrace through libc: $(cat err)"
ringmaster logs died >log
expect_text log 'proxy: #1 ' 'ended: signal 6'

# Of an image; and without permission.
ringmaster pack ./faulty -o image 2>/dev/null
ringmaster run ./image fault 2>err
[ "$(order err)" = 'innermost middle outermost main ' ] || fail "backtrace of an image: $(cat err)"
echo 'debug = false' >faulty.toml
expect_status 139 ringmaster run ./faulty fault 2>err
grep -q '0x4d2' err && fail "where it failed, without permission: $(cat err)"
ringmaster logs faulty | tail -n 1 | grep -q 'address' && fail "the log tells where: $(ringmaster logs faulty)"
grep -q 'x30\|innermost' err && fail "secrets without permission: $(cat err)"
ringmaster pack ./faulty -o image 2>/dev/null
expect_status 139 ringmaster run ./image fault 2>err
grep -q 'x30\|innermost' err && fail "secrets of an image without permission: $(cat err)"

# A file that lies about its symbols costs names, nothing else.
rm faulty.toml
dd if=/dev/urandom of=faulty bs=1 seek=$(($(stat -c %s faulty) - 3000)) count=3000 conv=notrunc 2>/dev/null
ringmaster run ./faulty fault 2>err
expect_text err 'died by signal 11'
next_enclave_runs
done_testing
