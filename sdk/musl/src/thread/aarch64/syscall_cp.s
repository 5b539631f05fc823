// SPDX-License-Identifier: MIT
//
// Empty in place of musl's: __syscall_cp_asm comes with the object that ringmaster-cc links in (sdk/call/call.S).
