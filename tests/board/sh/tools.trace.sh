# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# `ringmaster trace`: calls with arguments, results and who answered; filters, table, threads, ends; and what it refuses.
. "$T/lib/lib.sh"
needs_enclaves

expect_status 7 ringmaster trace -o all "$T/bin/traced" >out 2>err
[ ! -s out ] || fail "output: $(cat out)"
[ ! -s err ] || fail "errors: $(cat err)"
expect_text all \
	'openat(AT_FDCWD, "traced.file", O_RDWR|O_CREAT|O_EXCL|O_LARGEFILE, 0640) = 3 <' \
	'write(3, "hello, trace\n", 13) = 13 <' \
	'lseek(3, 0, SEEK_SET) = 0 <' \
	'read(3, "hello, trace\n", 64) = 13 <' \
	'{st_mode=S_IFREG|0640, st_size=13' \
	'unlinkat(AT_FDCWD, "traced.file", 0) = 0 <' \
	'openat(AT_FDCWD, "traced.missing", O_RDONLY|O_LARGEFILE) = -1 ENOENT (No such file or directory) <' \
	'writev(3, [{"to ", 3}, {"null\n", 5}], 2) = 8 <' \
	'nfsservctl(0x1' ' = -1 ENOSYS (Function not implemented) <' 'no handler' \
	'mmap(NULL, 8192, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x' \
	'clone(CLONE_VM|' \
	'+++ exited with 7 +++'
grep -Eq 'openat.*; (ring OPENAT|host call openat); 1 exit>' all || fail "no opcode: $(grep openat all)"
grep -Eq 'munmap.*[;,] secure kernel>' all || fail "munmap is whose? $(grep munmap all)"
grep -q '/etc/hosts' all && fail "another thread without -f"

expect_status 7 ringmaster trace -f -s 4 -e openat,exit_group -o threads "$T/bin/traced"
grep -q '^\[pid  *[0-9]*\] openat(AT_FDCWD, "/etc"..., O_RDONLY|O_LARGEFILE) = ' threads || fail "threads: $(cat threads)"
[ "$(cut -c 1-11 threads | grep -c pid)" -ge 2 ] || fail "threads are not told apart: $(cat threads)"
grep -q 'close' threads && fail "-e does not hide"

expect_status 7 ringmaster trace -c -e '!read' "$T/bin/traced" 2>table
expect_text table '% time' 'syscall' 'openat' 'total'
grep -Eq ' 1 +[0-9]+ nfsservctl$' table || fail "errors are not counted: $(cat table)"
grep -q ' read$' table && fail "-e ! does not hide"

# Nothing is lost, however many.
expect_status 0 ringmaster trace -e getppid -o many "$T/bin/traced" many
count=$(grep -Ec '^(getppid\(|<\.\.\. getppid resumed>)\) = ' many)
[ "$count" = 20000 ] || fail "$count of 20000 calls"
grep -q 'lost' many && fail "$(grep lost many)"

# Ends: a fault, a signal while it waits.
expect_status 139 ringmaster trace -o fault "$T/bin/traced" fault 2>/dev/null
expect_text fault '+++ killed by SIGSEGV +++'
mkfifo input
ringmaster trace -e read -o wait "$T/bin/traced" wait <input &
tracer=$!
exec 3>input
wait_until 20 grep -qs 'read(0, .*unfinished' wait || fail "a call that waits is not shown: $(cat wait)"
kill $tracer
wait $tracer
[ $? = 143 ] || fail "a tracer that is told to end"
exec 3>&-
expect_text wait '+++ killed by SIGTERM +++'
echo x | ringmaster trace -e read -o resumed "$T/bin/traced" wait
expect_text resumed 'read(0, "x", 1) = 1 <'

# What is refused.
refused 125 'frobnicate' '%file' -- ringmaster trace -e openat,frobnicate "$T/bin/traced"
refused 125 'no program' -- ringmaster trace -f
refused 125 "'-x'" 'trace --help' -- ringmaster trace -x "$T/bin/traced"
refused 125 '512' -- ringmaster trace -s 513 "$T/bin/traced"
refused 125 '/nowhere/file' 'No such file' -- ringmaster trace -o /nowhere/file "$T/bin/traced"
refused 127 'missing' -- ringmaster trace missing
ringmaster trace --help | grep -q 'usage: ringmaster trace' || fail "no help"
done_testing
