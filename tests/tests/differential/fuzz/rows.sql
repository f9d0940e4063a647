-- Fills the tables anew. `pg_temp.w(n)` is a secret word, `pg_temp.d(n)` a secret number of nine digits;
-- they differ between the databases that are compared, everything else is the same.
DELETE FROM invoices;
DELETE FROM customers;
DELETE FROM contacts;
DELETE FROM notes;
DELETE FROM events;
DELETE FROM accounts;

INSERT INTO customers
SELECT n, 'name ' || n, pg_temp.w(n) || '@' || pg_temp.w(n + 10) || '.zz', pg_temp.d(n), date '1900-01-01' + pg_temp.d(n + 10) % 40000,
    ARRAY[pg_temp.w(n + 20), pg_temp.w(n + 30)], convert_to(pg_temp.w(n + 40), 'UTF8'),
    jsonb_build_object(
        'plan', CASE WHEN n % 2 = 0 THEN 'pro' ELSE 'free' END, 'seats', n * 4, 'phone', pg_temp.w(n + 50),
        'contact', jsonb_build_object('city', 'town ' || n, 'mobile', pg_temp.w(n + 60) || ' <&"' || pg_temp.w(n + 70)),
        'tags', jsonb_build_array('a', n))
FROM generate_series(1, 5) n;
INSERT INTO invoices
SELECT n, 1 + n % 5, n * 12.5, CASE WHEN n % 3 > 0 THEN 'note ' || n END, pg_temp.w(n + 80) FROM generate_series(1, 7) n;
INSERT INTO contacts
SELECT n, 'label ' || n, ROW('mail', pg_temp.w(n + 90))::contact, xmlelement(name card, 'card ' || n) FROM generate_series(1, 3) n;
INSERT INTO notes SELECT n, 'body ' || n, jsonb_build_object('n', n), n * 10 FROM generate_series(1, 4) n;
INSERT INTO events
SELECT n, 1 + n % 5, CASE n % 2 WHEN 0 THEN 'seen' ELSE 'gone' END, pg_temp.w(n + 100) FROM generate_series(1, 6) n;
INSERT INTO accounts SELECT n, 'owner ' || n, pg_temp.w(n + 110) FROM generate_series(1, 2) n;
INSERT INTO premium_accounts SELECT n, 'owner ' || n, pg_temp.w(n + 110), n FROM generate_series(3, 4) n;
