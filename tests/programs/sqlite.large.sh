# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 400 s
# A database of 50 MB is built, queried and checked; the other build reads it and finds the same.
. "$T/programs/lib.sh"

use sqlite3
cat >build.sql <<'END'
CREATE TABLE data(id INTEGER PRIMARY KEY, key INTEGER, body TEXT);
BEGIN;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 47000)
	INSERT INTO data SELECT i, i * 7919 % 47017, printf('%01000d', i) FROM n;
CREATE INDEX data_key ON data(key);
COMMIT;
END
cat >query.sql <<'END'
SELECT count(*), sum(key), sum(length(body)) FROM data;
SELECT id, key FROM data WHERE key BETWEEN 20000 AND 20009 ORDER BY key;
SELECT sum(cast(substr(body, 990) AS INTEGER)) FROM data WHERE id % 100 = 7;
UPDATE data SET body = upper(body) WHERE id % 500 = 0;
DELETE FROM data WHERE id % 1000 = 1;
SELECT count(*) FROM data;
PRAGMA integrity_check;
END
large() {
	x sqlite3 l.db <"$W/build.sql" && x sqlite3 l.db <"$W/query.sql"
	[ "$(wc -c <l.db)" -gt 50000000 ] || echo "only $(wc -c <l.db) bytes"
	kind=native
	x sqlite3 l.db 'PRAGMA integrity_check; SELECT count(*), sum(key) FROM data'
	tail -c +101 l.db | sha256sum
}
pair large large
done_testing
