# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Options that cannot be served.
. "$T/lib/lib.sh"
needs_enclaves

refused 125 ringmaster memory 100 -- $RUN --memory 100G "$T/bin/hello"
refused 125 ringmaster memory -- $RUN --memory much "$T/bin/hello"
refused 125 ringmaster memory -- $RUN --memory 0 "$T/bin/hello"
refused 125 ringmaster --no-such-option -- $RUN --no-such-option "$T/bin/hello"
refused 125 ringmaster --host-calls auto exit sync -- $RUN --host-calls=never "$T/bin/hello"
refused 125 ringmaster --host-calls --poll -- $RUN --host-calls=sync --poll "$T/bin/hello"
refused 125 ringmaster program -- $RUN
refused 125 ringmaster nonsense -- ringmaster nonsense
expect_status 0 ringmaster --help >out
expect_text out run info ps kill
expect_status 0 ringmaster run --help >out
expect_text out --memory --stats --poll
expect_status 0 ringmaster info >out
expect_text out 'secure memory' heartbeats
expect_status 0 ringmaster ps >out
if [ "$(nproc)" = 1 ]; then refused 125 ringmaster --poll CPU -- $RUN --poll "$T/bin/hello"; fi
done_testing
