-- Long results, wide values.
CREATE TABLE dept (id int PRIMARY KEY, name text); CREATE TABLE emp (id int PRIMARY KEY, name text, dept_id int, boss int, pay numeric, hired date);
INSERT INTO dept VALUES (1, 'red'), (2, 'blue'), (3, 'empty'); INSERT INTO emp SELECT g, 'e' || g, CASE WHEN g % 7 = 0 THEN NULL ELSE 1 + g % 2 END, NULLIF(g / 3, 0), 1000 + g * 37 % 500, date '2020-01-01' + g * 11 FROM generate_series(1, 21) g;
SELECT g, repeat(chr(65 + g % 26), g % 50) FROM generate_series(1, 3000) g; SELECT string_agg(g::text, '') FROM generate_series(1, 50000) g; SELECT repeat('é', 300000) AS wide \g /dev/null
DROP TABLE emp, dept;
