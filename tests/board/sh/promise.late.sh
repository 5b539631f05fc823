# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 180 s
# Promises with a deadline on a file system that stands still: ETIMEDOUT, everything else goes on, and what comes late is taken in.
. "$T/lib/lib.sh"
needs_enclaves

folder=/mnt/disk/late.$$
mkdir -p "$folder"
mkfifo input
frozen=
thaw() { [ -z "$frozen" ] || freeze /mnt/disk thaw; frozen=; }
trap 'thaw; rm -rf "$folder"' EXIT

ringmaster run --stats "$T/bin/promises" late "$folder" <input >out 2>err &
proxy=$!
exec 3>input
wait_until 30 grep -q freeze out || fail "does not start: $(cat out err)"
freeze /mnt/disk || fail 'cannot freeze'
frozen=1
echo >&3
wait_until 20 grep -q thaw out || { thaw; fail "stands still: $(cat out err)"; }
thaw
wait_until 20 test -e "$folder/made" || fail 'was not done at all'
echo >&3
exec 3>&-
wait $proxy || fail "ended with $?: $(cat out err)"
cat >expected <<'END'
freeze
write: Operation timed out
open: Operation timed out
again: Invalid argument
read: ok
thaw
done
next: ok
fsync: ok
END
expect_same expected out
grep -q 'by the deadline *2$' err || fail "not counted: $(cat err)"
[ "$(cat "$folder/late")" = beforebehind ] || fail "the file: $(cat "$folder/late")"
done_testing
