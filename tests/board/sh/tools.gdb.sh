# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2016,SC2094,SC2015,SC3045 # gdb's variables; a name, not a file; fail never fails; busybox has it
# limit: 240 s
# Debian's gdb on enclaves through `ringmaster run --gdb`: from the first instruction to the end, in several sessions.
. "$T/lib/lib.sh"
needs_enclaves

use_gdb
cp "$T/bin/debugged" .
S=$PWD/socket

# session LABEL ARGUMENTS... <COMMANDS: `debugged` with these arguments, gdb's output in LABEL, the program's in LABEL.out; $status.
# A command that fails does not keep gdb from the next.
session() {
	label=$1
	shift
	ringmaster run --gdb="$S" ./debugged "$@" >"$label.out" 2>"$label.err" &
	enclave=$!
	set -- -ex 'set remotetimeout 60' -ex 'set width 0' -ex "target remote $S"
	while read -r line; do
		set -- "$@" -ex "$line"
	done
	wait_until 20 test -S "$S" || fail "$label: nobody listens"
	$GDB "$@" ./debugged >"$label" 2>&1 &
	gdb=$!
	[ -z "$during" ] || $during
	wait $gdb
	wait $enclave
	status=$?
}
during=

# From the first instruction; breakpoints, frames, variables, steps, registers, memory, the end.
session calls <<'END'
info registers pc sp
x/i $pc
break deepest
continue
bt
print n
print global
up
print local
down
step
next
finish
delete
break deepest if n == 3
continue
print $x0
print $w0 + 1
set var global.x = 77
print global.x
print $v0.d.u[0]
set var $v5.d.u[1] = 0x1234
print/x $v5.d.u[1]
x/4xw 0x7f00000000
x/4xw 0x7f80000000
set var *(int *)0x7f00000000 = 1
set var $pc = 0x7f00000100
print $pc
delete
continue
print $_exitcode
END
[ $status = 7 ] || fail "calls: status $status"
expect_text calls.out 'sum 18'
expect_text calls '_start' 'Breakpoint 1, deepest (n=n@entry=1)' '#1 ' ' in middle (n=' '#2 ' ' in main (argc=' '$1 = 1' \
	'$2 = {x = 3, y = 4, d = 2.5}' 'Breakpoint 2, deepest (n=n@entry=3)' '= 77' '= 0x1234' 'Cannot access memory at address 0x7f00000000' \
	'Cannot access memory at address 0x7f80000000' '[Inferior 1 (Remote target) exited with code 07]'
grep -q 'pc = 0x7f00000100' calls && fail "the program counter went into the runtime"

# Each instruction of a stretch, by a conditional branch and a return; a sequence of exclusives; a system call.
session steps atomic <<'END'
break middle
continue
delete
stepi 60
break __ringmaster_syscall
continue
stepi 12
delete
break 105
continue
next
next
print shared
continue
END
[ $status = 7 ] || fail "steps: status $status: $(tail -n 5 steps)"
expect_text steps '$1 = 5' 'exited with code 07'

# Faults and signals: where, passed on, swallowed.
session fault fault <<'END'
continue
bt
print $_siginfo
continue
END
[ $status = 139 ] || fail "fault: status $status"
expect_text fault 'Program received signal SIGSEGV' ' in main (' 'si_signo = 11' 'Program terminated with signal SIGSEGV'

session abort abort <<'END'
continue
bt
continue
END
[ $status = 134 ] || fail "abort: status $status"
expect_text abort 'Program received signal SIGABRT' 'in main' 'Program terminated with signal SIGABRT'

session signal signal <<'END'
break handler
continue
continue
bt
continue
END
[ $status = 7 ] || fail "signal: status $status"
expect_text signal 'Program received signal SIGUSR1' 'Breakpoint 1, handler (number=10)' '<signal handler called>'
expect_text signal.out 'handled 10'

session swallowed signal <<'END'
continue
signal 0
END
expect_text swallowed.out 'handled 0'

# Threads: one computes, one sleeps, one waits; all are stopped by an interrupt.
interrupt() {
	wait_until 60 grep -qs ready threads.out || fail "no threads: $(tail -n 5 threads)"
	usleep 300000
	kill -INT $gdb
}
during=interrupt
session threads threads <<'END'
continue
info threads
thread apply all bt
thread 3
stepi 3
thread 2
stepi
print counter
kill
END
during=
[ $status = 137 ] || fail "threads: status $status"
expect_text threads 'received signal SIGINT' 'in pause' 'spin (word=' 'in clock_nanosleep' 'in worker (arg=' '[Inferior 1 (Remote target) killed]'
[ "$(grep -c '^[* ] [123]  *Thread [0-9]* "debugged"' threads)" = 3 ] || fail "threads are not listed: $(cat threads)"

# Detached, the program runs on; so it does when gdb is gone.
session detached calls <<'END'
break deepest
continue
detach
END
[ $status = 7 ] || fail "detached: status $status"
expect_text detached.out 'sum 18'
ringmaster run --gdb="$S" ./debugged >gone.out 2>gone.err &
enclave=$!
wait_until 20 test -S "$S"
$GDB -ex "target remote $S" -ex 'break deepest' -ex continue -ex 'shell touch reached; exec sleep 60' ./debugged >gone 2>&1 &
gdb=$!
wait_until 60 test -e reached || fail "no breakpoint: $(cat gone)"
kill -KILL $gdb
wait $enclave
status=$?
[ $status = 7 ] || fail "gone: status $status"
expect_text gone.out 'sum 18'

# A port of its own choice, on this machine alone.
ringmaster run --gdb ./debugged >port.out 2>port.err &
enclave=$!
wait_until 20 grep -q 'target remote 127.0.0.1:[0-9]' port.err || fail "no port: $(cat port.err)"
port=$(sed -n 's/.*127.0.0.1:\([0-9]*\).*/\1/p' port.err)
$GDB -ex "target remote 127.0.0.1:$port" -ex continue ./debugged >port 2>&1
wait $enclave
[ $? = 7 ] || fail "port: $(tail -n 5 port)"

# A program whose manifest does not permit it ends before its first instruction.
echo 'debug = false' >m.toml
ringmaster run --manifest m.toml --gdb="$S" ./debugged >secret.out 2>secret.err &
enclave=$!
wait_until 20 test -S "$S"
$GDB -ex "target remote $S" -ex 'info registers' ./debugged >secret 2>&1
wait $enclave
[ $? = 126 ] || fail "a program that refuses: $(cat secret.err)"
expect_text secret.err 'does not permit debugging'
grep -q '^pc ' secret && fail "registers of a program that refuses: $(cat secret)"

refused 125 gdb port -- ringmaster run --gdb=99999 ./debugged
refused 125 gdb "$PWD/none" -- ringmaster run --gdb="$PWD/none/socket" ./debugged
done_testing
