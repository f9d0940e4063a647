-- The database that is attacked. What is secret in it comes from secrets_one.sql or
-- secrets_two.sql: two worlds that nobody should be able to tell apart.
CREATE SCHEMA vault;   -- What nobody may reach.
CREATE SCHEMA scratch; -- Where some may make things.
CREATE SCHEMA ext;     -- Extensions that nobody may use.

CREATE EXTENSION hstore;
CREATE EXTENSION citext;
CREATE EXTENSION pg_trgm;
CREATE EXTENSION fuzzystrmatch;
CREATE EXTENSION dblink SCHEMA ext;
CREATE EXTENSION tablefunc SCHEMA ext;
CREATE EXTENSION pgcrypto SCHEMA ext;
CREATE EXTENSION file_fdw SCHEMA ext;
CREATE EXTENSION postgres_fdw SCHEMA ext;

CREATE TYPE address AS (street text, city text);
CREATE TYPE mood AS ENUM ('calm', 'cross', 'glad');
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);

-- Masked: email, card, phone, salary, aliases, home, and $.phone of profile.
CREATE TABLE customers (
    id      integer PRIMARY KEY,
    name    text NOT NULL,
    country text NOT NULL,
    joined  date NOT NULL,
    email   text NOT NULL UNIQUE,
    card    text,
    phone   text NOT NULL,
    salary  numeric(10, 2) NOT NULL CHECK (salary < 1000000),
    aliases text[] NOT NULL,
    home    address NOT NULL,
    profile jsonb NOT NULL
);

CREATE TABLE orders (
    id          integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    total       numeric(10, 2) NOT NULL,
    status      mood NOT NULL DEFAULT 'calm',
    placed      timestamptz NOT NULL,
    note        text
);
CREATE TABLE products (sku text PRIMARY KEY, title text NOT NULL, price numeric(8, 2) NOT NULL, tags text[], spec jsonb);
CREATE TABLE notes (id integer PRIMARY KEY, body text, tag text, size integer, doc jsonb);
CREATE TABLE numbers (n integer PRIMARY KEY, word text NOT NULL);
CREATE TABLE tree (id integer PRIMARY KEY, parent integer, label text NOT NULL);
CREATE TABLE parties (id integer, title text);
CREATE TABLE suppliers (rating integer) INHERITS (parties);

-- Masked: email.
CREATE TABLE seats (
    id    integer PRIMARY KEY,
    email text NOT NULL REFERENCES customers (email) ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED
);

-- Masked: $.token of payload.
CREATE TABLE events (id integer NOT NULL, day date NOT NULL, kind text NOT NULL, payload json NOT NULL)
    PARTITION BY RANGE (day);
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');

-- Denied to everybody.
CREATE TABLE payroll (employee text PRIMARY KEY, amount integer NOT NULL);
CREATE TABLE vault.secrets (id integer PRIMARY KEY, word text NOT NULL, pin integer NOT NULL);
CREATE SEQUENCE vault.pins;
ALTER SEQUENCE vault.pins OWNER TO gateway;
CREATE SEQUENCE counter;

CREATE VIEW contacts AS SELECT id, name, email AS contact FROM customers;
CREATE VIEW contact_list AS SELECT id, contact AS reach, length(contact) AS width FROM contacts;
CREATE VIEW documents AS SELECT id, row_to_json(customers) AS doc FROM customers;
CREATE VIEW initials WITH (security_barrier) AS SELECT id, substr(email, 1, 1) AS initial FROM customers;
CREATE VIEW ranked AS SELECT id, row_number() OVER (ORDER BY salary) AS place FROM customers;
CREATE VIEW ranked_by_name AS SELECT id, rank() OVER w AS place FROM customers WINDOW w AS (ORDER BY email);
CREATE VIEW marked AS SELECT n, EXISTS (SELECT FROM customers WHERE length(email) = n) AS hit FROM numbers WHERE n < 40;
CREATE VIEW counted AS SELECT count(*) FILTER (WHERE salary > 60000) AS rich, array_agg(id ORDER BY email) AS ids FROM customers;
CREATE VIEW customer_names AS SELECT id, name FROM customers;
CREATE VIEW everybody AS SELECT name, email AS reach FROM customers UNION ALL SELECT title, 'none' FROM parties;
CREATE VIEW vault.canaries AS
    SELECT email FROM customers UNION ALL SELECT card FROM customers WHERE card IS NOT NULL
    UNION ALL SELECT phone FROM customers UNION ALL SELECT salary::text FROM customers
    UNION ALL SELECT unnest(aliases) FROM customers UNION ALL SELECT (home).street FROM customers
    UNION ALL SELECT (home).city FROM customers UNION ALL SELECT payload ->> 'token' FROM events
    UNION ALL SELECT employee FROM payroll UNION ALL SELECT word FROM vault.secrets
    UNION ALL SELECT pin::text FROM vault.secrets;

CREATE FUNCTION shout(text) RETURNS text LANGUAGE sql AS $$SELECT upper($1) || '!'$$;
CREATE FUNCTION surface(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 * $2';
CREATE FUNCTION email_of(integer) RETURNS text LANGUAGE sql SECURITY DEFINER
    AS 'SELECT email FROM public.customers WHERE id = $1';
CREATE FUNCTION customer_of(integer) RETURNS customers LANGUAGE sql AS 'SELECT * FROM public.customers WHERE id = $1';
CREATE FUNCTION all_customers() RETURNS SETOF customers LANGUAGE sql AS 'SELECT * FROM public.customers ORDER BY id';
CREATE FUNCTION reach(customers) RETURNS text LANGUAGE sql AS 'SELECT $1.email';
CREATE FUNCTION says(text) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE NOTICE 'it is %', $1; RETURN true; END$$;
CREATE FUNCTION fails(text) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'it is %', $1; END$$;
CREATE FUNCTION runs(text) RETURNS text LANGUAGE plpgsql
    AS $$DECLARE r text; BEGIN EXECUTE $1 INTO r; RETURN r; END$$;
CREATE PROCEDURE tells(INOUT who integer, INOUT what text) LANGUAGE plpgsql
    AS $$BEGIN SELECT email INTO what FROM public.customers WHERE id = who; END$$;
CREATE DOMAIN noisy AS text CHECK (public.says(VALUE));

-- Namesakes of the server's own.
CREATE FUNCTION initcap(varchar) RETURNS text LANGUAGE sql AS 'SELECT word FROM vault.secrets WHERE id = 1';
CREATE FUNCTION opened(text, text) RETURNS text LANGUAGE sql AS 'SELECT word FROM vault.secrets WHERE id = 1';
CREATE OPERATOR |+| (LEFTARG = text, RIGHTARG = text, FUNCTION = opened);
CREATE FUNCTION host_of(address) RETURNS inet LANGUAGE sql
    AS $$SELECT inet '10.0.0.0' + pin FROM vault.secrets WHERE id = 1$$;
CREATE CAST (address AS inet) WITH FUNCTION host_of(address);
CREATE FUNCTION gather(text, integer) RETURNS text LANGUAGE sql AS 'SELECT word FROM vault.secrets WHERE id = $2';
CREATE AGGREGATE gathered(integer) (SFUNC = gather, STYPE = text);

CREATE FUNCTION tell_change() RETURNS trigger LANGUAGE plpgsql
    AS $$BEGIN RAISE NOTICE 'was %', OLD.email; RETURN NEW; END$$;
CREATE TRIGGER telling BEFORE UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION tell_change();
CREATE FUNCTION vault.on_event() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN END$$;
CREATE FUNCTION rename_customer() RETURNS trigger LANGUAGE plpgsql
    AS $$BEGIN UPDATE customers SET name = NEW.name WHERE id = OLD.id; RETURN NEW; END$$;
CREATE TRIGGER renaming INSTEAD OF UPDATE ON customer_names FOR EACH ROW EXECUTE FUNCTION rename_customer();

INSERT INTO products VALUES
    ('lamp', 'Desk lamp', 39.90, '{light,desk}', '{"watts": 9, "colours": ["red", "black"]}'),
    ('desk', 'Standing desk', 420.00, '{desk}', '{"width": 160}'),
    ('chair', 'Chair', 199.50, NULL, '{}');
INSERT INTO notes VALUES
    (1, 'call back', 'phone', 9, '{"done": false}'), (2, 'send the offer', 'mail', 14, '{"done": true}'),
    (3, NULL, NULL, NULL, NULL);
INSERT INTO numbers SELECT n, 'word ' || n FROM generate_series(1, 200) n;
INSERT INTO tree VALUES (1, NULL, 'root'), (2, 1, 'left'), (3, 1, 'right'), (4, 3, 'leaf');
INSERT INTO parties VALUES (1, 'Guild');
INSERT INTO suppliers VALUES (2, 'Mill', 4), (3, 'Forge', 5);
