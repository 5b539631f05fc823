# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Images: packed, inspected, run; wrong bytes anywhere are refused; keys; what does not permit debugging is not traced.
. "$T/lib/lib.sh"
needs_enclaves

cp "$T/bin/show" .
cat >show.toml <<'END'
debug = false
threads = 2
arguments = ["fixed"]
[environment]
set = { A = "1" }
END
ringmaster pack show -o image 2>err || fail "pack: $(cat err)"
expect_text err 'development key'
rm show.toml
B=2 ringmaster run ./image >out 2>err || fail "run: $(cat err)"
printf 'argument show\nargument fixed\nvariable A=1\n' >expected
expect_same expected out
expect_text err 'development key'
ringmaster inspect image >text || fail 'inspect'
expect_text text 'development key' 'debug = false' 'threads = 2' 'arguments = ["fixed"]' '"A" = "1"'
# What inspect prints is a manifest.
cp text show.toml
ringmaster pack show -o again 2>/dev/null
ringmaster inspect again >text2
expect_same text text2
rm show.toml

refused 126 './image' 'does not permit debugging' 'debug = true' -- ringmaster trace -o trace ./image
refused 125 'is an image' -- ringmaster run --manifest expected ./image

# flip OFFSET: a copy with one bit changed there.
flip() {
	cp image bad
	byte=$(od -An -tu1 -j "$1" -N 1 image)
	# shellcheck disable=SC2059 # a byte
	printf "\\$(printf %o $((byte ^ 1)))" | dd of=bad bs=1 seek="$1" conv=notrunc 2>/dev/null
}
size=$(stat -c %s image)
for at in 8 12 16 24 32 64 96 128 191 192 250 2000 4096 5000 $((size - 1)); do
	flip "$at"
	ringmaster run ./bad >out 2>err
	[ $? = 126 ] || fail "a bit changed at $at: $(cat err)"
	[ ! -s out ] || fail "a changed image ran: $at"
	grep -Eq 'signature is wrong|was changed|damaged image|does not know' err || fail "at $at: $(cat err)"
	case $at in 191) ;; *) ringmaster inspect bad >/dev/null 2>&1 && case $at in 96 | 128) false ;; esac && fail "inspect likes $at" ;; esac
done
cp image bad && echo x >>bad
refused 126 'was changed' -- ringmaster run ./bad
head -c 5000 image >bad
refused 126 'shorter' -- ringmaster run ./bad
head -c 100 image >bad
ringmaster run ./bad 2>err && fail 'a stump runs'
next_enclave_runs

# Another key: the firmware does not know it.
ringmaster keygen key || fail 'keygen'
[ "$(stat -c %a key)" = 600 ] || fail 'a private key that others can read'
[ "$(tr -d '\n' <key.pub | wc -c)" = 128 ] || fail 'public key'
ringmaster pack --key key show -o foreign 2>err || fail "pack: $(cat err)"
grep -q 'development key' err && fail 'not the development key'
refused 126 'key' 'does not know' -- ringmaster run ./foreign
refused 125 'keygen' 'exists' -- ringmaster keygen key
echo nonsense >key2
refused 125 'key2' '64 hexadecimal' -- ringmaster pack --key key2 show -o x
echo nonsense >prog
refused 125 'ELF' -- ringmaster pack prog -o x
refused 125 'where' -- ringmaster pack show
refused 125 'No such file' -- ringmaster pack missing -o x
refused 125 'not an image' -- ringmaster inspect show
[ ! -e x ] || fail 'a refused pack left something'

# A plain program packed: all is permitted, debugging too, but for a key of one's own. It may be run by a link, from a pipe line.
ringmaster pack show -o plain 2>err
expect_text err 'no manifest'
ringmaster trace -o trace ./plain one 2>/dev/null | grep -q 'argument one' || fail 'plain image'
expect_text trace '+++ exited with 0 +++'
for command in pack inspect keygen; do
	ringmaster $command --help | grep -q "usage: ringmaster $command" || fail "no help of $command"
done
done_testing
