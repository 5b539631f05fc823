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

# The same file whatever it stands on: programs of a group go on where the one before ended.
for folder in /tmp/work /mnt/disk/work /mnt/host/.redirect; do
	mkdir -p $folder
	{ "$T/bin/pattern.native" 200000; "$T/bin/pattern.native" 5; "$T/bin/pattern.native" 70000; } >$folder/expected
	{ $RUN "$T/bin/pattern" 200000; "$T/bin/pattern.native" 5; $RUN "$T/bin/pattern" 70000; } >$folder/out
	cmp $folder/expected $folder/out || fail "written in $folder"
	{ head -c 10 >/dev/null; $RUN "$T/bin/cat"; } <$folder/expected >$folder/out
	tail -c +11 $folder/expected | cmp - $folder/out || fail "read in $folder"
	{ echo first; $RUN "$T/bin/hello"; $RUN "$T/bin/hello"; } >>$folder/log
	[ "$(wc -l <$folder/log)" = 3 ] || fail "appended in $folder"
	rm -f $folder/expected $folder/out $folder/log
done
rmdir /mnt/host/.redirect
done_testing
