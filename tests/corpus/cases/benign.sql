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

-- benign: a report
SELECT to_char(date_trunc('month', placed AT TIME ZONE 'UTC'), 'YYYY-MM') AS month, status, count(*) AS orders, sum(total) AS revenue, round(avg(total), 2) AS mean FROM orders GROUP BY 1, 2 ORDER BY 1, 2

-- benign: shares of a whole
SELECT id, round(100 * total / sum(total) OVER (), 1) AS share FROM orders ORDER BY total DESC, id

-- benign: a running difference
SELECT id, total - lag(total, 1, 0::numeric) OVER (ORDER BY placed) FROM orders ORDER BY placed

-- benign: buckets
SELECT ntile(2) OVER (ORDER BY total), first_value(id) OVER w, last_value(id) OVER w FROM orders WINDOW w AS (ORDER BY total ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) ORDER BY total

-- benign: numbers without gaps
SELECT d.n, count(o.id) FROM generate_series(1, 4) AS d(n) LEFT JOIN orders o ON o.customer_id = d.n GROUP BY d.n ORDER BY d.n

-- benign: days without gaps
SELECT day::date FROM generate_series('2026-01-01'::date, '2026-01-05', '1 day') AS day

-- benign: a pivot
SELECT customer_id, sum(total) FILTER (WHERE status = 'calm') AS calm, sum(total) FILTER (WHERE status = 'glad') AS glad FROM orders GROUP BY customer_id ORDER BY 1

-- benign: who has none
SELECT name FROM customers c WHERE NOT EXISTS (SELECT FROM orders o WHERE o.customer_id = c.id) ORDER BY name

-- benign: who has some
SELECT name FROM customers WHERE id IN (SELECT customer_id FROM orders WHERE total > 100) ORDER BY name

-- benign: the largest of each
SELECT c.name, o.total FROM customers c JOIN orders o ON o.customer_id = c.id WHERE o.total = (SELECT max(total) FROM orders x WHERE x.customer_id = c.id) ORDER BY c.name

-- benign: joins of every kind
SELECT c.name, o.id FROM customers c FULL JOIN orders o ON o.customer_id = c.id ORDER BY 1, 2; SELECT count(*) FROM customers CROSS JOIN orders; SELECT o.id, c.name FROM orders o RIGHT JOIN customers c ON c.id = o.customer_id ORDER BY 1, 2

-- benign: a join of a table with itself
SELECT a.label, b.label FROM tree a JOIN tree b ON b.parent = a.id ORDER BY b.id

-- benign: joins by names
SELECT n, label FROM numbers JOIN (SELECT id AS n, label FROM tree) t USING (n) ORDER BY n; SELECT count(*) FROM numbers NATURAL JOIN (SELECT 3 AS n) x

-- benign: values as a table
SELECT v.a, v.b FROM (VALUES (1, 'x'), (2, 'y')) AS v (a, b) ORDER BY a; VALUES (1, 2), (3, 4)

-- benign: set operations
SELECT n FROM numbers WHERE n < 5 INTERSECT SELECT id FROM tree ORDER BY 1; SELECT n FROM numbers WHERE n < 6 EXCEPT ALL SELECT id FROM tree ORDER BY 1

-- benign: several common table expressions
WITH a AS (SELECT customer_id, sum(total) AS s FROM orders GROUP BY 1), b AS (SELECT avg(s) AS m FROM a) SELECT a.customer_id FROM a, b WHERE a.s > b.m ORDER BY 1

-- benign: recursion with a limit
WITH RECURSIVE f (a, b) AS (VALUES (0, 1) UNION ALL SELECT b, a + b FROM f) SELECT a FROM f LIMIT 10

-- benign: recursion without cycles
WITH RECURSIVE t AS (SELECT id, parent FROM tree WHERE parent IS NULL UNION ALL SELECT x.id, x.parent FROM tree x JOIN t ON x.parent = t.id) SEARCH DEPTH FIRST BY id SET o CYCLE id SET looped USING way SELECT id, looped FROM t ORDER BY id

-- benign: a writing common table expression
WITH moved AS (DELETE FROM notes WHERE tag = 'mail' RETURNING *) INSERT INTO notes (id, body) SELECT id + 100, body FROM moved RETURNING id, body

-- benign: text
SELECT concat_ws(', ', name, country), initcap_of.x, format('%s (%s)', name, country), reverse(name), md5(name), split_part('a-b-c', '-', 2), regexp_replace(name, '[aeiou]', '*', 'g'), trim(both 'x' from 'xax') FROM customers, (SELECT 1 AS x) initcap_of WHERE id = 1

-- benign: patterns
SELECT name FROM customers WHERE name ILIKE 'a%' OR name ~ '^B' OR name SIMILAR TO '(C|D)%' ORDER BY name

-- benign: numbers
SELECT round(12.345, 2), ceil(1.2), floor(-1.2), abs(-5), mod(10, 3), power(2, 10), sqrt(16), greatest(1, 2, 3), least(4, 5), width_bucket(5, 0, 10, 5), 7 / 2, 7 % 2, 2 ^ 3, |/ 9

-- benign: dates
SELECT age(date '2026-02-01', date '2026-01-01'), date '2026-01-31' + 1, extract(epoch from interval '1 hour'), make_date(2026, 2, 3), to_date('03.02.2026', 'DD.MM.YYYY'), date_part('week', date '2026-02-03'), interval '1 day' * 3, justify_hours(interval '30 hours')

-- benign: zones
SET TimeZone = 'Europe/Stockholm'; SELECT placed, placed AT TIME ZONE 'UTC' FROM orders WHERE id = 101; RESET TimeZone

-- benign: how dates and bytes are written
SET DateStyle = 'German'; SELECT joined FROM customers WHERE id = 1; SET bytea_output = 'escape'; SELECT '\x6100'::bytea; SET intervalstyle = 'iso_8601'; SELECT interval '1 day 2 hours'

-- benign: arrays in both directions
SELECT ARRAY[1, 2] || 3, array_position(ARRAY['a', 'b'], 'b'), array_remove(ARRAY[1, 2, 1], 1), string_to_array('a,b', ','), array_to_string(ARRAY[1, NULL, 2], ',', '*'), ARRAY[1, 2] && ARRAY[2, 3], (ARRAY[10, 20, 30])[2:3], ARRAY(SELECT n FROM numbers WHERE n < 4 ORDER BY n)

-- benign: JSON made
SELECT json_build_object('a', 1, 'b', ARRAY[1, 2]), jsonb_build_array(1, 'x', NULL), to_jsonb(ROW(1, 'a')), row_to_json(t) FROM (SELECT sku, price FROM products ORDER BY sku LIMIT 1) t

-- benign: JSON taken apart
SELECT sku, e.key, e.value FROM products, jsonb_each(spec) AS e ORDER BY sku, e.key; SELECT x FROM products, jsonb_array_elements_text(spec -> 'colours') AS x ORDER BY x; SELECT * FROM jsonb_to_recordset('[{"a": 1, "b": "x"}]') AS r (a int, b text)

-- benign: JSON changed
UPDATE notes SET doc = jsonb_set(doc, '{done}', 'true') || '{"by": "agent"}' WHERE id = 1 RETURNING doc, doc ? 'by', doc - 'done', doc #>> '{by}'

-- benign: JSON searched
SELECT id FROM notes WHERE doc @> '{"done": true}'; SELECT id FROM notes WHERE doc @? '$.done ? (@ == false)'; SELECT sku FROM products WHERE spec ->> 'width' = '160'

-- benign: ranges
SELECT int4range(1, 5) @> 3, daterange('2026-01-01', '2026-02-01') && daterange('2026-01-15', NULL), upper(numrange(1, 2)), isempty(int4range(1, 1))

-- benign: search by words
SELECT to_tsvector('english', body) @@ plainto_tsquery('english', 'calling') FROM notes ORDER BY id; SELECT ts_rank(to_tsvector('simple', 'a b'), 'a'::tsquery) > 0

-- benign: likeness
SELECT name, similarity(name, 'Adah') > 0.2, levenshtein(name, 'Adah') FROM customers ORDER BY id

-- benign: an enum
SELECT status, count(*) FROM orders WHERE status >= 'calm' GROUP BY status ORDER BY status; SELECT enum_range(NULL::mood)

-- benign: a domain
SELECT 5::positive

-- benign: a domain that is not met
SELECT (-5)::positive

-- benign: a composite made
SELECT (ROW('a', 'b')::address).city, ROW(1, 2) = ROW(1, 2)

-- benign: uuid, inet and others
SELECT '00000000-0000-0000-0000-000000000001'::uuid, masklen('10.0.0.1/24'), host('10.0.0.1/24'), B'101' | B'010', point(1, 2) <-> point(4, 6)

-- benign: null in all its ways
SELECT NULL IS NULL, coalesce(NULL, 1), nullif(1, 1), 1 IS DISTINCT FROM NULL, num_nulls(1, NULL) , count(note) FROM orders

-- benign: a page
SELECT id FROM orders ORDER BY placed DESC, id LIMIT 2 OFFSET 1; SELECT n FROM numbers ORDER BY n FETCH FIRST 3 ROWS ONLY; SELECT n FROM numbers ORDER BY n / 10 FETCH FIRST 1 ROW WITH TIES

-- benign: a page by keys
SELECT id FROM orders WHERE (placed, id) > ('2026-02-01 00:00+00', 0) ORDER BY placed, id LIMIT 2

-- benign: an expression to sort by
SELECT name FROM customers ORDER BY length(name), lower(name) COLLATE "C" DESC NULLS LAST

-- benign: names in quotes
SELECT c."name" AS "The Name", 1 AS "select" FROM "public"."customers" AS c WHERE c."id" = 1

-- benign: names and texts in every spelling
SELECT U&"n\0061me", U&'\0041da' = name, E'a\tb', $q$it's$q$, 'two' ' words', B'1', X'1F' FROM customers WHERE id = 1

-- benign: comments
SELECT /* one /* two */ */ 1 -- three
, 2

-- benign: a table with its schema and database left out
SELECT customers.name FROM public.customers WHERE customers.id = 2

-- benign: a whole row of ordinary columns
SELECT t FROM tree t ORDER BY id; SELECT (t).label, t.* FROM tree t WHERE id = 1

-- benign: a sample
SELECT count(*) FROM numbers TABLESAMPLE system (100)

-- benign: rows locked to be changed
BEGIN; SELECT id FROM notes WHERE id = 1 FOR UPDATE; UPDATE notes SET size = size + 1 WHERE id = 1 RETURNING size; COMMIT

-- benign: rows that nobody holds
SELECT id FROM notes ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED

-- benign: an insert that does nothing
INSERT INTO notes (id, body) VALUES (1, 'x') ON CONFLICT DO NOTHING

-- benign: an insert of a select
INSERT INTO orders (id, customer_id, total, placed) SELECT 200 + id, customer_id, total, placed FROM orders WHERE id = 101 RETURNING id, status

-- benign: defaults
INSERT INTO notes (id, body, tag) VALUES (40, DEFAULT, 'x') RETURNING *; UPDATE notes SET tag = DEFAULT WHERE id = 40 RETURNING tag

-- benign: many rows
INSERT INTO notes (id, size) SELECT n + 1000, n FROM numbers; SELECT count(*), sum(size) FROM notes WHERE id > 1000

-- benign: an update of several columns
UPDATE notes SET (body, size) = ROW('new', 3), tag = 'seen' WHERE id = 2 RETURNING *

-- benign: an update by a list
UPDATE orders SET note = v.note FROM (VALUES (101, 'a'), (102, 'b')) AS v (id, note) WHERE orders.id = v.id RETURNING orders.id, orders.note

-- benign: a removal by a join
DELETE FROM orders o USING customers c WHERE c.id = o.customer_id AND c.country = 'NG' RETURNING o.id

-- benign: a key that is twice
INSERT INTO notes (id) VALUES (1)

-- benign: a reference that is missing
INSERT INTO orders (id, customer_id, total, placed) VALUES (300, 1, 'x', now())

-- benign: a null that may not be
INSERT INTO orders (id, total) VALUES (300, 1)

-- benign: an error in the middle of a query
INSERT INTO notes (id) VALUES (60); SELECT 1 / 0; INSERT INTO notes (id) VALUES (61)

SELECT count(*) FROM notes WHERE id IN (60, 61)

-- benign: a failed transaction
BEGIN

SELECT 1 / 0

SELECT 1

ROLLBACK

SELECT 2

-- benign: a transaction with its kind
BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE; SELECT count(*) FROM customers; COMMIT AND CHAIN; SHOW transaction_isolation; ROLLBACK

-- benign: savepoints in one another
BEGIN; SAVEPOINT a; INSERT INTO notes (id) VALUES (80); SAVEPOINT b; INSERT INTO notes (id) VALUES (81); ROLLBACK TO b; RELEASE a; COMMIT

SELECT id FROM notes WHERE id >= 80 ORDER BY id

-- benign: a block that only reads
BEGIN READ ONLY

UPDATE notes SET size = 1

ROLLBACK

-- benign: a pipeline
\parse a | INSERT INTO notes (id, body) VALUES ($1, $2)
\bind - | a | 0 | 90 | ninety
\execute - 0
\bind - | a | 0 | 91 | ninety-one
\execute - 0
\sync
\parse b | SELECT body FROM notes WHERE id >= $1::int ORDER BY id
\bind - | b | 0 | 90
\execute - 0
\sync

-- benign: a pipeline that fails in the middle
\parse - | INSERT INTO notes (id) VALUES (95)
\bind - | - | 0
\execute - 0
\parse - | SELECT 1 / 0
\bind - | - | 0
\execute - 0
\parse - | INSERT INTO notes (id) VALUES (96)
\bind - | - | 0
\execute - 0
\sync

SELECT count(*) FROM notes WHERE id IN (95, 96)

-- benign: binary results
\parse s | SELECT id, name, joined, 1.5::numeric, true, NULL, ARRAY[1, 2], '{"a": 1}'::jsonb FROM customers ORDER BY id
\bind - | s | 1
\describe P -
\execute - 0
\sync

-- benign: masked columns in binary
-- shows: \x00\x00\x00\x01|[redacted]
\parse s | SELECT id, email FROM customers WHERE id = 1
\bind - | s | 1
\execute - 0
\sync

-- benign: a statement described and not run
\parse s | SELECT name, country FROM customers WHERE id = $1
\describe S s
\sync

-- benign: an empty statement by the protocol
\parse - | ;
\bind - | - | 0
\execute - 0
\sync

-- benign: a statement used after many others
\parse s | SELECT name FROM customers WHERE id = $1
\sync

SELECT 1; SELECT 2

\bind - | s | 0 | 3
\execute - 0
\sync

-- benign: a cursor that stays
DECLARE c CURSOR WITH HOLD FOR SELECT n FROM numbers ORDER BY n

FETCH 2 FROM c; MOVE 3 IN c; FETCH NEXT FROM c; CLOSE c

-- benign: a cursor of a portal
BEGIN; DECLARE c CURSOR FOR SELECT id FROM orders ORDER BY id

\execute c 2
\execute c 0
\sync

COMMIT

-- benign: plans kept and thrown away
PREPARE p AS SELECT count(*) FROM orders; EXECUTE p; DISCARD PLANS; EXECUTE p

DISCARD ALL

EXECUTE p

-- benign: copy out in every format
COPY notes TO STDOUT; COPY notes TO STDOUT WITH (FORMAT csv, HEADER, NULL '-'); COPY (SELECT id FROM notes WHERE id < 4 ORDER BY id) TO STDOUT WITH (FORMAT binary)

-- benign: copy in text
COPY notes (id, body, size) FROM STDIN

\copy 300	three	3
\copy 301	\N	4
\done

SELECT id, body, size FROM notes WHERE id >= 300 ORDER BY id

-- benign: copy in that fails
COPY notes (id, size) FROM STDIN

\copy 310	x
\done

-- benign: a plan
EXPLAIN (COSTS OFF) SELECT o.id FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.country = 'SE'; EXPLAIN (COSTS OFF, FORMAT json) SELECT email FROM customers

-- benign: a plan with its costs
EXPLAIN SELECT id, total FROM orders WHERE id = 101

-- benign: a plan that is run
EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT id FROM orders

-- benign: settings by functions
SELECT current_setting('server_version_num')::int > 140000, current_setting('TimeZone') <> '', current_setting('search_path') <> ''; SELECT set_config('statement_timeout', '1000', false); SHOW statement_timeout

-- benign: who one is
SELECT current_database() <> '', current_schema, session_user, inet_client_addr() IS NOT NULL, pg_is_in_recovery(), txid_current() > 0

-- benign: what a driver asks of types
SELECT t.oid, t.typname, t.typtype, t.typelem, n.nspname FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE t.typname IN ('int4', 'mood', 'address', '_text') ORDER BY t.oid

-- benign: what a driver asks of a composite
SELECT a.attname, a.atttypid, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a JOIN pg_type t ON t.typrelid = a.attrelid WHERE t.typname = 'address' AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum

-- benign: what a driver asks of ranges
SELECT r.rngtypid, r.rngsubtype FROM pg_range r WHERE r.rngtypid = 'int4range'::regtype

-- benign: a browser of the catalog
-- as: browser
SELECT c.relname, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind IN ('r', 'v') AND c.relname IN ('orders', 'contacts') ORDER BY 1; SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'orders' ORDER BY ordinal_position; SELECT pg_get_viewdef('contacts'::regclass) <> ''

-- benign: functions of one's own, whose results may come from anywhere
-- as: wide
-- shows: [redacted]|NULL
SELECT shout('a'), surface(3, 4)

-- benign: making and using
-- as: wide
CREATE TABLE scratch.t (id int PRIMARY KEY, v text DEFAULT 'x')

INSERT INTO scratch.t VALUES (1), (2) RETURNING *; SELECT count(*) FROM scratch.t

ALTER TABLE scratch.t ADD COLUMN w int

UPDATE scratch.t SET w = id * 2 RETURNING w

DROP TABLE scratch.t

-- benign: a table made of a query
-- as: wide
CREATE TABLE scratch.big AS SELECT id, total FROM orders WHERE total > 100

SELECT * FROM scratch.big ORDER BY id

-- benign: a view made of ordinary columns
-- as: wide
CREATE VIEW scratch.v AS SELECT name, country FROM customers

SELECT * FROM scratch.v ORDER BY name

-- benign: listening and telling
-- as: wide
LISTEN ch; UNLISTEN ch

-- benign: masked columns changed
-- as: wide
UPDATE customers SET phone = '1' WHERE id = 99; SELECT count(*) FROM customers

-- benign: masked columns counted
-- shows: 4
SELECT count(*) FROM customers WHERE id < 10

-- benign: masked beside unmasked in a join
-- shows: 101|[redacted]
-- shows: 102|[redacted]
-- shows: 103|[redacted]
-- shows: 104|[redacted]
SELECT o.id, c.email FROM orders o JOIN customers c ON c.id = o.customer_id ORDER BY o.id

-- benign: masked values computed with
-- shows: [redacted]|NULL|[redacted]
SELECT upper(email), length(email), 'to: ' || email FROM customers WHERE id = 1

-- benign: masked values gathered
-- shows: SE|[redacted]
-- shows: NG|[redacted]
-- shows: FR|[redacted]
SELECT country, string_agg(email, ',') FROM customers GROUP BY country ORDER BY country DESC

-- benign: what is beside a masked path
SELECT id, profile ->> 'plan', (profile ->> 'seats')::int FROM customers WHERE profile ->> 'plan' = 'pro' ORDER BY id

-- benign: a masked path in JSON
-- shows: 1|{"token": "[redacted]", "ip": "10.0.0.1"}
-- shows: 2|{"token": "[redacted]", "ip": "10.0.0.2"}
SELECT id, payload FROM events ORDER BY id
