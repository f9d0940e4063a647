-- What ordinary agents, drivers, ORMs and BI tools send.

-- benign: a constant
SELECT 1

-- benign: an empty query
;

-- benign: several statements
SELECT 1; SELECT 'two'; SELECT NULL

-- benign: a join
SELECT c.name, o.total FROM customers c JOIN orders o ON o.customer_id = c.id ORDER BY o.id

-- benign: masked columns beside others
-- shows: 1|Ada|[redacted]
-- shows: 2|Bela|[redacted]
-- shows: 3|Chen|[redacted]
-- shows: 4|Dana|[redacted]
SELECT id, name, email FROM customers ORDER BY id

-- benign: masked columns that are null
-- shows: 1|NULL|NULL
-- shows: 2|NULL|NULL
SELECT id, phone, salary FROM customers WHERE id < 3 ORDER BY id

-- benign: a path in JSON
-- shows: pro|{"plan": "pro", "phone": "[redacted]", "seats": 12}
SELECT profile ->> 'plan', profile FROM customers WHERE id = 1

-- benign: groups and having
SELECT country, count(*), min(joined) FROM customers GROUP BY country HAVING count(*) > 1 ORDER BY country

-- benign: a common table expression
WITH big AS (SELECT * FROM orders WHERE total > 100) SELECT c.name, sum(b.total) FROM big b JOIN customers c ON c.id = b.customer_id GROUP BY c.name ORDER BY 2 DESC

-- benign: recursion
WITH RECURSIVE path AS (SELECT id, label::text AS way FROM tree WHERE parent IS NULL UNION ALL SELECT t.id, p.way || '/' || t.label FROM tree t JOIN path p ON t.parent = p.id) SELECT way FROM path ORDER BY id

-- benign: windows
SELECT id, total, rank() OVER (ORDER BY total DESC), sum(total) OVER (PARTITION BY customer_id ORDER BY id ROWS UNBOUNDED PRECEDING), lag(total) OVER (ORDER BY id) FROM orders ORDER BY id

-- benign: lateral
SELECT c.name, l.total FROM customers c CROSS JOIN LATERAL (SELECT total FROM orders o WHERE o.customer_id = c.id ORDER BY total DESC LIMIT 1) l ORDER BY c.id

-- benign: json of ordinary columns
SELECT json_agg(json_build_object('id', id, 'total', total) ORDER BY id) FROM orders

-- benign: jsonb operators
SELECT sku, spec -> 'colours' ->> 0, spec @> '{"watts": 9}', jsonb_path_query_array(spec, '$.colours[*]') FROM products ORDER BY sku

-- benign: arrays
SELECT sku, tags[1], array_length(tags, 1), 'desk' = ANY (tags) FROM products ORDER BY sku

-- benign: unnest
SELECT sku, t FROM products, unnest(tags) WITH ORDINALITY AS u(t, n) ORDER BY sku, n

-- benign: date arithmetic
SELECT date_trunc('month', placed AT TIME ZONE 'UTC'), extract(dow FROM placed AT TIME ZONE 'UTC'), placed + interval '1 day' > '2026-02-01' FROM orders ORDER BY id

-- benign: text functions
SELECT upper(name), lower(country), length(name), left(name, 2), replace(name, 'a', 'o'), position('a' in name), lpad(id::text, 5, '0') FROM customers ORDER BY id

-- benign: case and coalesce
SELECT id, CASE WHEN total > 100 THEN 'large' WHEN total = 0 THEN 'free' ELSE 'small' END, coalesce(note, 'none') FROM orders ORDER BY id

-- benign: a set operation
SELECT name FROM customers UNION SELECT title FROM parties ORDER BY 1

-- benign: a filter of an aggregate
SELECT count(*) FILTER (WHERE status = 'calm'), avg(total)::numeric(10, 2), percentile_cont(0.5) WITHIN GROUP (ORDER BY total) FROM orders

-- benign: grouping sets
SELECT country, extract(year from joined), count(*), grouping(country) FROM customers GROUP BY ROLLUP (country, extract(year from joined)) ORDER BY 1, 2

-- benign: distinct on
SELECT DISTINCT ON (customer_id) customer_id, total FROM orders ORDER BY customer_id, total DESC

-- benign: an insert with returning
INSERT INTO notes (id, body) VALUES (10, 'new'), (11, DEFAULT) RETURNING id, body

-- benign: an upsert
INSERT INTO notes (id, body) VALUES (1, 'again') ON CONFLICT (id) DO UPDATE SET body = EXCLUDED.body, tag = notes.tag || '!' RETURNING *

-- benign: an update from another table
UPDATE orders o SET note = c.name FROM customers c WHERE c.id = o.customer_id AND o.id = 101 RETURNING o.id, o.note

-- benign: a removal
DELETE FROM notes WHERE tag = 'mail' RETURNING id

-- benign: a merge
MERGE INTO notes n USING (VALUES (1, 'one'), (9, 'nine')) AS v(id, body) ON n.id = v.id WHEN MATCHED THEN UPDATE SET body = v.body WHEN NOT MATCHED THEN INSERT (id, body) VALUES (v.id, v.body)

-- benign: a transaction
BEGIN

INSERT INTO notes (id, body) VALUES (20, 'x')

SAVEPOINT a

INSERT INTO notes (id, body) VALUES (20, 'twice')

ROLLBACK TO SAVEPOINT a

SELECT count(*) FROM notes

COMMIT

-- benign: a cursor
BEGIN; DECLARE c CURSOR FOR SELECT id, name FROM customers ORDER BY id

FETCH 2 FROM c

FETCH ALL FROM c

CLOSE c; COMMIT

-- benign: a scrolling cursor over masked columns
-- shows: 1|[redacted]
-- shows: 2|[redacted]
-- shows: 1|[redacted]
BEGIN; DECLARE c SCROLL CURSOR FOR SELECT id, email FROM customers ORDER BY id

FETCH FORWARD 2 FROM c

FETCH BACKWARD 1 FROM c

ROLLBACK

-- benign: a statement prepared in SQL
PREPARE p (int) AS SELECT name FROM customers WHERE id = $1

EXECUTE p (2)

DEALLOCATE p

-- benign: a statement prepared by the protocol
\parse s | SELECT id, name FROM customers WHERE id = ANY ($1::int[]) ORDER BY id
\describe S s
\bind - | s | 0 | {1,3}
\describe P -
\execute - 0
\close S s
\sync

-- benign: a portal read in parts
BEGIN

\parse - | SELECT n FROM numbers ORDER BY n
\bind p | - | 0
\execute p 2
\execute p 3
\sync

COMMIT

-- benign: copy out
-- as: agent
COPY (SELECT id, name FROM customers ORDER BY id) TO STDOUT WITH (FORMAT csv, HEADER)

-- benign: copy in
COPY notes (id, body) FROM STDIN WITH (FORMAT csv)

\copy 30,thirty
\copy 31,"thirty, one"
\done

SELECT * FROM notes WHERE id >= 30 ORDER BY id

-- benign: explain
EXPLAIN (COSTS OFF) SELECT name FROM customers WHERE id = 1

-- benign: settings
SET application_name = 'report'; SET statement_timeout = '5s'; SHOW application_name

SHOW server_version_num; SET LOCAL work_mem = '8MB'; RESET ALL

-- benign: types that a driver reads
SELECT oid, typname, typelem FROM pg_type WHERE typname = 'mood'; SELECT enumlabel FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid WHERE typname = 'mood' ORDER BY enumsortorder

-- benign: who and what
SELECT current_user, version() LIKE 'PostgreSQL%', pg_backend_pid() > 0, now() > '2020-01-01'

-- benign: a division by zero
SELECT 1 / 0

-- benign: a syntax error
SELEC 1

-- benign: inheritance
SELECT tableoid > 0, title FROM parties ORDER BY id; SELECT count(*) FROM ONLY parties

-- benign: partitions
SELECT id, day, kind FROM events WHERE day >= '2026-01-01'
