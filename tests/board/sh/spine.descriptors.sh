# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Descriptors above 2 are inherited as natively; none of the launcher's own is seen.
. "$T/lib/lib.sh"

echo three >three
echo nine >nine
list() { "$@" 3<three 9<nine 5>&1 7>/dev/null; }
list "$T/bin/descriptors.native" >expected
list $RUN "$T/bin/descriptors" >out
expect_same expected out
list "$T/bin/descriptors.native" >&- 2>expected
list $RUN "$T/bin/descriptors" >&- 2>out
expect_same expected out
done_testing
