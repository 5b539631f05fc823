# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 180 s
# Two processes write to one database at the same time: its locks keep them apart.
. "$T/programs/lib.sh"

use sqlite3
rows=60

writer() { # DB NUMBER
	{
		echo '.bail on'
		echo '.timeout 60000'
		i=0
		while [ $i -lt $rows ]; do
			echo "BEGIN IMMEDIATE; INSERT INTO log SELECT $2, $i, coalesce(max(serial), 0) + 1 FROM log; COMMIT;"
			i=$((i + 1))
		done
	} | x sqlite3 "$1"
}

together() { # LABEL KIND KIND
	db=$1.db
	kind=native
	x sqlite3 "$db" 'CREATE TABLE log(writer, i, serial INTEGER UNIQUE)'
	kind=$2
	writer "$db" 1 >"$1.1" 2>&1 &
	first=$!
	kind=$3
	writer "$db" 2 >"$1.2" 2>&1 || fail "$1: the second writer ($3) failed: $(cat "$1.2")"
	wait $first || fail "$1: the first writer ($2) failed: $(cat "$1.1")"
	kind=native
	x sqlite3 "$db" 'PRAGMA integrity_check; SELECT count(*), max(serial) FROM log; SELECT writer, count(DISTINCT i) FROM log GROUP BY 1' >"$1.out"
	printf 'ok\n%s|%s\n1|%s\n2|%s\n' $((2 * rows)) $((2 * rows)) $rows $rows | cmp -s - "$1.out" || fail "$1: $(cat "$1.out")"
}

together native native native
together mixed enclave native
together enclaves enclave enclave

# A lock that one holds is seen by the other.
for holder in native enclave; do
	for other in native enclave; do
		rm -f go.db fifo held
		mkfifo fifo
		kind=native
		x sqlite3 go.db 'CREATE TABLE t(a)'
		kind=$holder
		x sqlite3 go.db <fifo >held 2>&1 &
		exec 7>fifo
		echo "BEGIN EXCLUSIVE; INSERT INTO t VALUES (1); SELECT 'held';" >&7
		wait_until 20 grep -q held held || fail "$holder does not get the lock: $(cat held)"
		kind=$other
		x sqlite3 go.db 'INSERT INTO t VALUES (2)' >busy 2>&1 && fail "$other writes while $holder holds the lock"
		grep -q 'database is locked' busy || fail "$other beside $holder: $(cat busy)"
		echo 'COMMIT;' >&7
		exec 7>&-
		wait
		x sqlite3 go.db 'INSERT INTO t VALUES (3); SELECT group_concat(a) FROM t' >after 2>&1
		[ "$(cat after)" = 1,3 ] || fail "$other after $holder: $(cat after)"
	done
done
done_testing
