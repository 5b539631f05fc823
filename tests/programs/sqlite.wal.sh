# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 120 s
# The write-ahead log, whose index is shared memory: one process after the other, and two at the same time.
. "$T/programs/lib.sh"

use sqlite3
alone() {
	x sqlite3 a.db 'PRAGMA journal_mode = WAL; CREATE TABLE t(a); INSERT INTO t VALUES (1), (2); SELECT sum(a) FROM t'
	x sqlite3 a.db 'PRAGMA journal_mode; INSERT INTO t VALUES (3); PRAGMA wal_checkpoint(TRUNCATE); SELECT sum(a) FROM t'
	x sqlite3 a.db 'PRAGMA locking_mode = EXCLUSIVE; INSERT INTO t VALUES (4); SELECT sum(a) FROM t; PRAGMA integrity_check'
}
pair alone alone
grep -qx wal alone.native || fail 'natively there is no write-ahead log'

# A reader sees the snapshot that its transaction began with, and then what was written beside it.
for reader in native enclave; do
	for writer in native enclave; do
		rm -f w.db* fifo seen
		mkfifo fifo
		kind=native
		x sqlite3 w.db 'PRAGMA journal_mode = WAL; CREATE TABLE t(a); INSERT INTO t VALUES (1)' >/dev/null
		kind=$reader
		x sqlite3 w.db <fifo >seen 2>&1 &
		exec 7>fifo
		echo "BEGIN; SELECT 'before', sum(a) FROM t;" >&7
		wait_until 20 grep -q before seen || fail "$reader does not read: $(cat seen)"
		kind=$writer
		x sqlite3 w.db 'INSERT INTO t VALUES (2)' || fail "$writer does not write beside $reader"
		echo "SELECT 'during', sum(a) FROM t; COMMIT; SELECT 'after', sum(a) FROM t;" >&7
		exec 7>&-
		wait
		printf 'before|1\nduring|1\nafter|3\n' | cmp -s - seen || fail "$reader reads beside $writer: $(cat seen)"
	done
done
done_testing
