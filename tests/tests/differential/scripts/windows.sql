-- Windows.
CREATE TABLE dept (id int PRIMARY KEY, name text); CREATE TABLE emp (id int PRIMARY KEY, name text, dept_id int, boss int, pay numeric, hired date);
INSERT INTO dept VALUES (1, 'red'), (2, 'blue'), (3, 'empty'); INSERT INTO emp SELECT g, 'e' || g, CASE WHEN g % 7 = 0 THEN NULL ELSE 1 + g % 2 END, NULLIF(g / 3, 0), 1000 + g * 37 % 500, date '2020-01-01' + g * 11 FROM generate_series(1, 21) g;
SELECT id, row_number() OVER w, rank() OVER w, dense_rank() OVER w, percent_rank() OVER w, cume_dist() OVER w, ntile(3) OVER w, lag(id) OVER w, lead(id, 2, -1) OVER w, first_value(id) OVER w, last_value(id) OVER (w ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING), nth_value(id, 2) OVER w, sum(pay) OVER (PARTITION BY dept_id ORDER BY id RANGE BETWEEN 2 PRECEDING AND CURRENT ROW EXCLUDE TIES) FROM emp WINDOW w AS (PARTITION BY dept_id ORDER BY id) ORDER BY id LIMIT 12;
DROP TABLE emp, dept;
