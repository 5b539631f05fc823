# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Enclaves that fault, each with a line on the secure console.
for _ in 1 2 3 4 5 6 7 8; do
	ringmaster run "$T/bin/crash" null 2>/dev/null
	[ $? = 139 ] || exit 1
done
