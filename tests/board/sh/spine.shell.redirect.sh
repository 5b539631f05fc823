# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Files, closed descriptors, and descriptors above 2.
. "$T/lib/lib.sh"

echo text >in
$RUN "$T/bin/upper" -e <in >out 2>err
expect_text out TEXT
expect_text err 'upper: done'
$RUN "$T/bin/upper" -e <in >both 2>&1
expect_text both TEXT 'upper: done'
: >empty
$RUN "$T/bin/cat" <empty >out
[ ! -s out ] || fail 'output from nothing'
expect_status 1 sh -c '"$@" >&-' sh $RUN "$T/bin/hello"
expect_status 1 sh -c '"$@" <&-' sh $RUN "$T/bin/cat"
expect_status 1 sh -c '"$@" >/dev/full' sh $RUN "$T/bin/hello"
$RUN "$T/bin/hello" >/dev/null || fail '/dev/null'
$RUN "$T/bin/hello" >/mnt/disk/work/out
expect_text /mnt/disk/work/out 'hello, world'
done_testing
