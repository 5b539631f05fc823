# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Programs that cannot run: each a clear message, a conventional status, and no harm.
. "$T/lib/lib.sh"
needs_enclaves

refused 127 ringmaster /no/such/program -- $RUN /no/such/program
refused 127 ringmaster no-such-program -- $RUN no-such-program
cp "$T/bin/hello" plain
chmod 644 plain
refused 126 ringmaster ./plain -- $RUN ./plain
refused 126 ringmaster /tmp -- $RUN /tmp
echo 'just text' >text
chmod 755 text
refused 126 ringmaster ./text ELF -- $RUN ./text
: >empty
chmod 755 empty
refused 126 ringmaster ./empty -- $RUN ./empty
printf '#!/bin/sh\necho hello\n' >script
chmod 755 script
refused 126 ringmaster ./script -- $RUN ./script

# The machine of an ELF file is the 16-bit word at 18: x86-64, 32-bit Arm.
for machine in '\076' '\050'; do
	cp "$T/bin/hello" foreign
	printf '%b\000' "$machine" | dd of=foreign bs=1 seek=18 conv=notrunc 2>/dev/null
	refused 126 ringmaster ./foreign AArch64 -- $RUN ./foreign
done
for size in 16 63 64 100 1000 20000; do
	head -c $size "$T/bin/hello" >truncated
	chmod 755 truncated
	refused 126 ringmaster ./truncated -- $RUN ./truncated
done
done_testing
