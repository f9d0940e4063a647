-- What must not change.

-- changes: a forbidden table's rows
UPDATE vault.secrets SET word = 'x'

-- changes: a forbidden table's rows removed
DELETE FROM vault.secrets

-- changes: a forbidden table emptied
TRUNCATE vault.secrets

-- changes: a forbidden table removed
DROP TABLE vault.secrets CASCADE

-- changes: a denied table's rows
-- as: wide
UPDATE payroll SET amount = 1

-- changes: a denied table's rows removed
-- as: wide
DELETE FROM payroll

-- changes: a denied table emptied
-- as: wide
TRUNCATE payroll

-- changes: a denied table emptied beside another
-- as: wide
TRUNCATE notes, payroll

-- changes: a denied table's rows in a common table expression
-- as: wide
WITH x AS (DELETE FROM payroll RETURNING 1) SELECT count(*) FROM x

-- changes: a denied table's rows merged
-- as: wide
MERGE INTO payroll p USING (VALUES (1)) AS v (n) ON v.n = 1 WHEN MATCHED THEN DELETE

-- changes: a writing statement beside a reading one
SELECT 1; DELETE FROM vault.secrets; SELECT 2

-- changes: a writing statement behind a comment
/* SELECT /* 1 */ */ DELETE FROM products -- ; SELECT 1

-- changes: a writing statement that is explained
EXPLAIN ANALYZE DELETE FROM products

-- changes: a writing statement that is prepared
PREPARE p AS DELETE FROM products

EXECUTE p

-- changes: a writing statement by the protocol
\parse s | DELETE FROM products
\bind - | s | 0
\execute - 0
\sync

-- changes: rows of a table that may be read
UPDATE products SET price = 0

-- changes: a table that may be read, by a common table expression
WITH x AS (INSERT INTO products VALUES ('x', 'x', 1) RETURNING sku) SELECT * FROM x

-- changes: rows behind a view
UPDATE contacts SET name = 'x'

-- changes: rows behind a view with a trigger
UPDATE customer_names SET name = 'x' WHERE id = 1

-- changes: a column that may not be written
UPDATE customers SET name = 'x' WHERE id = 1

-- changes: a denial swallowed in a pipeline
\parse a | UPDATE products SET price = 1
\bind - | a | 0
\execute - 0
\parse b | SELECT 1
\bind - | b | 0
\execute - 0
\sync

-- changes: a denial swallowed in a transaction
BEGIN

UPDATE products SET price = 1

COMMIT

-- changes: a right
-- as: wide
GRANT SELECT ON payroll TO PUBLIC

-- changes: a right on all tables
GRANT ALL ON ALL TABLES IN SCHEMA vault TO PUBLIC

-- changes: a right for times to come
ALTER DEFAULT PRIVILEGES IN SCHEMA vault GRANT SELECT ON TABLES TO PUBLIC; GRANT USAGE ON SCHEMA vault TO PUBLIC

-- changes: a role
-- cleans: DROP ROLE IF EXISTS evil
CREATE ROLE evil SUPERUSER LOGIN

-- changes: a role's powers
-- cleans: ALTER ROLE gateway CONNECTION LIMIT -1
ALTER ROLE gateway CONNECTION LIMIT 50

-- changes: a member of a role
-- as: wide
-- cleans: REVOKE pg_read_all_data FROM gateway
GRANT pg_read_all_data TO gateway

-- changes: a schema
-- as: wide
CREATE SCHEMA evil

-- changes: a schema with tables
CREATE SCHEMA evil CREATE TABLE t (a int)

-- changes: a schema removed
-- as: wide
DROP SCHEMA vault CASCADE

-- changes: a schema's name
-- as: wide
ALTER SCHEMA vault RENAME TO scratch2

-- changes: a function
-- as: wide
CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'

-- changes: a function replaced
-- as: wide
CREATE OR REPLACE FUNCTION shout(text) RETURNS text LANGUAGE sql AS 'SELECT 1::text'

-- changes: a function with the owner's rights
-- as: wide
ALTER FUNCTION shout(text) SECURITY DEFINER

-- changes: a function's path
-- as: wide
ALTER FUNCTION shout(text) SET search_path = vault

-- changes: a trigger
-- as: wide
CREATE TRIGGER t AFTER UPDATE ON products FOR EACH ROW EXECUTE FUNCTION tell_change()

-- changes: triggers switched off
ALTER TABLE customers DISABLE TRIGGER ALL

-- changes: a trigger removed
DROP TRIGGER telling ON customers

-- changes: a rule
-- as: wide
CREATE RULE r AS ON DELETE TO products DO INSTEAD NOTHING

-- changes: a policy
-- as: wide
CREATE POLICY p ON products USING (true)

-- changes: an extension
-- as: wide
CREATE EXTENSION adminpack

-- changes: an extension removed
-- as: wide
DROP EXTENSION pg_trgm

-- changes: a server elsewhere
-- as: wide
CREATE SERVER s FOREIGN DATA WRAPPER file_fdw

-- changes: options of a server elsewhere
-- as: wide
ALTER SERVER elsewhere OPTIONS (SET host 'x')

-- changes: a user elsewhere
-- as: wide
CREATE USER MAPPING FOR gateway SERVER elsewhere OPTIONS (user 'x', password 'y')

-- changes: a publication
-- as: wide
CREATE PUBLICATION p FOR ALL TABLES

-- changes: a publication of a forbidden table
-- as: wide
CREATE PUBLICATION p FOR TABLE vault.secrets

-- changes: a slot
-- as: browser
-- cleans: SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
SELECT pg_create_physical_replication_slot('evil')

-- changes: an event trigger
-- as: wide
CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION vault.on_event()

-- changes: a database
-- as: wide
-- cleans: DROP DATABASE IF EXISTS evil
CREATE DATABASE evil

-- changes: a prepared transaction
BEGIN; INSERT INTO notes (id) VALUES (70)

PREPARE TRANSACTION 'evil'

-- changes: an operator
CREATE OPERATOR public.<<>> (LEFTARG = integer, RIGHTARG = integer, FUNCTION = surface)

-- changes: a cast
CREATE CAST (integer AS text) WITH FUNCTION email_of(integer)

-- changes: a domain
CREATE DOMAIN public.d AS text

-- changes: a type
-- as: agent
ALTER TYPE mood ADD VALUE 'odd'; CREATE TYPE public.t AS (a int)

-- changes: an owner
-- as: wide
ALTER TABLE payroll OWNER TO gateway

-- changes: a name of a denied table
-- as: wide
ALTER TABLE payroll RENAME TO wages

-- changes: a column of a denied table
-- as: wide
ALTER TABLE payroll ADD COLUMN x int

-- changes: a denied table removed with others
-- as: wide
DROP TABLE notes, payroll CASCADE

-- changes: a comment
-- as: agent
COMMENT ON TABLE customers IS 'x'

-- changes: a comment on a denied table
-- as: wide
COMMENT ON TABLE payroll IS 'x'

-- changes: all that somebody owns
-- as: wide
DROP OWNED BY gateway CASCADE

-- changes: all that somebody owns, given away
-- as: wide
REASSIGN OWNED BY gateway TO postgres

-- changes: an index
CREATE INDEX evil ON customers (name)

-- changes: an index of a denied table
-- as: wide
CREATE INDEX evil ON payroll (amount)

-- changes: a table of a forbidden schema
-- as: wide
CREATE TABLE vault.t (a int)

-- changes: a table made in a forbidden schema by a query
-- as: wide
SELECT 1 AS a INTO vault.t

-- changes: a table moved to a forbidden schema
-- as: wide
ALTER TABLE notes SET SCHEMA vault

-- changes: a view of a forbidden schema
-- as: wide
CREATE VIEW vault.v AS SELECT 1 AS a

-- changes: a sequence of a forbidden schema
-- as: wide
ALTER SEQUENCE vault.pins RESTART WITH 1

-- changes: a large object
SELECT lo_put(4242, 0, 'x')

-- changes: a large object removed
SELECT lo_unlink(4242)

-- changes: a large object made
SELECT lo_from_bytea(0, 'x')

-- changes: a language
-- as: wide
GRANT USAGE ON LANGUAGE sql TO gateway; REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC

-- changes: code without a name
-- as: wide
DO $$BEGIN DELETE FROM public.payroll; END$$

-- changes: code given as text
SELECT runs('WITH x AS (DELETE FROM public.payroll RETURNING amount) SELECT max(amount) FROM x')

-- changes: a function call that the protocol makes
\call 1576 vault.pins 5

-- reaches: a lock
-- as: agent
BEGIN

LOCK TABLE products IN ACCESS EXCLUSIVE MODE

-- reaches: a lock on a denied table
-- as: wide
BEGIN

LOCK TABLE payroll IN ROW SHARE MODE

-- reaches: rows locked
SELECT sku FROM products FOR UPDATE

-- reaches: a checkpoint
CHECKPOINT

-- reaches: statistics gathered
ANALYZE products

-- reaches: a table swept
VACUUM products

-- reaches: everything swept
-- as: wide
VACUUM

-- reaches: an index made anew
REINDEX TABLE products

-- reaches: listening
LISTEN ch

-- reaches: telling
NOTIFY ch, 'x'

-- reaches: telling by a function
SELECT pg_notify('ch', 'x')

-- reaches: a temporary table
CREATE TEMP TABLE t (a int)
