# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Users who are not root: members of the device's group, others, and a locked-memory limit that is too small.
. "$T/lib/lib.sh"
needs_enclaves

# as_user GROUP COMMAND: shell command as uid 1000 in that group.
as_user() {
	"$T/bin/as" 1000 "$1" sh -c "$2"
}

group=$(stat -c %g /dev/ringmaster)
[ "$(as_user "$group" "$RUN $T/bin/hello" 2>&1)" = 'hello, world' ] || fail 'member of the group'
refused 125 ringmaster /dev/ringmaster -- as_user 65534 "$RUN $T/bin/hello"
refused 125 ringmaster lock -- as_user "$group" "ulimit -l 64; $RUN $T/bin/hello"
done_testing
