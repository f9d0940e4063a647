-- What the agents of the tests want to reach. All of it belongs to the role that
-- the gateway logs in with, which is no superuser.
SET ROLE gateway;

CREATE TABLE customers (
    id      integer PRIMARY KEY,
    name    text NOT NULL,
    email   text NOT NULL UNIQUE,
    card    text NOT NULL,
    phone   text NOT NULL,
    profile jsonb NOT NULL
);

CREATE TABLE invoices (
    id          integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    amount      numeric(10, 2) NOT NULL,
    note        text
);

CREATE TABLE archive (LIKE invoices);
CREATE TABLE payroll (employee text PRIMARY KEY, secret text NOT NULL);

CREATE VIEW customer_emails AS SELECT id, email FROM customers;

CREATE FUNCTION headcount() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM payroll';
CREATE FUNCTION shout(text) RETURNS text LANGUAGE sql AS $$SELECT upper($1) || '!'$$;

INSERT INTO customers VALUES
    (1, 'Ada Lindgren', 'ada.lindgren@example.com', '4111 1111 1111 1111', '+1 202 555 0143',
        '{"plan": "pro", "phone": "+1 202 555 0143", "seats": 12}'),
    (2, 'Bela Okafor', 'bela@okafor.example', '5555 5555 5555 4444', '+44 20 7946 0018',
        '{"plan": "free", "phone": "+44 20 7946 0018", "seats": 1}'),
    (3, 'Chen Moreau', 'c.moreau@example.org', '3782 822463 10005', '+33 1 99 00 12 34',
        '{"plan": "pro", "phone": "+33 1 99 00 12 34", "seats": 40}');

INSERT INTO invoices VALUES
    (1001, 1, 480.00, NULL),
    (1002, 2, 0.00, 'free plan'),
    (1003, 3, 1600.00, 'bela@okafor.example asked about it');

INSERT INTO archive VALUES (17, 1, 120.00, NULL);
INSERT INTO payroll VALUES ('Edda Brandt', 'seven thousand'), ('Finn Sato', 'six thousand');
