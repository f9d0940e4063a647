-- Functions that give rows, several statements in one text.
CREATE TABLE dept (id int PRIMARY KEY, name text); CREATE TABLE emp (id int PRIMARY KEY, name text, dept_id int, boss int, pay numeric, hired date);
INSERT INTO dept VALUES (1, 'red'), (2, 'blue'), (3, 'empty'); INSERT INTO emp SELECT g, 'e' || g, CASE WHEN g % 7 = 0 THEN NULL ELSE 1 + g % 2 END, NULLIF(g / 3, 0), 1000 + g * 37 % 500, date '2020-01-01' + g * 11 FROM generate_series(1, 21) g;
SELECT * FROM generate_series(1, 3) a, generate_series(1, 2) b ORDER BY 1, 2; SELECT generate_series(1, 3), generate_series(1, 2); SELECT unnest(ARRAY[1, 2]), 'x' LIMIT 1; SELECT 1\; SELECT 'two', 2\; SELECT; SELECT NULL, '', ' '; SELECT 1 AS "?column?", 2; SELECT pg_sleep(0), now() = transaction_timestamp(), clock_timestamp() > now() - interval '1 day';
DROP TABLE emp, dept;
