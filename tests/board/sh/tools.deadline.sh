# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 180 s
# The manifest's deadline: what a file system that stands still does not do in time is ETIMEDOUT, nothing is lost for good, and waits for others
# are none of it.
. "$T/lib/lib.sh"
needs_enclaves

cp "$T/bin/show" .
folder=/mnt/disk/deadline.$$
mkdir -p "$folder"
echo 'deadline = 200' >m.toml
mkfifo input
frozen=
thaw() { [ -z "$frozen" ] || freeze /mnt/disk thaw; frozen=; }
trap 'thaw; rm -rf "$folder"' EXIT

# frozen_run WHAT OPTION...: runs it with the disk frozen where it says so
frozen_run() {
	what=$1
	shift
	ringmaster run "$@" --stats --manifest m.toml ./show "$what" "$folder" <input >out 2>err &
	proxy=$!
	exec 3>input
	wait_until 30 grep -q freeze out || fail "$what: does not start: $(cat out err)"
	freeze /mnt/disk || fail 'cannot freeze'
	frozen=1
	echo >&3
	wait_until 20 grep -q thaw out || { thaw; fail "$what: stands still: $(cat out err)"; }
	thaw
	echo >&3
	exec 3>&-
	wait $proxy || fail "$what: ended with $?: $(cat out err)"
}

frozen_run late
cat >expected <<'END'
freeze
pwrite: Operation timed out in time
mkdir: Operation timed out in time
truncate: Operation timed out in time
chmod: Operation timed out in time
create: Operation timed out in time
large: Operation timed out in time
pread: ok
thaw
fsync: ok
rmdir: ok
END
head -n 11 out >first
expect_same expected first
tail -n 1 out | grep -q '^read 3 ' || fail "the end: $(cat out)"
grep -q 'by the deadline *6$' err || fail "not counted: $(cat err)"

frozen_run exhaust
printf 'freeze\n40 timed out, the last ones at once\nthaw\nagain\n' >expected
expect_same expected out

# Who waits for others than Linux waits as long as it takes.
mkfifo other
( usleep 900000; echo late >other ) &
ringmaster run --manifest m.toml "$T/bin/cat" <other >out
[ "$(cat out)" = late ] || fail "a pipe has a deadline: $(cat out)"
( usleep 900000; echo late >other ) &
[ "$(ringmaster run --manifest m.toml ./show open r:/tmp/work/other)" = 'r:/tmp/work/other ok' ] || fail 'opening a FIFO has a deadline'
wait
next_enclave_runs
done_testing
