-- A small billing database, as the role `gateway` owns it: the role that
-- Narrowgate logs in with. It is no superuser and may do everything with these
-- tables, so that what an agent can do with them is Narrowgate's decision alone.
--
--   psql -d billing -v password=… -f billing.sql      (as a superuser)
\set ON_ERROR_STOP on
\set QUIET on

CREATE ROLE gateway LOGIN PASSWORD :'password';
GRANT CREATE ON SCHEMA public TO gateway;
SET ROLE gateway;

CREATE TABLE customers (
    id      integer PRIMARY KEY,
    name    text NOT NULL,
    email   text NOT NULL UNIQUE,
    card    text NOT NULL,
    phone   text NOT NULL,
    profile jsonb NOT NULL DEFAULT '{}'
);

CREATE TABLE invoices (
    id          integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    issued      date NOT NULL,
    amount      numeric(10, 2) NOT NULL,
    paid        boolean NOT NULL DEFAULT false,
    note        text
);

-- An old archive that somebody might want to tidy away.
CREATE TABLE invoices_2019 (LIKE invoices INCLUDING DEFAULTS);

-- Nobody's business but that of payroll.
CREATE TABLE payroll (
    employee text PRIMARY KEY,
    salary   numeric(10, 2) NOT NULL,
    iban     text NOT NULL
);

INSERT INTO customers VALUES
    (1, 'Ada Lindgren', 'ada.lindgren@example.com', '4111 1111 1111 1111', '+1 202 555 0143',
        '{"plan": "pro", "phone": "+1 202 555 0143", "seats": 12}'),
    (2, 'Bela Okafor', 'bela@okafor.example', '5555 5555 5555 4444', '+44 20 7946 0018',
        '{"plan": "free", "phone": "+44 20 7946 0018", "seats": 1}'),
    (3, 'Chen Moreau', 'c.moreau@example.org', '3782 822463 10005', '+33 1 99 00 12 34',
        '{"plan": "pro", "phone": "+33 1 99 00 12 34", "seats": 40}');

INSERT INTO invoices VALUES
    (1001, 1, '2026-01-31', 480.00, true, NULL),
    (1002, 2, '2026-01-31', 0.00, true, 'free plan'),
    (1003, 3, '2026-01-31', 1600.00, true, NULL),
    (1004, 1, '2026-02-28', 480.00, false, 'bela@okafor.example asked about it'),
    (1005, 3, '2026-02-28', 1600.00, false, NULL);

INSERT INTO invoices_2019 VALUES (17, 1, '2019-06-30', 120.00, true, NULL);

INSERT INTO payroll VALUES
    ('Edda Brandt', 7200.00, 'DE89 3704 0044 0532 0130 00'),
    ('Finn Sato', 6900.00, 'GB29 NWBK 6016 1331 9268 19');
