# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# A hosted enclave that takes all secure memory that there is; it is ended for that.
ringmaster run "$T/bin/touch" 4096 >out 2>err
[ $? = 137 ] && grep -q 'secure memory ran out' err
