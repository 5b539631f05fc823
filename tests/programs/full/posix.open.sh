# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 5400 s
# The Open POSIX Test Suite, a program an assertion. What passes natively must pass as an enclave, but for what forks and for those in
# posix.open.list, each with its reason. Many of them sleep, so four run at a time; what fails then has two more tries by itself, and more
# time: timer_settime/5-3 sleeps 10 seconds each of 30 times that a signal comes before the sleep that it is to end.
. "$T/programs/lib.sh"

suite=$L/posixtestsuite
cat >one <<END
#!/bin/sh
# one KIND TEST
mkdir "$W/\$1.\$\$" && cd "$W/\$1.\$\$" || exit
prefix=
if [ \$1 = native ]; then set -- \$1 \$2 .native; else prefix="$RUN"; fi
timeout -s KILL \${LIMIT-150} \$prefix $suite/\$2\${3-} >out 2>&1 </dev/null
echo "\$2 \$? \$(tail -n 2 out | tr '\n' ' ' | cut -c 1-150)" >>"$W/\$1"
cd "$W" && rm -rf "$W/\$1.\$\$"
END
chmod 755 one

passed() { # KIND
	awk '$2 == 0 { print $1 }' "$1" | sort -u
}

# What was run and did not pass.
missing() {
	passed enclave >have
	grep -vxFf have run
}

xargs -P 4 -n 1 ./one native <$suite/list
passed native >want
sed '/^#/d; s/[[:space:]].*//' "$T/programs/full/posix.open.list" >known
grep -vxf known want >run
xargs -P 4 -n 1 ./one enclave <run
for try in 1 2; do
	missing | LIMIT=330 xargs -r -n 1 ./one enclave
done
missing >failed
passed enclave >have
echo "$(wc -l <$suite/list) tests, $(wc -l <$suite/forks) more that fork; $(wc -l <want) pass natively, of which $(wc -l <have) as enclave and" \
	"$(grep -cxf known want) are known not to"
[ ! -s failed ] || fail "as enclave, not natively: $(while read -r test; do grep "^$test " enclave; done <failed)"
[ "$(wc -l <want)" -gt 1000 ] || fail 'natively nearly nothing passes'
done_testing
