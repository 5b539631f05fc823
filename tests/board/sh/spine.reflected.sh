# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 180 s
# Programs that know nothing of the runtime: native builds, whose every call is a svc, run as enclaves all the same.
. "$T/lib/lib.sh"
needs_enclaves

for name in spine.stdio.printf spine.malloc spine.float.context spine.qsort posix.file.rw posix.dir.tree posix.file.dup \
	posix.memory.mmap posix.thread.basic; do
	for run in "" "$RUN"; do
		rm -rf run
		mkdir run
		(cd run && exec $run "$T/pair/$name.native") >"out.${run:+enclave}" 2>&1
		echo $? >>"out.${run:+enclave}"
	done
	cmp -s out. out.enclave || {
		fail "$name"
		diff out. out.enclave | head -n 10
	}
done
done_testing
