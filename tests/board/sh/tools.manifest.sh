# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Manifests: each key enforced in the enclave; the one beside the program; what is refused, with line and remedy.
. "$T/lib/lib.sh"
needs_enclaves

cp "$T/bin/show" .
run() { ringmaster run --manifest m.toml ./show "$@"; }

# Without one: all.
A=1 B=2 ringmaster run ./show one >out
expect_text out 'argument one' 'variable A=1'

# Arguments and environment.
cat >m.toml <<'END'
arguments = ["fixed", ""]
[environment]
pass = ["B", "NOT_THERE"]
set = { C = "3", B2 = "x y" }
END
A=1 B=2 C=4 LD_PRELOAD=x run >out || fail "$(cat out)"
printf 'argument %s\n' show fixed '' >expected
printf 'variable %s\n' B=2 B2='x y' C=3 >>expected
expect_same expected out
refused 125 'fixes the arguments' -- run more
mv m.toml show.toml
A=1 ringmaster run -v ./show >out 2>err
expect_text out 'argument fixed'
expect_text err 'manifest' 'show.toml'
rm show.toml
printf 'debug = true\n[environment]\n' >m.toml
A=1 run x >out
[ "$(cat out)" = 'argument ./show
argument x' ] || fail "an empty environment: $(cat out)"

# Threads and memory.
echo 'threads = 3' >m.toml
[ "$(run threads 8)" = '3 threads, Resource temporarily unavailable' ] || fail "threads: $(run threads 8)"
[ "$(run threads 2)" = '3 threads, no error' ] || fail "threads: $(run threads 2)"
# Who has ended does not count, however long Linux takes with what is left of it.
echo 'threads = 2' >m.toml
[ "$(run again 300)" = '300 times, no error' ] || fail "again: $(run again 300)"
echo 'memory = "3M"' >m.toml
[ "$(run memory 1)" = touched ] || fail 'memory: 1 MiB of 3'
refused 137 'out of memory' '3 MiB' -- run memory 4
refused 137 'out of memory' -- ringmaster run --memory 2M --manifest m.toml ./show memory 3

# Files.
mkdir -p given/sub other
echo x >given/file
echo x >other/file
cat >m.toml <<'END'
[[files]]
path = "/tmp/work/given/"
[[files]]
path = "/tmp/work/written"
access = "write"
END
run open r:given/file r:/tmp/work/given/file r:given/../other/file w:given/file r:given/sub/../file r:other/file s:other s:given w:written \
	w:/tmp/work/written2 d:given/new d:other/new r:/etc/passwd s:/ c:given r:file o:file o:../other/file r:../other/file a:file \
	a:../other/file c:.. c:/tmp/work/given/sub/. f:/tmp/work/given r:file f:/tmp/work/other m:file m:/tmp/work/written t:file \
	t:/tmp/work/written l:/tmp/work/written u:/tmp/work/other/socket u:/tmp/work/written x:true >out
cat >expected <<'END'
r:given/file ok
r:/tmp/work/given/file ok
r:given/../other/file Permission denied
w:given/file Permission denied
r:given/sub/../file ok
r:other/file Permission denied
s:other Permission denied
s:given ok
w:written ok
w:/tmp/work/written2 Permission denied
d:given/new Permission denied
d:other/new Permission denied
r:/etc/passwd Permission denied
s:/ Permission denied
c:given ok
r:file ok
o:file ok
o:../other/file Permission denied
r:../other/file Permission denied
a:file ok
a:../other/file Permission denied
c:.. Permission denied
c:/tmp/work/given/sub/. ok
f:/tmp/work/given ok
r:file ok
f:/tmp/work/other Bad file descriptor
m:file Permission denied
m:/tmp/work/written ok
t:file Permission denied
t:/tmp/work/written ok
l:/tmp/work/written Permission denied
u:/tmp/work/other/socket Permission denied
u:/tmp/work/written Connection refused
x:true Permission denied
END
expect_same expected out
if [ -e other/new ] || [ -e given/new ]; then fail 'a folder was made'; fi
ringmaster run --stats --manifest m.toml ./show open r:/etc/passwd 2>err >/dev/null
grep -q 'refused by the manifest *1$' err || fail "not counted: $(cat err)"

# Programs that it may start.
spawn() { run "$@" 2>&1; }
echo 'spawn = ["/bin/busybox", "/tmp/work/given/"]' >m.toml
ln -s /bin/busybox given/sh
[ "$(spawn spawn /bin/sh)" = '/bin/sh: Permission denied' ] || fail "not on the list: $(spawn spawn /bin/sh)"
[ "$(spawn spawn /bin/../bin/sh)" = '/bin/../bin/sh: Permission denied' ] || fail 'not on the list, another way'
[ "$(spawn spawn /tmp/work/given/sh)" = "$(printf 'started\n/tmp/work/given/sh: status 0')" ] || fail "on the list: $(spawn spawn /tmp/work/given/sh)"
[ "$(spawn spawn ./given/../given/sh)" = "$(printf 'started\n./given/../given/sh: status 0')" ] || fail "relative: $(spawn spawn ./given/../given/sh)"
[ "$(PATH=/usr/bin:/tmp/work/given spawn spawnp sh)" = "$(printf 'started\nsh: status 0')" ] || fail 'searched for'
[ "$(PATH=/usr/bin spawn spawnp sh)" = 'sh: Permission denied' ] || fail 'searched for elsewhere'
[ "$(spawn spawn given/sh /tmp/work/spawned)" = 'given/sh: status 0' ] || fail 'with a file'
[ "$(cat spawned)" = started ] || fail "its file: $(cat spawned)"
printf '[[files]]\npath = "/tmp/work/given/"\n' >>m.toml
[ "$(spawn spawn given/sh /tmp/work/spawned)" = 'given/sh: Permission denied' ] || fail 'a file that it may not write'
[ "$(spawn spawn given/sh)" = "$(printf 'started\ngiven/sh: status 0')" ] || fail 'with a list of files'
echo 'spawn = []' >m.toml
[ "$(spawn spawn /bin/busybox)" = '/bin/busybox: Permission denied' ] || fail 'an empty list'

# Programs and files with a hash: another content is refused, one that changes later is not seen.
sum=$(sha256sum </bin/busybox | cut -c 1-64)
echo "spawn = [{ path = \"/tmp/work/given/sh\", sha256 = \"$sum\" }]" >m.toml
[ "$(spawn spawn given/sh)" = "$(printf 'started\ngiven/sh: status 0')" ] || fail "a program with a hash: $(spawn spawn given/sh)"
rm given/sh
cp show given/sh
[ "$(spawn spawn given/sh)" = 'given/sh: I/O error' ] || fail "another program: $(spawn spawn given/sh)"
printf 'checked content' >given/checked
cat >m.toml <<END
[[files]]
path = "/tmp/work/given/"
access = "write"
[[files]]
path = "/tmp/work/given/checked"
sha256 = "$(sha256sum <given/checked | cut -c 1-64)"
END
mkfifo again
run content given/checked <again >out 2>err &
proxy=$!
exec 3>again
wait_until 20 grep -q content out || fail "a file with a hash: $(cat out err)"
printf 'other' >given/checked
echo >&3
exec 3>&-
wait $proxy
printf '15 15 15 checked content|ked content|checked content|0 -1\n%.0s' 1 2 >expected
expect_same expected out
ringmaster run --stats --manifest m.toml ./show content given/checked </dev/null >out 2>err
[ "$(cat out)" = 'I/O error' ] || fail "another content: $(cat out)"
grep -q 'not what the manifest says *1$' err || fail "not counted: $(cat err)"
run open w:given/checked w:given/other r:given/checked >out
printf 'w:given/checked Permission denied\nw:given/other ok\nr:given/checked I/O error\n' >expected
expect_same expected out

# Signals that Linux may send; those of its own it has in any case.
mkfifo input
echo 'signals = ["SIGUSR1", 40]' >m.toml
ringmaster run --stats --manifest m.toml ./show signals <input >out 2>err &
proxy=$!
exec 3>input
wait_until 20 grep -q ready out || fail "does not start: $(cat out err)"
kill -TERM $proxy
kill -USR1 $proxy
wait_until 20 grep -q USR1 out || fail "a signal that is permitted: $(cat out)"
exec 3>&-
wait $proxy || fail "ended with $?"
[ "$(cat out)" = "$(printf 'USR2\nready\nUSR1')" ] || fail "signals: $(cat out)"
grep -q 'does not permit *1$' err || fail "not counted: $(cat err)"

# Debugging is permitted or refused.
echo 'debug = false' >m.toml
refused 125 './show' 'm.toml' 'does not permit debugging' 'debug = true' -- ringmaster trace --manifest m.toml ./show
echo 'debug = true' >m.toml
ringmaster trace -o trace --manifest m.toml ./show >/dev/null || fail 'a trace that is permitted'

# Refusals name file, line, remedy.
bad() {
	printf '%b' "$1" >m.toml
	shift
	refused 125 "$@" -- ringmaster run --manifest m.toml ./show
}
bad 'debug = true\nmemroy = "1M"\n' 'm.toml' 'line' '2:' 'memroy' 'memory'
bad 'threads = 99\n' 'line' '1:' '64'
bad 'threads = \n' 'm.toml' 'line' '1:'
bad '[[files]]\npath = "relative"\n' 'line' '2:' 'absolute'
bad 'cores = true\n' 'cores' 'unknown'
bad 'debug = true\nsignals = ["KILL"]\n' 'line' '2:' 'KILL'
bad 'signals = ["NONE"]\n' 'line' '1:' 'no such signal'
bad 'spawn = ["sh"]\n' 'line' '1:' "'sh'" 'absolute'
bad 'deadline = 0\n' 'line' '1:' 'milliseconds'
refused 125 'missing.toml' 'No such file' -- ringmaster run --manifest missing.toml ./show
done_testing
