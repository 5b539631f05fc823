# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Enclaves as the beginning, middle and end of pipelines.
. "$T/lib/lib.sh"

seq 1 3000 | sed 's/$/ abc/' >in
tr '[:lower:]' '[:upper:]' <in >expected
cat in | $RUN "$T/bin/upper" | cat >out
expect_same expected out
cat in | $RUN "$T/bin/cat" | $RUN "$T/bin/upper" | sort -n >out
expect_same expected out
[ "$(echo x | $RUN "$T/bin/upper")" = X ] || fail 'substitution'
[ "$($RUN "$T/bin/pattern" 3000000 | sha256sum)" = "$("$T/bin/pattern.native" 3000000 | sha256sum)" ] || fail 'much data'
# Input that comes in pieces, with pauses.
{ printf one; usleep 100000; printf ' two'; usleep 100000; echo ' three'; } | $RUN "$T/bin/upper" >out
echo 'ONE TWO THREE' >expected
expect_same expected out
done_testing
