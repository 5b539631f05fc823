# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# pair.sh NAME: runs both builds of a program, each in the same empty folder below the current one, and compares stdout,
# stderr, exit status and the files they leave behind. Status 1 of the native build is a wrong expectation.

. "$T/lib/lib.sh"

name=$1
ringmaster=$(command -v ringmaster)
case $name in *.big.*) make_huge; export HUGE_FILE ;; esac

# run_build KIND PREFIX...: results in /tmp/work/KIND.*
run_build() {
	kind=$1
	shift
	mkdir run
	cp "$T/pair/$name.$kind" run/prog
	(
		cd run || exit 125
		exec env -i PATH=/bin:/usr/bin HOME=/root GREETING='hello world' EMPTY= BIG="$BIG" STACK="$STACK" \
			${HUGE_FILE+HUGE_FILE="$HUGE_FILE"} "$@" ./prog one 'two words' '' '*' <"$T/lib/stdin"
	) >"$kind.out" 2>"$kind.err"
	echo $? >"$kind.status"
	rm run/prog
	(cd run && find . | sort && find . -type f -exec sha256sum {} + | sort -k 2) >"$kind.files"
	rm -rf run
}

run_build native
status=$(cat native.status)
if [ "$status" = 77 ]; then
	cat native.err
	exit 77
fi
if [ "$status" = 1 ]; then
	cat native.err
	fail "the native build does not do what it should"
fi
# shellcheck disable=SC2086 # a command, or nothing
run_build enclave ${RUN:+"$ringmaster" ${RUN#ringmaster}}
for part in status err out files; do
	cmp -s native.$part enclave.$part || {
		fail "$part differs"
		diff native.$part enclave.$part | head -n 40
	}
done
done_testing
