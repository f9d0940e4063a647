-- Prepared statements by SQL, and psql's description of a query.
\set VERBOSITY verbose
CREATE TABLE prep (id int, label text);
INSERT INTO prep VALUES (1, 'a'), (2, 'b'), (3, NULL);
PREPARE one AS SELECT * FROM prep ORDER BY id;
EXECUTE one;
PREPARE two (int) AS SELECT label FROM prep WHERE id = $1;
EXECUTE two (2); EXECUTE two ('2'); EXECUTE two (1 + 1); EXECUTE two ('x'); EXECUTE two; EXECUTE two (1, 2); EXECUTE two (NULL);
PREPARE two AS SELECT 1;
PREPARE three AS SELECT $1::text || $2, $3::int;
EXECUTE three ('a', 'b', 3);
PREPARE four AS SELECT $1;
EXECUTE four ('untyped');
PREPARE five (int, text) AS INSERT INTO prep VALUES ($1, $2) RETURNING *;
EXECUTE five (4, 'd');
PREPARE six (unknown) AS SELECT $1::date;
EXECUTE six ('2026-01-01');
PREPARE seven AS SELECT $2::int;
EXECUTE seven (1, 2);
PREPARE bad AS SELECT nothing;
PREPARE bad AS SELECT 1; SELECT 2;
PREPARE bad (nothing) AS SELECT $1;
PREPARE bad AS CREATE TABLE x (a int);
PREPARE bad AS SELECT $1 + $2;
SELECT name, statement, parameter_types, from_sql FROM pg_prepared_statements ORDER BY name;
CREATE TABLE from_exec AS EXECUTE two (1);
TABLE from_exec;
EXPLAIN (COSTS off) EXECUTE two (1);
BEGIN; PREPARE inside AS SELECT 'inside'; ROLLBACK;
EXECUTE inside;
BEGIN; EXECUTE two ('x'); EXECUTE one; ROLLBACK;
EXECUTE one;
ALTER TABLE prep ADD extra int DEFAULT 7;
EXECUTE one;
EXECUTE two (1);
ALTER TABLE prep DROP label;
EXECUTE two (1);
DEALLOCATE two; EXECUTE two (1); DEALLOCATE PREPARE one; DEALLOCATE ALL; DEALLOCATE nothing;
SELECT count(*) FROM pg_prepared_statements;
SET plan_cache_mode = force_generic_plan;
PREPARE generic (int) AS SELECT id FROM prep WHERE id = $1;
EXPLAIN (COSTS off) EXECUTE generic (1);
RESET plan_cache_mode;
SELECT 1 AS a, 'x'::varchar(5) AS b, now() AS c, ARRAY[1.5::numeric(4, 2)] AS d, NULL AS e, ROW(1) AS f \gdesc
SELECT id FROM prep WHERE id = $1 \gdesc
SELECT nothing \gdesc
INSERT INTO prep VALUES (9) \gdesc
UPDATE prep SET extra = 1 RETURNING id, extra \gdesc
SELECT \gdesc
CREATE TABLE described (a int) \gdesc
SELECT 1 AS x, 2 AS y \gset
\echo :x :y
SELECT 'SELECT ' || g || ' AS n' FROM generate_series(1, 3) g \gexec
SELECT 1 \g | cat
SELECT 1, 2 \gx
SELECT 1 / 0 \gset
SELECT 1 AS a WHERE false \gset
SELECT 1 AS a UNION ALL SELECT 2 \gset
SELECT i % 2 AS r, i % 3 AS c, i AS v FROM generate_series(1, 6) i \crosstabview
DROP TABLE prep, from_exec;
