-- The schema that random statements are about, without rows. What is masked in it
-- is said in `world.rs`.
CREATE SCHEMA scratch;
CREATE TYPE contact AS (kind text, address text);

CREATE TABLE customers (
    id      integer PRIMARY KEY,
    name    text NOT NULL,
    email   text NOT NULL,
    salary  integer NOT NULL,
    born    date NOT NULL,
    keys    text[] NOT NULL,
    blob    bytea NOT NULL,
    profile jsonb NOT NULL
);
CREATE TABLE invoices (
    id          integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    amount      numeric(10, 2) NOT NULL,
    note        text,
    reference   text NOT NULL
);
CREATE TABLE contacts (id integer PRIMARY KEY, label text, contact contact NOT NULL, document xml);
CREATE TABLE notes (id integer PRIMARY KEY, body text, extra jsonb, number integer);

CREATE TABLE events (id integer, customer_id integer, kind text, detail text) PARTITION BY RANGE (id);
CREATE TABLE events_low PARTITION OF events FOR VALUES FROM (0) TO (4);
CREATE TABLE events_high PARTITION OF events FOR VALUES FROM (4) TO (100);
CREATE TABLE accounts (id integer, owner text, pin text);
CREATE TABLE premium_accounts (level integer) INHERITS (accounts);

CREATE VIEW customer_emails AS SELECT id, name, email FROM customers;
CREATE VIEW loud_emails AS SELECT id, upper(email) AS loud FROM customer_emails;
CREATE VIEW spending AS
    SELECT customer_id, sum(amount) AS total, string_agg(reference, ',' ORDER BY id) AS all_references
    FROM invoices GROUP BY customer_id;
CREATE VIEW customer_documents AS SELECT c.id, row_to_json(c)::jsonb AS document FROM customers c;
CREATE VIEW joined AS
    SELECT c.id, c.name, i.amount, i.reference, e.detail
    FROM customers c JOIN invoices i ON i.customer_id = c.id LEFT JOIN events e ON e.customer_id = c.id;

-- Code that reads what is masked, and code that does not.
CREATE FUNCTION customer_line(integer) RETURNS text LANGUAGE sql STABLE
    AS 'SELECT name || '' '' || email FROM customers WHERE id = $1';
CREATE FUNCTION find_customers() RETURNS SETOF customers LANGUAGE sql STABLE
    AS 'SELECT * FROM customers ORDER BY id';
CREATE FUNCTION pairs() RETURNS TABLE (id integer, word text) LANGUAGE sql STABLE
    AS 'SELECT id, email FROM customers ORDER BY id';
CREATE FUNCTION gossip(integer) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    RAISE NOTICE 'customer % has %', $1, (SELECT email FROM customers WHERE id = $1);
    RETURN $1;
END $$;
CREATE FUNCTION shout(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT upper($1) || ''!''';
CREATE FUNCTION stuck(text, text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1 || $2';
CREATE OPERATOR ### (FUNCTION = stuck, LEFTARG = text, RIGHTARG = text);
CREATE AGGREGATE glue (text) (SFUNC = stuck, STYPE = text, INITCOND = '');
