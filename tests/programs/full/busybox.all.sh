# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 900 s
# All lines of the list of busybox' commands.
ALL=1 exec sh "$T/programs/busybox.applets.sh"
