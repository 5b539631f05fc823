# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Out of memory: of the enclave's own limit, and of the board's.
. "$T/lib/lib.sh"
needs_enclaves

# A C program sees the limit as ENOMEM or is ended with 137 and a message; it never hangs and harms nobody.
# eat_all OPTION...
eat_all() {
	guard 50 $RUN "$@" "$T/bin/eat" 0 >out 2>err
	status=$?
	case $status in
	0) ;;
	137) expect_text err ringmaster eat memory ;;
	*) fail "status $status: $* $(cat err)" ;;
	esac
	next_enclave_runs
}

eat_all --memory 2M
eat_all
refused 137 ringmaster memory -- $RUN --memory 1M "$T/bin/eat" $((3 << 20))
$RUN --memory 3M "$T/bin/eat" $((1 << 20)) >out || fail "1 MiB does not fit into 3 MiB"
expect_text out '1048576 bytes'
done_testing
