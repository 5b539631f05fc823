# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 3000 s
# Test suites of mbedTLS: thousands of cases of its own.
. "$T/programs/lib.sh"

cp -r $L/mbedtls /tmp/
suites=$(cd /tmp/mbedtls/tests/enclave && echo *)
all() {
	cd /tmp/mbedtls/tests || return
	for suite in $suites; do
		cp "$kind/$suite" "test_suite_$suite"
		# shellcheck disable=SC2086 # a command, or nothing
		if [ $kind = native ]; then "./test_suite_$suite"; else $RUN "./test_suite_$suite"; fi >out 2>&1 || tail -n 40 out
		tail -n 3 out
		echo "$kind $suite: $(($(date +%s) - before_pair)) s" >>"$W/times"
	done
	rm -f test_suite_*[!x]
}
pair all all
cat times
[ "$(grep -c '^PASSED' all.native)" = "$(echo "$suites" | wc -w)" ] || fail "natively not all pass: $(cat all.native)"
rm -rf /tmp/mbedtls
done_testing
