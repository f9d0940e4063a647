-- DISTINCT, aggregates, GROUP BY.
CREATE TABLE dept (id int PRIMARY KEY, name text); CREATE TABLE emp (id int PRIMARY KEY, name text, dept_id int, boss int, pay numeric, hired date);
INSERT INTO dept VALUES (1, 'red'), (2, 'blue'), (3, 'empty'); INSERT INTO emp SELECT g, 'e' || g, CASE WHEN g % 7 = 0 THEN NULL ELSE 1 + g % 2 END, NULLIF(g / 3, 0), 1000 + g * 37 % 500, date '2020-01-01' + g * 11 FROM generate_series(1, 21) g;
SELECT DISTINCT dept_id FROM emp ORDER BY 1; SELECT DISTINCT ON (dept_id) dept_id, name FROM emp ORDER BY dept_id, pay DESC, id; SELECT dept_id, count(*), sum(pay), avg(pay)::numeric(10, 2), min(name), max(hired), array_agg(id ORDER BY id), string_agg(name, ',' ORDER BY id DESC) FILTER (WHERE id < 6), bool_and(pay > 900), stddev(pay)::numeric(10, 3), percentile_disc(0.5) WITHIN GROUP (ORDER BY pay), mode() WITHIN GROUP (ORDER BY dept_id), corr(pay, id)::numeric(5, 3) FROM emp GROUP BY dept_id HAVING count(*) > 2 ORDER BY dept_id;
DROP TABLE emp, dept;
