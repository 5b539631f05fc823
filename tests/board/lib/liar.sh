# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# For tests with a proxy that lies (tests/liar, tests/board/enclave/lied.c).

. "$T/lib/lib.sh"

# lied LIES OPTION... -- ARGUMENT...: bin/lied with a proxy that tells those; $status, and what was said in `err`. At most $limit seconds.
limit=${limit:-20}
lied() {
	LIAR=$1
	export LIAR
	shift
	options=
	while [ "$1" != -- ]; do
		options="$options $1"
		shift
	done
	shift
	rm -rf lied.d && mkdir lied.d
	# shellcheck disable=SC2086 # words
	(cd lied.d && exec guard $limit liar run --stats $options "$T/bin/lied" "$@") >out 2>err
	status=$?
	unset LIAR
}

# The victim says what it found wrong, and no fault of the runtime is the host's to cause.
blame() {
	grep -aE '^lied:|^ringmaster:|^  (pc|x28) |^liar:' err | cut -c 1-160 | head -n 12
}

told() {
	sed -n 's/^liar: \([0-9]*\) lies.*/\1/p' err | head -n 1
}
