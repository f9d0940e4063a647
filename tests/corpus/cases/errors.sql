-- Values in errors and notices.

-- reveals: a cast that fails
SELECT email::int FROM customers WHERE id = 1

-- reveals: a cast in a condition that is never asked
SELECT id FROM orders WHERE customer_id = 1 OR customer_id = (SELECT card::int FROM customers WHERE id = 2)

-- reveals: a cast to a date
SELECT email::date FROM customers WHERE id = 1

-- reveals: a cast to a name of an object
SELECT email::regclass FROM customers WHERE id = 1

-- reveals: a cast to an enum
SELECT email::mood FROM customers WHERE id = 1

-- reveals: JSON that is none
SELECT email::json FROM customers WHERE id = 1

-- reveals: XML that is none
SELECT ('<' || email)::xml FROM customers WHERE id = 1

-- reveals: a query of words that is none
SELECT (email || ' &')::tsquery FROM customers WHERE id = 1

-- reveals: an element that is none
SELECT ('{' || email || '}')::int[] FROM customers WHERE id = 1

-- reveals: a bound that is none
SELECT ('[' || email || ',)')::int4range FROM customers WHERE id = 1

-- reveals: an address that is none
SELECT email::inet, email::uuid, email::macaddr FROM customers WHERE id = 1

-- reveals: a zone that is none
SELECT now() AT TIME ZONE email FROM customers WHERE id = 1

-- reveals: a unit that is none
SELECT date_trunc(email, now()) FROM customers WHERE id = 1

-- reveals: an encoding that is none
SELECT convert_to('a', email) FROM customers WHERE id = 1

-- reveals: a codec that is none
SELECT encode('a', email) FROM customers WHERE id = 1

-- reveals: a format that is none
SELECT format('%' || email, 1) FROM customers WHERE id = 1

-- reveals: a size that is none
SELECT pg_size_bytes(email) FROM customers WHERE id = 1

-- reveals: a setting that is none
SELECT current_setting(email) FROM customers WHERE id = 1

-- reveals: a type that is none
SELECT to_regtype(email), format_type(ascii(email)::oid, NULL) FROM customers WHERE id = 1

-- reveals: a key that is twice
-- as: wide
UPDATE customers SET email = (SELECT email FROM customers WHERE id = 1) WHERE id = 2

-- reveals: a key that is twice in a new index
-- as: wide
CREATE UNIQUE INDEX ON customers (salary)

-- reveals: a check that a row fails
-- as: wide
UPDATE customers SET salary = 2000000 WHERE id = 1

-- reveals: a null that a row may not have
-- as: wide
UPDATE customers SET name = NULL WHERE id = 1

-- reveals: a reference that fails at the end
-- as: wide
BEGIN

DELETE FROM customers WHERE id = 4

COMMIT

-- reveals: a reference that fails when it is asked for
-- as: wide
BEGIN

DELETE FROM customers WHERE id = 4

SET CONSTRAINTS ALL IMMEDIATE

-- reveals: a notice of a trigger
-- as: wide
UPDATE customers SET name = 'x' WHERE id = 1

-- reveals: a notice of a trigger on a view
-- as: wide
UPDATE customer_names SET name = 'x' WHERE id = 1

-- reveals: a notice of a trigger, in a transaction that ends badly
-- as: wide
BEGIN; UPDATE customers SET name = 'x' WHERE id = 1; ROLLBACK

-- reveals: a notice of a function in a condition
-- as: wide
SELECT id FROM customers WHERE says(email) ORDER BY id

-- reveals: a value given to a parameter
-- as: wide
\parse s | SELECT says($1) FROM customers WHERE id = 1 AND says(email)
\bind - | s | 0 | x
\execute - 0
\sync

-- reveals: an error while a cursor moves
BEGIN; DECLARE c CURSOR FOR SELECT email::int FROM customers ORDER BY id

MOVE 1 IN c

-- reveals: an error of what was prepared
PREPARE p AS SELECT card::int FROM customers WHERE id = 2

EXECUTE p

-- reveals: an error of a portal
\parse s | SELECT phone::int FROM customers WHERE id = $1
\bind - | s | 0 | 1
\execute - 0
\sync

-- reveals: an error of COPY
COPY (SELECT email::int FROM customers ORDER BY id) TO STDOUT

-- reveals: an error of EXPLAIN ANALYZE
EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT email::int FROM customers

-- reveals: details of an error in the session's settings
SET client_min_messages = debug1; SELECT email::int FROM customers WHERE id = 1

-- reveals: a reference that fails at the end of a query
-- as: wide
DELETE FROM customers WHERE id = 4; SELECT 1

-- reveals: a reference that fails at the end of a pipeline
-- as: wide
\parse - | DELETE FROM customers WHERE id = 4
\bind - | - | 0
\execute - 0
\parse - | SELECT 1
\bind - | - | 0
\execute - 0
\sync

-- reveals: a reference that fails when a transaction is prepared
-- as: wide
BEGIN; DELETE FROM customers WHERE id = 4

PREPARE TRANSACTION 'x'
