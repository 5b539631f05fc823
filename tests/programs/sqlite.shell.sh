# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# limit: 120 s
# SQLite's shell: tables, joins, windows, full text, JSON, transactions, dump and restore; the two builds leave the same bytes behind.
. "$T/programs/lib.sh"

use sqlite3
cat >script.sql <<'END'
.bail on
CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT NOT NULL, born INTEGER, CHECK (born > 1700));
CREATE TABLE work(id INTEGER PRIMARY KEY, person REFERENCES person, title TEXT, year INTEGER);
CREATE INDEX work_year ON work(year);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
	INSERT INTO person SELECT i, printf('name %05d', i * 7919 % 2003), 1701 + i % 300 FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
	INSERT INTO work SELECT i, 1 + i * 31 % 2000, hex(i * 7), 1800 + i % 200 FROM n;
SELECT count(*), sum(born), max(name) FROM person;
SELECT p.name, count(*), min(w.year) FROM person p JOIN work w ON w.person = p.id GROUP BY p.id ORDER BY 2 DESC, 1 LIMIT 5;
SELECT id, born, row_number() OVER (PARTITION BY born ORDER BY name), avg(id) OVER (ORDER BY id ROWS 3 PRECEDING)
	FROM person WHERE id < 20;
CREATE VIRTUAL TABLE text USING fts5(body);
INSERT INTO text SELECT title || ' ' || year || ' lorem ipsum ' || person FROM work;
SELECT count(*) FROM text WHERE text MATCH 'lorem AND 1850';
CREATE VIRTUAL TABLE box USING rtree(id, x0, x1, y0, y1);
INSERT INTO box SELECT id, id % 100, id % 100 + 3, id / 100, id / 100 + 2 FROM person;
SELECT count(*) FROM box WHERE x0 >= 10 AND x1 <= 20 AND y0 > 5;
SELECT json_group_array(json_object('id', id, 'name', name)) FROM person WHERE id < 5;
BEGIN; DELETE FROM work WHERE year < 1900; SELECT count(*) FROM work; ROLLBACK;
SELECT count(*) FROM work;
BEGIN; UPDATE person SET born = born + 1; SAVEPOINT s; DELETE FROM person; ROLLBACK TO s; COMMIT;
SELECT sum(born) FROM person;
PRAGMA integrity_check;
VACUUM;
PRAGMA integrity_check;
.mode csv
SELECT * FROM person WHERE id % 500 = 0;
.mode box
SELECT year, count(*) FROM work GROUP BY year LIMIT 3;
END

session() {
	x sqlite3 a.db <"$W/script.sql" || return
	x sqlite3 a.db .dump >a.sql
	x sqlite3 b.db <a.sql
	x sqlite3 b.db 'SELECT count(*), sum(born) FROM person; SELECT sum(year) FROM work; PRAGMA integrity_check'
	sha256sum a.sql
	# What a version of the file counts up is in its header; the rest is the same.
	tail -c +101 a.db | sha256sum
	x sqlite3 a.db 'INSERT INTO person VALUES (1, NULL, 1)'
	echo "status $?"
	x sqlite3 /nowhere/a.db 'SELECT 1 FROM sqlite_schema'
	echo "status $?"
}
pair session session
done_testing
