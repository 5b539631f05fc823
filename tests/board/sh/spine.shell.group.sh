# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Programs of one group share a descriptor and its position.
. "$T/lib/lib.sh"

{ "$T/bin/hello.native"; echo between; "$T/bin/hello.native"; "$T/bin/pattern.native" 70000; "$T/bin/hello.native"; } >expected
{ $RUN "$T/bin/hello"; echo between; $RUN "$T/bin/hello"; $RUN "$T/bin/pattern" 70000; $RUN "$T/bin/hello"; } >out
expect_same expected out

# Readers too: the enclave takes all of the first file, the shell's position moves with it.
seq 1 1000 >numbers
{ $RUN "$T/bin/cat" >first; cat >rest; } <numbers
expect_same numbers first
[ ! -s rest ] || fail "the group read bytes twice"

echo start >log
$RUN "$T/bin/hello" >>log
(exec 3>>log; $RUN "$T/bin/hello" >&3; $RUN "$T/bin/hello" >&3)
printf 'start\nhello, world\nhello, world\nhello, world\n' >expected
expect_same expected log
done_testing
