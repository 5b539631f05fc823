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
	w:/tmp/work/written2 d:given/new d:other/new r:/etc/passwd s:/ c:given r:file r:../other/file a:file c:.. >out
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
r:../other/file Permission denied
a:file Permission denied
c:.. Permission denied
END
expect_same expected out
if [ -e other/new ] || [ -e given/new ]; then fail 'a folder was made'; fi
ringmaster run --stats --manifest m.toml ./show open r:/etc/passwd 2>err >/dev/null
grep -q 'paths refused.* 1$' err || fail "not counted: $(cat err)"

# Debugging is permitted or refused.
echo 'debug = false' >m.toml
refused 125 'does not permit debugging' 'debug = true' -- ringmaster trace --manifest m.toml ./show
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
bad 'core = true\n' 'core' 'unknown'
refused 125 'missing.toml' 'No such file' -- ringmaster run --manifest missing.toml ./show
done_testing
