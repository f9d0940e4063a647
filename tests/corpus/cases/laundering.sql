-- Masked values stored or sent where nobody masks them, and read from there.

-- reveals: a column set to a masked one
UPDATE notes SET body = (SELECT email FROM customers WHERE id = 1) WHERE id = 1

SELECT body FROM notes WHERE id = 1

-- reveals: a column set from another table
UPDATE orders SET note = c.email FROM customers c WHERE c.id = customer_id

SELECT id, note FROM orders ORDER BY id

-- reveals: several columns at once
UPDATE notes SET (body, tag) = (SELECT email, phone FROM customers WHERE id = 2) WHERE id = 2

SELECT body, tag FROM notes WHERE id = 2

-- reveals: rows of a select
INSERT INTO notes (id, body) SELECT id + 100, email FROM customers

SELECT body FROM notes WHERE id > 100 ORDER BY id

-- reveals: a value of a values list
INSERT INTO notes (id, body) VALUES (100, (SELECT card FROM customers WHERE id = 2))

SELECT body FROM notes WHERE id = 100

-- reveals: a value that comes back at once
INSERT INTO notes (id, body) SELECT 100, email FROM customers WHERE id = 1 RETURNING body

-- reveals: an update that comes back at once
UPDATE orders SET note = c.card FROM customers c WHERE c.id = customer_id RETURNING note

-- reveals: what was excluded
INSERT INTO notes AS n (id, body) SELECT 1, email FROM customers WHERE id = 1 ON CONFLICT (id) DO UPDATE SET body = excluded.body

SELECT body FROM notes WHERE id = 1

-- reveals: a conflict that sets a masked value
INSERT INTO notes (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET body = (SELECT email FROM customers WHERE id = 3)

SELECT body FROM notes WHERE id = 1

-- reveals: a merge
MERGE INTO notes USING customers c ON notes.id = c.id WHEN MATCHED THEN UPDATE SET body = c.email WHEN NOT MATCHED THEN INSERT (id, body) VALUES (c.id, c.card)

SELECT id, body FROM notes ORDER BY id

-- reveals: a writing common table expression
WITH x AS (INSERT INTO notes (id, body) SELECT 100, phone FROM customers WHERE id = 1 RETURNING id) SELECT id FROM x

SELECT body FROM notes WHERE id = 100

-- reveals: what a common table expression returns
WITH x AS (UPDATE customers SET name = name RETURNING email) SELECT * FROM x ORDER BY 1

-- reveals: a length
INSERT INTO notes (id, size) SELECT id + 100, length(email) FROM customers

SELECT size FROM notes WHERE id > 100 ORDER BY id

-- reveals: a question's answer
UPDATE notes SET size = (SELECT (email LIKE 'w%')::int FROM customers WHERE id = 1)

SELECT size FROM notes ORDER BY id

-- reveals: a place in an array
-- as: wide
UPDATE products SET tags[(SELECT length(email) FROM customers WHERE id = 1)] = 'x' WHERE sku = 'chair'

SELECT array_length(tags, 1), array_lower(tags, 1) FROM products WHERE sku = 'chair'

-- reveals: a place in an array that is inserted
-- as: wide
WITH x AS (SELECT length(email) AS n FROM customers WHERE id = 1) INSERT INTO products (sku, title, price, tags[(SELECT n FROM x)]) VALUES ('new', 'New', 1, 'x')

SELECT array_lower(tags, 1) FROM products WHERE sku = 'new'

-- reveals: a name of a member
-- as: wide
UPDATE products SET spec[(SELECT email FROM customers WHERE id = 1)] = '1' WHERE sku = 'chair'

SELECT spec FROM products WHERE sku = 'chair'

-- reveals: a member
-- as: wide
UPDATE products SET spec['a'] = (SELECT to_jsonb(email) FROM customers WHERE id = 1) WHERE sku = 'chair'

SELECT spec FROM products WHERE sku = 'chair'

-- reveals: a masked column of the same row
-- as: wide
UPDATE customers SET name = email

SELECT id, name FROM customers ORDER BY id

-- reveals: a masked column beside a masked path
-- as: wide
UPDATE customers SET profile = jsonb_build_object('plan', email)

SELECT profile ->> 'plan' FROM customers ORDER BY id

-- reveals: a masked path in another place
-- as: wide
UPDATE customers SET profile = jsonb_set(profile, '{plan}', profile -> 'phone')

SELECT profile ->> 'plan' FROM customers ORDER BY id

-- reveals: columns that change places
-- as: wide
UPDATE customers SET (name, email) = (email, id::text)

SELECT name FROM customers ORDER BY id

-- reveals: a new table
-- as: wide
CREATE TABLE scratch.copy AS SELECT email FROM customers ORDER BY id

SELECT email FROM scratch.copy

-- reveals: a new table by SELECT INTO
-- as: wide
SELECT id, email AS e INTO scratch.copy FROM customers ORDER BY id

SELECT e FROM scratch.copy

-- reveals: a temporary table
-- as: wide
CREATE TEMP TABLE mine AS SELECT card FROM customers ORDER BY id

SELECT card FROM mine

-- reveals: a temporary table that hides another
-- as: wide
CREATE TEMP TABLE notes AS SELECT email AS body FROM customers ORDER BY id

SELECT body FROM notes

-- reveals: a new view
-- as: wide
CREATE VIEW scratch.v AS SELECT email AS x FROM customers ORDER BY id

SELECT x FROM scratch.v

-- reveals: a new view that replaces another
-- as: wide
CREATE OR REPLACE VIEW customer_names AS SELECT id, email AS name FROM customers

SELECT name FROM customer_names ORDER BY id

-- reveals: a new materialized view
-- as: wide
CREATE MATERIALIZED VIEW scratch.m AS SELECT email FROM customers ORDER BY id

SELECT email FROM scratch.m

-- reveals: a table filled by what was prepared
-- as: wide
PREPARE p AS SELECT email FROM customers ORDER BY id

CREATE TABLE scratch.copy AS EXECUTE p

SELECT email FROM scratch.copy

-- reveals: a view that asks a question
-- as: wide
CREATE VIEW scratch.v AS SELECT id FROM customers WHERE email LIKE 'w%'

SELECT id FROM scratch.v ORDER BY id

-- reveals: a view that calls a function
-- as: wide
CREATE VIEW scratch.v AS SELECT email_of(1) AS x

SELECT x FROM scratch.v

-- reveals: the answer of a function, stored
-- as: wide
UPDATE notes SET body = email_of(id)

SELECT body FROM notes ORDER BY id

-- reveals: a default that calls a function
-- as: wide
ALTER TABLE notes ALTER body SET DEFAULT email_of(1)

INSERT INTO notes (id) VALUES (100) RETURNING body

-- reveals: a default of a new column
-- as: wide
ALTER TABLE notes ADD COLUMN e text DEFAULT email_of(2)

SELECT e FROM notes ORDER BY id

-- reveals: a default of a new table
-- as: wide
CREATE TABLE scratch.t (id int, e text DEFAULT public.email_of(3))

INSERT INTO scratch.t VALUES (1); SELECT e FROM scratch.t

-- reveals: a default by its word
-- as: wide
ALTER TABLE notes ALTER body SET DEFAULT email_of(1)

UPDATE notes SET body = DEFAULT WHERE id = 1

SELECT body FROM notes WHERE id = 1

-- reveals: a check that tells
-- as: wide
ALTER TABLE notes ADD CHECK (says(email_of(1)))

INSERT INTO notes (id) VALUES (100)

-- reveals: a type changed by an expression
-- as: wide
ALTER TABLE notes ALTER body TYPE text USING email_of(id)

SELECT body FROM notes ORDER BY id

-- reveals: a generated column
-- as: wide
ALTER TABLE customers ADD COLUMN g text GENERATED ALWAYS AS (upper(email)) STORED

SELECT g FROM customers ORDER BY id

-- reveals: a masked column under a new name
-- as: wide
ALTER TABLE customers RENAME COLUMN email TO mail

SELECT mail FROM customers ORDER BY id

-- reveals: a masked table under a new name
-- as: wide
ALTER TABLE customers RENAME TO people

SELECT email FROM people ORDER BY id

-- reveals: a masked table in a new schema
-- as: wide
ALTER TABLE customers SET SCHEMA scratch

SELECT email FROM scratch.customers ORDER BY id

-- reveals: a masked table that swaps names with another
-- as: wide
BEGIN; ALTER TABLE customers RENAME TO x; ALTER TABLE notes RENAME TO customers; ALTER TABLE x RENAME TO notes; COMMIT

SELECT email FROM notes ORDER BY id

-- reveals: a masked column that swaps names with another
-- as: wide
BEGIN; ALTER TABLE customers RENAME email TO x; ALTER TABLE customers RENAME name TO email; ALTER TABLE customers RENAME x TO name

SELECT name FROM customers ORDER BY id

-- reveals: a parent above a masked table
-- as: wide
CREATE TABLE scratch.parent (email text); ALTER TABLE customers INHERIT scratch.parent

SELECT email FROM scratch.parent ORDER BY 1

-- reveals: a rule that tells
-- as: wide
CREATE RULE telling AS ON INSERT TO notes DO ALSO SELECT email FROM customers ORDER BY id

INSERT INTO notes (id) VALUES (100)

-- reveals: a rule that stores
-- as: wide
CREATE RULE storing AS ON UPDATE TO customers DO ALSO UPDATE notes SET body = OLD.email WHERE id = 1

UPDATE customers SET name = 'x' WHERE id = 1

SELECT body FROM notes WHERE id = 1

-- reveals: a trigger of the server's own that keeps words
-- as: wide
ALTER TABLE customers ADD COLUMN words tsvector

CREATE TRIGGER keeping BEFORE UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION tsvector_update_trigger(words, 'pg_catalog.simple', email)

UPDATE customers SET name = name

SELECT words FROM customers ORDER BY id

-- reveals: a trigger of the server's own that leaves out what is alike
-- as: wide
DROP TRIGGER telling ON customers

CREATE TRIGGER leaving BEFORE UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()

UPDATE customers SET phone = '+44 20 7946 0101' WHERE id = 1

-- reveals: an index that orders
-- as: wide
CREATE INDEX by_email ON customers (email, id)

SET enable_seqscan = off; SET enable_bitmapscan = off

SELECT id FROM customers

-- reveals: a table put in the order of an index
-- as: wide
CLUSTER customers USING customers_email_key

SELECT id FROM customers

-- reveals: an operator on a function that tells
-- as: wide
CREATE OPERATOR scratch.<<>> (RIGHTARG = integer, FUNCTION = email_of)

SELECT OPERATOR(scratch.<<>>) 1

-- reveals: a cast by a function that tells
-- as: wide
CREATE CAST (integer AS text) WITH FUNCTION email_of(integer)

SELECT CAST(1 AS text)

-- reveals: a function that reads
-- as: wide
CREATE FUNCTION scratch.f() RETURNS text LANGUAGE sql AS 'SELECT email FROM public.customers WHERE id = 1'

SELECT scratch.f()

-- reveals: a function without a name
-- as: wide
DO $$BEGIN UPDATE notes SET body = (SELECT email FROM customers WHERE id = 1); END$$

SELECT body FROM notes ORDER BY id

-- reaches: the seed of random numbers
SELECT setseed(salary::float8 / 1000000) FROM customers WHERE id = 1

-- reaches: the seed of random numbers by a field's name
SELECT (salary::float8 / 1000000).setseed FROM customers WHERE id = 1

-- reveals: a lock that others can feel
-- as: trusting
SELECT pg_advisory_lock(id, length(email)) FROM customers WHERE id = 1

\in other
SELECT n FROM numbers WHERE n < 40 AND NOT pg_try_advisory_xact_lock(1, n) ORDER BY n

-- reveals: a sequence set to a value
-- as: trusting
SELECT setval('counter', length(email)) FROM customers WHERE id = 1

SELECT currval('counter'), nextval('counter')

-- reveals: a setting set to a value
-- as: trusting
SELECT set_config('application_name', email, false) FROM customers WHERE id = 1

SHOW application_name

-- reveals: a setting of one's own set to a value
-- as: trusting
SELECT set_config('my.own', email, false) FROM customers WHERE id = 1

SELECT current_setting('my.own')

-- reveals: a message to another
-- as: trusting
LISTEN ch

SELECT pg_notify('ch', email) FROM customers WHERE id = 1

-- reveals: the name of a channel
-- as: trusting
LISTEN ch25; LISTEN ch21

SELECT pg_notify('ch' || length(email), '') FROM customers WHERE id = 1

-- reveals: a large object made of a value
-- as: trusting
SELECT lo_from_bytea(7777, email::bytea) FROM customers WHERE id = 1

SELECT lo_get(7777)

-- reveals: a file made of values
-- as: trusting
COPY (SELECT email FROM customers ORDER BY id) TO PROGRAM 'cat > narrowgate-corpus-copy'

SELECT pg_read_file('narrowgate-corpus-copy')

-- reveals: a query made of a value
-- as: trusting
SELECT query_to_xml('SELECT ' || quote_literal(email), true, false, '') FROM customers WHERE id = 1

-- reveals: an error made of a value in another's words
-- as: trusting
SELECT ext.dblink_connect('host=127.0.0.1 dbname=' || email || ' user=gateway port=' || current_setting('port')) FROM customers WHERE id = 1

-- reveals: a value copied in and out
-- as: wide
COPY (SELECT email FROM customers ORDER BY id) TO STDOUT

-- reveals: a partition that values are sent to
-- as: wide
CREATE TABLE scratch.t (n int) PARTITION BY RANGE (n); CREATE TABLE scratch.low PARTITION OF scratch.t FOR VALUES FROM (0) TO (24); CREATE TABLE scratch.high PARTITION OF scratch.t FOR VALUES FROM (24) TO (100)

INSERT INTO scratch.t SELECT length(email) FROM customers

SELECT count(*) FROM scratch.low
