# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 240 s
# 200 enclaves in a row, ending in different ways, leave nothing behind in either world.
. "$T/lib/lib.sh"
needs_enclaves

# Free pages wait in lists of each CPU too (huge ones among them: an enclave's rings and arena are one); Linux does not call those available.
available() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
	awk '/^MemAvailable:/ { sum += $2 }
	     FILENAME ~ /zoneinfo/ && $1 == "count:" { sum += $2 * 4 }
	     END { print sum }' /proc/meminfo /proc/zoneinfo
}

unreclaimable() {
	awk '/^SUnreclaim:/ { print $2 }' /proc/meminfo
}

round() {
	expect_status $(($1 % 128)) $RUN "$T/bin/exit" $(($1 % 128))
	case $(($1 % 10)) in
	3) $RUN "$T/bin/crash" null >/dev/null 2>&1 ;;
	5) $RUN "$T/bin/eat" 1000000 >/dev/null ;;
	esac
}

for i in 1 2 3 4 5 6 7 8 9 10; do round $i; done
free=$(frames)
memory=$(available)
slab=$(unreclaimable)
i=10
while [ $i -lt 200 ]; do
	i=$((i + 1))
	round $i
done
gives_back() { [ "$(frames)" = "$free" ]; }
wait_until 5 gives_back || fail "secure memory free: $free before, $(frames) after"
# io_uring takes its rings apart in a worker some time later.
settled() {
	lost=$((memory - $(available)))
	[ $lost -lt 4096 ]
}
wait_until 20 settled || fail "Linux lost $lost KiB"
grown=$(($(unreclaimable) - slab))
[ $grown -lt 3072 ] || fail "Linux's slab grew by $grown KiB"
done_testing
